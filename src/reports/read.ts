import type { z } from 'zod';
import { readRegular, Unreadable } from '../files.ts';
import { Problem } from '../problem.ts';
import { type Report, reportForm } from './report.ts';

/** Reads a report that a command wrote with `--json`. @throws Problem if the file is none */
export const readReport = (file: string): Promise<Report> =>
  readAs(file, 'a report as docs/report.schema.json describes it', reportForm);

/**
 * Reads a part of a report: reports of older releases have less.
 * @param expected what the form describes, in words
 * @throws Problem if the file is none
 */
export async function readAs<T>(file: string, expected: string, form: z.ZodType<T>): Promise<T> {
  const wrong = (found: string): Problem =>
    new Problem({ expected, found, where: file, next: `Write one: stackfuzz fuzz --json ${file}` });
  const text = await readRegular(file, { links: true }).catch((error: unknown) => {
    throw error instanceof Unreadable ? wrong(error.message) : error;
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw wrong(`no JSON (${(error as Error).message})`);
  }
  const checked = form.safeParse(json);
  // Unchanged, with its keys in their order.
  if (checked.success) return json as T;
  const [issue] = checked.error.issues;
  throw wrong(`${issue?.path.join('.') || 'the whole'}: ${issue?.message}`);
}

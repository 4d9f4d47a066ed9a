import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Step } from '../../models/operation.ts';
import { makeFolder, unwritable, writeOver } from '../files.ts';
import { Problem } from '../problem.ts';

/** What `--json FILE` writes: the same that the terminal says, for programs. */
export interface Report {
  readonly format: 1;
  readonly command: 'fuzz' | 'replay';
  /** Exit status and its word. */
  readonly status: number;
  readonly verdict: 'held' | 'violated' | 'inconclusive';
  readonly host: string;
  readonly seconds: number;
  readonly operations: number;
  readonly [more: string]: unknown;
}

/** A finding in a report. */
export interface ReportedFinding {
  readonly invariant: string;
  readonly promise: string;
  readonly signature: string;
  readonly details: readonly string[];
  readonly steps: readonly Step[];
  /** Whether the corpus held it before. */
  readonly known: boolean;
  /** The file of the corpus that holds it. */
  readonly entry: string;
}

/**
 * Finds out whether a report could be written, before anything is done.
 * @throws Problem where it could not.
 */
export async function mustBeReportable(file: string): Promise<void> {
  const there = await stat(file).catch(() => null);
  const reason = there?.isDirectory() ? 'EISDIR' : await unwritable(dirname(file));
  if (reason === null) return;
  throw new Problem({
    expected: 'a file that can be written',
    found: `one that cannot (${reason})`,
    where: `--json ${file}`,
    next: 'Name a file in a folder that can be written.',
  });
}

/** Writes a report in the place of whatever stood there; nobody sees half of it. */
export async function writeReport(file: string, report: Report): Promise<void> {
  await makeFolder(dirname(file));
  await writeOver(file, `${JSON.stringify(report, null, 2)}\n`);
}

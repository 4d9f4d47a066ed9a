import { extname } from 'node:path';
import { mustTake, Unwritable, writeTo } from '../files.ts';
import { Problem } from '../problem.ts';
import { redacted } from '../redact.ts';
import { html } from './formats/html.ts';
import { junit } from './formats/junit.ts';
import { markdown } from './formats/markdown.ts';
import { sarif } from './formats/sarif.ts';
import type { Report } from './report.ts';

/** Where a command writes its report. */
export interface ReportFiles {
  /** `--json FILE`. */
  readonly json?: string | undefined;
  /** `--report FILE`, each in the format that its name's ending means. */
  readonly report?: readonly string[] | undefined;
}

const asJson = (report: Report): string => `${JSON.stringify(report, null, 2)}\n`;

/** A report as text, by the ending of its file's name. */
const formats: Readonly<Record<string, (report: Report) => string>> = {
  '.html': html,
  '.md': markdown,
  '.xml': junit,
  '.sarif': sarif,
  '.json': asJson,
};

/** The endings that names of report files may have. */
export const endings = Object.keys(formats);

interface Wanted {
  readonly flag: string;
  readonly file: string;
  readonly written: (report: Report) => string;
}

/** @throws Problem for a name whose ending means no format. */
function wantedBy({ json, report = [] }: ReportFiles, flag = '--report'): readonly Wanted[] {
  return [
    ...(json === undefined ? [] : [{ flag: '--json', file: json, written: asJson }]),
    ...report.map(file => ({ flag, file, written: formatOf(file, flag) })),
  ];
}

/** How a report is written to a file of this name. @throws Problem for a name whose ending means no format */
function formatOf(file: string, flag: string): (report: Report) => string {
  const ending = /\.sarif\.json$/i.test(file) ? '.sarif' : extname(file).toLowerCase();
  const format = Object.hasOwn(formats, ending) ? formats[ending] : undefined;
  if (format !== undefined) return format;
  throw new Problem({
    expected: `a name that ends with ${endings.join(', ')}: by that the format is told`,
    found: ending === '' ? `one without an ending` : `one that ends with ${ending}`,
    where: `${flag} ${file === '' ? "''" : file}`,
    next: 'Name it report.html, report.md, report.xml (JUnit), report.sarif or report.json.',
  });
}

/**
 * Checks, before anything is done, that reports can be written.
 * @param asked what was typed before each of `files.report`
 * @throws Problem if one cannot, or its name means no format
 */
export async function mustBeReportable(files: ReportFiles, asked = '--report'): Promise<void> {
  for (const { flag, file } of wantedBy(files, asked)) await fileMustBeWritable(flag, file);
}

/** Checks that a file which the user named can be written. @throws Problem if it cannot */
export async function fileMustBeWritable(flag: string, file: string): Promise<void> {
  try {
    await mustTake(file);
  } catch (error) {
    if (!(error instanceof Unwritable)) throw error;
    throw new Problem({
      expected: 'a file that can be written',
      found: error.message,
      where: `${flag} ${file === '' ? "''" : file}`,
      next: 'Name a file in a folder that can be written.',
    });
  }
}

/**
 * Writes reports to the files that the user named. If that fails, the result is not lost: the report goes to standard error,
 * and nothing is thrown.
 * @returns whether all of them were written to their files
 */
export async function writeReports(files: ReportFiles, report: Report, note: (line: string) => void): Promise<boolean> {
  const wanted = wantedBy(files);
  if (wanted.length === 0) return true;
  const shared = withoutSecrets(report) as Report;
  let all = true;
  for (const { file, written } of wanted) all = (await writtenOrTold(file, written(shared), 'report', note)) && all;
  return all;
}

/** Writes the text at the end of a run to a file that the user named; if that fails, prints it. */
export async function writtenOrTold(
  file: string,
  text: string,
  what: string,
  note: (line: string) => void,
): Promise<boolean> {
  try {
    await writeTo(file, text);
    return true;
  } catch (error) {
    note(`The ${what} is not in ${file}: ${(error as Error).message}. Here it is instead:\n${text.trimEnd()}`);
    return false;
  }
}

/** Redacts the machines' output once more, before it is shared; steps are names, and stay unchanged. */
function withoutSecrets(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return named.has(key) ? value : redacted(value);
  // These are the lines of one text: a private key of several lines is recognised by its first and its last line.
  if (key === 'explanation' && Array.isArray(value)) return redacted(value.join('\n')).split('\n');
  if (Array.isArray(value)) return value.map(each => withoutSecrets(each, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withoutSecrets(each, name)]));
}

/** Texts that others compare by their exact value. */
const named = new Set(['operation', 'signature', 'entry', 'path', 'secret']);

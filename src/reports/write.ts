import { extname } from 'node:path';
import { mustTake, Unwritable, writeTo } from '../files.ts';
import { Problem } from '../problem.ts';
import { redacted } from '../redact.ts';
import { html } from './formats/html.ts';
import { junit } from './formats/junit.ts';
import { markdown } from './formats/markdown.ts';
import { sarif } from './formats/sarif.ts';
import type { Report } from './report.ts';

/** Where a command is to write its report. */
export interface ReportFiles {
  /** `--json FILE`. */
  readonly json?: string | undefined;
  /** `--report FILE`, each in the format that its name says. */
  readonly report?: readonly string[] | undefined;
}

const asJson = (report: Report): string => `${JSON.stringify(report, null, 2)}\n`;

/** A report as text, by how the name of its file ends. */
const formats: Readonly<Record<string, (report: Report) => string>> = {
  '.html': html,
  '.md': markdown,
  '.xml': junit,
  '.sarif': sarif,
  '.json': asJson,
};

/** How names of report files may end. */
export const endings = Object.keys(formats);

interface Wanted {
  readonly flag: string;
  readonly file: string;
  readonly written: (report: Report) => string;
}

/** @throws Problem for a name that says no format. */
function wantedBy({ json, report = [] }: ReportFiles, flag = '--report'): readonly Wanted[] {
  return [
    ...(json === undefined ? [] : [{ flag: '--json', file: json, written: asJson }]),
    ...report.map(file => ({ flag, file, written: formatOf(file, flag) })),
  ];
}

/** How a report is written to a file of this name. @throws Problem for a name that says no format. */
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
 * Finds out whether reports could be written, before anything is done.
 * @param asked what was typed before each of `files.report`.
 * @throws Problem where one could not, or its name says no format.
 */
export async function mustBeReportable(files: ReportFiles, asked = '--report'): Promise<void> {
  for (const { flag, file } of wantedBy(files, asked)) await fileMustBeWritable(flag, file);
}

/** Finds out whether a file that somebody named could be written. @throws Problem where it could not. */
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
 * Writes reports to the places that the user named. What was found out stays found out where that fails: the report then
 * goes to standard error, and nothing is thrown.
 * @returns whether all of them are where they were wanted.
 */
export async function writeReports(files: ReportFiles, report: Report, note: (line: string) => void): Promise<boolean> {
  const wanted = wantedBy(files);
  if (wanted.length === 0) return true;
  const shared = withoutSecrets(report) as Report;
  let all = true;
  for (const { file, written } of wanted) all = (await writtenOrTold(file, written(shared), 'report', note)) && all;
  return all;
}

/** Writes a text that a run ends with to a place that the user named, or tells it where that fails. */
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

/** The second look at what was said on machines, before it is shared; steps are names, and stay what they are. */
function withoutSecrets(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return named.has(key) ? value : redacted(value);
  // The lines of one text: a key of several lines is known by its first and its last.
  if (key === 'explanation' && Array.isArray(value)) return redacted(value.join('\n')).split('\n');
  if (Array.isArray(value)) return value.map(each => withoutSecrets(each, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withoutSecrets(each, name)]));
}

/** Texts that others look up by their exact value. */
const named = new Set(['operation', 'signature', 'entry', 'path', 'secret']);

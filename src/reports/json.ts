import type { Step } from '../../models/operation.ts';
import { mustTake, Unwritable, writeTo } from '../files.ts';
import { Problem } from '../problem.ts';
import { redacted } from '../redact.ts';

/** What `--json FILE` writes: the same that the terminal says, for programs. */
export interface Report {
  readonly format: 1;
  readonly command: 'fuzz' | 'replay' | 'explore';
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
  /** Where it comes and goes: in how many of so many runs it showed. */
  readonly shows?: { readonly times: number; readonly of: number } | undefined;
  /** Where else the corpus says that the same was seen. */
  readonly also?: readonly string[] | undefined;
  /** Who accepted it, until when and why. */
  readonly waiver?: string | undefined;
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
  try {
    await mustTake(file);
  } catch (error) {
    if (!(error instanceof Unwritable)) throw error;
    throw new Problem({
      expected: 'a file that can be written',
      found: error.message,
      where: `--json ${file === '' ? "''" : file}`,
      next: 'Name a file in a folder that can be written.',
    });
  }
}

/**
 * Writes a report to the place that the user named. What was found out stays found out where that fails: the report then
 * goes to standard error, and nothing is thrown.
 */
export async function writeReport(file: string, report: Report, note: (line: string) => void): Promise<void> {
  await writtenOrTold(file, `${JSON.stringify(report, hidden, 2)}\n`, 'report', note);
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
const hidden = (key: string, value: unknown): unknown =>
  typeof value === 'string' && !named.has(key) ? redacted(value) : value;

/** Texts that others look up by their exact value. */
const named = new Set(['operation', 'signature', 'entry', 'path', 'secret']);

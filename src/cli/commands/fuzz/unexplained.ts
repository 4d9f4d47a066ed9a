import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keptEvidence } from '../../../corpus/evidence.ts';

/** Keeps what machines said in runs that are no findings: the corpus holds reproductions, and these are none. */
export interface Unexplained {
  keep(name: string, evidence: string | undefined): void;
  /** The folder, where anything was kept. */
  folder(): string | undefined;
}

/**
 * A folder below the system's temporary one, made when it is needed. Where nothing can be kept there, that is told once, and
 * the search goes on.
 */
export function unexplainedFindings(warn: (line: string) => void): Unexplained {
  let folder: string | undefined;
  let warned = false;
  return {
    keep(name, evidence) {
      if (evidence === undefined) return;
      try {
        folder ??= mkdtempSync(join(tmpdir(), 'stackfuzz-'));
        writeFileSync(join(folder, `${name}.evidence.txt`), keptEvidence(evidence));
      } catch (error) {
        const reason = (error as Error).message;
        if (!warned)
          warn(
            `What machines say in runs that are no findings cannot be kept (${reason}). TMPDIR names another place.`,
          );
        warned = true;
      }
    },
    folder: () => folder,
  };
}

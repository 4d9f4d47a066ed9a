import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keptEvidence } from '../corpus/evidence.ts';

/** Keeps what machines said in runs that are no findings: the corpus holds reproductions, and these are none. */
export interface Unexplained {
  keep(name: string, evidence: string | undefined): void;
  /** The folder, where anything was kept. */
  folder(): string | undefined;
}

/** A folder below the system's temporary one, made when it is needed. */
export function unexplained(): Unexplained {
  let folder: string | undefined;
  return {
    keep(name, evidence) {
      if (evidence === undefined) return;
      folder ??= mkdtempSync(join(tmpdir(), 'stackfuzz-'));
      writeFileSync(join(folder, `${name}.evidence.txt`), keptEvidence(evidence));
    },
    folder: () => folder,
  };
}

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionCrash } from '../../../engine/session/session.ts';

/** A fault of stackfuzz itself, and where it is kept. */
export interface KeptCrash extends SessionCrash {
  /** The file with its steps and stack trace; null where none could be written. */
  readonly file: string | null;
}

/** Keeps faults of stackfuzz: no findings, and hence not in the corpus. */
export interface Crashes {
  keep(crash: SessionCrash): void;
  all(): readonly KeptCrash[];
}

/** Each in a file of its own, below the system's temporary folder or else here; said at once. */
export function crashKeeper(seed: number, say: (line: string) => void): Crashes {
  const kept: KeptCrash[] = [];
  let folder: string | null | undefined;
  return {
    keep(crash) {
      folder ??= madeFolder();
      const text = JSON.stringify({ about: 'a fault of stackfuzz itself, and no finding', seed, ...crash }, null, 2);
      const file = folder === null ? null : written(join(folder, `crash-${kept.length + 1}.json`), `${text}\n`);
      kept.push({ ...crash, file });
      const where = file === null ? `It cannot be saved. Here it is:\n${text}` : `Steps and stack trace: ${file}`;
      const [what] = crash.message.split('\n');
      say(
        `stackfuzz crashed in run ${crash.index}, and goes on: ${what}\nThat is its own fault, and no finding. ${where}`,
      );
    },
    all: () => kept,
  };
}

function madeFolder(): string | null {
  for (const parent of [tmpdir(), process.cwd()]) {
    try {
      return mkdtempSync(join(parent, 'stackfuzz-crash-'));
    } catch {
      // The next one may take it.
    }
  }
  return null;
}

function written(file: string, text: string): string | null {
  try {
    writeFileSync(file, text);
    return file;
  } catch {
    return null;
  }
}

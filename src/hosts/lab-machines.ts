import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openPool, type Suite, snapshot } from './lab/index.ts';
import { prepare } from './prepare.ts';
import type { Machines, Setting } from './setting.ts';

/** How the lab is to provide machines. */
export interface LabOptions {
  readonly suite?: Suite;
  /** Machines booted ahead of need. */
  readonly ahead?: number;
  /** Told what takes long. */
  readonly say?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** Lab machines on which the setting has been prepared: once, in a snapshot that every machine is booted upon. */
export async function labMachines(setting: Setting, options: LabOptions = {}): Promise<Machines> {
  const { ahead, ...making } = options;
  const made = await snapshot(keyOf(setting), machine => prepare(machine.channel, setting), making);
  const pool = openPool({ snapshot: made, ...(ahead !== undefined && { ahead }) });
  return {
    name: 'lab',
    async take() {
      const machine = await pool.take();
      return { channel: machine.channel, close: () => machine.down() };
    },
    close: () => pool.close(),
  };
}

/** All that a prepared machine depends on: another word in a script is another snapshot. */
function keyOf({ profile, provider, operator, render }: Setting): string {
  const hash = createHash('sha256');
  const { directory, commands, declaration } = profile;
  hash.update(JSON.stringify([provider, operator, commands, declaration, render(declaration), prepare.toString()]));
  for (const path of readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()) {
    const place = join(directory, path);
    const { mode } = statSync(place);
    if (statSync(place).isFile()) hash.update(`\0${path}\0${mode}\0`).update(readFileSync(place));
  }
  return hash.digest('hex');
}

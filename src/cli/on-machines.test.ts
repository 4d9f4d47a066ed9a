import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { onMachines } from './on-machines.ts';
import { targetFor } from './options.ts';

test('why no machine comes up is for whoever started the command too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stackfuzz-unreachable-'));
  const hosts = join(folder, 'stackfuzz.yaml');
  // Nothing listens at port 1.
  writeFileSync(
    hosts,
    `hosts:
  igpu:
    environment: non-prod
    transport: { ssh: { destination: nobody@127.0.0.1, port: 1, config: /dev/null } }
    operator: nobody
    commands: profile
    stacks: { prefix: fz }
`,
  );
  const failed: string[] = [];
  const nothing = (): void => {};
  const { signal } = new AbortController();
  const interrupt = { signal, urgent: signal, end: nothing, dispose: nothing };
  const context = {
    ...{ out: nothing, note: nothing, warn: nothing, end: nothing, atLeast: nothing, detail: 'usual' as const },
    failed: (line: string) => void failed.push(line),
  };
  const given = { host: 'igpu', hosts };
  try {
    const wanted = { kind: 'own' as const, subject: targetFor(given), given };
    expect(await onMachines(wanted, interrupt, context, async () => 'done')).toBeNull();
    expect(failed).toEqual([expect.stringMatching(/igpu: expected ssh to log in to nobody@127\.0\.0\.1/)]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

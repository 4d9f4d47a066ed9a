import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../models/host.ts';
import { deploymentOf } from '../src/cli/machines.ts';
import { buildRoot, labAvailable } from '../src/hosts/lab/index.ts';
import { labMachines } from '../src/hosts/lab/lab-machines.ts';
import { realHost } from '../src/hosts/real/real.ts';
import { loadProfile } from '../src/profiles/profile.ts';
import { median } from './median.ts';

/**
 * How long a look at a stack with so many services takes, each with a port and a volume, beside a look at one with two, in
 * turns on two lab machines.
 * usage: look.bench [ROUNDS] [SERVICES]
 */
const [rounds = 30, services = 12] = process.argv.slice(2).map(Number);

const composeFile = (count: number): string => {
  const each = Array.from({ length: count }, (_, nth) => nth + 1);
  return `name: x
services:
${each
  .map(
    nth => `  app${nth}:
    image: registry.example/app:1.0
    environment: {LEVEL: info}
    ports: ["127.0.0.1:${18_100 + nth}:80"]
    volumes: ["data${nth}:/data"]
`,
  )
  .join('')}volumes:
${each.map(nth => `  data${nth}:\n`).join('')}`;
};

const profileText = `about: a stack to be looked at
imitates: home-manager
extends: home-manager
providers: [docker-compose]
stacks:
  x:
    compose: x.yaml
    secrets: [x]
`;

if (!labAvailable().ok) {
  console.log('look: not measured, for want of a lab');
  process.exit(0);
}
await buildRoot();
const folder = mkdtempSync(join(tmpdir(), 'stackfuzz-bench-'));

async function machineWith(count: number): Promise<Host> {
  const place = join(folder, `with-${count}`);
  mkdirSync(place);
  writeFileSync(join(place, 'x.yaml'), composeFile(count));
  writeFileSync(join(place, 'profile.yaml'), profileText);
  const deployment = deploymentOf({ profile: loadProfile(place), provider: 'docker-compose' });
  const host = realHost({ ...deployment, machines: await labMachines(deployment, { expected: 1 }) });
  await host.reset();
  await host.observe(); // the look of the reset
  return host;
}

const hosts: Host[] = [];
try {
  for (const count of [2, services]) hosts.push(await machineWith(count));
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    for (const which of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      const begun = performance.now();
      const seen = await hosts[which]?.observe();
      times[which].push(performance.now() - begun);
      const found = Object.keys(seen?.containers ?? {}).length;
      const there = which === 0 ? 2 : services;
      if (found !== there) throw new Error(`${found} containers were seen, not ${there}`);
    }
  }
  const [two, many] = [median(times[0]), median(times[1])];
  console.log(
    `a look at ${services} services: ${many.toFixed(0)} ms, at 2: ${two.toFixed(0)} ms: ${(many / two).toFixed(2)} x (medians of ${rounds}; 1.5 x is the goal for 12)`,
  );
} finally {
  for (const host of hosts) await host.close();
  rmSync(folder, { recursive: true });
}

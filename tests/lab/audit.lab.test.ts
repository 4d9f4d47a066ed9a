import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectedObservation } from '../../models/expected-observation.ts';
import { alike, type Observation, sameOnDisk } from '../../models/observation.ts';
import type { Args, Operation } from '../../models/operation.ts';
import { firstWorld } from '../../models/transitions/first.ts';
import type { World } from '../../models/world.ts';
import { loadCatalog } from '../../src/catalog.ts';
import { deploymentOf } from '../../src/cli/machines.ts';
import { targetOf } from '../../src/cli/options.ts';
import { drawing } from '../../src/engine/plan/random.ts';
import { labAvailable } from '../../src/hosts/lab/index.ts';
import { labMachines } from '../../src/hosts/lab/lab-machines.ts';
import { normalPath } from '../../src/hosts/paths.ts';
import { realHost } from '../../src/hosts/real/real.ts';
import type { Channel } from '../../src/hosts/transport/channel.ts';
import { modelConfigOf } from '../../src/profiles/setup.ts';
import { casesInShare } from '../../src/setup/share.mjs';

const lab = labAvailable();
const { operations } = await loadCatalog();
/** Operations by hand, and the verbs by which the manager notices them. */
const hands = [...operations].filter(
  ([name, { kind }]) =>
    (!name.includes('secret') && kind === 'drift') ||
    ['daemon-reload', 'disable', 'enable', 'set-property', 'stop'].includes(name),
);
const sequences = 4;
const steps = 12;
const providers = ['docker-compose', 'podman-compose'] as const;
const drawn = casesInShare(
  providers.flatMap(provider => Array.from({ length: sequences }, (_, index) => ({ provider, index }))),
);

describe.skipIf(!lab.ok)(`the audit of hardened${lab.ok ? '' : ` (skipped: ${lab.fix})`}`, () => {
  describe.each(providers.filter(provider => drawn.some(one => one.provider === provider)))('with %s', provider => {
    const chosen = targetOf('hardened', provider);
    const deployment = deploymentOf(chosen);
    let host: ReturnType<typeof realHost>;
    let channel: Channel;

    beforeAll(async () => {
      const inner = await labMachines(deployment, { expected: drawn.filter(one => one.provider === provider).length });
      const take = async () => {
        const machine = await inner.take();
        channel = machine.channel;
        return machine;
      };
      host = realHost({ ...deployment, machines: { ...inner, take } });
    });
    afterAll(() => host?.close());

    it.each(drawn.filter(one => one.provider === provider).map(({ index }) => index))(
      'flags what the observation shows, and nothing else: sequence %i',
      async index => {
        const draw = drawing(2026, index);
        const first = firstWorld(modelConfigOf(chosen));
        let world = first;
        await host.reset();
        const done: string[] = [];
        for (let count = 0; count < steps; count++) {
          const [operation, args] = one(draw, world);
          done.push(operation.describe(args));
          world = operation.expected(world, args, await operation.apply(host, args, world));
          const [names, seen] = await atRest(flagged);
          expect(names, done.join('\n')).toEqual(strange(seen, expectedObservation(first)));
        }
      },
    );

    /** What the audit reports and what is seen: the same before and after it; otherwise both are asked again. */
    async function atRest<T>(ask: () => Promise<T>): Promise<readonly [T, Observation]> {
      expect((await host.settle()).waiting).toEqual([]);
      const before = await host.observe();
      const answer = await ask();
      expect((await host.settle()).waiting).toEqual([]);
      const after = await host.observe();
      return alike(before, after) ? [answer, after] : atRest(ask);
    }

    /** What the audit reports, one line each, sorted. */
    async function flagged(): Promise<readonly string[]> {
      const { operator } = deployment;
      const script = `export XDG_RUNTIME_DIR=/run/user/${operator.uid}; exec /var/lib/stackfuzz/profile/stack/audit`;
      const ran = await channel.run(script, { as: 'operator', timeoutMs: 30_000 });
      const names = ran.stdout.split('\n').filter(line => line !== '');
      expect([ran.status, ran.stderr]).toEqual([names.length > 0 ? 1 : 0, '']);
      return sorted(names.map(line => nameless(normalPath(line.slice(0, line.indexOf(': ')), operator))));
    }
  });
});

/** A random operation that is possible now, with random arguments. */
function one(draw: () => number, world: World): readonly [Operation, Args] {
  const possible = hands.filter(([, operation]) => operation.choices(world).length > 0);
  const operation = possible[Math.floor(draw() * possible.length)]?.[1] as Operation;
  const choices = operation.choices(world);
  return [operation, choices[Math.floor(draw() * choices.length)] as Args];
}

/** In what an observation differs from that of a machine on which everything is as declared. */
function strange(seen: Observation, calm: Observation): readonly string[] {
  if (seen.manager === 'down') return ['user manager'];
  const [is, should] = [seen.files, calm.files];
  const files = [...new Set([...Object.keys(is), ...Object.keys(should)])].filter(path => {
    const [one, other] = [is[path], should[path]];
    return one === undefined || other === undefined || !sameOnDisk(one, other);
  });
  const containers = differing(seen.containers, calm.containers, [
    'state',
    'name',
    'marker',
    'unit',
    'greeting',
    'tag',
  ]);
  const ill = Object.entries(seen.containers)
    .filter(([, { state, health }]) => state === 'running' && (health === 'unhealthy' || health === 'starting'))
    .map(([name]) => name);
  return sorted([
    ...files,
    ...differing(seen.units, calm.units, [
      'loadState',
      'fragmentPath',
      'dropInPaths',
      'activeState',
      'revision',
      'marker',
    ]),
    ...[...containers, ...ill].map(name => `container ${name.replace(/#\d+$/, '')}`),
    ...seen.strayTimers,
    ...seen.leftovers,
  ]);
}

/** Names of entries that only one side has, or that differ in one of these fields. */
function differing<T>(is: Readonly<Record<string, T>>, should: typeof is, fields: readonly (keyof T)[]): string[] {
  const text = (entry: T | undefined) => JSON.stringify(fields.map(field => entry?.[field]));
  return Object.keys({ ...is, ...should }).filter(name => text(is[name]) !== text(should[name]));
}

const sorted = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();

/** A health timer as an observation names it. */
const nameless = (name: string): string =>
  name.replace(
    /^[0-9a-f]{64}(-startup)?(-[0-9a-f]+)?\.timer$/,
    (_, startup = '', suffix) => `CONTAINER${startup}${suffix === undefined ? '' : '-ID'}.timer`,
  );

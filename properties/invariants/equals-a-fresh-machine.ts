import { expectedObservation } from '../../models/expected-observation.ts';
import { sameFields } from '../../models/machine/container-fields.ts';
import { jobsIn } from '../../models/machine/declaration.ts';
import { lineDifferences } from '../../models/machine/setting-lines.ts';
import {
  alike,
  type ContainerSeen,
  lasting,
  type Observation,
  type OnDisk,
  sameOnDisk,
  sameUnit,
  type UnitSeen,
} from '../../models/observation.ts';
import { isRebuild } from '../../models/role.ts';
import { firstWorld } from '../../models/transitions/first.ts';
import type { World } from '../../models/world.ts';
import { withFile } from '../altered.ts';
import { lastSuccess, tagOf } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'After a rebuild that claims success the machine is as a fresh one given the same declaration.',
  from: 'S08, S10, S12; plan, success criteria 1 to 3; facts.md F25, F29; defects.md D09, D16',
  sweeping: true,
  broken(seen, world, history) {
    const last = lastSuccess(history);
    if (last === undefined || !isRebuild(last.role) || world.manager === 'down') return [];
    const asNew = freshOf(world);
    if (isPlainlyAlike(seen, asNew, world)) return [];
    const [is, fresh] = [comparable(seen, world), comparable(withoutJobsGone(asNew, world), world)];
    if (alike(is, fresh)) return [];
    const [mine, theirs] = [lasting(is) as Parts, lasting(fresh) as Parts];
    return parts.flatMap(part =>
      unlike(mine[part], theirs[part]).map(says => `${part.slice(0, -1)} ${says} on a fresh machine`),
    );
  },
  example: {
    after: [{ operation: 'rebuild', args: {} }],
    lie: seen =>
      withFile(seen, '~/.local/share/systemd/user/web-stack.service', {
        kind: 'file',
        definition: { revision: 1, marker: 'shadow' },
      }),
  },
} satisfies Invariant;

const parts = ['files', 'units', 'containers', 'leftovers'] as const;
type Entries = Readonly<Record<string, unknown>>;
type Parts = Readonly<Record<(typeof parts)[number], Entries>>;

/** Entries of two machines that differ, with the field in which they do. */
function unlike(mine: Entries, theirs: Entries): string[] {
  return [...new Set([...Object.keys(mine), ...Object.keys(theirs)])].flatMap(name => {
    const [one, other] = [mine[name], theirs[name]];
    if (one === undefined || other === undefined) return [`${name} is ${one === undefined ? '' : 'not '}there`];
    const lines = ['settings', 'effect'].flatMap(field => lineDifferences(lined(one, field), lined(other, field)));
    const told = fieldsOf(one, other)
      .filter(field => field !== 'settings' && field !== 'effect')
      .filter(field => text(one, field) !== text(other, field))
      .map(field => `${name} has ${field} ${text(one, field)}, and ${text(other, field)}`);
    return [...told, ...lines.map(says => `${name} ${says}`)];
  });
}

const fieldsOf = (one: unknown, other: unknown): string[] =>
  Object.keys({ ...(one as Entries), ...(other as Entries) });
const lined = (entry: unknown, field: string): string => ((entry as Entries)[field] as string | undefined) ?? '';
const text = (entry: unknown, field: string): string => JSON.stringify((entry as Entries)[field]);

/** What a machine shows on which nothing but the installed declaration was ever rebuilt. */
function freshOf(world: World): Observation {
  const { installed, setup } = world;
  const known = freshest.get(installed) ?? expectedObservation(firstWorld({ ...setup, declaration: installed }));
  freshest.set(installed, known);
  return known;
}

/** A job that has run is as good without its container, which somebody may have removed since. */
function withoutJobsGone(fresh: Observation, world: World): Observation {
  const jobs = jobsIn(world.installed);
  if (jobs.size === 0) return fresh;
  const { containers } = expectedObservation(world);
  const kept = Object.entries(fresh.containers).filter(([name]) => !jobs.has(name) || containers[name] !== undefined);
  return { ...fresh, containers: Object.fromEntries(kept) };
}

const freshest = new WeakMap<object, Observation>();

/**
 * What a declaration decides: not how generations are counted, nor what a moving tag meant when it was pulled, nor what
 * is the operator's own, or declared to be kept.
 */
const comparable = (seen: Observation, world: World): Observation => ({
  ...seen,
  generation: { profile: null, home: null },
  strayTimers: [],
  // Volumes of stacks that are gone stay, with what is in them.
  leftovers: seen.leftovers.filter(what => !expectedObservation(world).leftovers.includes(what)),
  files: mapped(seen.files, file =>
    file.kind === 'generation' ? { ...file, revision: world.installed.revision } : file,
  ),
  containers: mapped(
    Object.fromEntries(Object.entries(seen.containers).filter(([name]) => !name.startsWith('-/'))),
    (container, name) => ({ ...container, image: '', secretTexts: '', tag: tagOf(name, container, world) }),
  ),
});

/** Whether two looks are alike, told without making anything of them: most are. False where that cannot be told so easily. */
function isPlainlyAlike(seen: Observation, fresh: Observation, world: World): boolean {
  if (fresh.vague !== undefined || seen.manager !== fresh.manager || seen.leftovers.length > 0) return false;
  if (fresh.leftovers.length > 0 || fresh.strayTimers.length > 0) return false;
  let [files, units, containers] = [0, 0, 0];
  for (const path in seen.files) {
    const [is, should] = [seen.files[path] as OnDisk, fresh.files[path]];
    if (should === undefined || !sameButForGeneration(is, should)) return false;
    files++;
  }
  for (const name in seen.units) {
    const should = fresh.units[name];
    if (should === undefined || !sameUnit(seen.units[name] as UnitSeen, should)) return false;
    units++;
  }
  for (const name in seen.containers) {
    if (name.startsWith('-/')) continue;
    const [is, should] = [seen.containers[name] as ContainerSeen, fresh.containers[name]];
    if (should === undefined || is.state !== should.state || !sameFields(is, should)) return false;
    if (tagOf(name, is, world) !== tagOf(name, should, world)) return false;
    containers++;
  }
  for (const _ in fresh.files) files--;
  for (const _ in fresh.units) units--;
  for (const _ in fresh.containers) containers--;
  return files === 0 && units === 0 && containers === 0;
}

const sameButForGeneration = (one: OnDisk, other: OnDisk): boolean =>
  sameOnDisk(one, other) ||
  (one.kind === 'generation' &&
    other.kind === 'generation' &&
    one.definition?.revision === other.definition?.revision &&
    one.definition?.marker === other.definition?.marker);

const mapped = <T>(entries: Readonly<Record<string, T>>, change: (entry: T, name: string) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, change(entry, name)]));

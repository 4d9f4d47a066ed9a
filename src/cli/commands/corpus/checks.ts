import type { ContainerSeen, Observation, OnDisk, UnitSeen } from '../../../../models/observation.ts';
import type { World } from '../../../../models/world.ts';
import type { Run } from '../../../engine/types.ts';
import type { Deployment } from '../../../hosts/deployment.ts';
import { placeOf } from '../../../hosts/paths.ts';
import { quoted } from '../../../hosts/transport/quote.ts';

/** One thing that the script looks at, with a command of its own. */
export interface Check {
  readonly label: string;
  readonly expected: string;
  /** What it was when it was found. */
  readonly found: string;
  /** Shell words whose output is compared. */
  readonly look: string;
}

/**
 * What distinguishes a machine that lies from one that does not, after the last step: the fields that differ from the model, or
 * the claim.
 */
export function checksOf(run: Run<World, Observation>, deployment: Deployment): readonly Check[] {
  const { seen, expected, taken } = run;
  const fields = seen === undefined || expected === undefined ? [] : differing(expected, seen, deployment);
  if (fields.length > 0) return fields;
  const sick = seen === undefined ? [] : unhealthy(seen);
  if (sick.length > 0) return sick;
  const last = taken.at(-1);
  // If a failure is honest, only its words can lie; no comparison shows that.
  if (last?.claim === undefined || (!last.claim.ok && last.mayFail.length > 0)) return [];
  const words = (ok: boolean): string => (ok ? 'success' : 'failure');
  return [
    {
      label: 'how the last step ended',
      expected: words(!last.claim.ok),
      found: words(last.claim.ok),
      look: 'last_claim',
    },
  ];
}

function differing(expected: Observation, seen: Observation, deployment: Deployment): readonly Check[] {
  const vague = expected.vague;
  if (vague?.everything === true) return [];
  const isVague = (name: string): boolean =>
    vague?.containers.includes(name) === true || vague?.stacks.includes(name.split('/')[0] ?? '') === true;
  const { profile } = deployment;
  const revision = (of: number | null): string => (of === null ? 'nothing' : String(of));
  return [
    check('the user manager', expected.manager, seen.manager, 'manager'),
    check(
      'revision of the generation that was asked for last',
      revision(expected.generation.profile),
      revision(seen.generation.profile),
      `generation ${quoted(profile.state.profile)}`,
    ),
    check(
      'revision that was activated to the end',
      revision(expected.generation.home),
      revision(seen.generation.home),
      `generation ${quoted(placeOf(profile.state.home, deployment.operator))}`,
    ),
    // Without a user manager no unit can be asked for.
    ...(seen.manager === 'down' || expected.manager === 'down'
      ? []
      : named(expected.units, seen.units).flatMap(([unit, one, other]) => unitChecks(unit, one, other))),
    ...named(expected.files, seen.files).map(([path, one, other]) =>
      check(path, standing(one), standing(other), `standing ${quoted(placeOf(path, deployment.operator))}`),
    ),
    ...named(expected.containers, seen.containers)
      .filter(([name]) => !isVague(name))
      .flatMap(([name, one, other]) => containerChecks(name, one, other)),
    ...leftover(expected.leftovers, seen.leftovers, vague?.leftovers ?? []),
  ].filter(({ expected: one, found: other }) => one !== other);
}

const check = (label: string, expected: string, found: string, look: string): Check => ({
  label,
  expected,
  found,
  look,
});

function named<T>(
  one: Readonly<Record<string, T>>,
  other: Readonly<Record<string, T>>,
): readonly (readonly [name: string, one: T | undefined, other: T | undefined])[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].sort().map(name => [name, one[name], other[name]]);
}

/** A unit's fields by systemd's own names. */
const unitFields: readonly (readonly [property: string, of: (unit: UnitSeen) => string])[] = [
  ['LoadState', unit => unit.loadState],
  ['FragmentPath', unit => unit.fragmentPath],
  ['DropInPaths', unit => unit.dropInPaths.join(' ')],
  ['ActiveState', unit => unit.activeState],
  ['SubState', unit => unit.subState],
  ['STACK_REVISION', unit => String(unit.revision ?? '')],
  ['STACK_MARKER', unit => unit.marker ?? ''],
];

const unloaded: Readonly<Record<string, string>> = {
  LoadState: 'not-found',
  ActiveState: 'inactive',
  SubState: 'dead',
};

function unitChecks(unit: string, one: UnitSeen | undefined, other: UnitSeen | undefined): readonly Check[] {
  return unitFields.map(([property, of]) => {
    const shown = (seen: UnitSeen | undefined): string => (seen === undefined ? (unloaded[property] ?? '') : of(seen));
    return check(`${property} of ${unit}`, shown(one), shown(other), `unit ${quoted(unit)} ${property}`);
  });
}

/** What is at a path, in the words of the script's `standing`. */
function standing(there: OnDisk | undefined): string {
  if (there === undefined) return 'nothing';
  if (there.kind === 'directory') return 'a directory';
  const marker = there.definition === null ? '' : `, marker ${there.definition.marker}`;
  if (there.kind === 'generation') return `a link into revision ${there.revision}`;
  return there.kind === 'link' ? `a link to ${there.target}` : `a file${marker}`;
}

const containerFields: readonly (readonly [field: string, of: (container: ContainerSeen) => string])[] = [
  ['state', container => container.state],
  ['name', container => container.name],
  ['image', container => container.image],
  ['tag', container => (container.tag.startsWith('@') ? 'a digest' : container.tag)],
  ['greeting', container => container.greeting],
  ['marker', container => container.marker],
  ['unit', container => container.unit],
  ['autoupdate', container => String(container.autoUpdate)],
  ['restart', container => container.restart],
];

function containerChecks(
  name: string,
  one: ContainerSeen | undefined,
  other: ContainerSeen | undefined,
): readonly Check[] {
  const look = (field: string): string => {
    const [service = '', nth = '1'] = name.split('#');
    return `container ${quoted(service)} ${nth} ${field}`;
  };
  if (one === undefined || other === undefined) {
    const shown = (seen: ContainerSeen | undefined): string => (seen === undefined ? 'nothing' : seen.state);
    return [check(`container ${name}`, shown(one), shown(other), look('state'))];
  }
  return containerFields.map(([field, of]) => check(`${field} of container ${name}`, of(one), of(other), look(field)));
}

/** Containers that their unit does not mention. */
const unhealthy = (seen: Observation): readonly Check[] =>
  Object.entries(seen.containers)
    .filter(([, { health }]) => health === 'unhealthy')
    .map(([name]) => {
      const [service = '', nth = '1'] = name.split('#');
      return check(`health of container ${name}`, 'healthy', 'unhealthy', `container ${quoted(service)} ${nth} health`);
    });

/** Networks, volumes and pods; other leftovers cannot be listed by a plain command. */
const leftover = (one: readonly string[], other: readonly string[], vague: readonly string[]): readonly Check[] =>
  [...new Set([...one, ...other])]
    .filter(what => /^(?:network|volume|pod) \S+$/.test(what) && !vague.includes(what))
    .map(what => {
      const there = (all: readonly string[]): string => (all.includes(what) ? 'there' : 'nothing');
      return check(what, there(one), there(other), `podman_has ${what.split(' ').map(quoted).join(' ')}`);
    });

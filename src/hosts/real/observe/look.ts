import type { Observation } from '../../../../models/observation.ts';
import type { Operator } from '../../paths.ts';
import { type ContainerLook, containersSeen, inspectionsIn, knownIn, ownersOfVolumes } from './containers.ts';
import { filesSeen, revisionSeen } from './files.ts';
import type { Inspected } from './inspected.ts';
import { type ListedUnit, unitsListed } from './manager.ts';
import { externalIn, nothingOwn, type OwnServices } from './own-services.ts';
import { mountsSeen, type Resources, resourcesSeen, temporarySeen, volumesMade } from './resources.ts';
import { lines, sections } from './sections.ts';
import { surroundingsIn } from './settings.ts';
import { type StartsLook, startsSeen } from './starts.ts';
import { type AroundLook, aroundSeen } from './surroundings.ts';
import { type UnitLook, unitsSeen } from './units.ts';

/** One look at a machine, parsed, but not yet compared with the look before. */
export interface Look {
  readonly rested: boolean;
  /** `running`, `down`, or what systemd says in between. */
  readonly manager: string;
  /** The machine's clock, in seconds. */
  readonly clock: number;
  /** How often the machine was looked at until it was at rest. */
  readonly looks: number;
  /** Milliseconds from the first question to the beginning of the last look. */
  readonly waited: number;
  /** What was waited for and did not change, one line for each container. */
  readonly halted: readonly string[];
  readonly listed: readonly ListedUnit[];
  readonly units: ReadonlyMap<string, UnitLook>;
  /** What the journal says about units that were started since the look before. */
  readonly starts: StartsLook;
  readonly containers: readonly ContainerLook[];
  /**
   * What podman said about the running containers, by all that it lists of them: the next look asks only for those that
   * changed.
   */
  readonly known: ReadonlyMap<string, Inspected>;
  readonly resources: Resources;
  /** When each named volume of a compose project was made, by its name; null if podman was not asked for its lists. */
  readonly volumes: ReadonlyMap<string, string> | null;
  /** Mounts that belong to no container, one line each. */
  readonly mounts: readonly string[];
  /** Temporary files, by path. */
  readonly temporary: readonly string[];
  readonly files: Observation['files'];
  readonly generation: Observation['generation'];
  /** Null in a recording from before it was asked for. */
  readonly around: AroundLook | null;
}

/**
 * Parses the output of the look script.
 * @param own what the machine was given of own compose files
 * @param known what the script was given of the look before
 * @throws Sick if the output makes no sense
 */
export function understood(
  output: string,
  operator: Operator,
  own: OwnServices = nothingOwn,
  known: Look['known'] = new Map(),
): Look {
  const seen = sections(output);
  const [rested, manager = '', clock, looks = 1, waited = 0] = (seen.get('rested') ?? '').split(' ');
  const all = inspectionsIn(seen.get('containers'), seen.get('keys'), known);
  const around = own.size === 0 ? null : surroundingsIn(seen, all, own);
  const containers = containersSeen(all, pidsSeen(seen.get('pids')), around);
  return {
    rested: rested === 'yes',
    manager,
    clock: Number(clock),
    looks: Number(looks),
    waited: Number(waited),
    halted: lines(seen.get('halted')),
    listed: unitsListed(seen.get('listing')),
    units: unitsSeen(seen.get('units'), operator),
    starts: startsSeen(seen.get('starts')),
    containers,
    known: knownIn(all, seen.get('keys')),
    resources: resourcesSeen(seen.get('containers'), ownersOfVolumes(all), externalIn(own)),
    volumes: volumesMade(seen.get('containers')),
    mounts: mountsSeen(seen.get('mounts'), new Set(containers.map(({ id }) => id))),
    temporary: temporarySeen(seen.get('temporary')),
    files: filesSeen(seen, operator),
    generation: { profile: revisionSeen(seen.get('profile')), home: revisionSeen(seen.get('home')) },
    around: aroundSeen(seen, operator, all),
  };
}

/** `/proc/1 /proc/17 …`; a recording from before it was asked for has none. */
const pidsSeen = (section: string | undefined): ReadonlySet<number> | null =>
  section === undefined ? null : new Set(section.split(' ').map(path => Number(path.slice('/proc/'.length))));

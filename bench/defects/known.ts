import { isRebuild, type Role } from '../../models/role.ts';
import { loadCatalog } from '../../src/catalog.ts';
import type { Met } from './results.ts';

/** A defect that was known before there was a fuzzer, in production or on a machine, and how it shows here. */
export interface Defect {
  /** Its number in the list of defects with which the project began. */
  readonly id: string;
  readonly what: string;
  /** The profile, provider and suite that have it; all if absent. */
  readonly on?: RegExp;
  /** Whether a violation is this defect; absent if no sequence of operations can lead to it. */
  shows?(met: Met): boolean;
  /** Why a search cannot meet it, or has no reason to call it a lie; for one that is searched for, why it may not be met. */
  readonly because?: string;
  /** The scenario that does it step by step, and what that shows. */
  readonly scenario?: string;
}

const done = ({ steps }: Met, name: RegExp, args = /./): readonly Met['steps'][number][] =>
  steps.filter(([operation, given]) => name.test(operation) && args.test(`${Object.values(given).join(' ')} `));
const did = (met: Met, name: RegExp, args?: RegExp): boolean => done(met, name, args).length > 0;
const says = ({ details }: Met, words: RegExp): boolean => words.test(details[0] ?? '');
const last = ({ steps }: Met): string => steps.at(-1)?.[0] ?? '';
const { operations } = await loadCatalog();
const endsBy = (met: Met, is: (role: Role) => boolean): boolean => {
  const role = operations.get(last(met))?.role;
  return role !== undefined && is(role);
};
const promise = (met: Met, names: RegExp): boolean => names.test(met.invariant);
const starts = (role: Role): boolean => role === 'start';
const updates = (role: Role): boolean => role === 'update';

/** Whether the violation is about a stack to which this was done. */
const about = (met: Met, name: RegExp, args?: RegExp): boolean =>
  done(met, name, args).some(([, { stack }]) => says(met, new RegExp(`\\b${stack}[-/.]`)));

/** What a rebuild left without a message. */
const unit = /fragment-is-current|enabled-as-declared|single-owner|nothing-half-applied|equals-a-fresh-machine/;

export const defects: readonly Defect[] = [
  {
    id: 'D01',
    what: 'a stale unit of the same name shadows the owner’s, and every command says success',
    shows: met => about(met, /^(shadow-unit|enable)$/) && / STRONGER\//.test(met.signature),
  },
  {
    id: 'D02',
    what: 'a container without the right PODMAN_SYSTEMD_UNIT',
    shows: met => promise(met, /unit-labels-right/),
  },
  {
    id: 'D03',
    what: 'auto-update of containers made through the API: raw-image name is empty',
    shows: met => says(met, /raw-image name is empty/),
  },
  {
    id: 'D04',
    what: 'a wrapper inverts the status of auto-update',
    because: 'no shipped profile has such a wrapper; update-claim-is-true would meet it',
  },
  {
    id: 'D05',
    what: 'the ownership assertion runs before the reload, and refuses a good configuration',
    because: 'no shipped profile asserts so early; failure-is-justified would meet it',
  },
  {
    id: 'D06',
    what: 'env file missing: restart exits 0',
    shows: met => promise(met, /no-success-against-obstacles/) && endsBy(met, starts) && says(met, /is missing$/),
    because: 'the wrapper of every shipped profile looks for its env files first, as the plan asks (W1)',
    scenario: 'S05 (missing, restarted: it fails, and names the file)',
  },
  {
    id: 'D07',
    what: 'the healthcheck fails: restart exits 0',
    shows: met =>
      endsBy(met, starts) &&
      (promise(met, /health-never-silently-bad/) || says(met, /claims success, although .* never becomes healthy/)),
  },
  {
    id: 'D08',
    what: 'a regular file in the link’s place: the activation aborts, “would be clobbered”',
    because: 'it fails, names the path and leaves all as it was: honest, so no lie',
    scenario: 'S07 (edited, with a change: refused)',
  },
  {
    id: 'D09',
    what: 'a rebuild without a change heals nothing',
    on: /^home-manager /,
    shows: met =>
      last(met) === 'rebuild' &&
      promise(met, /fragment-is-current|enabled-as-declared/) &&
      about(met, /^(edit-unit|link-unit-elsewhere|replace-unit|replace-wants-link)$/),
  },
  {
    id: 'D10',
    what: 'a gate that waits for health stalls the rebuild',
    because: 'slowness is no lie: no promise speaks of seconds',
  },
  {
    id: 'D11',
    what: 'an unhealthy container is used again, under an active unit',
    shows: met => promise(met, /health-never-silently-bad/) && endsBy(met, isRebuild) && did(met, /^make-unhealthy$/),
  },
  {
    id: 'D14',
    what: 'health timers of containers that are gone',
    shows: met => promise(met, /no-orphans|nothing-left-behind/) && says(met, /health timer/),
    because: 'podman 5.4 takes a timer along with its container, however it ends (facts-debian13 F85, F87)',
  },
  {
    id: 'D15',
    what: 'a system unit and a user unit run one project',
    because: 'the model knows user units only; unit-labels-right meets what follows from it',
  },
  {
    id: 'D16',
    what: '19 stacks restarted at once: containers missing, units green',
    because:
      'lab machines run three stacks at most; active-means-running would meet it (docs/races.md has what happens to one or two)',
  },
  {
    id: 'D19',
    what: 'podman.socket listens, and its file is gone',
    because: 'no operation moves a socket from the system to a user',
  },
  {
    id: 'D20',
    what: 'NixOS changes a user unit and does not restart it',
    on: /^nixos-etc /,
    shows: met =>
      endsBy(met, isRebuild) &&
      ((promise(met, /success-means-converged/) && says(met, /has (image|tag|greeting|autoUpdate|restart) /)) ||
        promise(met, /rollback-restores-both/)),
  },
  {
    id: 'D21',
    what: 'the user manager is down, and the rebuild exits 0',
    shows: met => promise(met, /manager-absence-is-reported/),
    scenario: 'S11',
  },
  {
    id: 'D22',
    what: '/etc cannot be written',
    because: 'etc-read-only makes it so; a rebuild that then fails, and says why, is honest',
  },
  {
    id: 'D23',
    what: 'the compose provider’s program is missing',
    because: 'no operation uninstalls programs',
  },
  {
    id: 'D24',
    what: 'an exited holder of the network blocks up',
    because:
      'no declared service lives in the network of another (network_mode: service:…); the container of attach-to-network only hangs on a network, and blocks nothing',
  },
  {
    id: 'D26',
    what: 'an orphan rootlessport holds a port',
    because: 'the probe stacks publish no ports: lab machines share nothing that a port would be for',
  },
  {
    id: 'D29',
    what: 'NeedDaemonReload does not see what changed on disk: a link that moves within the store, a stronger unit file',
    shows: met => promise(met, /loaded-equals-disk/),
  },
  {
    id: 'D30',
    what: 'a mask or an empty file in the unit’s place',
    on: /^home-manager /,
    shows: met => promise(met, unit) && (about(met, /^replace-unit$/, /(mask|empty) /) || about(met, /^mask-force$/)),
  },
  {
    id: 'D31',
    what: 'drop-ins of users',
    shows: met => promise(met, /drop-ins-as-declared/),
  },
  {
    id: 'D32',
    what: '`systemctl disable` deletes Home Manager’s link',
    on: /^home-manager /,
    shows: met =>
      about(met, /^disable$/) &&
      (says(met, /default\.target\.wants\/\S+ is nothing|\S+-stack\.service is nothing/) ||
        says(met, /is inactive, but container|is running, and nothing declares it/)),
  },
  {
    id: 'D35',
    what: 'a directory at the unit’s path',
    shows: met => promise(met, unit) && about(met, /^replace-unit$/, /directory /),
  },
  {
    id: 'D37',
    what: '`mask --runtime` has no effect',
    shows: met => about(met, /^mask-runtime$/) && says(met, /%t\/systemd\/user\/\S+ defines the unit beside/),
  },
  {
    id: 'D40',
    what: 'podman-compose 1.0.3 ignores changes',
    on: / bookworm$/,
    shows: met =>
      promise(met, /success-means-converged/) && endsBy(met, isRebuild) && says(met, /has (image|tag|greeting) /),
  },
  {
    id: 'D41',
    what: 'podman-compose 1.0.3 leaves the old container of a renamed service',
    on: / bookworm$/,
    shows: met =>
      promise(met, /no-orphans/) && did(met, /^(rename|remove)-service$/) && says(met, /nothing declares it/),
  },
  {
    id: 'D42',
    what: 'podman-compose swallows errors: unit green, service absent',
    on: /^home-manager podman-compose /,
    shows: met =>
      says(met, /claims success, although (.* is malformed|there is no image)/) ||
      (promise(met, /success-means-converged/) && says(met, /stack\.service is active, not failed/)),
  },
  {
    id: 'D43',
    what: 'a phantom update: Updated true, the old image runs',
    on: / podman-compose /,
    shows: met => endsBy(met, updates) && says(met, /claims success, but .* has image |the registry has/),
    because:
      'podman-compose 1.3 makes pods, and with a pod every update fails before it looks (facts-debian13 F94): Debian 12 shows it',
  },
  {
    id: 'D44',
    what: 'an update is rolled back in silence',
    shows: met => promise(met, /update-claim-is-true/) && says(met, /was (rolled back|failed)/),
    because:
      'an update of compose’s containers fails before it restarts anything (D03), so there is nothing to roll back',
    scenario: 'S13a',
  },
  {
    id: 'D45',
    what: 'an unhealthy container degrades the user manager',
    because: 'a degraded manager runs; that its state flaps is systemd’s truth, not a lie',
  },
  {
    id: 'D47',
    what: 'restart: always does not survive a stop of the manager',
    because: 'the stacks’ units are wanted by default.target, which starts them again; the policy never counts',
  },
  {
    id: 'D49',
    what: 'the activation at boot runs before the manager does',
    because:
      'what it does to what was not activated before is promised by nobody: after such a reboot the model says that it knows nothing until a rebuild claims success',
  },
];

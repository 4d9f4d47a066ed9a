import type { Met } from './results.ts';

/** A defect that was met in production or on a machine before there was a fuzzer, and how it would show here. */
export interface Defect {
  /** As the list of defects that the project began with numbers it. */
  readonly id: string;
  readonly what: string;
  /** Profile, provider and suite that it is a defect of; any where absent. */
  readonly on?: RegExp;
  /** Whether a violation is this defect; absent where no sequence of operations can lead to it. */
  shows?(met: Met): boolean;
  /** Why a search cannot meet it, or has no reason to call it a lie. */
  readonly because?: string;
}

const did = ({ steps }: Met, name: RegExp, args: RegExp = /./): boolean =>
  steps.some(([operation, given]) => name.test(operation) && args.test(`${Object.values(given).join(' ')} `));
const last = ({ steps }: Met): string => steps.at(-1)?.[0] ?? '';
const says = ({ details }: Met, words: RegExp): boolean => details.some(detail => words.test(detail));
const rebuilds = /^(rebuild|rollback|change-|set-|rename-|add-|remove-(service|stack)|declare-|undeclare-|move-|pin-)/;

export const defects: readonly Defect[] = [
  {
    id: 'D01',
    what: 'a stale unit of the same name shadows the owner’s, and every command says success',
    shows: met => did(met, /^shadow-unit$/) && says(met, /defines the unit beside|is loaded from/),
  },
  {
    id: 'D02',
    what: 'a container without the right PODMAN_SYSTEMD_UNIT',
    shows: ({ invariant }) => invariant === 'unit-labels-right',
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
    shows: met => met.invariant === 'no-success-against-obstacles' && says(met, /which is missing/),
  },
  {
    id: 'D07',
    what: 'the healthcheck fails: restart exits 0',
    shows: met => met.invariant === 'no-success-against-obstacles' && says(met, /never becomes healthy/),
  },
  {
    id: 'D08',
    what: 'a regular file in the link’s place: the activation aborts, “would be clobbered”',
    because: 'it fails, names the path and leaves all as it was: honest, so no lie (S07 shows it as a refusal)',
  },
  {
    id: 'D09',
    what: 'a rebuild without a change heals nothing',
    shows: met =>
      did(met, /^(edit-unit|link-unit-elsewhere|replace-unit|replace-wants-link)$/) && rebuilds.test(last(met)),
  },
  {
    id: 'D10',
    what: 'a gate that waits for health stalls the rebuild',
    because: 'slowness is no lie: no promise speaks of seconds',
  },
  {
    id: 'D11',
    what: 'an unhealthy container is used again, under an active unit',
    shows: ({ invariant }) => invariant === 'health-never-silently-bad',
  },
  {
    id: 'D14',
    what: 'health timers of containers that are gone',
    shows: met => says(met, /health timer|timer/i),
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
      'lab machines run three stacks at most; active-means-running would meet it (docs/races.md has a race of two)',
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
      /success-means-converged|loaded-equals-disk|rollback-restores-both/.test(met.invariant) && met.steps.length > 0,
  },
  {
    id: 'D21',
    what: 'the user manager is down, and the rebuild exits 0',
    shows: ({ invariant }) => invariant === 'manager-absence-is-reported',
  },
  {
    id: 'D22',
    what: '/etc cannot be written',
    because: 'of the test, not of the machine: the lever says so, and the verdict is inconclusive',
  },
  {
    id: 'D23',
    what: 'the compose provider’s program is missing',
    because: 'no operation uninstalls programs',
  },
  {
    id: 'D24',
    what: 'an exited holder of the network blocks up',
    shows: met => did(met, /^hold-network$/) && rebuilds.test(last(met)),
  },
  {
    id: 'D26',
    what: 'an orphan rootlessport holds a port',
    because: 'the probe stacks publish no ports: lab machines share nothing that a port would be for',
  },
  {
    id: 'D29',
    what: 'NeedDaemonReload does not see a link that moves from one store path to another',
    shows: ({ invariant }) => invariant === 'loaded-equals-disk',
  },
  {
    id: 'D30',
    what: 'a mask or an empty file in the unit’s place',
    shows: met => did(met, /^replace-unit$/, /(mask|empty) /) || did(met, /^mask/),
  },
  {
    id: 'D31',
    what: 'drop-ins of users',
    shows: ({ invariant }) => invariant === 'drop-ins-as-declared',
  },
  {
    id: 'D32',
    what: '`systemctl disable` deletes Home Manager’s link',
    shows: met => did(met, /^disable$/),
  },
  {
    id: 'D35',
    what: 'a directory at the unit’s path',
    shows: met => did(met, /^replace-unit$/, /directory /),
  },
  {
    id: 'D37',
    what: '`mask --runtime` has no effect',
    shows: met => did(met, /^mask-runtime$/),
  },
  {
    id: 'D40',
    what: 'podman-compose 1.0.3 ignores changes',
    on: / bookworm$/,
    shows: met => /success-means-converged/.test(met.invariant) && says(met, /has (image|tag|greeting)/),
  },
  {
    id: 'D41',
    what: 'podman-compose 1.0.3 leaves the old container of a renamed service',
    on: / bookworm$/,
    shows: met => met.invariant === 'no-orphans' && did(met, /^rename-service$/),
  },
  {
    id: 'D42',
    what: 'podman-compose swallows errors: unit green, service absent',
    on: / podman-compose /,
    shows: met =>
      /active-means-running|no-success-against-obstacles/.test(met.invariant) && says(met, /absent|although/),
  },
  {
    id: 'D43',
    what: 'a phantom update: Updated true, the old image runs',
    on: / podman-compose /,
    shows: met => met.invariant === 'update-claim-is-true' && says(met, /the registry has/),
  },
  {
    id: 'D44',
    what: 'an update is rolled back in silence',
    shows: met => met.invariant === 'update-claim-is-true' && says(met, /rolled back|failed/),
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
    shows: met => did(met, /^reboot$/) && last(met) === 'reboot',
  },
];

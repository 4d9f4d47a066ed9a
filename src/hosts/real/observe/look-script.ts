import { quadletPath } from '../../../../models/machine/quadlets.ts';
import { searchPathOf, unitOf } from '../../../../models/machine/search-path.ts';
import { spareSecrets } from '../../../../models/transitions/secrets.ts';
import type { Deployment } from '../../deployment.ts';
import { placeOf, runtimeOf } from '../../paths.ts';
import { spokenIn } from '../../scope.ts';
import { quoted } from '../../transport/quote.ts';
import { secretPlace } from '../levers/profile.ts';
import { effectsScript } from './effects-script.ts';
import { looking } from './files-and-units-script.ts';
import type { Look } from './look.ts';
import { managerAndPodmanScript } from './manager-and-podman-script.ts';
import { askedOf, nothingOwn, type OwnServices } from './own-services.ts';
import { settling } from './settle-script.ts';
import { type StartsToldOf, untold } from './starts.ts';
import { surroundingsScript } from './surroundings-script.ts';
import { textProperties } from './units.ts';

/** How long a look waits, and for what. */
export interface Patience {
  /** Seconds after which the look is taken, even if the machine is not at rest. */
  readonly seconds: number;
  /** Whether a user manager that is down counts as still starting. */
  readonly mustBeUp: boolean;
}

/** When a machine was looked at, by its own clock, in seconds since 1970. */
export interface Clocks {
  readonly first: number;
  readonly last: number;
}

/** Properties that the user manager is asked for each unit. */
const properties = [
  ...['Id', 'LoadState', 'FragmentPath', 'DropInPaths', 'UnitFileState', 'NeedDaemonReload', 'ActiveState', 'SubState'],
  ...['Result', 'ActiveEnterTimestampMonotonic', 'InvocationID', ...textProperties],
].join();

/**
 * One script that waits for rest and looks, so that both are one call however many stacks there are. It asks the user manager
 * for jobs, looks at everything, then asks again (a job can be queued in between: facts-debian13 F99). If either answer shows a
 * change, the look does not count, and the machine gets more time. The script runs after every step, so it starts few
 * processes, and does not read long texts with bash's `read` or `//`, which are slow.
 * @param known the containers that need not be asked for again if they are unchanged (`Look.known`)
 * @param still what the last look waited for without a change (`Look.halted`)
 * @param own what the machine was given of own compose files
 * @param starts the starts of units that were seen so far
 * @param clocks the machine's clock at the first and at the last look, in seconds; 0 at the first
 */
export function lookScript(
  deployment: Deployment,
  stacks: readonly string[],
  patience: Patience,
  known: Look['known'] = new Map(),
  still: readonly string[] = [],
  own: OwnServices = nothingOwn,
  starts: StartsToldOf = untold,
  { first, last }: Clocks = { first: 0, last: 0 },
): string {
  const { profile, operator, site } = deployment;
  const spoken = spokenIn(deployment);
  const { state } = profile;
  const secrets = [
    ...Object.values(profile.declaration.stacks).flatMap(stack => stack.secrets),
    ...spareSecrets(profile.declaration),
  ];
  const { configs, ports } = askedOf(own);
  const place = (path: string) => quoted(placeOf(path, operator));
  return `
bound=${patience.seconds} must_be_up=${Number(patience.mustBeUp)} uid=${operator.uid} user=${quoted(operator.name)}
first=${first} last=${last} depth=${site === undefined ? 4 : 2}
secrets=(${[...new Set(secrets)].map(name => quoted(secretPlace(deployment, name))).join(' ')})
scope=${spoken.flag} manager_unit=${spoken.manager} unit_field=${spoken.unitField} invocation_field=${spoken.invocationField}
export LC_ALL=C HOME=${quoted(operator.home)}
XDG_RUNTIME_DIR=${spoken.runtime}
[ $scope = --system ] || export XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus
directories=(${[...searchPathOf(profile.owner), ...(deployment.hasQuadlets ? quadletPath : [])].map(place).join(' ')})
declared=(${stacks.map(stack => quoted(unitOf(stack))).join(' ')})
properties=${properties}
started=' ${starts.last.join(' ')} ' first_look=${starts.since ?? ''}
declare -A known=(${[...known].map(([key, { State }]) => `[${quoted(key)}]=${State.ConmonPid}`).join(' ')})
still=${quoted(`\n${still.join('\n')}\n`)}
own=${own.size === 0 ? 'no' : 'yes'} configs=(${configs.map(quoted).join(' ')}) ports=' ${ports.join(' ')} '
link=${quoted(state.link)} declaration=${quoted(state.declaration)} tree=${quoted(state.tree)}
profile=${place(state.profile)} home=${place(state.home)}
${managerAndPodmanScript}${looking}${surroundingsScript}${effectsScript}${settling}`;
}

/** Whether a look could not ask podman, which does not run without the operator's runtime directory. */
export const isHomeless = (output: string): boolean => /^@@ homeless$/m.test(output);

/**
 * The same look with a temporary runtime directory, as root: logind removes the directory with the user manager (facts-debian13
 * F92). For podman this is as after a boot, and so it is when the manager comes back.
 */
export const lentRuntime = ({ operator }: Deployment, script: string): string => `runtime=${runtimeOf(operator)}
gid=$(id -g ${operator.uid}) || exit
[ -d "$runtime" ] || install -d -m 700 -o ${operator.uid} -g "$gid" "$runtime" || exit
setpriv --reuid ${operator.uid} --regid "$gid" --init-groups bash -c ${quoted(script)}
mountpoint -q "$runtime" || rm -rf "$runtime"`;

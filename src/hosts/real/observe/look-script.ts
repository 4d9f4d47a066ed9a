import { searchPath, unitOf } from '../../../../models/machine/search-path.ts';
import { spareSecrets } from '../../../../models/transitions/secrets.ts';
import type { Deployment } from '../../deployment.ts';
import { placeOf, runtimeOf } from '../../paths.ts';
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

/** How long to wait, and for what. */
export interface Patience {
  /** Seconds until a look is taken whether the machine has come to rest or not. */
  readonly seconds: number;
  /** Whether a user manager that is down counts as one that is still coming up. */
  readonly mustBeUp: boolean;
}

/** When a machine was looked at, by its own clock, in seconds since 1970. */
export interface Clocks {
  readonly first: number;
  readonly last: number;
}

/** What of each unit is asked of the user manager. */
const properties =
  'Id,LoadState,FragmentPath,DropInPaths,UnitFileState,NeedDaemonReload,ActiveState,SubState,Result,Environment,ActiveEnterTimestampMonotonic,InvocationID';

/**
 * One script for settling and looking, so that both are one call however many stacks there are: the user manager is
 * asked for jobs, then everything is looked at, then it is asked again (a job can be queued in between: facts-debian13
 * F99). Where either answer shows movement, the look does not count and the machine is given time. It runs after every
 * step, so it starts few processes, and reads no long text with bash's `read` or `//`, which are slow.
 * @param known the containers that need not be asked for again where they are as they were (`Look.known`)
 * @param still what the last look waited for in vain (`Look.halted`)
 * @param own what the machine was given of operators' own compose files
 * @param starts what was seen of the starts of units
 * @param clocks the machine's clock at the first look and at the last one, in seconds; 0 at the first
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
export LC_ALL=C HOME=${quoted(operator.home)} XDG_RUNTIME_DIR=/run/user/$uid
export DBUS_SESSION_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus
directories=(${searchPath.map(place).join(' ')})
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
 * The same look with a runtime directory lent to it, as root: logind takes it away with the user manager (facts-debian13
 * F92). To podman it is as after a boot, and so it is when the manager comes back.
 */
export const lentRuntime = ({ operator }: Deployment, script: string): string => `runtime=${runtimeOf(operator)}
gid=$(id -g ${operator.uid}) || exit
[ -d "$runtime" ] || install -d -m 700 -o ${operator.uid} -g "$gid" "$runtime" || exit
setpriv --reuid ${operator.uid} --regid "$gid" --init-groups bash -c ${quoted(script)}
mountpoint -q "$runtime" || rm -rf "$runtime"`;

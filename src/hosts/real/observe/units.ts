import type { UnitSeen } from '../../../../models/observation.ts';
import { normalPath, type Operator } from '../../paths.ts';
import { variable } from './files.ts';
import { lines } from './sections.ts';

/** A unit with the time at which it last became active, which is used only to compare two looks. */
export interface UnitLook {
  readonly unit: Omit<UnitSeen, 'restarted' | 'starts' | 'text'>;
  /** All that it was loaded with, in one text. */
  readonly text: string;
  /** Microseconds since boot; 0 if it was never active. */
  readonly activeSince: number;
  /** Its InvocationID, a new one for each start; empty if there is none. */
  readonly invocation: string;
}

/** Of these systemd gives the names in no order: that of a hash table (seen on 257). */
const dependencies: readonly string[] = ['Wants', 'Requires', 'Requisite', 'BindsTo', 'PartOf', 'OnFailure'];

/** The properties that a unit file sets and that nothing changes but another text of it, or a `.wants` directory. */
export const textProperties: readonly string[] = [
  ...[
    'Type',
    'Restart',
    'RestartUSec',
    'RemainAfterExit',
    'TimeoutStartUSec',
    'TimeoutStopUSec',
    'KillMode',
    'KillSignal',
  ],
  ...['ExecCondition', 'ExecStartPre', 'ExecStart', 'ExecStartPost', 'ExecReload', 'ExecStop', 'ExecStopPost'],
  ...['Environment', 'EnvironmentFiles', 'PassEnvironment', 'UnsetEnvironment', 'WorkingDirectory', 'UMask'],
  ...['StartLimitIntervalUSec', 'StartLimitBurst', ...dependencies],
];

/** What a line of `systemctl show` says of a command's last run stands between the same braces as the command. */
const lastRun = / ; start_time=[^}]*/g;

/** What `systemctl --user show` says about stack units, by name. A unit without a file that does not run is left out. */
export function unitsSeen(section: string | undefined, operator: Operator): ReadonlyMap<string, UnitLook> {
  const units = new Map<string, UnitLook>();
  for (const block of (section ?? '').split('\n\n')) {
    const all = lines(block);
    const said = new Map(all.map(line => splitAt(line, line.indexOf('='))));
    const name = said.get('Id');
    if (name === undefined) continue;
    const look = { ...unitLook(said, operator), text: textIn(all) };
    if (look.unit.loadState !== 'not-found' || look.unit.activeState !== 'inactive') {
      units.set(name, look);
    }
  }
  return new Map([...units].sort(([one], [other]) => (one < other ? -1 : 1)));
}

function unitLook(said: ReadonlyMap<string, string>, operator: Operator): Omit<UnitLook, 'text'> {
  const word = (property: string) => said.get(property) ?? '';
  const revision = variable(word('Environment'), 'STACK_REVISION');
  const unit = {
    loadState: word('LoadState'),
    fragmentPath: normalPath(word('FragmentPath'), operator),
    dropInPaths: word('DropInPaths')
      .split(' ')
      .filter(path => path !== '')
      .map(path => normalPath(path, operator)),
    unitFileState: word('UnitFileState'),
    needDaemonReload: word('NeedDaemonReload') === 'yes',
    activeState: word('ActiveState'),
    subState: word('SubState'),
    result: word('Result'),
    revision: revision === undefined ? null : Number(revision),
    marker: variable(word('Environment'), 'STACK_MARKER') ?? null,
  };
  return { unit, activeSince: Number(word('ActiveEnterTimestampMonotonic')), invocation: word('InvocationID') };
}

/** A unit may have several lines of one property, and none of another. */
const textIn = (all: readonly string[]): string =>
  all
    .map(line => splitAt(line, line.indexOf('=')))
    .filter(([property]) => texts.has(property))
    .map(([property, value]) =>
      dependencies.includes(property)
        ? `${property}=${value.split(' ').sort().join(' ')}`
        : `${property}=${value.replace(lastRun, '')}`,
    )
    .sort()
    .join('\n');

const texts: ReadonlySet<string> = new Set(textProperties);

const splitAt = (line: string, at: number): readonly [string, string] => [line.slice(0, at), line.slice(at + 1)];

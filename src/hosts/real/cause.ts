import type { Cause } from '../../../models/host.ts';
import { type Failed, innermost, tellingLine, withFailure, withoutFailure } from '../../../models/machine/cause.ts';
import { scopeOf } from '../../../models/machine/search-path.ts';
import { type Deployment, siteOf } from '../deployment.ts';
import { spokenIn } from '../scope.ts';
import { asOperator } from './levers/as-operator.ts';

/** Ids of systemd's messages: a unit has failed, a unit was started, its main process has ended (sd-messages.h). */
const unitFailed = 'd9b373ed55a64feb8242e02dbe79a49c';
const unitStarted = '39f53479d3a045ac8e11786248231fbf';
const processExited = '98e322203f7a4ed290d09fe03c09fe15';

const fields =
  'MESSAGE,MESSAGE_ID,UNIT,USER_UNIT,INVOCATION_ID,USER_INVOCATION_ID,UNIT_RESULT,EXIT_STATUS,_TRANSPORT,_STREAM_ID,_PID,_SYSTEMD_INVOCATION_ID,_SYSTEMD_UNIT,_SYSTEMD_USER_UNIT';

/**
 * Bash, as root: prints what the journal gained since $since of units that failed, one JSON entry per line, and their main
 * processes. systemd's own entry may come before the last output of a unit's processes, so journald is first made to write out
 * all that it received. It does not know the unit of a process that had already ended, so all entries of the operator's are
 * asked for.
 */
export const causeScript = (
  deployment: Pick<Deployment, 'operator' | 'profile'>,
): string => `timeout 20 journalctl --sync
gained() { journalctl --quiet --no-pager --output=json --output-fields=${fields} --since="$since" "$@"; }
failed=$(gained MESSAGE_ID=${unitFailed} + MESSAGE_ID=${unitStarted} + MESSAGE_ID=${processExited})
printf '%s\\n' "$failed"
failed=$(grep -E '"MESSAGE_ID" ?: ?"${unitFailed}"' <<< "$failed") || true
names=$(grep -oE '"(USER_)?UNIT" ?: ?"[^"]+"' <<< "$failed" | cut -d '"' -f 4 | sort -u)
if [ -n "$names" ]; then
  mapfile -t names <<< "$names"
  systemctl show -p Id -p ExecMainPID -- "\${names[@]}"
  echo
  ${asOperator(deployment.operator, `exec systemctl ${spokenIn(deployment).flag} show -p Id -p ExecMainPID -- "$@"`)} bash "\${names[@]}"
  of_units=()
  for name in "\${names[@]}"; do of_units+=(+ _TRANSPORT=stdout "_SYSTEMD_UNIT=$name"); done
  gained --lines=700 _TRANSPORT=stdout _UID=${deployment.operator.uid} "\${of_units[@]}"
fi`;

/** An entry of the journal. A field that is no text is a list of bytes; a field that occurs twice is a list of texts. */
type Entry = Readonly<Record<string, string | readonly (string | number)[]>>;

/** Units of the operator's that operations start by themselves, under every profile. */
const startersOn = (deployment: Pick<Deployment, 'site'>): readonly string[] => [
  `${siteOf(deployment).prefix}*-stack.service`,
  'podman-auto-update.service',
];

/**
 * The innermost unit of a profile that failed since, with the line in which its programs give the reason; null if none failed.
 */
export function causeIn(output: string, deployment: Pick<Deployment, 'profile' | 'site'>): Cause | null {
  const { profile } = deployment;
  const entries = output.split('\n').flatMap(entryIn);
  const { system, user } = profile.evidence;
  const concern = {
    system,
    user,
    [scopeOf(profile.owner)]: [
      ...profile.evidence[scopeOf(profile.owner)],
      ...startersOn(deployment),
      ...(profile.updateUnit === null ? [] : [profile.updateUnit]),
    ],
  };
  const pids = mainPids(output);
  let failed: readonly Failed[] = [];
  for (const entry of entries) {
    const id = textOf(entry.MESSAGE_ID);
    const manager = entry.USER_UNIT === undefined ? 'system' : 'user';
    const unit = textOf(entry.USER_UNIT ?? entry.UNIT);
    if (id === unitStarted) failed = withoutFailure(failed, unit);
    // A unit outside of the profile, such as one that podman makes for a healthcheck, explains nothing.
    if (id !== unitFailed || !concern[manager].some(pattern => matches(unit, pattern))) continue;
    const invocation = textOf(entry.USER_INVOCATION_ID ?? entry.INVOCATION_ID);
    const asked = { unit, invocation, pid: pids.get(unit) };
    const says = reasonOf(entries, asked, textOf(entry.UNIT_RESULT));
    failed = withFailure(failed, { unit, manager, says });
  }
  return innermost(failed);
}

/** One run of a unit. */
interface Invocation {
  readonly unit: string;
  readonly invocation: string;
  /** Its main process, if it is known. */
  readonly pid: string | undefined;
}

/** The reason that the programs of an invocation print; if systemd ended them, they do not know it, and systemd does. */
function reasonOf(entries: readonly Entry[], run: Invocation, result: string): string {
  if (result !== 'exit-code') return result;
  const exited = entries.findLast(
    entry =>
      textOf(entry.MESSAGE_ID) === processExited &&
      textOf(entry.USER_INVOCATION_ID ?? entry.INVOCATION_ID) === run.invocation,
  );
  const said = entries.filter(entry => textOf(entry._TRANSPORT) === 'stdout');
  // All processes of an invocation write into one stream, so what journald knows of one of them is true of all.
  const streams = new Set(said.filter(entry => isOf(entry, run)).map(entry => textOf(entry._STREAM_ID)));
  const unknown = (entry: Entry): boolean =>
    textOf(entry._SYSTEMD_INVOCATION_ID) === '' && entry._STREAM_ID !== undefined;
  const lines = said.filter(entry => isOf(entry, run) || (unknown(entry) && streams.has(textOf(entry._STREAM_ID))));
  const messages = lines.map(entry => textOf(entry.MESSAGE));
  return tellingLine(messages, exited && textOf(exited.EXIT_STATUS)) || result;
}

/** Whether an entry is of this invocation; of a process that had ended journald knows only the number. */
function isOf(entry: Entry, { unit, invocation, pid }: Invocation): boolean {
  const known = textOf(entry._SYSTEMD_INVOCATION_ID);
  if (known !== '') return known === invocation;
  if (textOf(entry._PID) === pid) return true;
  return textOf(entry._SYSTEMD_USER_UNIT) === unit || textOf(entry._SYSTEMD_UNIT) === unit;
}

/** The main process of each unit, from systemctl's answer. */
function mainPids(output: string): ReadonlyMap<string, string> {
  const blocks = output.split(/\n(?:\n|(?=\{))/).map(block => block.split('\n').map(line => line.split('=')));
  const pairs = blocks.flatMap(block => {
    const [id, pid] = ['Id', 'ExecMainPID'].map(name => block.find(([key]) => key === name)?.[1]);
    return id === undefined || pid === undefined || pid === '0' ? [] : [[id, pid] as const];
  });
  return new Map(pairs);
}

function entryIn(line: string): readonly Entry[] {
  if (!line.startsWith('{')) return [];
  try {
    return [JSON.parse(line) as Entry];
  } catch {
    return []; // cut off, because there was more than a channel carries
  }
}

function textOf(field: Entry[string] | undefined): string {
  if (field === undefined || typeof field === 'string') return field ?? '';
  const [first] = field;
  return typeof first === 'number' ? Buffer.from(field as readonly number[]).toString() : (first ?? '');
}

/** Whether a unit's name is as a pattern of the profile says, in which only `*` is special. */
export function matches(unit: string, pattern: string): boolean {
  const parts = pattern.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(unit);
}

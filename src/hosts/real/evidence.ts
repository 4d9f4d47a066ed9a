import { searchPathOf, unitOf } from '../../../models/machine/search-path.ts';
import { type Deployment, siteOf } from '../deployment.ts';
import { placeOf, runtimeOf } from '../paths.ts';
import { spokenIn } from '../scope.ts';
import type { Ran } from '../transport/channel.ts';
import { quoted } from '../transport/quote.ts';
import type { Lever } from './levers/lever.ts';
import { details } from './observe/details.ts';
import type { Look } from './observe/look.ts';

/** What was done to a machine since its reset, and what it printed: of limited length, oldest first. */
export interface Log {
  /** What a look showed; of a later look only what changed is kept. */
  saw(look: Look): void;
  say(entry: string): void;
  note(lever: Pick<Lever, 'title' | 'as'>, ran: Ran, milliseconds: number): void;
  clear(): void;
  text(): string;
}

const entryBound = 6_000;
const logBound = 200_000;

/** A log that drops its oldest entries when it grows too long. @param clean removes secrets from an entry, before it is cut */
export function boundedLog(clean: (text: string) => string = text => text): Log {
  let entries: string[] = [];
  let forgotten = 0;
  let before: ReadonlyMap<string, string> = new Map();
  const add = (entry: string): void => {
    entries.push(bounded(clean(entry), entryBound));
    while (entries.length > 1 && entries.reduce((sum, entry) => sum + entry.length, 0) > logBound) {
      entries.shift();
      forgotten++;
    }
  };
  return {
    say: add,
    saw(look) {
      const now = details(look);
      const gone = [...before.keys()].filter(name => !now.has(name)).map(name => `${name}: gone`);
      const news = [...now].filter(([name, text]) => before.get(name) !== text).map(entry => entry.join(': '));
      before = now;
      if (news.length + gone.length > 0) add(['### seen', ...news, ...gone].join('\n'));
    },
    note({ title, as }, ran, milliseconds) {
      const ended = ran.timedOut ? 'timed out' : `exit ${ran.status}`;
      add(`### ${title} (${as}): ${ended}, ${milliseconds} ms\n${said(ran)}`);
    },
    clear() {
      entries = [];
      forgotten = 0;
      before = new Map();
    },
    text: () => [...(forgotten > 0 ? [`(${forgotten} older commands left out)`] : []), ...entries].join('\n\n'),
  };
}

/** Both streams of a command, as on a terminal, without the line in which the channel began to drop output. */
export const said = ({ stdout, stderr, truncated }: Ran): string =>
  [stdout, stderr]
    .map(text => (truncated && text.length > 500_000 ? text.slice(0, text.lastIndexOf('\n') + 1) : text).trimEnd())
    .filter(text => text !== '')
    .join('\n');

/**
 * A journal without the requests and events that podman's own service logs, several hundred characters for each container: in a
 * long rebuild they would leave no room for the failure.
 */
export const withoutRequests = (journal: string): string =>
  journal.replace(/^.* podman\[\d+\]: (?:@ - - \[|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+-]\d{4} UTC m=).*\n?/gm, '');

/** A text, with its middle left out if it is too long: the beginning names the action, the end the failure. */
export function bounded(text: string, length: number): string {
  if (text.length <= length) return text;
  const half = Math.floor(length / 2);
  return `${text.slice(0, half)}\n… ${text.length - 2 * half} characters left out …\n${text.slice(-half)}`;
}

/** Properties that are asked of every unit, besides those of an observation. */
const properties =
  'Id,FragmentPath,DropInPaths,UnitFileState,LoadState,NeedDaemonReload,ActiveState,SubState,Result,ExecMainStatus,ActiveEnterTimestamp,Environment';
const podmanFormat =
  '{{.Names}} {{.State}} {{.Status}} {{.Image}} {{.ImageID}} started={{.StartedAt}} {{.ID}} unit={{index .Labels "PODMAN_SYSTEMD_UNIT"}} autoupdate={{index .Labels "io.containers.autoupdate"}}';

/**
 * One script, as root, that shows what a reader of a failure wants and an observation leaves out: units with their times, files
 * as they are, containers with ids, images and last output, both managers, and the journal since the reset. Its own requests to
 * podman are left out of the journal.
 */
export function evidenceScript(deployment: Deployment, stacks: readonly string[], since: number): string {
  const { operator, profile } = deployment;
  const { flag, manager } = spokenIn(deployment);
  const { prefix } = siteOf(deployment);
  // On a machine of one's own, nothing else that runs there is shown.
  const ours = prefix === '' ? '' : ` --filter ${quoted(`name=^${prefix}`)}`;
  const units = stacks.map(stack => quoted(unitOf(stack))).join(' ');
  const directories = searchPathOf(profile.owner)
    .map(directory => quoted(placeOf(directory, operator)))
    .join(' ');
  const runtime = runtimeOf(operator);
  const { uid, home } = operator;
  return `
cd /
# Cut at a line: half of a secret would not be recognised, and not be redacted.
part() { printf '\\n## %s\\n' "$1"; shift; { echo; "$@" 2>&1; } | tail -c 60000 | tail -n +2; }
become=()
[ "$EUID" != 0 ] || become=(setpriv --reuid ${uid} --regid ${uid} --init-groups)
operator() {
  "\${become[@]}" env HOME=${quoted(home)} XDG_RUNTIME_DIR=${runtime} \\
    DBUS_SESSION_BUS_ADDRESS=unix:path=${runtime}/bus "$@"
}
${journalFunction(deployment, `@${since}`, 1500)}
part 'manager' systemctl show -p ActiveState,SubState,Result ${manager}
part 'units' operator systemctl ${flag} show -p ${properties} ${units}
part 'units as loaded' operator systemctl ${flag} cat ${units}
part 'files' find ${directories} -path '*-stack.service*' -printf '%M %u %TY-%Tm-%Td %TT %p -> %l\\n' 2>/dev/null
part 'containers' operator podman ps -a${ours} --no-trunc --format ${quoted(podmanFormat)}
part 'container logs' operator bash -c 'for name in $(podman ps -a${ours.replaceAll("'", '"')} --format "{{.Names}}"); do
  printf "%s: %s\n" "$name" "$(timeout 5 podman logs --tail 3 "$name" 2>&1 | tr "\n" " ")"
done'
part 'images' operator podman images --no-trunc
part 'jobs' operator systemctl ${flag} list-jobs
part 'journal since the reset' journal`;
}

/** How much earlier an action may have begun than was measured, in milliseconds: the way to a loaded machine takes time. */
const margin = 100;

/**
 * Bash: puts the moment so many milliseconds ago into $since, for journalctl. It is computed once, at the beginning, so that
 * later commands of the script look back equally far.
 */
export const momentScript = (
  milliseconds: number,
): string => `since=$((\${EPOCHREALTIME/[.,]/} - ${(milliseconds + margin) * 1000}))
since=@$((since / 1000000)).$(printf %06d $((since % 1000000)))`;

/** What the journal gained since $since, while an action failed: it need not come from that action. As root. */
export const journalScript = (deployment: Deployment): string => `${journalFunction(deployment, '"$since"', 200)}
journal`;

/**
 * Bash: a function that prints the journal of the units that a profile names, and of the operator: journald does not know the
 * unit of a process that has already ended.
 */
function journalFunction(deployment: Pick<Deployment, 'profile' | 'operator' | 'site'>, since: string, most: number) {
  const { profile, operator } = deployment;
  const { prefix } = siteOf(deployment);
  const ofOurs = (pattern: string): string => (pattern.startsWith('*-') ? `${prefix}${pattern}` : pattern);
  const flags = (flag: string, patterns: readonly string[]) => patterns.map(one => `${flag} ${quoted(one)}`).join(' ');
  return `entries() { journalctl --no-pager -q -o short-iso-precise --since=${since} -n ${most} "$@"; }
journal() {
  {
    entries ${flags('-u', profile.evidence.system)} ${flags('--user-unit', profile.evidence.user.map(ofOurs))}
${prefix === '' ? `    entries _UID=${operator.uid}\n` : ''}  } | grep -v '"curl/' | sort -u
}`;
}

import type { Verb } from '../../../../models/host.ts';
import { alsoWanting } from '../../../../models/machine/search-path.ts';
import type { Operator } from '../../paths.ts';
import type { Spoken } from '../../scope.ts';
import { quoted } from '../../transport/quote.ts';
import { type Lever, patient, unprepared } from './lever.ts';

/** `systemctl --user VERB [UNIT]`, as the operator types it, or the same to the system's manager. */
export const systemctlOf = ({ flag }: Pick<Spoken, 'flag'>, verb: Verb, unit?: string): Lever => {
  const target = verb === 'add-wants' ? [alsoWanting] : [];
  const words = ['systemctl', flag, ...verb.split(' '), ...target, ...(unit === undefined ? [] : [unit])];
  if (verb === 'set-property') words.push('CPUWeight=50');
  const line = words.map(quoted).join(' ');
  const script = verb === 'edit' ? edited(line) : line;
  return { title: words.join(' '), as: 'operator', timeoutMs: patient, kind: 'claim', script };
};

/**
 * `edit` opens an editor, on a terminal only (man systemctl, $SYSTEMD_EDITOR). This editor writes a drop-in that sets the
 * marker, between the comments where edits count; script(1) is the terminal.
 */
const edited = (line: string): string => `editor=$(mktemp) || exit ${unprepared}
trap 'rm -f "$editor"' EXIT
cat > "$editor" <<'END' || exit ${unprepared}
#!/bin/sh
set -eu
for file; do :; done
sed -i '/^### Anything between here/a [Service]\\nEnvironment=STACK_MARKER=edited' "$file"
END
chmod +x "$editor" || exit ${unprepared}
SYSTEMD_EDITOR=$editor script -qec ${quoted(line)} /dev/null`;

/** Stop or start the operator's user manager. */
export const managing = (action: 'stop' | 'start', { uid }: Operator): Lever => {
  const line = `systemctl ${action} user@${uid}.service`;
  return { title: line, as: 'root', timeoutMs: patient, kind: 'claim', script: line };
};

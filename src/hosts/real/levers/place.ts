import { type Placed, Unable } from '../../../../models/host.ts';
import { isOfQuadlets, ownQuadlets, quadletDirectoryOf } from '../../../../models/machine/quadlets.ts';
import { everyDirectory } from '../../../../models/machine/search-path.ts';
import type { Deployment } from '../../deployment.ts';
import { placeOf } from '../../paths.ts';
import { quoted } from '../../transport/quote.ts';
import { type Lever, quick, unwritableStatus } from './lever.ts';

/** Put something at a path of the search path, as the user who owns that directory. */
export function placing({ profile, operator }: Deployment, path: string, what: Placed): Lever {
  const quadlets = quadletDirectoryOf(path);
  const directory =
    quadlets ??
    everyDirectory.find(directory => path.startsWith(`${directory}/`)) ??
    (isOfQuadlets(path) ? path.slice(0, path.lastIndexOf('/')) : undefined);
  if (directory === undefined) throw new Unable(`${path} is in no directory of the search path`);
  const { state } = profile;
  const units = quadlets === undefined ? state.units : ownQuadlets.replace('~/', '');
  const place = (path: string) => quoted(placeOf(path, operator));
  const below = path.slice(directory.length + 1);
  return {
    title: `put ${'marker' in what ? `${what.kind} (${what.marker})` : what.kind} at ${path}`,
    as: directory.startsWith('/') ? 'root' : 'operator',
    timeoutMs: quick,
    kind: 'hand',
    script: `set -eu -o pipefail
shopt -s inherit_errexit
at=${place(path)} below=${quoted(below)} unit=${quoted(unitAt(below))}
operator=${quoted(operator.name)} drift=${place('~/drift')}
home=${place(state.home)} profile=${place(state.profile)} units=${quoted(`${state.tree}/${units}`)}
generations=(${globbed(placeOf(state.generations, operator))})
marker=${quoted('marker' in what ? what.marker : '')} section=${quadlets === undefined ? 'Service' : 'Container'}
near=\${at%/*}
while [ ! -d "$near" ]; do near=\${near%/*}; done
[ -w "$near/" ] || { echo "$near cannot be written" >&2; exit ${unwritableStatus}; }
new=$(mktemp)
trap 'rm -f "$new"' EXIT
${functions}
${deeds[what.kind]}`,
  };
}

/** The unit that a path is about: the unit itself, or the one that the drop-in extends. */
const unitAt = (below: string): string => /([^/]+)\.d\/[^/]+$/.exec(below)?.[1] ?? below.replace(/^.*\//, '');

/** A path with its globs left open, and the rest quoted. */
const globbed = (pattern: string): string => pattern.split('*').map(quoted).join('*');

/** What is done for each kind. The new file is made before anything is removed. */
const deeds: Readonly<Record<Placed['kind'], string>> = {
  edited: 'declared; mark; clear; install -m 644 "$new" "$at"',
  identical: 'declared; clear; install -m 644 "$new" "$at"',
  foreign: 'declared; mark; keep; clear; ln -s "$drift/$unit" "$at"',
  stale: 'older; clear; ln -s "$found" "$at"',
  'drop-in': String.raw`clear; printf '[%s]\nEnvironment=STACK_MARKER=%s\n' $section "$marker" > "$at"`,
  mask: 'clear; ln -s /dev/null "$at"',
  empty: 'clear; : > "$at"',
  dangling: 'clear; ln -s "$drift/missing/$unit" "$at"',
  directory: 'clear; mkdir "$at"',
  nothing: 'rm -rf "$at"',
};

const functions = `
clear() { rm -rf "$at"; mkdir -p "\${at%/*}"; }
mark() { sed -i -E "s/STACK_MARKER=[^ \\"']*/STACK_MARKER=$marker/g" "$new"; }
keep() {
  [ ! -L "$drift" ] || { echo "$drift is a link, which is not followed" >&2; exit 1; }
  mkdir -p "$drift"
  install -m 644 "$new" "$drift/$unit"
  [ $UID != 0 ] || chown -R "$operator:" "$drift"
}
# What the owner declares here now: in the last activated generation, else in the wanted one, else what is here.
declared() {
  local tree
  for tree in "$home/$units" "$profile/$units"; do
    [ ! -f "$tree/$below" ] || { cat "$tree/$below" > "$new"; return; }
    [ ! -f "$tree/$unit" ] || { cat "$tree/$unit" > "$new"; return; }
  done
  [ -f "$at" ] || { echo "no generation declares $unit, and nothing stands at $at" >&2; exit 1; }
  cat "$at" > "$new"
}
# The same file in the newest generation before the last activated one, to which a link of the owner's would lead. A
# generation may be in the profile more than once, as on a machine that was put back: the last place counts.
older() {
  local now tree generation sorted before=
  now=$(readlink -e "$home/$units")
  sorted=$(printf '%s\\n' "\${generations[@]}" | sort -V)
  found=
  while read -r generation; do
    tree=$(readlink -e "$generation/$units") || continue
    [ "$tree" != "$now" ] || { found=$before; continue; }
    [ ! -e "$tree/$below" ] || before=$(readlink -e "$generation/\${units%%/*}")/\${units#*/}/$below
  done <<< "$sorted"
  [ -n "$found" ] || { echo "there is no older generation with $below" >&2; exit 1; }
}`;

import type { Declaration } from '../../../models/machine/declaration.ts';
import type { Deployment } from '../deployment.ts';
import { placeOf } from '../paths.ts';
import { quoted } from '../transport/quote.ts';

/** Bash: prints the declaration in the generation to which a rollback would lead, for `earlierIn`. */
export function earlierScript({ profile: { state }, operator }: Deployment): string {
  const [profile, links] = [state.profile, state.generations].map(path => placeOf(path, operator));
  return `shopt -s nullglob
profile=${quoted(profile ?? '')} mark=${quoted(`${state.tree}/${state.declaration}`)} IFS=
now=$(readlink -- "$profile") || exit 0
now=\${now##*/}
links=(${links?.replaceAll(/[^\w./*?-]/g, '\\$&')})
# In the order of their numbers, in which nix-env rolls back.
earlier=$(printf '%s\\n' "\${links[@]##*/}" | sort -V | grep -xF -B 1 -- "$now" | grep -vxF -- "$now")
if [ ! -e "\${profile%/*}/$now/$mark" ]; then echo 'shows nothing'
elif [ -z "$earlier" ]; then echo none
elif [ ! -e "\${profile%/*}/$earlier/$mark" ]; then echo "other $earlier"
else echo "declares $earlier"; cat "\${profile%/*}/$earlier/$mark"; fi
exit 0`;
}

/**
 * Why a rollback would not lead to the declaration that was rebuilt before the first one; null if it would, or if the
 * generations do not show their declarations.
 */
export function earlierFault(output: string, { revision }: Declaration): string | null {
  const [first = '', ...rest] = output.split('\n');
  const [kind, name] = first.split(' ');
  if (kind === 'none') return 'there is no generation before it';
  if (kind === 'other') return `${name} is before it, which is none of stackfuzz's`;
  if (kind !== 'declares') return null;
  const declared: unknown = JSON.parse(rest.join('\n'));
  return (declared as Partial<Declaration>).revision === revision
    ? null
    : `${name} is before it, and declares more than nothing`;
}

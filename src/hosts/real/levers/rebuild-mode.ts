import type { RebuildMode } from '../../../../models/host.ts';
import type { Declaration } from '../../../../models/machine/declaration.ts';
import { unitPath, wantsPath } from '../../../../models/machine/search-path.ts';
import type { Deployment } from '../../deployment.ts';
import { placeOf } from '../../paths.ts';
import { quoted } from '../../transport/quote.ts';
import { asOperator } from './as-operator.ts';
import { trap } from './interrupting.ts';
import { type Lever, patient, unprepared } from './lever.ts';
import { profileCommand, runnerOf, wanting } from './profile.ts';

/** Make a declaration the wanted one and rebuild, in another mode than the plain one. */
export const rebuildingIn = (
  mode: Exclude<RebuildMode, 'plain'>,
  deployment: Deployment,
  declaration: Declaration,
): Lever => ({
  title: `rebuild revision ${declaration.revision}, ${mode}`,
  as: mode === 'as-manager-starts' ? 'root' : runnerOf(deployment, 'rebuild'),
  timeoutMs: patient,
  kind: 'claim',
  ...(mode === 'interrupted' && { kills: true }),
  script: `${wanting(deployment, declaration)}\n${modes[mode](deployment, declaration)}`,
});

const modes: Readonly<
  Record<Exclude<RebuildMode, 'plain'>, (deployment: Deployment, declaration: Declaration) => string>
> = {
  twice: deployment => atOnce(profileCommand(deployment, 'rebuild'), profileCommand(deployment, 'rebuild')),

  'beside-update': deployment =>
    atOnce(
      profileCommand(deployment, 'rebuild'),
      asOperator(deployment.operator, profileCommand(deployment, 'update')),
    ),

  'as-manager-starts':
    deployment => `systemctl start --no-block user@${deployment.operator.uid}.service || exit ${unprepared}
(
${profileCommand(deployment, 'rebuild')}
)
status=$?
# This joins the same job, and returns when the manager is up.
systemctl start user@${deployment.operator.uid}.service
exit $status`,

  interrupted: (deployment, declaration) => interrupted(deployment, declaration, 'rebuild'),
};

/** Roll back to this declaration, and be killed when its links are made. */
export const rollingBackInterrupted = (deployment: Deployment, declaration: Declaration): Lever => ({
  title: 'rollback, interrupted',
  as: runnerOf(deployment, 'rollback'),
  timeoutMs: patient,
  kind: 'claim',
  kills: true,
  script: interrupted(deployment, declaration, 'rollback'),
});

/** Bash: a command of the profile that is killed when the links of this declaration are made. */
function interrupted(deployment: Deployment, declaration: Declaration, command: 'rebuild' | 'rollback'): string {
  const { owner, state } = deployment.profile;
  const links = Object.keys(declaration.stacks).flatMap(stack =>
    [unitPath(owner, stack), wantsPath(owner, stack)].map(path => placeOf(path, deployment.operator)),
  );
  const words = [profileCommand(deployment, command), state.link, ...links];
  return `exec perl -e ${quoted(trap)} ${words.map(quoted).join(' ')}`;
}

/** Bash: two commands side by side; it fails if either fails, and prints the output of both. */
const atOnce = (one: string, other: string): string => `said=$(mktemp -d) || exit ${unprepared}
trap 'rm -rf "$said"' EXIT
: > "$said/one" || exit ${unprepared}
: > "$said/other" || exit ${unprepared}
(
${one}
) > "$said/one" 2>&1 &
first=$!
(
${other}
) > "$said/other" 2>&1 &
second=$!
wait $first; one=$?
wait $second; other=$?
echo "the one ended with $one:"; cat "$said/one"
echo "the other ended with $other:"; cat "$said/other"
echo "@@ $one $other"
[ $one = 0 ] || exit $one
exit $other`;

/** Whether, of two commands side by side, the first claims success and the second does not. */
export const onlyOtherFailed = (stdout: string): boolean => /^@@ 0 [1-9]\d*$/m.test(stdout);

import { type Claim, Unable, type Updating } from '../../../../models/host.ts';
import type { Declaration } from '../../../../models/machine/declaration.ts';
import { type Deployment, type ProfileCommand, siteOf } from '../../deployment.ts';
import { placeOf } from '../../paths.ts';
import { spokenIn } from '../../scope.ts';
import { quoted } from '../../transport/quote.ts';
import { asOperator } from './as-operator.ts';
import { filledOnPurpose } from './fault.ts';
import { updateTrap } from './interrupting.ts';
import { type Lever, patient, prepared, unprepared } from './lever.ts';
import { accepting, manifestsOf } from './registry.ts';
import { written } from './write.ts';

/** Where the profile's folder is on the machine. */
export const profileDirectory = (deployment: Pick<Deployment, 'site'>): string => `${siteOf(deployment).place}/profile`;
/** Where the rendered declaration is on the machine. */
const wantedDirectory = (deployment: Pick<Deployment, 'site'>): string => `${siteOf(deployment).place}/wanted`;

/** How a command of the profile is run: in the copied folder, with the variables that it may need. */
export function profileCommand(deployment: Deployment, command: ProfileCommand): string {
  const { profile, provider, operator } = deployment;
  const [folder, wanted] = [profileDirectory(deployment), wantedDirectory(deployment)];
  const own = siteOf(deployment).commands[command];
  return `cd ${own === undefined ? folder : '~'} || exit 1
export STACKFUZZ_WANTED=${wanted} STACKFUZZ_PROFILE=${folder}
export STACKFUZZ_USER=${quoted(operator.name)} STACKFUZZ_PROVIDER=${quoted(provider)}
${own?.run ?? profile.commands[command]}`;
}

/** Who runs a command: the user in the hosts file, else the one in docs/profiles.md. */
export const runnerOf = (deployment: Deployment, command: ProfileCommand): 'operator' | 'root' =>
  siteOf(deployment).commands[command]?.as ?? (command === 'update' || command === 'dryRun' ? 'operator' : 'root');

/** Make a declaration the wanted one, and rebuild. */
export const rebuilding = (deployment: Deployment, declaration: Declaration): Lever => ({
  title: `rebuild revision ${declaration.revision}`,
  as: runnerOf(deployment, 'rebuild'),
  timeoutMs: patient,
  kind: 'claim',
  script: `${wanting(deployment, declaration)}\n${profileCommand(deployment, 'rebuild')}`,
});

/** Bash: makes a declaration the wanted one, in one step. */
export function wanting(deployment: Deployment, declaration: Declaration): string {
  const wanted = wantedDirectory(deployment);
  return prepared(`rm -rf ${wanted}.new
${written(`${wanted}.new`, deployment.render(declaration))}
${digestsInPlace(deployment, `${wanted}.new`)}
[ ! -e ${wanted} ] || mv --exchange -T ${wanted}.new ${wanted} 2>/dev/null || rm -rf ${wanted}
[ -e ${wanted} ] || mv -T ${wanted}.new ${wanted}${imported(deployment, declaration)}`);
}

/** Bash: writes what the owner's Nix code imports, in one step: the declaration, and the files rendered from it. */
function imported(deployment: Deployment, declaration: Declaration): string {
  const { declaration: place } = siteOf(deployment);
  if (place === null) return '';
  const files = deployment.render(declaration);
  const text = `${JSON.stringify({ ...JSON.parse(files['declaration.json'] ?? '{}'), files }, null, 2)}\n`;
  return `
place=${quoted(place)}
mkdir -p "\${place%/*}"
rm -f "$place.new"
printf %s ${quoted(text)} > "$place.new"
${digestsAsked(deployment, '"$place.new"')}
mv -T "$place.new" "$place"`;
}

/**
 * Puts the digests of this machine's registry into a compose file that names a build as @digest:v2@. They are read from the
 * registry's storage, so this also works while it is down.
 */
function digestsInPlace(deployment: Deployment, directory: string): string {
  const { tags } = siteOf(deployment);
  if (tags === null) return digestsAsked(deployment, `${directory}/compose`);
  return `for tag in ${tags}/*; do
  [ -e "$tag/current/link" ] && [ -d ${directory}/compose ] || continue
  digest=$(<"$tag/current/link")
  find ${directory}/compose -type f -exec sed -i "s/@digest:\${tag##*/}@/$digest/" {} +
done`;
}

/** Bash: the same by the registry's own answer, in a file or in all files below a directory, if its storage cannot be read. */
const digestsAsked = (deployment: Deployment, where: string): string => `for path in ${where}; do
  [ -e "$path" ] || continue
  mapfile -t pinned < <(grep -rhoE '@digest:[A-Za-z0-9_.-]+@' "$path" | sort -u)
  for one in "\${pinned[@]}"; do
    tag=\${one#@digest:} tag=\${tag%@}
    digest=$(curl -sSf -I ${accepting} "${manifestsOf(deployment)}/$tag" | tr -d '\\r' | sed -nE 's/^docker-content-digest: *//ip')
    [ -n "$digest" ] || { echo "the registry does not say what $tag is" >&2; exit 1; }
    find "$path" -type f -exec sed -i "s/$one/$digest/" {} +
  done
done`;

/** Back to the generation before the current one. */
export const rollingBack = (deployment: Deployment): Lever => ({
  title: 'rollback',
  as: runnerOf(deployment, 'rollback'),
  timeoutMs: patient,
  kind: 'claim',
  script: profileCommand(deployment, 'rollback'),
});

/** An update of images: by the profile's command, or in another way that podman or the profile offers. */
export const updateLever = (deployment: Deployment, how: Updating): Lever => ({
  title: how === 'command' ? 'auto-update' : `auto-update, ${how}`,
  ...(how === 'interrupted' && { kills: true }),
  // What a unit printed is complete only after journald has written it out, and only root can ask for that.
  as:
    how === 'service' || how === 'own-unit' || how === 'full-disk'
      ? 'root'
      : runnerOf(deployment, how === 'dry-run' ? 'dryRun' : 'update'),
  timeoutMs: patient,
  kind: 'claim',
  script: updateScript(deployment, how),
});

function updateScript(deployment: Deployment, how: Updating): string {
  const { updateUnit } = deployment.profile;
  switch (how) {
    case 'command':
      return profileCommand(deployment, 'update');
    case 'dry-run':
      return profileCommand(deployment, 'dryRun');
    case 'interrupted':
      return `monitors=$(pgrep -x -U ${deployment.operator.uid} conmon) || exit ${unprepared}
exec perl -e ${quoted(updateTrap)} ${quoted(profileCommand(deployment, 'update'))} $monitors`;
    case 'full-disk':
      return withoutRoom(deployment);
    case 'service':
      return startedUnit(deployment, 'podman-auto-update.service');
    case 'own-unit':
      if (updateUnit === null) throw new Unable('the profile brings no update unit along');
      return startedUnit(deployment, updateUnit);
  }
}

/**
 * Bash, as root: the profile's update while nothing can be added to /var/tmp, not even a name: podman makes a directory there for
 * everything that it pulls (facts.md F211). A file system of its own, which is full, stands there meanwhile.
 */
function withoutRoom(deployment: Deployment): string {
  const update = profileCommand(deployment, 'update');
  return `mount -t tmpfs -o size=4k,nr_inodes=1,mode=1777 ${filledOnPurpose} /var/tmp || exit ${unprepared}
trap 'umount --lazy /var/tmp' EXIT
${runnerOf(deployment, 'update') === 'root' ? `(\n${update}\n)` : asOperator(deployment.operator, update)}`;
}

/**
 * Bash, as root: starts a unit of the operator's, and prints what the unit printed. Of a process that had already ended when
 * journald read its output, journald knows only the number.
 */
function startedUnit(deployment: Deployment, unit: string): string {
  const { operator } = deployment;
  const { flag } = spokenIn(deployment);
  const asked = `exec systemctl ${flag} show --value -p InvocationID -p ExecMainPID ${quoted(unit)}`;
  return `since=$EPOCHREALTIME
${asOperator(operator, `exec systemctl ${flag} start ${quoted(unit)}`)}
status=$?
shown=$(${asOperator(operator, asked)})
timeout 20 journalctl --sync
matches=()
for value in $shown; do
  case $value in
    ????????????????????????????????) matches+=(+ _TRANSPORT=stdout "_SYSTEMD_INVOCATION_ID=$value") ;;
    0) ;;
    *) matches+=(+ _TRANSPORT=stdout _UID=${operator.uid} "_PID=$value") ;;
  esac
done
[ \${#matches[@]} = 0 ] || journalctl --quiet --no-pager --output=cat --since="@$since" "\${matches[@]:1}"
exit $status`;
}

/**
 * The report of `podman auto-update --format json`, wherever in the output its list is (facts.md F42); nothing if there is
 * none.
 */
export function updatesIn(stdout: string): Pick<Claim, 'updates'> {
  const list = /^\[.*^\]|^\[.*\]$/ms.exec(stdout)?.[0];
  if (list === undefined) return {};
  try {
    const rows = JSON.parse(list) as readonly Readonly<Record<'Unit' | 'ContainerName' | 'Updated', string>>[];
    return { updates: rows.map(row => ({ unit: row.Unit, container: row.ContainerName, updated: row.Updated })) };
  } catch {
    return {}; // No report: the claim's message shows what was printed instead.
  }
}

/** The path of a secret. */
export const secretPlace = ({ operator }: Deployment, name: string): string =>
  placeOf(`~/secrets/${name}.env`, operator);

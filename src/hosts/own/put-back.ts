import { searchPath, unitOf } from '../../../models/machine/search-path.ts';
import { spareSecrets } from '../../../models/transitions/secrets.ts';
import { type Deployment, siteOf } from '../deployment.ts';
import { placeOf } from '../paths.ts';
import { versionLabel } from '../probe-image.ts';
import { filledOnPurpose } from '../real/levers/fault.ts';
import { type Lever, patient } from '../real/levers/lever.ts';
import { secretPlace } from '../real/levers/profile.ts';
import { accepting, manifestsOf } from '../real/levers/registry.ts';
import { quoted } from '../transport/quote.ts';
import type { Names } from './names.ts';

/** What was there before stackfuzz began, and must be there afterwards. */
export interface Before {
  /** Health timers without a container. */
  readonly timers: readonly string[];
  /** Drop-ins for every service; they extend those under test too. */
  readonly dropIns: readonly string[];
  /** The digest of each tag of the probe image in its registry. */
  readonly digests: Readonly<Record<string, string>>;
}

/** What is needed to put a machine back. */
export interface PuttingBack {
  readonly deployment: Deployment;
  readonly names: Names;
  readonly before: Before;
  /** Titles of the levers that were used since: faults of the whole machine are undone only if there were any. */
  readonly pulled: ReadonlySet<string>;
}

/** Levers that undo what other levers did, and remove what they left: units, containers, files and images of these stacks. */
export const givingBack = (given: PuttingBack): readonly Lever[] => [
  ...(siteOf(given.deployment).hasRoot ? [machineUp(given)] : []),
  stacksAway(given),
];

/** A lever that does something by hand. */
const hand = (title: string, as: Lever['as'], script: string): Lever => ({
  title,
  as,
  timeoutMs: patient,
  kind: 'hand',
  script: `set -u -o pipefail
shopt -s nullglob inherit_errexit
${script}`,
});

/** Undoes faults of the whole machine, and removes what only root can remove. */
function machineUp({ deployment, names, pulled }: PuttingBack): Lever {
  const { operator } = deployment;
  const { registryUnit } = siteOf(deployment);
  const [etc, store] = ['/etc read-only', 'Nix store'].map(words => [...pulled].some(title => title.includes(words)));
  const registry = registryUnit !== null && pulled.has(`systemctl stop ${registryUnit}`);
  return hand(
    'give back what the whole machine lacks',
    'root',
    `${store ? `while [ "$(findmnt -n -o SOURCE /nix/store | tail -n 1)" = ${filledOnPurpose} ]; do umount --lazy /nix/store || exit; done` : ''}
${etc ? 'while mountpoint -q /etc; do umount --lazy /etc || exit; done' : ''}
loginctl enable-linger ${quoted(operator.name)} || exit
systemctl start user@${operator.uid}.service || exit
${registry ? `systemctl start ${quoted(registryUnit)} || exit` : ''}
${filesAway(
  deployment,
  names,
  searchPath.filter(directory => directory.startsWith('/')),
)}`,
  );
}

/** Bash: removes what is in directories of the search path for these stacks, except what the owner installed. */
function filesAway({ profile, operator }: Deployment, { stacks }: Names, directories: readonly string[]): string {
  const words = (all: readonly string[]): string => all.map(quoted).join(' ');
  return `link=${quoted(profile.state.link)}
for directory in ${words(directories.map(directory => placeOf(directory, operator)))}; do
  [ -d "$directory" ] || continue
  for unit in ${words(stacks.map(unitOf))}; do
    for at in "$directory/$unit" "$directory"/*.wants/"$unit" "$directory"/*.requires/"$unit"; do
      [ -e "$at" ] || [ -L "$at" ] || continue
      [[ -L $at && $(readlink "$at") =~ $link ]] || rm -rf "$at" || exit
    done
    for at in "$directory/$unit.d" "$directory/\${unit%stack.service}.service.d"; do
      [ ! -e "$at" ] || rm -rf "$at" || exit
    done
  done
done`;
}

/** Removes everything of these stacks, as the operator: first it ends what they run. */
function stacksAway({ deployment, names, before }: PuttingBack): Lever {
  const { operator, profile } = deployment;
  const { image } = siteOf(deployment);
  const { stacks } = names;
  const words = (all: readonly string[]): string => all.map(quoted).join(' ');
  const units = words(stacks.map(unitOf));
  // Containers of the stack that may be added have other names than the machine's.
  const spares = [
    ...new Set([
      ...stacks.flatMap(stack => [`${stack}-moved`, `${stack}-extra`]),
      ...spareSecrets(profile.declaration),
    ]),
  ];
  const place = (path: string): string => quoted(placeOf(path, operator));
  return hand(
    'take away what is left of the stacks under test',
    'operator',
    `systemctl --user stop ${units} 2> /dev/null
${filesAway(
  deployment,
  names,
  searchPath.filter(directory => !directory.startsWith('/')),
)}
for unit in ${units}; do rm -rf ${place('~/drift')}/"$unit" ${place('~/drift/missing')}/"$unit"; done
rm -f ${words(stacks.map(stack => placeOf(`~/.local/share/stackfuzz/withheld/${stack}.env`, operator)))} ${words(spares.flatMap(name => [secretPlace(deployment, name), placeOf(`~/.local/share/stackfuzz/withheld/${name}.env`, operator)]))}
mine=" ${stacks.join(' ')} "
is_mine() { [[ $mine == *" $1 "* ]]; }
# Those with the label of one of these stacks, and those that are named after one.
found=()
while read -r id name project; do
  if is_mine "$project" || is_mine "\${name%-holder}"; then found+=("$id"); fi
done < <(podman ps -a --format '{{.ID}} {{.Names}} {{index .Labels "com.docker.compose.project"}}')
[ \${#found[@]} = 0 ] || podman rm -f -t 2 "\${found[@]}" > /dev/null || exit
for kind in pod network volume; do
  found=()
  # Podman prints the labels of a network as one text.
  label='{{index .Labels "com.docker.compose.project"}}'
  [ $kind != network ] || label='{{.Labels}}'
  while read -r name project; do
    [[ ! $project =~ com\\.docker\\.compose\\.project=([^],[:space:]]*) ]] || project=\${BASH_REMATCH[1]}
    bare=\${name#pod_}
    if is_mine "$project" || is_mine "\${bare%_default}"; then found+=("$name"); fi
  done < <(podman $kind ls --format "{{.Name}} $label")
  [ \${#found[@]} = 0 ] || podman $kind rm -f "\${found[@]}" > /dev/null || exit
done
# The next start pulls the images anew. An image stays if a container that is not under test uses it.
found=()
while read -r id name; do
  podman untag "$id" "$name" || exit
  found+=("$id")
done < <(podman images --filter "reference=${image}" --format '{{.ID}} {{.Repository}}:{{.Tag}}' | grep -v ':<none>$')
# Only after all tags are removed: an image may have two of them.
for id in "\${found[@]}"; do podman rmi "$id" > /dev/null 2>&1; done
# An image whose last tag was given to another build has no name.
while read -r id; do podman rmi "$id" > /dev/null 2>&1; done < <(podman images -q --filter label=${versionLabel} --filter dangling=true | sort -u)
before=" ${before.timers.join(' ')} "
while read -r timer _; do
  [[ $timer =~ ^[0-9a-f]{64}.*\\.timer$ && $before != *" $timer "* ]] || continue
  podman container exists "\${timer:0:64}" || systemctl --user stop "$timer"
done < <(systemctl --user list-units --plain --no-legend --all '*.timer')
systemctl --user daemon-reload || exit
systemctl --user reset-failed ${units} unrelated.service 2> /dev/null
${tagsBack(deployment, before)}
exit 0`,
  );
}

/** Removes the networks and volumes that compose files call external, which were made for them. */
export function externalAway({ profile }: Deployment): readonly Lever[] {
  const projects = Object.values(profile.declaration.stacks).flatMap(({ project }) => project ?? []);
  const lines = (['network', 'volume'] as const).flatMap(kind =>
    projects
      .flatMap(project => Object.entries(kind === 'network' ? project.networks : project.volumes))
      .filter(([, { external }]) => external)
      .map(([key, { name }]) => quoted(name ?? key))
      .map(name => `! podman ${kind} exists ${name} || podman ${kind} rm ${name} > /dev/null || exit`),
  );
  return lines.length === 0
    ? []
    : [hand('remove what compose files call external', 'operator', [...new Set(lines)].join('\n'))];
}

/** Removes the secrets of the stacks under test for good. */
export const secretsAway = (deployment: Deployment): Lever =>
  hand(
    'take the secrets away',
    'operator',
    `rm -f ${Object.values(deployment.profile.declaration.stacks)
      .flatMap(({ secrets }) => secrets)
      .map(name => quoted(secretPlace(deployment, name)))
      .join(' ')}`,
  );

/** Bash: gives the registry's tags the digests that they had. */
function tagsBack(deployment: Deployment, { digests }: Before): string {
  const pairs = Object.entries(digests);
  if (pairs.length === 0) return '';
  return `manifests=${quoted(manifestsOf(deployment))}
for pair in ${pairs.map(([tag, digest]) => quoted(`${tag} ${digest}`)).join(' ')}; do
  tag=\${pair% *} digest=\${pair#* }
  [ "$(${digestOf('$tag')})" != "$digest" ] || continue
  manifest=$(mktemp) || exit
  type=$(curl -sSf ${accepting} -o "$manifest" -w '%{content_type}' "$manifests/$digest") &&
    curl -sSf -X PUT -H "Content-Type: $type" --data-binary @"$manifest" "$manifests/$tag"
  status=$?
  rm -f "$manifest"
  [ $status = 0 ] || { echo "the tag $tag of ${siteOf(deployment).image} could not be put back to $digest" >&2; exit 1; }
done`;
}

/** Bash: prints the digest that a tag stands for in $manifests; nothing if there is no such tag. */
const digestOf = (tag: string): string =>
  `curl -sf -I ${accepting} "$manifests/${tag}" | tr -d '\\r' | sed -nE 's/^docker-content-digest: *//ip'`;

/** Bash, as the operator: prints what must be there afterwards, for `beforeIn`. */
export const beforeScript = (
  deployment: Deployment,
  tags: readonly string[],
): string => `manifests=${quoted(manifestsOf(deployment))}
for tag in ${tags.map(quoted).join(' ')}; do echo "digest $tag $(${digestOf('$tag')})"; done
while read -r timer _; do
  [[ $timer =~ ^([0-9a-f]{64}).*\\.timer$ ]] && ! podman container exists "\${timer:0:64}" && echo "timer $timer"
done < <(systemctl --user list-units --plain --no-legend --all '*.timer')
shopt -s nullglob
for directory in $(systemctl --user show --value -p UnitPath); do
  for path in "$directory"/service.d/*.conf; do echo "drop-in $path"; done
done
exit 0`;

/** What that script printed. */
export function beforeIn(output: string): Before {
  const lines = output.split('\n').map(line => line.split(' '));
  return {
    timers: lines.flatMap(([kind, timer]) => (kind === 'timer' && timer !== undefined ? [timer] : [])),
    dropIns: output.split('\n').flatMap(line => (line.startsWith('drop-in ') ? [line.slice('drop-in '.length)] : [])),
    digests: Object.fromEntries(
      lines.flatMap(([kind, tag = '', digest = '']) => (kind === 'digest' && digest !== '' ? [[tag, digest]] : [])),
    ),
  };
}

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Deployment, siteOf } from '../../deployment.ts';
import { type Operator, placeOf } from '../../paths.ts';
import { brokenCommand, probeCommand, versionLabel } from '../../probe-image.ts';
import { type Lever, patient } from '../../real/levers/lever.ts';
import { manifestsOf } from '../../real/levers/registry.ts';
import { written } from '../../real/levers/write.ts';
import { quoted } from '../../transport/quote.ts';

/** The registry's unit: a system unit if there is root, else a unit of the operator's. */
export const registryUnit = 'stackfuzz-registry.service';

/** Where the registry that stackfuzz serves keeps its images; the guard removes the same folder (guard.sh). */
const registryFolder = '~/.local/share/stackfuzz/registry';

/** Where it keeps its tags. */
export const registryTags = `${registryFolder}/tags`;

/** The directory for the file that permits podman to use this registry without encryption. */
const trustDirectory = '~/.config/containers/registries.conf.d';

/**
 * Directories for a system unit; the first that can be written is used: on NixOS /etc/systemd/system is a link into the store.
 */
const systemDirectories = ['/etc/systemd/system', '/etc/systemd/system.attached', '/etc/systemd/system.control'];

/** What the guard restores of it, and removes if nobody did. */
export const registryPaths = {
  operator: [trustDirectory],
  root: systemDirectories.flatMap(directory => [
    `${directory}/${registryUnit}`,
    `${directory}/multi-user.target.wants/${registryUnit}`,
  ]),
} as const;

/** The only interface on which it listens, by its names. */
const loopback = /^(?:localhost|127\.0\.0\.1):([1-9]\d{3,4})\/([a-z0-9._-]+)$/;

/** The port and the repository of an image that stackfuzz can serve; null if it is not on the loopback. */
export function servedAt(image: string): { readonly port: number; readonly repository: string } | null {
  const [, port = '', repository = ''] = loopback.exec(image) ?? [];
  const number = Number(port);
  return number >= 1024 && number <= 65_535 ? { port: number, repository } : null;
}

type Given = Pick<Deployment, 'site' | 'operator'>;

/**
 * Levers that make the probe images from programs of the machine, and serve them on its loopback. Nothing is downloaded, and
 * nothing is added to the operator's own storage.
 * @param versions the builds, which differ by their label; `stable` is the first of them
 */
export const registryBrought = (given: Given, versions: readonly string[]): readonly Lever[] => {
  const { hasRoot } = siteOf(given);
  return [making(given, versions), ...(hasRoot ? [starting(given, 'root')] : [starting(given, 'operator')])];
};

/** Levers that remove all of it. */
export const registryTakenAway = (given: Given): readonly Lever[] => {
  const { hasRoot } = siteOf(given);
  const { operator } = given;
  const folder = placeOf(registryFolder, operator);
  const away: Lever = {
    title: 'take the probe images away',
    as: 'operator',
    timeoutMs: patient,
    kind: 'hand',
    script: `set -u\n[ ! -f ${quoted(`${folder}/away`)} ] || bash ${quoted(`${folder}/away`)}`,
  };
  const ended: Lever = {
    title: `systemctl disable --now ${registryUnit}`,
    as: 'root',
    timeoutMs: patient,
    kind: 'hand',
    script: `systemctl stop ${registryUnit} 2> /dev/null
rm -f ${registryPaths.root.map(quoted).join(' ')}
systemctl daemon-reload`,
  };
  return hasRoot ? [ended, away] : [away];
};

/**
 * Bash, as the operator: ends the operator's part of it, and leaves nothing. The guard runs it too, for sessions that were cut
 * off.
 */
const awayText = (folder: string, trust: string): string => `set -u
shopt -s nullglob
systemctl --user stop ${registryUnit} 2> /dev/null
rm -f "$HOME/.local/share/systemd/user/${registryUnit}" ${quoted(trust)}
made=()
[ ! -f ${quoted(`${folder}/made`)} ] || mapfile -t made < ${quoted(`${folder}/made`)}
rm -rf -- ${quoted(folder)}
for directory in "\${made[@]}"; do rmdir -- "$directory" 2> /dev/null; done
exit 0
`;

const imageManifest = 'application/vnd.oci.image.manifest.v1+json';

/** An image's configuration; the machine adds the layer's digest and the architecture. */
const configOf = (version: string): string =>
  JSON.stringify({
    architecture: '@arch@',
    os: 'linux',
    config: {
      Env: ['PATH=/bin'],
      Cmd: ['/bin/sh', '-c', version === 'broken' ? brokenCommand : probeCommand(version)],
      Labels: { [versionLabel]: version },
    },
    rootfs: { type: 'layers', diff_ids: ['sha256:@layer@'] },
    history: [{ created_by: 'stackfuzz' }],
  });

const manifestText = JSON.stringify({
  schemaVersion: 2,
  mediaType: imageManifest,
  config: {
    mediaType: 'application/vnd.oci.image.config.v1+json',
    digest: 'sha256:@config@',
    size: '@config-size@',
  },
  layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: 'sha256:@layer@', size: '@layer-size@' }],
}).replace(/"(@[a-z]+-size@)"/g, '$1');

/**
 * Programs that containers of the probe image need. A busybox has them all, and httpd, which answers on the ports of an own
 * stack.
 */
const applets = ['sh', 'sleep', 'touch', 'rm', 'test', 'false', 'true', 'cat'];

function making(given: Given, versions: readonly string[]): Lever {
  const at = (path: string): string => placeOf(path, given.operator);
  const { image } = siteOf(given);
  const folder = at(registryFolder);
  const trust = at(`${trustDirectory}/stackfuzz.conf`);
  const registry = image.slice(0, image.indexOf('/'));
  return {
    title: `make the probe images, and have ${registry} trusted`,
    as: 'operator',
    timeoutMs: patient,
    kind: 'hand',
    script: `set -eu -o pipefail
shopt -s inherit_errexit nullglob
umask 022
folder=${quoted(folder)}
rm -rf -- "$folder"
trust=${quoted(at(trustDirectory))}
for each in "$trust" "\${trust%/*}"; do
  [ ! -L "$each" ] || { echo "$each is a link, which is not followed: have podman trust ${registry} yourself, or serve the images from a registry of yours" >&2; exit 1; }
done
# Directories that are made here are removed in the end.
made=()
for directory in "$trust" ${quoted(at('~/.local/share/systemd/user'))} "\${folder%/*}"; do
  while [ ! -d "$directory" ]; do made+=("$directory"); directory=\${directory%/*}; done
done
mkdir -p "$folder"/{blobs,manifests,tags}
[ \${#made[@]} = 0 ] || printf '%s\n' "\${made[@]}" > "$folder/made"
${written(folder, { away: awayText(folder, trust), 'registry.pl': programText() })}
${written(at(trustDirectory), { 'stackfuzz.conf': `[[registry]]\nlocation = "${registry}"\ninsecure = true\n` })}
# One layer: busybox; if there is none, the machine's shell and a few programs, with the libraries that they are linked to.
root=$(mktemp -d "$folder/image.XXXXXX")
mkdir "$root/bin"
if busybox=$(type -P busybox); then
  cp -L "$busybox" "$root/bin/busybox"
  for applet in $("$busybox" --list); do [ "$applet" = busybox ] || ln -s busybox "$root/bin/\${applet##*/}"; done
else
  cp -L "$(type -P bash)" "$root/bin/sh"
  for program in ${applets.filter(applet => applet !== 'sh').join(' ')}; do cp -L "$(type -P "$program")" "$root/bin/$program"; done
fi
for program in "$root"/bin/*; do
  [ ! -L "$program" ] || continue
  { ldd "$program" 2> /dev/null || true; } | { grep -oE '/[^ ()]+' || true; } | while IFS= read -r library; do
    [ -e "$root$library" ] || { mkdir -p "$root\${library%/*}" && cp -L "$library" "$root$library"; }
  done
done
case $(uname -m) in x86_64) arch=amd64 ;; aarch64) arch=arm64 ;; armv*) arch=arm ;; *) arch=$(uname -m) ;; esac
stored() {
  local hex
  hex=$(sha256sum < "$1" | cut -c-64)
  mv "$1" "$folder/$2/$hex"
  echo "$hex"
}
chmod -R u+w "$root"
tar -C "$root" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -cf "$folder/layer" .
rm -rf "$root"
size=$(stat -c %s "$folder/layer")
layer=$(stored "$folder/layer" blobs)
made() {
  local tag=$1 text=$2 config manifest=${quoted(manifestText)}
  text=\${text//@layer@/$layer}
  printf %s "\${text//@arch@/$arch}" > "$folder/config"
  manifest=\${manifest//@config-size@/$(stat -c %s "$folder/config")}
  config=$(stored "$folder/config" blobs)
  manifest=\${manifest//@config@/$config}
  manifest=\${manifest//@layer@/$layer}
  printf %s "\${manifest//@layer-size@/$size}" > "$folder/manifest"
  stored "$folder/manifest" manifests > "$folder/tags/$tag"
}
${[...versions, 'broken'].map(version => `made ${quoted(version)} ${quoted(configOf(version))}`).join('\n')}
cp "$folder"/tags/${quoted(versions[0] ?? 'v1')} "$folder/tags/stable"
# podman.service reads the list of registries only once, and ends by itself when it is not used.
for try in {1..80}; do
  systemctl --user is-active --quiet podman.service || break
  sleep 0.1
done`,
  };
}

/** The unit, as a file. */
function unitText(operator: Operator, port: number, repository: string, side: 'root' | 'operator'): string {
  const folder = placeOf(registryFolder, operator);
  return `[Unit]
Description=The probe images of stackfuzz, on the loopback
${side === 'root' ? `Before=user@${operator.uid}.service\n` : ''}[Service]
Type=notify
NotifyAccess=main
${side === 'root' ? `User=${operator.name}\n` : ''}ExecStart=@perl@ ${folder}/registry.pl ${folder} ${port} ${repository}
Restart=on-failure
RestartSec=1
`;
}

function starting(given: Given, side: 'root' | 'operator'): Lever {
  const { operator } = given;
  const { image } = siteOf(given);
  const served = servedAt(image);
  if (served === null) throw new Error(`${image} is no place on the loopback`);
  const { port, repository } = served;
  const manager = side === 'root' ? 'systemctl' : 'systemctl --user';
  return {
    title: `start a registry at ${image}`,
    as: side,
    timeoutMs: patient,
    kind: 'hand',
    script: `set -eu -o pipefail
umask 022
directory=${quoted(placeOf('~/.local/share/systemd/user', operator))}
${
  side === 'root'
    ? `for directory in ${systemDirectories.join(' ')} /run/systemd/system; do
  [ ! -L "$directory" ] || continue
  if mkdir -p -- "$directory" 2> /dev/null && [ -w "$directory" ]; then break; fi
done
mkdir -p "$directory/multi-user.target.wants"
ln -sfT ../${registryUnit} "$directory/multi-user.target.wants/${registryUnit}"`
    : 'mkdir -p "$directory"'
}
text=${quoted(unitText(operator, port, repository, side))}
rm -f "$directory/${registryUnit}"
printf %s "\${text/@perl@/$(type -P perl)}" > "$directory/${registryUnit}"
${side === 'root' ? 'systemctl daemon-reload\n' : ''}${manager} start ${registryUnit} || { ${manager} daemon-reload && ${manager} start ${registryUnit}; } || {
  ${manager} status --no-pager --lines 20 ${registryUnit} >&2
  exit 1
}
curl -sSf -o /dev/null ${quoted(`${manifestsOf(given)}/stable`)}`,
  };
}

/** The text of the registry, a file beside the sources; built code in dist/ uses the one in src/. */
function programText(): string {
  const here = fileURLToPath(new URL('registry.pl', import.meta.url));
  const source = fileURLToPath(new URL('../../../../../src/hosts/own/registry/registry.pl', import.meta.url));
  return readFileSync(existsSync(here) ? here : source, 'utf8');
}

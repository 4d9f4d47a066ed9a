import { siteOf } from '../../../hosts/deployment.ts';
import { bakeScript } from '../../../hosts/lab/root/bake-script.ts';
import type { Operator } from '../../../hosts/paths.ts';
import type { Lever } from '../../../hosts/real/levers/lever.ts';
import { preparation } from '../../../hosts/real/prepare.ts';
import { quoted } from '../../../hosts/transport/quote.ts';
import { visible } from '../../../visible.ts';
import { type Exported, issueText, titleOf } from './issue.ts';
import type { ExportedStep } from './steps.ts';

/** The user that an exported script creates, and removes at its end. */
export const exportOperator: Operator = { name: 'stackfuzz-repro', uid: 1599, home: '/home/stackfuzz-repro' };

/** A script for a plain machine without stackfuzz, which sets everything up, does the steps, and prints what it sees. */
export function scriptOf(exported: Exported): string {
  const { path, entry, deployment, steps, checks, stackfuzz } = exported;
  const { provider, operator } = deployment;
  const comment = (text: string): string => visible(text).replace(/^/gm, '# ').replace(/ +$/gm, '');
  const programs = `curl nix-store ${provider} docker-registry busybox setpriv useradd loginctl systemd-run`;
  const packages = `podman ${provider} docker-registry nix-bin busybox-static curl uidmap slirp4netns passt netavark aardvark-dns`;
  return `#!/bin/bash
${comment(titleOf(entry))}
#
# What it shows, in steps:
${comment(steps.length === 0 ? '  the first installation alone' : steps.map(({ words }, index) => `  ${index + 1}. ${words}`).join('\n'))}
${comment(`Expected: ${entry.promise}`)}
${comment(entry.details.map(detail => `Seen: ${detail}`).join('\n'))}
${comment(
  `Found with: ${Object.entries(entry.versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}`,
)}
#
# Usage, as root on a machine that can be spared (Debian 13): bash ${'$'}0 [--keep] [--text]
#   --keep  leaves everything there afterwards, to be looked at
#   --text  prints a text that is ready to be filed, with the versions of this machine, and does nothing else
# Exit status: 1 the fault shows, 0 it does not, 2 it could not be set up.
#
# It needs nothing of stackfuzz ${stackfuzz}, which made it from ${path}.
# What a check is given is called from there, and ~ stands for the user's home where paths are compared.
# shellcheck disable=SC2317,SC2329,SC2088
set -u -o pipefail
export LC_ALL=C.UTF-8

user=${operator.name} uid=${operator.uid} home=${operator.home}
work=/var/lib/stackfuzz

# ---- what it is about ----

issue() {
  cat <<'ISSUE'
${heredoc(issueText(exported).trimEnd(), 'ISSUE')}
ISSUE
  echo
  echo "Versions of this machine:"
  versions
}

versions() {
  systemctl --version | sed -n '1s/^systemd \\([^ ]*\\).*/- systemd \\1/p'
  podman --version 2>/dev/null | sed 's/^podman version /- podman /'
  ${provider} ${provider === 'docker-compose' ? 'version --short' : '--version'} 2>/dev/null | sed -n 's/^podman-compose version //;1s/^/- ${provider} /p'
  nix-store --version 2>/dev/null | sed 's/^.* /- nix /'
  sed -n 's/^PRETTY_NAME="\\(.*\\)"$/- \\1/p' /etc/os-release
}

# ---- running things ----

give_up() {
  echo "It could not be set up: $*" >&2
  exit 2
}

# The script on standard input, as root or as the user, as it would be typed in a session of theirs.
as_root() { (cd / && exec bash -c "$(cat)"); }
as_user() {
  local gid
  gid=$(id -g "$user") || return
  (cd "$home" && exec setpriv --reuid "$uid" --regid "$gid" --init-groups env -i PATH="$PATH" LANG=C.UTF-8 SHELL=/bin/bash \\
    HOME="$home" USER="$user" LOGNAME="$user" XDG_RUNTIME_DIR="/run/user/$uid" \\
    DBUS_SESSION_BUS_ADDRESS="unix:path=/run/user/$uid/bus" bash -c "$(cat)")
}

# Something without which nothing can be shown. usage: prepare WHAT root|user < SCRIPT
prepare() {
  local output
  echo "- $1"
  output=$("as_$2" 2>&1) || give_up "$1: $output"
}

claim=0
# A part of a step. usage: part root|user < SCRIPT
part() {
  claim=0
  "as_$1" 2>&1 | sed 's/^/     | /'
  claim=\${PIPESTATUS[0]}
}

last_claim() { if [ "$claim" = 0 ]; then echo success; else echo failure; fi; }

# Until nothing is on its way any more: no jobs, nothing activating, no healthcheck that has not decided.
settle() {
  local until=$((SECONDS + 60)) moving
  while [ "$SECONDS" -lt "$until" ]; do
    systemctl is-active --quiet "user@$uid.service" || return 0
    moving=$(as_user <<'MOVING'
systemctl --user list-jobs --no-legend 2>/dev/null
systemctl --user list-units --no-legend --plain --state=activating,deactivating,reloading '*-stack.service' 2>/dev/null
podman ps --filter health=starting --format '{{.Names}}' 2>/dev/null
MOVING
    )
    [ -n "$moving" ] || return 0
    sleep 0.3
  done
}

# ---- looking at things ----

manager() { if systemctl is-active --quiet "user@$uid.service"; then echo running; else echo down; fi; }

# usage: unit NAME PROPERTY, or a variable of its environment
unit() {
  case $2 in
    STACK_*) as_user <<<"systemctl --user show --value -p Environment '$1' | tr ' ' '\\n' | sed -n 's/^$2=//p'" ;;
    *) as_user <<<"systemctl --user show --value -p $2 '$1'" | sed "s#$home/#~/#g" ;;
  esac
}

link=${quoted(deployment.profile.state.link)}
declaration=${quoted(`${deployment.profile.state.tree}/${deployment.profile.state.declaration}`)}

# The revision of what a profile's link leads to.
generation() {
  local file
  file=$(readlink -e "$1")/$declaration
  if [ -r "$file" ]; then sed -n 's/^  "revision": \\([0-9]*\\).*/\\1/p' "$file"; else echo nothing; fi
}

# What stands at a path of the search path.
standing() {
  local target file
  if [ -L "$1" ]; then
    target=$(readlink "$1")
    if [[ $target =~ $link ]]; then
      file=\${BASH_REMATCH[1]}/${quoted(deployment.profile.state.declaration)}
      echo "a link into revision $(sed -n 's/^  "revision": \\([0-9]*\\).*/\\1/p' "$file")"
    else
      echo "a link to \${target/#"$home/"/'~/'}"
    fi
  elif [ -d "$1" ]; then
    echo 'a directory'
  elif [ -e "$1" ]; then
    echo "a file$(sed -n 's/^.*STACK_MARKER=\\([a-z0-9-]*\\).*/, marker \\1/p' "$1" | tail -n 1)"
  else
    echo nothing
  fi
}

# usage: container STACK/SERVICE NTH FIELD
container() {
  local id
  id=$(as_user <<<"podman ps -aq --sort created --filter label=com.docker.compose.project=\${1%/*} --filter label=com.docker.compose.service=\${1#*/}" |
    sed -n "$2p")
  [ -n "$id" ] || { echo nothing; return; }
  case $3 in
    state) inspect "$id" '{{.State.Status}} {{.State.Pid}} {{.State.ConmonPid}}' | container_state ;;
    name) inspect "$id" '{{.Name}}' | sed "s#^\${1%/*}[-_]\${1#*/}[-_]1\\$#$1#" ;;
    image) inspect "$id" '{{index .Config.Labels "stackfuzz.version"}}' ;;
    tag) inspect "$id" '{{.ImageName}}' | sed 's/^.*@sha256:.*/a digest/; s#^localhost:5000/probe:##' ;;
    greeting) inspect "$id" '{{range .Config.Env}}{{println .}}{{end}}' | sed -n 's/^GREETING=//p' ;;
    marker) inspect "$id" '{{range .Config.Env}}{{println .}}{{end}}' | sed -n 's/^STACK_MARKER=//p' ;;
    unit) inspect "$id" '{{index .Config.Labels "PODMAN_SYSTEMD_UNIT"}}' ;;
    autoupdate) inspect "$id" '{{index .Config.Labels "io.containers.autoupdate"}}' | sed 's/^registry$/true/; /^true$/!s/.*/false/' ;;
    restart) inspect "$id" '{{.HostConfig.RestartPolicy.Name}}' | sed 's/^$/no/' ;;
    health) inspect "$id" '{{.State.Health.Status}}' ;;
  esac
}

inspect() { as_user <<<"podman inspect -f '$2' $1"; }

# podman takes a container for running whose process is gone, or that nobody watches over.
container_state() {
  local state pid conmon
  read -r state pid conmon
  if [ "$state" = running ] && [ ! -e "/proc/$pid" ]; then state=dead
  elif [ "$state" = running ] && [ ! -e "/proc/$conmon" ]; then state=unwatched; fi
  echo "$state"
}

podman_has() { if as_user <<<"podman $1 exists $2"; then echo there; else echo nothing; fi; }

differ=0 alike=0
# usage: check LABEL EXPECTED FOUND COMMAND...
check() {
  local label=$1 expected=$2 found=$3 now
  shift 3
  # podman warns of many a thing while it answers.
  now=$("$@" 2>/dev/null)
  echo "- $label"
  echo "    expected: $expected"
  echo "    seen now: $now"
  if [ "$now" != "$expected" ]; then
    differ=$((differ + 1))
    if [ "$now" = "$found" ]; then alike=$((alike + 1)); else echo "    (when it was found: $found)"; fi
  fi
}

# ---- guards, and what is made and taken away again ----

guard() {
  local program path
  [ "$(id -u)" = 0 ] || give_up "it makes a user and units, which takes root"
  for program in podman ${programs}; do
    command -v "$program" >/dev/null || give_up "there is no $program: apt-get install --no-install-recommends ${packages}"
  done
  [ ! -e /etc/NIXOS ] || give_up "this is NixOS, whose own generations it would take for its own"
  ! id "$user" >/dev/null 2>&1 || give_up "there is a user $user already; take it away, or it is in use"
  ! getent passwd "$uid" >/dev/null || give_up "there is a user with the number $uid already"
  for path in "$home" "$work/profile" "$work/wanted" /nix/var/nix/profiles/system /etc/static /run/current-system \\
    "/etc/systemd/system/home-manager-$user.service" /etc/systemd/system/nixos-activation.service \\
    /etc/systemd/user/*-stack.service; do
    if [ -e "$path" ] || [ -L "$path" ]; then give_up "$path is there already, and nothing that is there is overwritten"; fi
  done
}

announce() {
  cat <<ANNOUNCE
This makes the user $user ($uid) with rootless podman, a Nix store where there is none, and compose stacks as user units:
what a rebuild of ${entry.profile} is, in plain scripts below $work. It uses images in a registry on localhost:5000, and builds
them there where they are missing. A rebuild is of a whole machine: take one that can be spared. Everything is taken away again at the end${'$'}{keep:+, but for --keep}.
ANNOUNCE
  [ ! -t 0 ] || { read -r -p 'Go on? [y/N] ' answer; [ "$answer" = y ] || exit 2; }
}

made_work='' made_registry='' made_tags='' had_nix=''
cleanup() {
  local status=$?
  trap - EXIT
  if [ -n "$keep" ]; then
    echo "Left there: user $user, $work, /nix. To look: machinectl shell $user@"
    exit "$status"
  fi
  [ -n "$made_work" ] || exit "$status"
  echo "Taking everything away again."
  {
    while mountpoint -q /nix/store && grep -q '^stackfuzz-full /nix/store ' /proc/mounts; do umount --lazy /nix/store; done
    ! grep -q ' /etc ' /proc/mounts || umount --lazy /etc
    systemctl disable --now "home-manager-$user.service" nixos-activation.service
    as_user <<<'podman rm -af -t 1; podman pod rm -af'
    loginctl disable-linger "$user"
    systemctl stop "user@$uid.service" "user-runtime-dir@$uid.service"
    find /etc -xdev -type l -lname '/etc/static/*' -delete
    rm -rf /etc/static /etc/static.tmp /run/current-system "/etc/systemd/system/home-manager-$user.service" \\
      "/etc/systemd/system/multi-user.target.wants/home-manager-$user.service" \\
      /etc/systemd/system/nixos-activation.service /etc/systemd/system/multi-user.target.wants/nixos-activation.service
    find /etc/systemd/user -maxdepth 2 -name '*-stack.service*' -exec rm -rf {} +
    rm -rf /nix/var/nix/profiles/system /nix/var/nix/profiles/system-*-link
    if [ -z "$had_nix" ]; then
      chmod -R u+w /nix
      rm -rf /nix
    fi
    pkill -KILL -u "$uid"
    umount -R "$home/.local/share/containers/storage/overlay"
    userdel "$user"
    sed -i "/^$user:/d" /etc/subuid /etc/subgid
    rm -rf "$home" "/run/user/$uid" "$work/profile" "$work/wanted" "$work/wanted.new"
    if [ -n "$made_tags" ]; then
      rm -rf "$tags"
      mv "$made_tags" "$tags"
    fi
    [ -z "$made_registry" ] || systemctl stop stackfuzz-repro-registry.service
    [ "$made_registry" != all ] || rm -rf /var/lib/docker-registry/docker/registry/v2/repositories/probe
    rmdir "$work"
    systemctl daemon-reload
  } >/dev/null 2>&1
  exit "$status"
}

make_user() {
  echo "- make the user $user"
  made_work=yes
  mkdir -p "$work"
  useradd --uid "$uid" --create-home --home-dir "$home" --shell /bin/bash "$user" >/dev/null 2>&1 || give_up "useradd failed"
  grep -q "^$user:" /etc/subuid || echo "$user:1599000000:65536" >> /etc/subuid
  grep -q "^$user:" /etc/subgid || echo "$user:1599000000:65536" >> /etc/subgid
  loginctl enable-linger "$user" || give_up "loginctl enable-linger failed"
  local until=$((SECONDS + 60))
  until [ -S "/run/user/$uid/bus" ]; do
    [ "$SECONDS" -lt "$until" ] || give_up "the user manager of $user does not come up"
    sleep 0.2
  done
  as_user <<'CONF' || give_up "no configuration of podman could be written"
mkdir -p ~/.config/containers
printf '[[registry]]\\nlocation = "localhost:5000"\\ninsecure = true\\n' > ~/.config/containers/registries.conf
CONF
}

tags=${siteOf(deployment).tags}
registry_has() { curl -sf "http://localhost:5000/v2/$1" 2>/dev/null; }
make_images() {
  if registry_has probe/tags/list | grep -q '"stable"'; then
    echo "- the registry on localhost:5000 has the images; its tags are put back at the end"
    made_tags=$(mktemp -d)/tags
    cp -a "$tags" "$made_tags" 2>/dev/null || made_tags=''
    return
  fi
  if ! registry_has '' >/dev/null; then
    echo "- start a registry on localhost:5000"
    made_registry=started
    printf '%s\\n' 'version: 0.1' 'log: {level: warn}' \\
      'storage: {filesystem: {rootdirectory: /var/lib/docker-registry}, delete: {enabled: true}}' \\
      'http: {addr: "localhost:5000"}' > "$work/profile.registry.yml"
    systemd-run --quiet --collect --unit=stackfuzz-repro-registry docker-registry serve "$work/profile.registry.yml" ||
      give_up "no registry could be started"
    local until=$((SECONDS + 20))
    until registry_has '' >/dev/null; do
      [ "$SECONDS" -lt "$until" ] || give_up "the registry does not answer"
      sleep 0.2
    done
    rm -f "$work/profile.registry.yml"
  fi
  [ -n "$made_registry" ] && made_registry=all
  prepare 'build the images' user <<'BUILD'
${heredoc(bakeScript.trimEnd(), 'BUILD')}
BUILD
}

# ---- what is done ----

set_up() {
  make_user
  make_images
  had_nix=$([ -e /nix/store ] && echo yes)
${preparation(deployment).map(prepared).join('\n')}
  settle
}

${steps.map(stepFunction).join('\n\n')}

look() {
  echo "What is there now:"
${checks.map(({ label, expected, found, look }) => `  check ${[label, expected, found].map(each => quoted(visible(each))).join(' ')} ${look}`).join('\n')}
}

keep=''
for argument; do
  case $argument in
    --keep) keep=yes ;;
    --text) issue; exit 0 ;;
    *) echo "usage: bash $0 [--keep] [--text]" >&2; exit 2 ;;
  esac
done
guard
announce
trap cleanup EXIT
trap 'exit 2' INT TERM HUP
echo "Setting up:"
set_up
${steps.map((_, index) => `step_${index + 1}\nsettle`).join('\n')}
look
echo "Versions:"
versions
if [ "$differ" = 0 ]; then
  echo "NOT SHOWN: everything is as expected."
  exit 0
fi
if [ "$alike" = 0 ]; then echo "SHOWN, in another way than when it was found."; else echo "SHOWN."; fi
exit 1
`;
}

const asWhom = ({ as }: Pick<Lever, 'as'>): 'root' | 'user' => (as === 'root' ? 'root' : 'user');

/** A part of the preparation. The first rebuild must succeed too, or there is nothing to show. */
function prepared(lever: Lever, index: number): string {
  const mark = `PREPARE_${index + 1}`;
  return `  prepare ${quoted(lever.title)} ${asWhom(lever)} <<'${mark}'\n${heredoc(lever.script.trimEnd(), mark)}\n${mark}`;
}

function stepFunction({ words, levers }: ExportedStep, index: number): string {
  const parts = levers.map((lever, at) => {
    const mark = levers.length === 1 ? `STEP_${index + 1}` : `STEP_${index + 1}_${at + 1}`;
    return `  part ${asWhom(lever)} <<'${mark}'\n${heredoc(lever.script.trimEnd(), mark)}\n${mark}`;
  });
  return `step_${index + 1}() {
  echo ${quoted(`${index + 1}. ${visible(words)}`)}
${parts.join('\n')}
  echo "     exit status $claim"
}`;
}

/** A text as a here-document. @throws Error where one of its lines would end the here-document. */
function heredoc(text: string, mark: string): string {
  if (text.split('\n').includes(mark)) throw new Error(`a line that ends the here-document: ${mark}`);
  return text;
}

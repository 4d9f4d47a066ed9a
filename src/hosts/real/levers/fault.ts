import type { Fault } from '../../../../models/host.ts';
import type { Operator } from '../../paths.ts';
import { runtimeOf } from '../../paths.ts';
import type { Spoken } from '../../scope.ts';
import { quoted } from '../../transport/quote.ts';
import { type Lever, patient } from './lever.ts';

/** Faults that end the machine: they cannot be done from inside the machine. */
export type MachineEnd = 'reboot' | 'power-cut';

export const isMachineEnd = (fault: Fault): fault is MachineEnd => fault === 'reboot' || fault === 'power-cut';

/** The other faults of the whole machine. The lever returns when the fault is there. */
export type FaultFromInside = Exclude<Fault, MachineEnd>;

export const faultLever = (
  fault: FaultFromInside,
  operator: Operator,
  { flag, timers }: Pick<Spoken, 'flag' | 'timers'>,
): Lever => ({
  title: titles[fault],
  as: fault === 'fail-unrelated-unit' || fault === 'elapse-timers' ? 'operator' : 'root',
  timeoutMs: patient,
  kind: fault === 'terminate-user' || fault === 'linger-on' ? 'claim' : 'hand',
  script: `scope=${flag} timers_of=${quoted(timers)}
user=${quoted(operator.name)} manager=user@${operator.uid}.service runtime=${runtimeOf(operator)}
until_for() {
  local until=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < until)) || { echo "it does not come about: $*" >&2; exit 1; }
    sleep 0.05
  done
}
${scripts[fault]}`,
});

const titles: Readonly<Record<FaultFromInside, string>> = {
  'terminate-user': 'loginctl terminate-user',
  'linger-off': 'loginctl disable-linger',
  'linger-on': 'loginctl enable-linger',
  'fail-unrelated-unit': 'let a unit fail that is no stack',
  'fill-store': 'fill the Nix store',
  'free-store': 'make room in the Nix store',
  'etc-read-only': 'make /etc read-only',
  'etc-writable': 'make /etc writable',
  'elapse-timers': 'let every timer elapse',
};

/** Name of a file system that is full because a step filled it, as `df` and /proc/mounts show it. */
export const filledOnPurpose = 'stackfuzz-full';

const scripts: Readonly<Record<FaultFromInside, string>> = {
  'terminate-user': `is_over() { state=$(systemctl is-active "$manager" || true); [[ ! $state =~ ^(de)?activ ]] && [ ! -d "$runtime" ]; }
loginctl terminate-user "$user" || exit
until_for 150 is_over`,

  // logind is done when it no longer knows the operator; before that it would disturb a new manager.
  'linger-off': `is_forgotten() { ! loginctl show-user "$user" > /dev/null 2>&1 && [ ! -d "$runtime" ]; }
loginctl disable-linger "$user" || exit
until_for 150 is_forgotten`,

  'linger-on': `is_up() { systemctl is-active --quiet "$manager"; }
loginctl enable-linger "$user" || exit
until_for 150 is_up`,

  'fail-unrelated-unit': `systemctl $scope reset-failed unrelated.service 2> /dev/null
systemd-run $scope --quiet --wait --unit=unrelated.service false
systemctl $scope is-failed --quiet unrelated.service`,

  // A small file system with the same files, without room for anything more, even a name. Its name says that it is full on
  // purpose, so that nobody takes it for an ailment of the machine.
  'fill-store': `set -eu -o pipefail
full=$(mktemp -d)
trap 'umount --lazy "$full" 2> /dev/null; rmdir "$full"' EXIT
mount -t tmpfs -o size=1g,mode=755 ${filledOnPurpose} "$full"
cp -a /nix/store/. "$full/"
chown --reference=/nix/store "$full"
chmod --reference=/nix/store "$full"
bytes=$(df --output=used -B 1 "$full" | tail -n 1)
names=$(df --output=iused "$full" | tail -n 1)
mount -o "remount,size=$((bytes)),nr_inodes=$((names))" "$full"
mount --bind "$full" /nix/store
! mkdir /nix/store/room 2> /dev/null`,

  // Nothing could be added, so the store has only what it had before.
  'free-store': 'umount --lazy /nix/store',

  'etc-read-only': `set -eu
mount --bind /etc /etc
mount -o remount,bind,ro /etc`,

  'etc-writable': 'umount --lazy /etc',

  // The clock of a machine that shares the kernel cannot be changed. What the timers would start is started now, and waited
  // for.
  'elapse-timers': `timers=$(systemctl $scope list-units --plain --no-legend --state=active "$timers_of") || exit
while read -r timer _; do
  [ -n "$timer" ] || continue
  unit=$(systemctl $scope show --value -p Unit "$timer") || exit
  timeout 60 systemctl $scope start --wait "$unit" < /dev/null
  [ $? != 124 ] || { echo "$unit has no end" >&2; exit 1; }
done <<< "$timers"`,
};

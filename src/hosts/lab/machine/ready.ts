import { Sick } from '../../../../models/host.ts';
import type { Channel, Ran } from '../../transport/channel.ts';

// "degraded" exits with 1, so the word counts; --wait returns when the start-up jobs are done.
const system = `systemctl is-system-running --wait
until curl -sf -o /dev/null http://localhost:5000/v2/; do sleep 0.05; done`;
// A manager that cannot start, as without default.target (facts.md F210), is for the next look to see.
// Waiting takes signals, which come by the bus: its socket is a unit of the manager's own, and there some time after it.
const user = `[ -e "/var/lib/systemd/linger/$USER" ] || { echo running; exit; }
for ((asked = 1; ; asked++)); do
  [ ! -S "$XDG_RUNTIME_DIR/systemd/private" ] || [ ! -S "$XDG_RUNTIME_DIR/bus" ] || break
  ((asked % 25 != 0)) || ! systemctl --quiet is-failed "user@$UID.service" || { echo running; exit; }
  sleep 0.02
done
systemctl --user is-system-running --wait`;

// Why a machine does not come up, in systemd's own words.
const excuse = 'systemctl --no-pager --plain list-jobs; systemctl --no-pager --plain --failed';

/** Waits until systemd, the registry and, if the operator lingers, the user manager are up. */
export async function awaitReady(channel: Channel, name: string, timeoutMs: number): Promise<void> {
  const [first, second] = await Promise.all([
    channel.run(system, { as: 'root', timeoutMs }),
    channel.run(user, { as: 'operator', timeoutMs }),
  ]);
  if (up(first) && up(second)) return;
  const who = up(first) ? 'the user manager' : 'systemd or the registry';
  const asked = await channel.run(excuse, { as: 'root', timeoutMs: 5_000 });
  const said = [first, second].map(ran => `${ran.stdout.trim()} ${ran.stderr.trim()}`.trim()).join('; ');
  throw new Sick(`${name}: ${who} did not come up (${said}):\n${asked.stdout}`);
}

/** Whether it came up: "degraded" counts as up, everything else does not. */
const up = (ran: Ran): boolean => !ran.timedOut && ['running', 'degraded'].includes(ran.stdout.trim());

import { Sick } from '../../../models/host.ts';
import type { Channel, Ran } from '../channel.ts';

// "degraded" exits 1, so the word is looked at; --wait returns when the start-up jobs are done.
const system = `systemctl is-system-running --wait
until curl -sf -o /dev/null http://localhost:5000/v2/; do sleep 0.05; done`;
const user = `until [ -S "$XDG_RUNTIME_DIR/systemd/private" ]; do sleep 0.02; done
systemctl --user is-system-running --wait`;

function settled(who: string, ran: Ran): void {
  const word = ran.stdout.trim();
  if (!ran.timedOut && (word === 'running' || word === 'degraded')) return;
  const said = [word, ran.stderr.trim()].filter(Boolean).join('; ');
  throw new Sick(`${who} did not start${ran.timedOut ? ' in time' : ''}: ${said === '' ? 'it said nothing' : said}`);
}

/** Wait until systemd, the operator's user manager and the registry are up. */
export async function awaitReady(channel: Channel, name: string, timeoutMs: number): Promise<void> {
  const [first, second] = await Promise.all([
    channel.run(system, { as: 'root', timeoutMs }),
    channel.run(user, { as: 'operator', timeoutMs }),
  ]);
  settled(`systemd or the registry of ${name}`, first);
  settled(`the user manager of ${name}`, second);
}

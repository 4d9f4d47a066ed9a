import { ownHostOf } from '../src/cli/hosts-file.ts';
import { agentIn } from '../src/hosts/lab/machine/channel.ts';
import { socketPath } from '../src/hosts/lab/machine/settings.ts';
import { entryOf, isOdd } from '../src/hosts/lab/register/register.ts';
import { connectTo } from '../src/hosts/own/connection.ts';
import { median } from './median.ts';

/**
 * A machine over ssh beside the same machine entered directly, command by command in turns: a look, a restart of a user unit,
 * and an empty command. tests/lab/own/connection.lab.test.ts makes such a machine.
 * usage: ssh.bench HOSTS-FILE NAME LAB-MACHINE [ROUNDS]
 */
const [file, name, lab, rounds = '40'] = process.argv.slice(2);
if (file === undefined || name === undefined || lab === undefined) {
  console.log('ssh: not measured; it wants a hosts file, a machine in it, and the name of the same machine in the lab');
  process.exit(0);
}
const entry = entryOf(lab);
if (entry === null || isOdd(entry) || entry.leader === null) throw new Error(`no lab machine ${lab}`);
const direct = await agentIn(`/proc/${entry.leader.pid}/root`, socketPath('operator'), lab);
if (direct === null) throw new Error(`${lab} does not answer`);
const ssh = await connectTo(ownHostOf(name, file));

/** Each is asked for equally often; the second one, a start and a look, is what a run consists of. */
const scripts = {
  nothing: 'true',
  'a look':
    'podman ps -a --format json > /dev/null; systemctl --user show -p Id,ActiveState,FragmentPath "*.service"; ls -lR /etc/systemd',
  'a start and a look':
    'systemctl --user restart podman.socket; podman ps -a --format json > /dev/null; systemctl --user show "*.socket"',
} as const;

/** A lab machine's own agent runs Go programs without garbage collection, which no session over ssh does. */
const alike = 'unset GOGC GOMEMLIMIT';

for (const [what, script] of Object.entries(scripts)) {
  const times = { direct: [] as number[], ssh: [] as number[] };
  for (let round = 0; round < Number(rounds); round++) {
    for (const way of round % 2 === 0 ? (['direct', 'ssh'] as const) : (['ssh', 'direct'] as const)) {
      const begun = performance.now();
      await (way === 'ssh' ? ssh : { run: (text: string) => direct.run(text, 60_000) }).run(`${alike}\n${script}`);
      times[way].push(performance.now() - begun);
    }
  }
  const [over, plain] = [median(times.ssh), median(times.direct)];
  console.log(
    `${what}: ${over.toFixed(1)} ms over ssh, ${plain.toFixed(1)} ms directly: ${(over / plain).toFixed(2)} x (medians of ${rounds})`,
  );
}
await ssh.close();
await direct.close();

import { audit } from '../src/audit/audit.ts';
import { boot, labAvailable } from '../src/hosts/lab/index.ts';
import { labOperator } from '../src/hosts/paths.ts';
import { median } from './median.ts';

/**
 * The audit of a host beside the two commands that one would type instead, in turns over one connection: `systemctl --user
 * show` of all stack units, and `podman ps --all`. On a lab machine with so many stacks of one container each.
 * usage: audit.bench [ROUNDS] [STACKS]
 */
const [rounds = 9, stacks = 20] = process.argv.slice(2).map(Number);
const names = Array.from({ length: stacks }, (_, nth) => `bench${nth + 1}`);
const units = names.map(name => `${name}-stack.service`);

const made = `set -e
mkdir -p ~/.config/systemd/user ~/bench
for name in ${names.join(' ')}; do
  printf 'name: %s\\nservices:\\n  app:\\n    image: localhost:5000/probe:v1\\n    environment: { GREETING: hello }\\n    labels: { PODMAN_SYSTEMD_UNIT: %s-stack.service }\\n' "$name" "$name" > ~/bench/$name.yml
  printf '[Service]\\nType=oneshot\\nRemainAfterExit=yes\\nExecStart=/usr/bin/podman compose -f %%h/bench/%s.yml up -d\\n[Install]\\nWantedBy=default.target\\n' "$name" > ~/.config/systemd/user/$name-stack.service
done
systemctl --user daemon-reload
systemctl --user --quiet enable --now podman.socket ${units.join(' ')}`;

const byHand = `systemctl --user show -p Id,ActiveState,FragmentPath,DropInPaths,UnitFileState ${units.join(' ')}; podman ps --all --format json`;

if (!labAvailable().ok) {
  console.log('audit: not measured, for want of a lab');
  process.exit(0);
}
const machine = await boot();
try {
  const { channel } = machine;
  const ran = await channel.run(made, { timeoutMs: 600_000 });
  if (ran.status !== 0) throw new Error(`the stacks could not be made: ${ran.stderr}`);
  const times = { audit: [] as number[], byHand: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    for (const way of round % 2 === 0 ? (['audit', 'byHand'] as const) : (['byHand', 'audit'] as const)) {
      const begun = performance.now();
      if (way === 'byHand') await channel.run(byHand);
      else {
        const { units: seen, findings } = await audit(channel, labOperator);
        if (seen.length !== stacks || findings.length > 0)
          throw new Error(`it audits ${seen.length} of ${stacks} stacks, and finds ${JSON.stringify(findings)}`);
      }
      times[way].push(performance.now() - begun);
    }
  }
  const [whole, plain] = [median(times.audit), median(times.byHand)];
  console.log(
    `audit of ${stacks} stacks: ${whole.toFixed(0)} ms, systemctl show and podman ps ${plain.toFixed(0)} ms: ${(whole / plain).toFixed(2)} x (medians of ${rounds}; at most 3 is the goal)`,
  );
} finally {
  await machine.down();
}

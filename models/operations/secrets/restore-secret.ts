import { operation } from '../../operation.ts';
import type { World } from '../../world.ts';

/** A missing or malformed env file is restored. Nothing restarts because of it. */
export default operation<{ secret: string }>({
  kind: 'drift',
  needs: ['secret present'],
  describe: ({ secret }) => `give back the secret ${secret}`,
  choices: world => wanting(world).map(secret => ({ secret })),
  allowed: (world, { secret }) => wanting(world).includes(secret),
  apply: (host, { secret }) => host.secret(secret, 'present'),
  expected: (world, { secret }) => ({
    ...world,
    missingSecrets: world.missingSecrets.filter(other => other !== secret),
    malformedSecrets: world.malformedSecrets.filter(other => other !== secret),
  }),
});

const wanting = ({ missingSecrets, malformedSecrets }: World): readonly string[] => [
  ...malformedSecrets,
  ...missingSecrets,
];

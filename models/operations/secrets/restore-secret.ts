import { operation } from '../../operation.ts';
import type { World } from '../../world.ts';

/** An env file that was missing or malformed is there as it should be. Nothing restarts by itself. */
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

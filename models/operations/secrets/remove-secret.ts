import { operation } from '../../operation.ts';
import { presentSecrets } from '../../transitions/secrets.ts';

/** A required env file disappears: a decryption that failed, a path that moved (scenarios S05, S06). */
export default operation<{ secret: string }>({
  kind: 'drift',
  needs: ['secret missing'],
  describe: ({ secret }) => `take away the secret ${secret}`,
  choices: world => presentSecrets(world).map(secret => ({ secret })),
  allowed: (world, { secret }) => presentSecrets(world).includes(secret),
  apply: (host, { secret }) => host.secret(secret, 'missing'),
  expected: (world, { secret }) => ({
    ...world,
    missingSecrets: [...world.missingSecrets, secret].sort(),
    malformedSecrets: world.malformedSecrets.filter(other => other !== secret),
  }),
});

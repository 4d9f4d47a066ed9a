import { operation } from '../operation.ts';

/** A secret that had disappeared is back. Nothing restarts by itself. */
export default operation<{ secret: string }>({
  kind: 'drift',
  describe: ({ secret }) => `give back the secret ${secret}`,
  choices: world => world.missingSecrets.map(secret => ({ secret })),
  allowed: (world, { secret }) => world.missingSecrets.includes(secret),
  apply: (host, { secret }) => host.secret(secret, true),
  expected: (world, { secret }) => ({
    ...world,
    missingSecrets: world.missingSecrets.filter(missing => missing !== secret),
  }),
});

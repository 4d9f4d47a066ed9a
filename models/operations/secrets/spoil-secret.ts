import { operation } from '../../operation.ts';
import { presentSecrets } from '../../transitions/secrets.ts';
import type { World } from '../../world.ts';

/** An env file gets content that no program can read as one, as by a half-written decryption (scenario S05). */
export default operation<{ secret: string }>({
  kind: 'drift',
  needs: ['secret malformed'],
  describe: ({ secret }) => `spoil the secret ${secret}`,
  choices: world => sound(world).map(secret => ({ secret })),
  allowed: (world, { secret }) => sound(world).includes(secret),
  apply: (host, { secret }) => host.secret(secret, 'malformed'),
  expected: (world, { secret }) => ({ ...world, malformedSecrets: [...world.malformedSecrets, secret].sort() }),
});

const sound = (world: World): readonly string[] =>
  presentSecrets(world).filter(secret => !world.malformedSecrets.includes(secret));

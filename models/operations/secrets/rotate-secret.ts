import { operation } from '../../operation.ts';
import { presentSecrets } from '../../transitions/secrets.ts';
import type { World } from '../../world.ts';

/** An env file gets another text: a secret is rotated. Nothing restarts because of it; what is started or rebuilt next is given it. */
export default operation<{ secret: string }>({
  kind: 'drift',
  needs: ['secret rotated'],
  describe: ({ secret }) => `rotate the secret ${secret}`,
  choices: world => sound(world).map(secret => ({ secret })),
  allowed: (world, { secret }) => sound(world).includes(secret),
  apply: (host, { secret }) => host.secret(secret, 'rotated'),
  expected: (world, { secret }) => {
    const { rotatedSecrets: now } = world;
    const rotatedSecrets = now.includes(secret) ? now.filter(other => other !== secret) : [...now, secret].sort();
    return { ...world, rotatedSecrets };
  },
});

const sound = (world: World): readonly string[] =>
  presentSecrets(world).filter(secret => !world.malformedSecrets.includes(secret));

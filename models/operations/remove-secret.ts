import { operation } from '../operation.ts';
import type { World } from '../world.ts';

/** A required secret disappears: a decryption that failed, a path that moved (scenarios S05, S06). */
export default operation<{ secret: string }>({
  kind: 'drift',
  describe: ({ secret }) => `take away the secret ${secret}`,
  choices: world => present(world).map(secret => ({ secret })),
  allowed: (world, { secret }) => present(world).includes(secret),
  apply: (host, { secret }) => host.secret(secret, false),
  expected: (world, { secret }) => ({ ...world, missingSecrets: [...world.missingSecrets, secret].sort() }),
});

/** Required secrets that are there. */
function present(world: World): readonly string[] {
  const required = Object.values(world.declared.stacks).flatMap(stack => stack.secrets);
  return [...new Set(required)].filter(secret => !world.missingSecrets.includes(secret));
}

import { stackEdit } from '../../families/mutation.ts';
import { sparesOf } from '../../transitions/secrets.ts';

/** The operator moves a secret to another path in the configuration, and later back, and rebuilds (scenario S06). */
export default stackEdit<{ stack: string; from: string; to: string }>({
  describe: ({ stack, from, to }) => `move the secret ${from} of ${stack} to the path of ${to}`,
  choices: ({ secrets }, stack, { setup }) => {
    const moved = sparesOf(stack).find(secret => secret.endsWith('-moved')) ?? '';
    const first = setup.declaration.stacks[stack]?.secrets[0];
    if (first === undefined) return [];
    if (secrets.includes(first) && !secrets.includes(moved)) return [{ stack, from: first, to: moved }];
    return secrets.includes(moved) && !secrets.includes(first) ? [{ stack, from: moved, to: first }] : [];
  },
  change: ({ secrets }, { from, to }) => ({ secrets: secrets.map(secret => (secret === from ? to : secret)) }),
});

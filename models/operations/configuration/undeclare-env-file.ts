import { stackEdit } from '../../families/mutation.ts';

/** The operator removes an env file from a stack's declaration, and rebuilds (scenario S05). */
export default stackEdit<{ stack: string; secret: string }>({
  describe: ({ stack, secret }) => `declare the env file ${secret} for ${stack} no more`,
  choices: ({ secrets }, stack) => secrets.map(secret => ({ stack, secret })),
  change: ({ secrets }, { secret }) => ({ secrets: secrets.filter(other => other !== secret) }),
});

import { stackEdit } from '../../families/mutation.ts';
import { sparesOf } from '../../transitions/secrets.ts';

/** The operator declares one more env file for a stack, and rebuilds. The file itself may be missing. */
export default stackEdit<{ stack: string; secret: string }>({
  describe: ({ stack, secret }) => `declare the env file ${secret} for ${stack}`,
  choices: ({ secrets }, stack) =>
    sparesOf(stack)
      .filter(secret => secret.endsWith('-extra') && !secrets.includes(secret))
      .map(secret => ({ stack, secret })),
  change: ({ secrets }, { secret }) => ({ secrets: [...secrets, secret] }),
});

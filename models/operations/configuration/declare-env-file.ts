import { stackEdit } from '../../families/mutation.ts';
import { sparesOf } from '../../transitions/secrets.ts';

/** The operator declares an env file more for a stack, and rebuilds. Whether it is there is another matter. */
export default stackEdit<{ stack: string; secret: string }>({
  describe: ({ stack, secret }) => `declare the env file ${secret} for ${stack}`,
  choices: ({ secrets }, stack) =>
    sparesOf(stack)
      .filter(secret => secret.endsWith('-extra') && !secrets.includes(secret))
      .map(secret => ({ stack, secret })),
  change: ({ secrets }, { secret }) => ({ secrets: [...secrets, secret] }),
});

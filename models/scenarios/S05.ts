import { type Scenario, step } from '../scenario.ts';

const web = { stack: 'web' };
const gone = step('remove-secret', { secret: 'web' });

export default {
  about: 'Take away the env file of a stack; restart, or rebuild with a change; give it back.',
  passes: 'The stack fails while the file is missing, and is active again after the repair.',
  cases: () => ({
    restarted: [gone, step('restart', web), step('restore-secret', { secret: 'web' }), step('restart', web)],
    rebuilt: [
      gone,
      step('change-environment', { ...web, service: 'app', greeting: 'goodbye' }),
      step('restore-secret', { secret: 'web' }),
      step('rebuild'),
    ],
  }),
  lacks: 'an env file that is malformed, and one that is declared no more',
} satisfies Scenario;

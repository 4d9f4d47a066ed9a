import { type Scenario, step } from '../scenario.ts';

const web = { stack: 'web' };
const secret = { secret: 'web' };
const [gone, spoilt, back] = [
  step('remove-secret', secret),
  step('spoil-secret', secret),
  step('restore-secret', secret),
];
const restart = step('restart', web);
const changed = step('change-environment', { ...web, service: 'app', greeting: 'goodbye' });

export default {
  about: 'Take away the env file of a stack, or spoil it, or declare it no more; restart, or rebuild with a change.',
  passes: 'The stack fails while the file is missing or malformed, with the file named; it is active after the repair.',
  cases: () => ({
    'missing, restarted': [gone, restart, back, restart],
    'missing, rebuilt': [gone, changed, back, step('rebuild')],
    'missing, and declared no more': [gone, step('undeclare-env-file', { ...web, ...secret }), restart],
    'malformed, restarted': [spoilt, restart, back, restart],
    'malformed, rebuilt': [spoilt, changed, back, step('rebuild')],
  }),
} satisfies Scenario;

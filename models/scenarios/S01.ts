import { type Scenario, step } from '../scenario.ts';

const web = { stack: 'web' };
const runs = [step('daemon-reload'), step('restart', web)];

export default {
  about:
    'Put a different unit of the same name in a weaker, then in a stronger directory of the search path; reload; restart.',
  passes: 'FragmentPath and the running command follow the documented precedence, and no rebuild is content with both.',
  cases: () => ({
    weaker: [step('shadow-unit', { ...web, directory: '~/.local/share/systemd/user' }), ...runs, step('rebuild')],
    stronger: [step('shadow-unit', { ...web, directory: '~/.config/systemd/user.control' }), ...runs, step('rebuild')],
  }),
} satisfies Scenario;

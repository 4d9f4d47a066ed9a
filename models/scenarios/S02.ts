import { type Scenario, step } from '../scenario.ts';

const web = { stack: 'web' };

export default {
  about: 'With a shadow in place, change the shadowed copy by a rebuild; reload; restart.',
  passes: 'The rebuild says that it is not what runs, and nothing switches.',
  cases: () => ({
    shadowed: [
      step('shadow-unit', { ...web, directory: '~/.config/systemd/user.control' }),
      step('daemon-reload'),
      step('change-environment', { ...web, service: 'app', greeting: 'goodbye' }),
      step('restart', web),
    ],
  }),
  lacks: 'taking the shadow away again',
} satisfies Scenario;

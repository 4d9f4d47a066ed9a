import { unitPath, verbDirectories } from '../machine/search-path.ts';
import { type Scenario, step } from '../scenario.ts';

const web = { stack: 'web' };
const changed = step('change-environment', { ...web, service: 'app', greeting: 'goodbye' });

export default {
  about:
    'With a shadow in place, change the shadowed copy by a rebuild; reload; restart. Take the shadow away; rebuild.',
  passes: 'The rebuild says that it is not what runs, and nothing switches until the shadow is gone; then it does.',
  cases: ({ owner }) => {
    const directory = verbDirectories(owner).control;
    const shadowed = [step('shadow-unit', { ...web, directory }), step('daemon-reload')];
    return {
      shadowed: [...shadowed, changed, step('restart', web)],
      'shadowed, and no more': [
        ...shadowed,
        step('restart', web),
        step('take-away-drift', { ...web, path: unitPath(directory, 'web') }),
        step('restart', web),
        step('daemon-reload'),
        changed,
        step('restart', web),
      ],
    };
  },
} satisfies Scenario;

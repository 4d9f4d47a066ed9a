import { scopeOf, type UnitDirectory, verbDirectories } from '../machine/search-path.ts';
import { type Scenario, step } from '../scenario.ts';

const web = { stack: 'web' };
/** Where packages that are not the distribution's put their units. */
const weakerThan = (owner: UnitDirectory): UnitDirectory =>
  scopeOf(owner) === 'user' ? '~/.local/share/systemd/user' : '/usr/local/lib/systemd/system';
const runs = [step('daemon-reload'), step('restart', web)];

export default {
  about:
    'Put a different unit of the same name in a weaker, then in a stronger directory of the search path; reload; restart.',
  passes: 'FragmentPath and the running command follow the documented precedence, and no rebuild is content with both.',
  cases: ({ owner }) => ({
    weaker: [step('shadow-unit', { ...web, directory: weakerThan(owner) }), ...runs, step('rebuild')],
    stronger: [step('shadow-unit', { ...web, directory: verbDirectories(owner).control }), ...runs, step('rebuild')],
  }),
} satisfies Scenario;

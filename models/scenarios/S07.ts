import { type Scenario, step } from '../scenario.ts';
import { searchPath } from '../search-path.ts';

const web = { stack: 'web' };
const changed = step('change-environment', { ...web, service: 'app', greeting: 'goodbye' });

export default {
  about:
    'Edit the unit in place, link it elsewhere, add a drop-in in every directory; rebuild with and without a change.',
  passes: 'The drift is healed, or refused with a message; never silently kept.',
  cases: ({ owner }) => ({
    'edited, rebuilt': [step('edit-unit', { ...web, directory: owner }), step('rebuild')],
    'edited, rebuilt with a change': [step('edit-unit', { ...web, directory: owner }), changed],
    'linked elsewhere, rebuilt': [step('link-unit-elsewhere', { ...web, directory: owner }), step('rebuild')],
    'linked elsewhere, rebuilt with a change': [step('link-unit-elsewhere', { ...web, directory: owner }), changed],
    ...Object.fromEntries(
      searchPath.map(directory => [
        `drop-in in ${directory}, rebuilt with a change`,
        [step('add-drop-in', { ...web, directory }), changed],
      ]),
    ),
  }),
  lacks: 'stale and dangling links, directories and masks in place of the unit, prefix and type-level drop-ins',
} satisfies Scenario;

import { searchPathOf } from '../machine/search-path.ts';
import type { Step } from '../operation.ts';
import { type Scenario, step } from '../scenario.ts';

const web = { stack: 'web' };
const changed = step('change-environment', { ...web, service: 'app', greeting: 'goodbye' });
const replacements = ['identical', 'empty', 'stale', 'dangling', 'mask', 'directory', 'nothing'];

export default {
  about:
    'Edit the unit in place; put a file, a directory, or another link in place of it, or of the link by which it is ' +
    'wanted; add drop-ins in every directory that can hold one; rebuild with and without a change.',
  passes: 'The drift is healed, or refused with a message that names the path; never silently kept.',
  cases: ({ owner }) => ({
    ...rebuilt('edited', [step('edit-unit', { ...web, directory: owner })]),
    ...rebuilt('linked elsewhere', [step('link-unit-elsewhere', { ...web, directory: owner })]),
    ...each(replacements, by => rebuilt(`unit replaced: ${by}`, [...before(by), step('replace-unit', { ...web, by })])),
    ...each(replacements, by => ({
      [`wants link replaced: ${by}`]: [...before(by), step('replace-wants-link', { ...web, by }), step('rebuild')],
    })),
    ...each(searchPathOf(owner), directory =>
      rebuilt(`drop-in in ${directory}`, [step('add-drop-in', { ...web, directory })]),
    ),
    ...each(['prefix', 'type'], level =>
      rebuilt(`drop-in by ${level}`, [step('add-drop-in', { ...web, directory: owner, level })]),
    ),
  }),
} satisfies Scenario;

/** The same drift, rebuilt without a change and with one. */
const rebuilt = (title: string, steps: readonly Step[]): Record<string, readonly Step[]> => ({
  [title]: [...steps, step('rebuild')],
  [`${title}, with a change`]: [...steps, changed],
});

/** A link to an older generation needs two generations. */
const before = (by: string): readonly Step[] =>
  by === 'stale' ? [step('change-image-tag', { ...web, service: 'app', tag: 'v2' })] : [];

const each = <T>(words: readonly T[], cases: (word: T) => Record<string, readonly Step[]>) =>
  Object.assign({}, ...words.map(cases)) as Record<string, readonly Step[]>;

import type { EntryArgs } from '../../families/entries.ts';
import { editedEntries, entryChoices, entryInWords } from '../../families/entries.ts';
import { serviceEdit } from '../../families/project-edit.ts';

/** The operator changes, adds or takes out an environment variable of a service, and rebuilds. */
export default serviceEdit<EntryArgs>({
  describe: args => entryInWords('environment variable', args),
  choices: ({ environment }, at) => entryChoices(environment, at, 'ADDED'),
  change: ({ environment }, args) => ({ environment: editedEntries(environment, args) }),
});

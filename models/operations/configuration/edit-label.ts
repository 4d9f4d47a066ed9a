import type { EntryArgs } from '../../families/entries.ts';
import { editedEntries, entryChoices, entryInWords } from '../../families/entries.ts';
import { serviceEdit } from '../../families/project-edit.ts';

/** The operator changes, adds or takes out a label of a service, and rebuilds. */
export default serviceEdit<EntryArgs>({
  describe: args => entryInWords('label', args),
  choices: ({ labels }, at) => entryChoices(labels, at, 'example.added'),
  change: ({ labels }, args) => ({ labels: editedEntries(labels, args) }),
});

import type { ServiceArgs } from './mutation.ts';

/** An entry of a map in a compose file, and what is done to it. */
export interface EntryArgs extends ServiceArgs {
  readonly name: string;
  readonly edit: 'change' | 'add' | 'remove';
}

type Entries = Readonly<Record<string, string>>;

/** The first entry changed or taken out, and one added that is not there yet: edits of any other come to the same. */
export function entryChoices(entries: Entries, at: ServiceArgs, added: string): readonly EntryArgs[] {
  const [first] = Object.keys(entries);
  return [
    ...(first === undefined ? [] : [{ ...at, name: first, edit: 'change' as const }]),
    ...(Object.hasOwn(entries, added) ? [] : [{ ...at, name: added, edit: 'add' as const }]),
    ...(first === undefined ? [] : [{ ...at, name: first, edit: 'remove' as const }]),
  ];
}

const mark = '-changed';

/** The entries after that; a value that was changed is changed back. */
export function editedEntries(entries: Entries, { name, edit }: Pick<EntryArgs, 'name' | 'edit'>): Entries {
  const { [name]: value = '', ...others } = entries;
  if (edit === 'remove') return others;
  if (edit === 'add') return { ...entries, [name]: 'added' };
  return { ...entries, [name]: value.endsWith(mark) ? value.slice(0, -mark.length) : `${value}${mark}` };
}

const deeds = { change: 'change', add: 'add', remove: 'take out' } as const;

/** `change the label example.role of media/app`. */
export const entryInWords = (what: string, { stack, service, name, edit }: EntryArgs): string =>
  `${deeds[edit]} the ${what} ${name} of ${stack}/${service}`;

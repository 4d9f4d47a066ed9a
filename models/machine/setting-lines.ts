/**
 * Of these kinds a container has one line at most; of those several, told apart by their name; of the rest each line is a thing
 * of its own (compose-project.ts, projectSettings and projectEffect).
 */
const single: readonly string[] = ['command', 'user', 'working_dir', 'hostname', 'network_mode'];
const separators: Readonly<Record<string, string>> = {
  environment: '=',
  label: '=',
  mount: ' ',
  network: ' ',
  config: ' ',
};

/** The kinds of lines that there are. */
export const lineKinds: readonly string[] = [...single, ...Object.keys(separators), 'port', 'answers'];

/** What a line is about, and what it says of it. */
function parts(line: string): { readonly about: string; readonly separator: string; readonly value: string | null } {
  const kind = line.split(' ', 1)[0] ?? '';
  const rest = line.slice(kind.length + 1);
  if (single.includes(kind)) return { about: kind, separator: ' ', value: rest };
  const separator = separators[kind];
  const at = separator === undefined ? -1 : rest.indexOf(separator);
  if (separator === undefined) return { about: line, separator: '', value: null };
  return at < 0
    ? { about: line, separator, value: '' }
    : { about: `${kind} ${rest.slice(0, at)}`, separator, value: rest.slice(at + 1) };
}

/** What two of such texts differ in, a phrase each that goes on after `container media/app`, in the order of their lines. */
export function lineDifferences(is: string, should: string): readonly string[] {
  const [shown, declared] = [linesOf(is), linesOf(should)];
  const more = shown.filter(line => !declared.includes(line)).map(parts);
  const less = declared.filter(line => !shown.includes(line)).map(parts);
  return [
    ...less.map(({ about, separator, value }) => {
      const other = more.find(one => one.about === about);
      if (about.startsWith('answers ')) return `does not answer on port ${about.slice('answers '.length)}`;
      if (other === undefined) return `has no ${about}${value === null || value === '' ? '' : `${separator}${value}`}`;
      if (other.value === '') return `has ${about} without ${value}`;
      return `has ${about}${separator}${other.value}, ${value === '' ? 'which is not declared' : `not ${value}`}`;
    }),
    ...more
      .filter(({ about }) => !less.some(one => one.about === about))
      .map(({ about, separator, value }) =>
        about.startsWith('answers ')
          ? `answers on port ${about.slice('answers '.length)}, which is not declared`
          : `has ${about}${value === null || value === '' ? '' : `${separator}${value}`}, which is not declared`,
      ),
  ];
}

const linesOf = (text: string): readonly string[] => (text === '' ? [] : text.split('\n'));

import { visible } from '../visible.ts';

/** Text that is markup already: `markup` puts it in as it is, and everything else escaped. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * A text inside of an element or a quoted attribute, in HTML and in XML alike: control characters stand as escapes, as on a
 * terminal, and what no XML may hold (half a surrogate pair, U+FFFE, U+FFFF) is replaced.
 */
export const escaped = (text: string): string =>
  visible(text)
    .replace(/[\p{Surrogate}\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"']/g, character => entities[character] ?? character);

/** What may stand between two pieces of markup; nothing for what is absent. */
export type Inserted = string | number | Markup | undefined | null | false | readonly Inserted[];

const inserted = (value: Inserted): string => {
  if (value === undefined || value === null || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(inserted).join('');
  return escaped(String(value));
};

/** Markup with texts put in: they are escaped, so that none of them can be taken for markup. */
export const markup = (parts: TemplateStringsArray, ...values: readonly Inserted[]): Markup =>
  new Markup(parts.map((part, index) => (index === 0 ? part : inserted(values[index - 1]) + part)).join(''));

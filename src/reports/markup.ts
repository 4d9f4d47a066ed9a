import { visible } from '../visible.ts';

/** A text that is markup already: `markup` inserts it unchanged, and escapes everything else. */
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
 * A text inside an element or a quoted attribute, for HTML and XML: control characters become visible escapes, as on a
 * terminal, and characters that XML forbids (half a surrogate pair, U+FFFE, U+FFFF) are replaced.
 */
export const escaped = (text: string): string =>
  visible(text)
    .replace(/[\p{Surrogate}\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"']/g, character => entities[character] ?? character);

/** What may be inserted into markup; absent values insert nothing. */
export type Inserted = string | number | Markup | undefined | null | false | readonly Inserted[];

const inserted = (value: Inserted): string => {
  if (value === undefined || value === null || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(inserted).join('');
  return escaped(String(value));
};

/** Markup with inserted texts, which are escaped, so that none of them is read as markup. */
export const markup = (parts: TemplateStringsArray, ...values: readonly Inserted[]): Markup =>
  new Markup(parts.map((part, index) => (index === 0 ? part : inserted(values[index - 1]) + part)).join(''));

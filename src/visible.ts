/**
 * A text as a terminal may show it: control characters stand as escapes (`\x1b`), so that nothing which a machine said, a
 * file holds or a name consists of can move the cursor, change the window's title or hide what stands before it. Line ends
 * and tabs stay.
 */
export const visible = (text: string): string => text.replace(hidden, escaped);

/** Control characters (C0 but for \t and \n, DEL, C1), and those that turn the direction of a text (Unicode TR36, 3.2). */
const hidden = /[^\P{Cc}\n\t]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

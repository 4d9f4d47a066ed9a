/** A text as one word of a shell line, whatever characters it has. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

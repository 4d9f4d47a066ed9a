/** Another text in a file's place: each stands there once, word for word, and is replaced. */
export interface TextEdit {
  /** From the project's root. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** The text of a file after the edits that concern it. @throws Error where the old text does not stand there exactly once */
export function withEdits(file: string, text: string, edits: readonly TextEdit[]): string {
  return edits
    .filter(edit => edit.file === file)
    .reduce((now, { from, to }) => {
      const found = now.split(from).length - 1;
      if (found === 1) return now.replace(from, () => to);
      throw new Error(`${file}: expected the text of a planted fault once, found ${found} times:\n${from}`);
    }, text);
}

/** One text of a file that is replaced by another; the old text must be in it exactly once. */
export interface TextEdit {
  /** A path from the project's root. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** The text of a file after the edits that concern it. @throws Error if the old text is not in it exactly once */
export function withEdits(file: string, text: string, edits: readonly TextEdit[]): string {
  return edits
    .filter(edit => edit.file === file)
    .reduce((now, { from, to }) => {
      const found = now.split(from).length - 1;
      if (found === 1) return now.replace(from, () => to);
      throw new Error(`${file}: expected the text of a planted fault once, found ${found} times:\n${from}`);
    }, text);
}

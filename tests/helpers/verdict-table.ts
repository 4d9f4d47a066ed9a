/** What a case of a scenario is expected to come to under one profile. */
export interface Verdict {
  readonly scenario: string;
  readonly title: string;
  readonly profile: string;
  /** `held`, or the promise that is broken. */
  readonly ends: string;
  /** Path of the corpus entry that shows the same, below `corpus/`; null where the promises hold. */
  readonly entry: string | null;
}

/**
 * The cells of docs/scenarios.md: a row for each case, a column for each profile. A cell says `holds`, or names the promise
 * that is broken as a link to the corpus entry which shows why; one that says `does not apply` has no verdict.
 * @throws Error for a cell that says anything else.
 */
export function verdictsIn(markdown: string): readonly Verdict[] {
  const rows = markdown.split('\n').filter(line => line.startsWith('|'));
  const [head, , ...body] = rows.map(row =>
    row
      .slice(1, -1)
      .split('|')
      .map(cell => cell.trim()),
  );
  const profiles = head?.slice(2) ?? [];
  return body.flatMap(([scenario = '', title = '', ...cells]) =>
    profiles
      .map((profile, index) => [profile, cells[index] ?? ''] as const)
      .filter(([, cell]) => cell !== 'does not apply')
      .map(([profile, cell]) => ({ scenario, title, profile, ...endingIn(cell) })),
  );
}

function endingIn(cell: string): Pick<Verdict, 'ends' | 'entry'> {
  if (cell === 'holds') return { ends: 'held', entry: null };
  const [, ends, entry] = /^\[([a-z-]+)\]\(\.\.\/corpus\/(.+\.json)\)$/.exec(cell) ?? [];
  if (ends === undefined || entry === undefined) throw new Error(`a cell of docs/scenarios.md says "${cell}"`);
  return { ends, entry };
}

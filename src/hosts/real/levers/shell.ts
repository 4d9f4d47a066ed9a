import { type Lever, patient } from './lever.ts';

/** A line of bash that somebody wrote for an operation of their own: its output and exit status are its claim. */
export const shelling = (line: string, as: 'operator' | 'root'): Lever => ({
  title: `shell line as ${as}: ${line}`,
  as,
  timeoutMs: patient,
  kind: 'claim',
  script: line,
  kills: true,
});

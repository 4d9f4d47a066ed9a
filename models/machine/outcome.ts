import type { Claim, Outcome } from '../host.ts';

const line = /^stackfuzz: (?:(refused)|(rolled-back|stale) (\S+))[ \t]*\r?$/;

/** What a line says; null where it is none of these. */
function outcomeIn(text: string): Outcome | null {
  const [, refused, kind, unit = ''] = line.exec(text) ?? [];
  if (refused !== undefined) return { kind: 'refused' };
  return kind === undefined ? null : { kind: kind as 'rolled-back' | 'stale', unit };
}

/** Whether a line is for programs, and tells a reader nothing. */
export const isOutcome = (text: string): boolean => outcomeIn(text) !== null;

/** What a command said, with the lines for programs taken out of its words. */
export function withOutcomes(claim: Claim): Claim {
  if (!claim.message.includes('stackfuzz: ')) return claim;
  const lines = claim.message.split('\n');
  const outcomes = lines.flatMap(text => outcomeIn(text) ?? []);
  if (outcomes.length === 0) return claim;
  return { ...claim, message: lines.filter(text => !isOutcome(text)).join('\n'), outcomes };
}

/** Whether a command says that it has refused. */
export const hasRefused = ({ outcomes = [] }: Claim): boolean => outcomes.some(({ kind }) => kind === 'refused');

/** The units of which a command says that they run again as before, by a line or in podman's own report (facts.md F42). */
export const rolledBack = ({ outcomes = [], updates = [] }: Claim): readonly string[] => [
  ...outcomes.flatMap(outcome => (outcome.kind === 'rolled-back' ? [outcome.unit] : [])),
  ...updates.filter(({ updated }) => updated === 'rolled back').map(({ unit }) => unit),
];

/** Whether a command says that the definition of a unit has to be loaded. */
export const saysStale = ({ outcomes = [] }: Claim, unit: string): boolean =>
  outcomes.some(outcome => outcome.kind === 'stale' && outcome.unit === unit);

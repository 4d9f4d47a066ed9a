import type { Claim, Outcome } from '../host.ts';

const line = /^stackfuzz: (?:(refused)|(rolled-back|stale) (\S+))[ \t]*\r?$/;

/** What a line for programs says; null where it is not such a line. */
function outcomeIn(text: string): Outcome | null {
  if (!text.startsWith('stackfuzz: ')) return null;
  const [, refused, kind, unit = ''] = line.exec(text) ?? [];
  if (refused !== undefined) return { kind: 'refused' };
  return kind === undefined ? null : { kind: kind as 'rolled-back' | 'stale', unit };
}

/** Whether a line is only for programs. */
export const isOutcome = (text: string): boolean => outcomeIn(text) !== null;

/** The output of a command, with the lines for programs taken out. */
export function withOutcomes(claim: Claim): Claim {
  if (!claim.message.includes('stackfuzz: ')) return claim;
  const lines = claim.message.split('\n');
  const outcomes = lines.flatMap(text => outcomeIn(text) ?? []);
  if (outcomes.length === 0) return claim;
  return { ...claim, message: lines.filter(text => !isOutcome(text)).join('\n'), outcomes };
}

/** Whether a command reports that it refused. */
export const hasRefused = ({ outcomes = [] }: Claim): boolean => outcomes.some(({ kind }) => kind === 'refused');

/**
 * The units that a command reports as running with their previous definition again, by a line for programs or in podman's own
 * report (facts.md F42).
 */
export const rolledBack = ({ outcomes = [], updates = [] }: Claim): readonly string[] => [
  ...outcomes.flatMap(outcome => (outcome.kind === 'rolled-back' ? [outcome.unit] : [])),
  ...updates.filter(({ updated }) => updated === 'rolled back').map(({ unit }) => unit),
];

/** Whether a command reports that the definition of a unit has to be reloaded. */
export const saysStale = ({ outcomes = [] }: Claim, unit: string): boolean =>
  outcomes.some(outcome => outcome.kind === 'stale' && outcome.unit === unit);

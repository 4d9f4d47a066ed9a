export interface Share {
  readonly nth: number;
  readonly of: number;
}
export interface Commit {
  readonly number: number | null;
  readonly hash: string | null;
}
export const parts: number;
export const shareVariable: string;
export function shareIn(text: string | undefined): Share | null;
export function inShare<T>(cases: readonly T[], share: Share | null): readonly T[];
export function casesInShare<T>(cases: readonly T[]): readonly T[];
export function oneOf<T>(cases: readonly T[], share: Share | null, commit: Pick<Commit, 'number'>): readonly T[];
export function oneInTurn<T>(cases: readonly T[]): readonly T[];
export function isTurnOf(nth: number): boolean;
export function isTurnAmong(nth: number, all: number): boolean;
export function shareOf(commit: Commit): string;
export function commitIn(root: string): Commit;
export function wordsOf(share: string, commit: Commit, asked: boolean): string;

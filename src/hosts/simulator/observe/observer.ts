import type { Observation } from '../../../../models/observation.ts';

/**
 * What an observer remembers between two looks. Sections that did not change are the same objects again. What is read-only here is
 * replaced, never changed in place, so that forks can share it (fork.ts).
 */
export interface Observer {
  /** ActiveEnterTimestamp of each unit, at the last look. */
  activeSince: ReadonlyMap<string, number>;
  /** How many containers of each service have been seen so far. */
  instances: ReadonlyMap<string, number>;
  diskVersion: number;
  last: Observation | null;
}

export const newObserver = (): Observer => ({
  activeSince: new Map(),
  instances: new Map(),
  diskVersion: -1,
  last: null,
});

import type { Observation } from '../../../models/observation.ts';

/** What an observer remembers from one look to the next; sections that did not change are the same objects again. */
export interface Observer {
  /** The units that every look asks for. */
  readonly declared: ReadonlySet<string>;
  /** ActiveEnterTimestamp of each unit at the last look. */
  readonly activeSince: Map<string, number>;
  /** How many containers of each service were seen so far. */
  readonly instances: Map<string, number>;
  diskVersion: number;
  last: Observation | null;
}

export const newObserver = (declared: ReadonlySet<string>): Observer => ({
  declared,
  activeSince: new Map(),
  instances: new Map(),
  diskVersion: -1,
  last: null,
});

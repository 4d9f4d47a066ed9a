import type { Provider } from '../../models/machine/traits.ts';
import type { Step } from '../../models/operation.ts';

/** Steps for a real machine, and how they end there. */
export interface Sequence {
  readonly steps: readonly Step[];
  /** `held` if the machine showed after each step exactly what the model expects; else the promise that it breaks. */
  readonly ends: string;
  /** Set if a real machine may also hold: two things happen at the same time in it, and which comes first decides. */
  readonly mayHold?: true;
  /** The operations that fail in it, one entry for each failure. */
  readonly fails?: readonly string[];
  /** The profile; home-manager if absent. */
  readonly profile?: string;
  /** The compose provider; docker-compose if absent. */
  readonly provider?: Provider;
}

export { step } from '../../models/scenario.ts';

export const web = { stack: 'web' };
export const duo = { stack: 'duo' };
export const app = { ...web, service: 'app' };
export const owner = '~/.config/systemd/user';

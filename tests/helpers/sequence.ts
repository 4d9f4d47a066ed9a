import type { Step } from '../../models/operation.ts';
import type { Provider } from '../../src/profiles/profile.ts';

/** Steps for a real machine, and how they end there. */
export interface Sequence {
  readonly steps: readonly Step[];
  /** `held`, where the machine showed after each step exactly what the model expects; else the promise it breaks. */
  readonly ends: string;
  /** The operations that fail in it, one entry for each time. */
  readonly fails?: readonly string[];
  /** The profile it is done under; home-manager where absent. */
  readonly profile?: string;
  /** The compose provider; docker-compose where absent. */
  readonly provider?: Provider;
}

export { step } from '../../models/scenario.ts';

export const web = { stack: 'web' };
export const duo = { stack: 'duo' };
export const app = { ...web, service: 'app' };
export const owner = '~/.config/systemd/user';

import type { Step } from './operation.ts';
import type { ModelConfig } from './world.ts';

/** A scenario of the plan: fixed lists of steps over the same operations that a search draws from. File name = name. */
export interface Scenario {
  /** What is done, in one sentence. */
  readonly about: string;
  /** When it passes, in one sentence. */
  readonly passes: string;
  /** Its cases by name, each on a fresh machine of its own. */
  cases(setup: ModelConfig): Readonly<Record<string, readonly Step[]>>;
  /** What the plan also asks for and no operation does yet; printed in every record. */
  readonly lacks?: string;
}

/** A step of a scenario. */
export const step = (operation: string, args: Step['args'] = {}): Step => ({ operation, args });

import type { Mishap } from './host.ts';
import { type Operation, operation } from './operation.ts';
import type { World } from './world.ts';

/** One thing that befalls a whole machine. */
export interface Befalling {
  readonly mishap: Mishap;
  /** A sentence without a full stop. */
  readonly says: string;
  /** `command` where it claims that all is well afterwards. */
  readonly kind: Operation['kind'];
  readonly weight?: number;
  possible(world: World): boolean;
  /** The world once it has come about. */
  after(world: World): World;
}

/** The operation of letting something befall the machine. */
export const mishap = ({ mishap, says, kind, weight = 1, possible, after }: Befalling): Operation =>
  operation({
    kind,
    needs: [`machine ${mishap}`],
    weight,
    describe: () => says,
    choices: world => (possible(world) ? [{}] : []),
    allowed: possible,
    apply: host => host.machine(mishap),
    expected: (world, _args, claim) => (claim.ok ? after(world) : world),
  });

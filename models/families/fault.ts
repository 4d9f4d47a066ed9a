import type { Fault } from '../host.ts';
import { type Operation, operation } from '../operation.ts';
import type { World } from '../world.ts';

/** A fault of the whole machine, or its end. */
export interface FaultRule {
  readonly fault: Fault;
  /** Names that the operation had before. */
  readonly formerly?: readonly string[];
  /** A sentence without a full stop. */
  readonly says: string;
  /** `command` where it claims that all is well afterwards. */
  readonly kind: Operation['kind'];
  readonly weight?: number;
  possible(world: World): boolean;
  /** The world once it has come about. */
  after(world: World): World;
}

/** The operation of bringing a fault about. */
export const fault = ({ fault, formerly, says, kind, weight = 1, possible, after }: FaultRule): Operation =>
  operation({
    kind,
    ...(formerly && { formerly }),
    needs: [`machine ${fault}`],
    weight,
    describe: () => says,
    choices: world => (possible(world) ? [{}] : []),
    allowed: possible,
    apply: host => host.machine(fault),
    expected: (world, _args, claim) => (claim.ok ? after(world) : world),
  });

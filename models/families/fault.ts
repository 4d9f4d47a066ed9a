import type { Fault } from '../host.ts';
import { type Operation, operation } from '../operation.ts';
import type { World } from '../world.ts';

/** A fault of the whole machine, or the end of that fault. */
export interface FaultRule {
  readonly fault: Fault;
  /** Earlier names of the operation. */
  readonly formerly?: readonly string[];
  /** A sentence without a full stop. */
  readonly says: string;
  /** `command` where it claims that the machine is in order afterwards. */
  readonly kind: Operation['kind'];
  readonly weight?: number;
  possible(world: World): boolean;
  /** The world after the fault. */
  after(world: World): World;
}

/** An operation that causes a fault. */
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

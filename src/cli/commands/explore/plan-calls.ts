import type { Claim, Levers } from '../../../../models/host.ts';
import type { Observation } from '../../../../models/observation.ts';
import type { Step } from '../../../../models/operation.ts';
import type { World } from '../../../../models/world.ts';
import { planned } from '../../../engine/plan/plan.ts';
import type { Model } from '../../../engine/types.ts';
import type { Call } from '../../../hosts/simulator/random-calls.ts';

/** A plan of a search as calls that are made on two machines. */
export const planCalls = (
  model: Model<World, Observation, Levers>,
  seed: number,
  index: number,
  maxSteps: number,
): Generator<Call> => callsOf(model, planned(model, seed, index, { maxSteps }));

/** Steps as calls on two machines. It goes on after a lie: the world follows the claims, whatever the machines show. */
export function* callsOf(model: Model<World, Observation, Levers>, steps: readonly Step[]): Generator<Call> {
  let world = model.start();
  for (const { operation: name, args } of steps) {
    const operation = model.operations.get(name);
    if (operation === undefined || !operation.allowed(world, args)) continue;
    const before = world;
    const claims: Claim[] = [];
    yield {
      kind: name,
      title: operation.describe(args),
      async make(levers) {
        const claim = await operation.apply(levers, args, before);
        claims.push(claim);
        return claim;
      },
    };
    const [claim] = claims;
    if (claim !== undefined) world = operation.expected(before, args, claim);
  }
}

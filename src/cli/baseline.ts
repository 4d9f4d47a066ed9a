import { expectedObservation } from '../../models/expected-observation.ts';
import { type Host, Sick, Unstarted } from '../../models/host.ts';
import { alike, lasting } from '../../models/observation.ts';
import { firstWorld } from '../../models/transitions/first.ts';
import type { ModelConfig } from '../../models/world.ts';
import { differences } from '../engine/run/compare.ts';

/** Most lines that are told of what is not as it should be. */
const most = 12;

/**
 * A machine of one's own, from which a search starts only where it shows what the model starts from: a host that is not well,
 * or on which something else than stackfuzz has its hand in these stacks, would make a finding of each run. Once it was healthy,
 * whatever it shows is judged.
 */
export function fromHealthyBaseline(host: Host, config: ModelConfig): Host {
  let wasHealthy = false;
  const unhealthy = (reasons: readonly string[]): Sick =>
    new Sick(
      `${host.name} is no healthy baseline, and nothing was searched for:\n${reasons
        .slice(0, most)
        .map(reason => `  ${reason}`)
        .join(
          '\n',
        )}\n  The first declaration was rebuilt, and this is not what it makes. Put it right, and begin again: stackfuzz doctor --host ${host.name}`,
    );
  return {
    ...host,
    async reset() {
      try {
        await host.reset();
      } catch (error) {
        if (wasHealthy || !(error instanceof Unstarted)) throw error;
        throw unhealthy(error.message.split('\n'));
      }
      if (wasHealthy) return;
      const rest = await host.settle();
      if (!rest.rested) throw unhealthy(rest.waiting.map(each => `it does not come to rest: ${each}`));
      const ailment = (await host.ailment?.()) ?? null;
      if (ailment !== null) throw unhealthy([ailment]);
      const [expected, seen] = [expectedObservation(firstWorld(config)), await host.observe()];
      if (!alike(expected, seen)) {
        const odd = differences(lasting(expected, expected.vague), lasting(seen, expected.vague));
        if (odd.length > 0) throw unhealthy(odd);
      }
      wasHealthy = true;
    },
  };
}

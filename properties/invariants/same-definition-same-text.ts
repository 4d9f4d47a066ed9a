import { fieldNames } from '../../models/machine/container-fields.ts';
import { stackOf } from '../../models/machine/search-path.ts';
import type { ContainerSeen, UnitSeen } from '../../models/observation.ts';
import type { StepRecord } from '../../models/operation.ts';
import { withUnit } from '../altered.ts';
import { unasked } from '../around.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise:
    'Where a command leaves the definition of a unit as it was, its whole text and the variables of its containers stay too.',
  from: 'S10; plan, W2; facts.md F161',
  // What a definition is known by says more than that something of its text is another.
  sweeping: true,
  broken(seen, _world, history) {
    const last = unasked(history);
    if (last === undefined) return [];
    const { units, containers } = last.seenBefore;
    const { operation } = last.step;
    const sentences: string[] = [];
    for (const name in seen.units) {
      const [is, was] = [seen.units[name] as UnitSeen, units[name]];
      if (was === undefined || is.text === was.text || !isSameUnit(is, was)) continue;
      if (!hasSameParts(stackOf(name), last)) continue;
      sentences.push(`${operation} left the definition of ${name}, and it is loaded with another text`);
    }
    for (const name in seen.containers) {
      const [is, was] = [seen.containers[name] as ContainerSeen, containers[name]];
      if (was === undefined || is.variables === was.variables || !isSameContainer(is, was)) continue;
      sentences.push(`${operation} left the definition of container ${name}, and it has other variables`);
    }
    return sentences;
  },
  example: {
    after: [{ operation: 'restart', args: { stack: 'web' } }],
    lie: seen => withUnit(seen, 'web-stack.service', { text: 2 }),
  },
} satisfies Invariant;

/** Whether two looks at a unit tell it from no other by what is known of its definition. */
const isSameUnit = (one: UnitSeen, other: UnitSeen): boolean =>
  one.loadState === other.loadState &&
  one.fragmentPath === other.fragmentPath &&
  one.revision === other.revision &&
  one.marker === other.marker &&
  `${one.dropInPaths}` === `${other.dropInPaths}`;

/** What a unit wants stands in its text: the units that podman's generator makes (facts.md F203). */
const hasSameParts = (stack: string | null, { before, after }: StepRecord): boolean => {
  const [was, is] = [before, after].map(world => Object.keys(world.stacks[stack ?? '']?.loaded.parts ?? {}));
  return `${was}` === `${is}`;
};

/** The same of two containers of a service. */
const isSameContainer = (one: ContainerSeen, other: ContainerSeen): boolean =>
  fieldNames.every(field => one[field] === other[field]);

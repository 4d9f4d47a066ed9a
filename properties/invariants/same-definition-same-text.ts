import { fieldNames } from '../../models/machine/container-fields.ts';
import type { ContainerSeen, UnitSeen } from '../../models/observation.ts';
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
    return [
      ...Object.entries(seen.units)
        .filter(([name, unit]) => isSameUnit(unit, units[name]) && unit.text !== units[name]?.text)
        .map(([name]) => `${operation} left the definition of ${name}, and it is loaded with another text`),
      ...Object.entries(seen.containers)
        .filter(
          ([name, one]) => isSameContainer(one, containers[name]) && one.variables !== containers[name]?.variables,
        )
        .map(([name]) => `${operation} left the definition of container ${name}, and it has other variables`),
    ];
  },
  example: {
    after: [{ operation: 'restart', args: { stack: 'web' } }],
    lie: seen => withUnit(seen, 'web-stack.service', { text: 2 }),
  },
} satisfies Invariant;

/** Whether two looks at a unit tell it from no other by what is known of its definition. */
const isSameUnit = (one: UnitSeen, other: UnitSeen | undefined): boolean =>
  other !== undefined &&
  one.loadState === other.loadState &&
  one.fragmentPath === other.fragmentPath &&
  one.revision === other.revision &&
  one.marker === other.marker &&
  `${one.dropInPaths}` === `${other.dropInPaths}`;

/** The same of two containers of a service. */
const isSameContainer = (one: ContainerSeen, other: ContainerSeen | undefined): boolean =>
  other !== undefined && fieldNames.every(field => one[field] === other[field]);

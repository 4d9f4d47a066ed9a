import { underCurrentNames } from '../../../../models/operation.ts';
import type { Scenario } from '../../../../models/scenario.ts';
import type { ModelConfig } from '../../../../models/world.ts';
import type { Catalog } from '../../../catalog.ts';
import { Problem } from '../../../problem.ts';

/**
 * The scenarios of these names; all of them where none is named.
 * @throws Problem for a name that is none.
 */
export function chosen(
  all: ReadonlyMap<string, Scenario>,
  names: readonly string[],
): readonly (readonly [string, Scenario])[] {
  if (names.length === 0 || names.includes('all')) return [...all];
  return names.map(name => {
    const scenario = all.get(name);
    if (scenario !== undefined) return [name, scenario] as const;
    throw new Problem({
      expected: `one of ${[...all.keys()].join(', ')}, or all`,
      found: `"${name}"`,
      where: 'scenario',
      next: 'stackfuzz list scenarios',
    });
  });
}

/**
 * The scenarios with only those cases that have these words in their name; those without such a case are left out.
 * @throws Problem where none is left.
 */
export function withCases(
  all: readonly (readonly [string, Scenario])[],
  words: string | undefined,
  setup: ModelConfig,
): readonly (readonly [string, Scenario])[] {
  if (words === undefined) return all;
  const left = all.flatMap(([name, scenario]) => {
    const cases = Object.entries(scenario.cases(setup)).filter(([title]) => title.includes(words));
    return cases.length === 0 ? [] : [[name, { ...scenario, cases: () => Object.fromEntries(cases) }] as const];
  });
  if (left.length > 0) return left;
  throw new Problem({
    expected: 'words from the name of a case',
    found: `"${words}"`,
    where: `--case, for ${all.map(([name]) => name).join(', ')}`,
    next: 'docs/scenarios.md names every case.',
  });
}

/**
 * Every step of a scenario must be an existing operation; checked before a machine is touched.
 * @throws Problem that names the case and the operation.
 */
export function mustKnow(
  operations: Catalog['operations'],
  [name, scenario]: readonly [string, Scenario],
  setup: ModelConfig,
): void {
  for (const [title, steps] of Object.entries(scenario.cases(setup))) {
    const stranger = underCurrentNames(operations, steps).find(({ operation }) => !operations.has(operation));
    if (stranger === undefined) continue;
    throw new Problem({
      expected: 'operations that there are',
      found: `"${stranger.operation}"`,
      where: `models/scenarios/${name}.ts, case "${title}"`,
      next: 'See what there is: stackfuzz list operations',
    });
  }
}

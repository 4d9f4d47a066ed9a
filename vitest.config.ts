import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { editedSimulators } from './tests/planted-faults/plugin.ts';

/** Where .ci/run wants its report; nothing is written without it. */
const report = process.env.STACKFUZZ_TEST_REPORT;

/**
 * How many files at once, unit and lab tests side by side: a lab test waits about as long as it works, so that twice as many as
 * a small computer has cores keep it busy.
 */
const maxWorkers = Math.max(4, availableParallelism());

/** Files that take longest, first: begun last, they would be waited for by themselves. */
const long = [
  /lab\/operations/,
  /lab\/own/,
  /lab\/bookworm/,
  /scenarios\/hardened/,
  /lab\/corpus/,
  /lab\/hardened/,
  /lab\/scenarios\//,
  /lab\/hosts\/differential/,
  /lab\/profiles/,
  /setup\/build/,
  /planted-faults/,
  /simulator\/soak/,
  /command\/fuzz/,
  /command\/package/,
  /tests\//,
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = long.findIndex(name => name.test(moduleId));
      return at < 0 ? long.length : at;
    };
    const sorted = (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
    // Alternately, after the first lab tests: these wait, for the root file system to begin with, while a unit test works.
    const turn = new Map<TestSpecification, number>();
    for (const [name, first] of [['lab', 0] as const, ['unit', 2] as const]) {
      for (const [nth, file] of sorted.filter(({ project }) => project.name === name).entries())
        turn.set(file, first + nth);
    }
    return sorted.sort((one, other) => (turn.get(one) ?? 0) - (turn.get(other) ?? 0));
  }
}

export default defineConfig({
  plugins: [editedSimulators()],
  test: {
    sequence: { sequencer: LongestFirst },
    globalSetup: ['src/setup/built.mjs', 'src/setup/retries.mjs'],
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    passWithNoTests: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{models,properties,src,bench,tests}/**/*.test.ts'],
          exclude: ['**/*.lab.test.ts'],
          // A bound against hanging, never a promise of speed.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers,
        },
      },
      {
        extends: true,
        test: {
          name: 'lab',
          include: ['tests/lab/**/*.lab.test.ts'],
          maxWorkers,
          testTimeout: 900_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
});

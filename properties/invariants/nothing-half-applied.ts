import { expectedObservation, shows } from '../../models/expected-observation.ts';
import { type Observation, sameUnit, type UnitSeen } from '../../models/observation.ts';
import type { World } from '../../models/world.ts';
import { everyDifferenceIn } from '../differences.ts';
import type { Invariant } from '../invariant.ts';

export default {
  promise: 'What fails leaves the machine as it was, or as its failure says; never something in between.',
  from: 'S05, S08, S11; facts.md F25; defects.md D35',
  sweeping: true,
  broken(seen, world, history) {
    const last = history.at(-1);
    if (last === undefined || last.claim.ok) return [];
    const differences = everyDifferenceIn(seen, world);
    const changes = differences.length > 0 ? differences : loadedOtherwise(seen, world);
    return changes.map(says => `${last.step.operation} failed, yet ${says}`);
  },
  example: {
    after: [
      { operation: 'shadow-unit', args: { stack: 'web', directory: '~/.config/systemd/user.control' } },
      { operation: 'change-image-tag', args: { stack: 'web', service: 'app', tag: 'v2' } },
    ],
    claim: { ok: false, status: 1, message: 'ownership of web-stack.service is not as declared' },
    lie: (seen, world) => ({
      ...seen,
      files: Object.fromEntries(
        Object.entries(seen.files).map(([path, file]) => [
          path,
          file.kind === 'generation' ? { ...file, revision: world.declared.revision } : file,
        ]),
      ),
    }),
  },
} satisfies Invariant;

/** The units of which the manager has read another definition meanwhile: a reload is something in between, too. */
function loadedOtherwise(seen: Observation, world: World): readonly string[] {
  if (shows(world, seen)) return [];
  const { units, vague } = expectedObservation(world);
  if (vague?.everything) return [];
  return Object.keys(units).flatMap(unit => {
    const [is, should] = [seen.units[unit], units[unit]];
    if (is === undefined || should === undefined || sameUnit(is, should)) return [];
    if (is.fragmentPath !== should.fragmentPath) {
      return [`${unit} is loaded from ${from(is)}, not from ${from(should)}`];
    }
    const more = is.dropInPaths.filter(path => !should.dropInPaths.includes(path));
    const less = should.dropInPaths.filter(path => !is.dropInPaths.includes(path));
    return [
      ...more.map(path => `${unit} is extended by ${path}`),
      ...less.map(path => `${unit} is not extended by ${path} any more`),
    ];
  });
}

const from = ({ fragmentPath }: UnitSeen): string => (fragmentPath === '' ? 'nothing at all' : fragmentPath);

import { type Placed, Sick, Unable } from '../../../../models/host.ts';
import type { SimulatedMachine } from '../machine.ts';
import { marked, type Text } from '../store.ts';
import { type Disk, fileBehind, keptAside, type Node, put, slotsOf } from './disk.ts';
import { unitOfDirectory } from './drop-ins.ts';
import { etc, type Location, locationOf } from './unit-paths.ts';

/** Puts something at a path of the search path, and replaces what is there. */
export function place(machine: SimulatedMachine, path: string, what: Placed): void {
  const location = locationOf(path);
  if (machine.isEtcReadOnly && location.rank === etc) throw new Unable(`${path}: Read-only file system`);
  put(machine.disk, location, made(machine, location, path, what));
}

function made(machine: SimulatedMachine, location: Location, path: string, what: Placed): Node | null {
  const { disk } = machine;
  const written = (text: Text): Node => ({ kind: 'file', file: { text, mtime: ++machine.clock } });
  switch (what.kind) {
    case 'edited':
      return written(marked(declaredText(machine, location, path), what.marker));
    case 'identical':
      return written(declaredText(machine, location, path));
    case 'foreign': {
      const target = `~/drift/${unitAt(location)}`;
      const text = marked(declaredText(machine, location, path), what.marker);
      keptAside(disk, target, { text, mtime: ++machine.clock });
      return { kind: 'link', target };
    }
    case 'stale':
      return { kind: 'generation', generation: olderGeneration(machine, location, path) };
    case 'drop-in':
      return written({ kind: 'drop-in', marker: what.marker });
    case 'mask':
      return { kind: 'link', target: '/dev/null' };
    case 'empty':
      return written({ kind: 'empty' });
    case 'dangling':
      return { kind: 'link', target: `~/drift/missing/${unitAt(location)}` };
    case 'directory':
      return { kind: 'directory', mtime: ++machine.clock };
    case 'nothing':
      return null;
  }
}

/** The unit that a path is about. */
const unitAt = (location: Location): string =>
  location.role === 'dropIn' ? unitOfDirectory(location.directory) : location.unit;

/**
 * What the owner declares for the unit: in the generation that was last activated, else in the one that was asked for, else
 * what is on disk.
 */
function declaredText({ disk, home, profile }: SimulatedMachine, location: Location, path: string): Text {
  const unit = unitAt(location);
  const file = home?.files.get(unit) ?? profile.generations[profile.pointer]?.files.get(unit) ?? here(disk, location);
  if (file) return file.text;
  throw new Sick(`put a file at ${path}: no generation declares ${unit}, and nothing stands there`);
}

function here(disk: Disk, location: Location) {
  const ranks =
    location.role === 'dropIn'
      ? disk.dropIns.get(location.directory)?.files.get(location.name)
      : slotsOf(disk, location.unit)[location.role];
  const node = ranks?.[location.rank];
  return node && fileBehind(disk, node, unitAt(location));
}

/** The newest generation before the last activated one that has the same file. */
function olderGeneration({ home, profile }: SimulatedMachine, location: Location, path: string) {
  let found = null;
  for (const generation of profile.generations) {
    if (generation === home) break;
    // Only units and wants links are in a generation.
    if (location.role !== 'dropIn' && generation.files.has(location.unit)) found = generation;
  }
  if (found === null) throw new Sick(`put a stale link at ${path}: there is no older generation with it`);
  return found;
}

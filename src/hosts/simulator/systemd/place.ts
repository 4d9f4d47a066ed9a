import { type Placed, Sick, Unable } from '../../../../models/host.ts';
import type { Machine } from '../machine.ts';
import { marked, type Text } from '../store.ts';
import { type Disk, fileBehind, keptAside, type Node, put, slotsOf } from './disk.ts';
import { unitOfDirectory } from './drop-ins.ts';
import { etc, type Spot, spotAt } from './unit-paths.ts';

/** Puts something at a path of the search path, in place of whatever stands there. */
export function place(machine: Machine, path: string, what: Placed): void {
  const spot = spotAt(path);
  if (machine.isEtcReadOnly && spot.rank === etc) throw new Unable(`${path}: Read-only file system`);
  put(machine.disk, spot, made(machine, spot, path, what));
}

function made(machine: Machine, spot: Spot, path: string, what: Placed): Node | null {
  const { disk } = machine;
  const written = (text: Text): Node => ({ kind: 'file', file: { text, mtime: ++machine.clock } });
  switch (what.kind) {
    case 'edited':
      return written(marked(declaredText(machine, spot, path), what.marker));
    case 'identical':
      return written(declaredText(machine, spot, path));
    case 'foreign': {
      const target = `~/drift/${unitAt(spot)}`;
      const text = marked(declaredText(machine, spot, path), what.marker);
      keptAside(disk, target, { text, mtime: ++machine.clock });
      return { kind: 'link', target };
    }
    case 'stale':
      return { kind: 'generation', generation: olderGeneration(machine, spot, path) };
    case 'drop-in':
      return written({ kind: 'drop-in', marker: what.marker });
    case 'mask':
      return { kind: 'link', target: '/dev/null' };
    case 'empty':
      return written({ kind: 'empty' });
    case 'dangling':
      return { kind: 'link', target: `~/drift/missing/${unitAt(spot)}` };
    case 'directory':
      return { kind: 'directory', mtime: ++machine.clock };
    case 'nothing':
      return null;
  }
}

/** The unit that a path is about. */
const unitAt = (spot: Spot): string => (spot.role === 'dropIn' ? unitOfDirectory(spot.directory) : spot.unit);

/** What the owner declares for the unit: in the generation activated last, else in the one asked for, else what is here. */
function declaredText({ disk, home, profile }: Machine, spot: Spot, path: string): Text {
  const unit = unitAt(spot);
  const file = home?.files.get(unit) ?? profile.generations[profile.pointer]?.files.get(unit) ?? here(disk, spot);
  if (file) return file.text;
  throw new Sick(`put a file at ${path}: no generation declares ${unit}, and nothing stands there`);
}

function here(disk: Disk, spot: Spot) {
  const ranks =
    spot.role === 'dropIn'
      ? disk.dropIns.get(spot.directory)?.files.get(spot.name)
      : slotsOf(disk, spot.unit)[spot.role];
  const node = ranks?.[spot.rank];
  return node && fileBehind(disk, node, unitAt(spot));
}

/** The newest generation before the one activated last that has the same file. */
function olderGeneration({ home, profile }: Machine, spot: Spot, path: string) {
  let found = null;
  for (const generation of profile.generations) {
    if (generation === home) break;
    // Only units and wants links are in a generation.
    if (spot.role !== 'dropIn' && generation.files.has(spot.unit)) found = generation;
  }
  if (found === null) throw new Sick(`put a stale link at ${path}: there is no older generation with it`);
  return found;
}

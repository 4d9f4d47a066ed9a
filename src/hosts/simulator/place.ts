import { type Placed, Sick } from '../../../models/host.ts';
import { type Disk, fileBehind, type Node, put, slotsOf } from './disk.ts';
import type { Machine } from './machine.ts';
import { owned, type Spot, spotAt } from './spots.ts';
import { marked, type Text } from './texts.ts';

/** Puts something at a path of the search path, in place of whatever stands there. */
export function place(machine: Machine, path: string, what: Placed): void {
  const spot = spotAt(path);
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
      const target = `~/drift/${spot.unit}`;
      const text = marked(declaredText(machine, spot, path), what.marker);
      disk.drift.set(target, { text, mtime: ++machine.clock });
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
      return { kind: 'link', target: `~/drift/missing/${spot.unit}` };
    case 'directory':
      return { kind: 'directory', mtime: ++machine.clock };
    case 'nothing':
      return null;
  }
}

/** What the owner declares for the unit: in the generation activated last, else in the one asked for, else what is here. */
function declaredText({ disk, home, profile }: Machine, spot: Spot, path: string): Text {
  const { unit, role, rank } = spot;
  const file = home?.files.get(unit) ?? profile.generations[profile.pointer]?.files.get(unit) ?? here(disk, spot);
  if (file) return file.text;
  throw new Sick(`put a file at ${path}: no generation declares ${unit}, and nothing stands there (${role}, ${rank})`);
}

function here(disk: Disk, { unit, role, rank }: Spot) {
  const node = slotsOf(disk, unit)[role][rank];
  return node && fileBehind(disk, node, unit);
}

/** The newest generation before the one activated last that has the same file. */
function olderGeneration({ home, profile }: Machine, { unit, role }: Spot, path: string) {
  let found = null;
  for (const generation of profile.generations) {
    if (generation === home) break;
    // Only units and wants links are in a generation.
    if (role !== 'dropIn' && generation.files.has(unit)) found = generation;
  }
  if (found === null) throw new Sick(`put a stale link at ${path}: there is no older generation with it (${owned})`);
  return found;
}

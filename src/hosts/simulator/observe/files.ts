import type { Observation, OnDisk } from '../../../../models/observation.ts';
import { definitionIn, type Generation } from '../store.ts';
import { type Disk, fileBehind, type Node, namesIn, type PathSlots, slotsOf } from '../systemd/disk.ts';
import { everyDropIn, unitOfDirectory } from '../systemd/drop-ins.ts';
import { inOrder, pathOf } from '../systemd/unit-paths.ts';

/** Everything in the search path, by path, as lstat and readlink show it. */
export function simulatedFiles(disk: Disk): Observation['files'] {
  const names = namesIn(disk);
  const slots = names.map(name => slotsOf(disk, name));
  const dropIns = dropInsSeen(disk);
  let next = 0;
  const seen: Record<string, OnDisk> = {};
  for (const { path, at, role, rank } of inOrder(names)) {
    const { unit, wants, also } = slots[at] as PathSlots;
    const node = (role === 'unit' ? unit : role === 'wants' ? wants : also)[rank];
    if (!node) continue;
    for (let dropIn = dropIns[next]; dropIn !== undefined && dropIn.path < path; dropIn = dropIns[++next]) {
      seen[dropIn.path] = dropIn.is;
    }
    seen[path] = onDisk(disk, node, names[at] as string);
  }
  for (; next < dropIns.length; next++) {
    const { path, is } = dropIns[next] as DropInSeen;
    seen[path] = is;
  }
  return seen;
}

interface DropInSeen {
  readonly path: string;
  readonly is: OnDisk;
}

/** The drop-ins, by path. */
function dropInsSeen(disk: Disk): readonly DropInSeen[] {
  if (disk.dropIns.size === 0) return noDropIns;
  const seen: DropInSeen[] = [];
  for (const { location, node } of everyDropIn(disk)) {
    seen.push({ path: pathOf(location), is: onDisk(disk, node, unitOfDirectory(location.directory)) });
  }
  return seen.length < 2 ? seen : seen.sort((one, other) => (one.path < other.path ? -1 : 1));
}

const noDropIns: readonly DropInSeen[] = [];

const directory: OnDisk = { kind: 'directory' };

function onDisk(disk: Disk, node: Node, unit: string): OnDisk {
  if (node.kind === 'directory') return directory;
  if (node.kind === 'generation') return shownIn(node.generation, unit);
  // /etc/static exists from the first switch on; before it there is no link through it.
  if (node.kind === 'static') return shownIn(disk.static as Generation, unit);
  const file = fileBehind(disk, node, unit);
  const definition = file === null ? null : definitionIn(file.text);
  return node.kind === 'file' ? { kind: 'file', definition } : { kind: 'link', target: node.target, definition };
}

const shownIn = ({ shown, revision }: Generation, unit: string): OnDisk =>
  shown.get(unit) ?? { kind: 'generation', revision, definition: null };

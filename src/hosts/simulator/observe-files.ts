import type { Observation, OnDisk } from '../../../models/observation.ts';
import { type Disk, fileBehind, inOrder, type Node } from './disk.ts';
import { definitionOf } from './texts.ts';

/** All that stands in the search path, by path, as lstat and readlink tell it. */
export function filesSeen(disk: Disk): Observation['files'] {
  const seen: Record<string, OnDisk> = {};
  for (const { path, unit, role, rank, slots } of inOrder(disk)) {
    const node = slots[role][rank];
    if (node) seen[path] = onDisk(disk, node, unit);
  }
  return seen;
}

const directory: OnDisk = { kind: 'directory' };

function onDisk(disk: Disk, node: Node, unit: string): OnDisk {
  if (node.kind === 'directory') return directory;
  if (node.kind === 'generation') {
    return (
      node.generation.shown.get(unit) ?? { kind: 'generation', revision: node.generation.revision, definition: null }
    );
  }
  const file = fileBehind(disk, node, unit);
  const definition = file === null ? null : definitionOf(file.text);
  return node.kind === 'file' ? { kind: 'file', definition } : { kind: 'link', target: node.target, definition };
}

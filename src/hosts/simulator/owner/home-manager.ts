import type { Said, SimulatedMachine } from '../machine.ts';
import { operatorHome } from '../machine.ts';
import { type Generation, sameText } from '../store.ts';
import { fileBehind, put, slotsOf } from '../systemd/disk.ts';
import { owned, type PathRole, pathOf } from '../systemd/unit-paths.ts';
import { assertOwnership } from './ownership.ts';
import { switchUnits } from './sd-switch.ts';

/**
 * Home Manager's activation, as the operator: checks, links, the user manager, the assertion of the homelab. If a step fails,
 * what the steps before it did stays, and `current-home` still names the old generation (facts.md F24, F25).
 */
export function activate(machine: SimulatedMachine, generation: Generation): Said {
  const old = machine.home;
  const said: string[] = [];
  const steps = [
    ['check-link-targets', () => checkLinkTargets(machine, generation)],
    ['link-generation', () => linkGeneration(machine, generation, old)],
    ['reload-systemd', () => switchUnits(machine, generation, old)],
    ['assert-ownership', () => assertOwnership(machine, generation)],
  ] as const;
  for (const [name, step] of steps) {
    const { status, message } = step();
    said.push(`Activating ${name}`, ...(message === '' ? [] : [message]));
    if (status !== 0) return { status, message: said.join('\n') };
  }
  machine.home = generation;
  return { status: 0, message: said.join('\n') };
}

/** The links that a generation installs, in the order of the profile's scripts: units, then wants links. */
const roles: readonly PathRole[] = ['unit', 'wants'];

function* leavesOf(generation: Generation) {
  for (const role of roles) for (const unit of generation.files.keys()) yield { unit, role, rank: owned };
}

const absolute = (location: { unit: string; role: PathRole; rank: number }) =>
  pathOf(location).replace(/^~/, operatorHome);

/**
 * Refuses, before anything changes, if a file is in the way that is neither a link of Home Manager's nor equal to the new one
 * (facts.md F26).
 */
function checkLinkTargets({ disk }: SimulatedMachine, generation: Generation): Said {
  const said: string[] = [];
  const errors: string[] = [];
  for (const location of leavesOf(generation)) {
    const node = slotsOf(disk, location.unit)[location.role][owned];
    if (!node || node.kind === 'generation') continue;
    const file = fileBehind(disk, node, location.unit);
    // `test -e` is false for a dangling link: it is replaced without a word.
    if (file === null && node.kind !== 'directory') continue;
    const source = generation.files.get(location.unit);
    if (file !== null && source !== undefined && sameText(file.text, source.text)) {
      said.push(`Existing file '${absolute(location)}' is in the way, will be skipped since they are the same`);
      continue;
    }
    if (file === null) said.push(`cmp: ${absolute(location)}: Is a directory`);
    errors.push(`Existing file '${absolute(location)}' would be clobbered`);
  }
  if (errors.length === 0) return { status: 0, message: said.join('\n') };
  errors.push('Move these files away, or set a backup extension, or force the paths.');
  return { status: 1, message: [...said, 'stackfuzz: refused', ...errors].join('\n') };
}

/** Removes the links that only the old generation has, then makes those of the new generation (facts.md F27, F29). */
function linkGeneration({ disk }: SimulatedMachine, generation: Generation, old: Generation | null): Said {
  const said = old === null ? [] : [`Cleaning up orphan links from ${operatorHome}`];
  for (const location of old === null ? [] : leavesOf(old)) {
    if (generation.files.has(location.unit)) continue;
    const node = slotsOf(disk, location.unit)[location.role][owned];
    if (node?.kind === 'generation') put(disk, location, null);
    else said.push(`Path '${absolute(location)}' does not link into a Home Manager generation. Skipping delete.`);
  }
  said.push(`Creating home file links in ${operatorHome}`);
  for (const location of leavesOf(generation)) {
    const node = slotsOf(disk, location.unit)[location.role][owned];
    const source = generation.files.get(location.unit);
    // A regular file with the same content is not replaced by a link.
    if (node?.kind === 'file' && source !== undefined && sameText(node.file.text, source.text)) continue;
    put(disk, location, { kind: 'generation', generation });
  }
  return { status: 0, message: said.join('\n') };
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ownStack } from '../../models/machine/own-stack.ts';
import { type ActivationPackage, readPackage } from '../home-manager/package.ts';
import { Problem } from '../problem.ts';
import { readStacks } from '../stacks/read.ts';
import type { Profile } from './types.ts';

/** The operator of a lab machine, as an activation checks it. */
const here = { user: 'homelab', home: '/home/homelab', uid: '1500' };

/** Folders of files that are written for a machine; they are removed when this process ends. */
const scratches: string[] = [];
process.on('exit', () => {
  for (const scratch of scratches) rmSync(scratch, { recursive: true, force: true });
});

/**
 * A profile whose rebuilds run the activations of these packages, in turns, instead of its own scripts.
 * @param shipped the folder of the shipped profiles
 * @param hasStacks whether its stacks are chosen already; otherwise they are replaced by those that the packages declare
 * @throws Problem for what is no activation package, and for a profile that does not make generations of Home Manager's
 */
export function withPackages(profile: Profile, paths: readonly string[], shipped: string, hasStacks: boolean): Profile {
  const base = join(shipped, 'home-manager', 'generation.sh');
  if (
    profile.files.get('generation.sh') !== base ||
    profile.files.get('rebuild') !== join(shipped, 'home-manager', 'rebuild')
  ) {
    throw new Problem({
      expected: 'profile home-manager, or one that extends it and keeps its rebuild',
      found: profile.name,
      where: '--home-manager',
      next: 'Leave out --profile, or --home-manager.',
    });
  }
  const packages = paths.map(readPackage);
  const stacks = hasStacks ? [] : (packages[0]?.stacks ?? []);
  const scratch = mkdtempSync(join(tmpdir(), 'stackfuzz-packages-'));
  scratches.push(scratch);
  const list = join(scratch, 'own-packages');
  writeFileSync(list, packages.map(lineOf).join(''));
  const files = new Map(
    [...profile.files].filter(([path]) => !path.startsWith('activation/') || path === 'activation/setup-env'),
  );
  files.set('generation.sh', join(shipped, 'own-home-manager', 'generation.sh'));
  files.set('own-packages', list);
  const given = {
    ...profile,
    files: new Map([...files].sort(([one], [other]) => (one < other ? -1 : 1))),
    closures: packages.map(({ closure }) => ({ file: closure.file, sha256: closure.sha256 })),
    notes: [...profile.notes, ...packages.flatMap(own => notesOf(own, stacks))],
  };
  return stacks.length === 0 ? given : withTheirStacks(given, packages, scratch);
}

/** What the machine's scripts need to know of a package (own-home-manager/generation.sh). */
function lineOf(own: ActivationPackage): string {
  const words = [
    own.closure.root,
    own.takesDriverVersion ? '--driver-version 1' : '-',
    isMeantForOthers(own) ? 'SKIP_SANITY_CHECKS=1' : '-',
    own.home ?? '-',
    own.stacks.map(({ unit }) => unit).join(' ') || '-',
  ];
  return `${words.join('\t')}\n`;
}

const isMeantForOthers = ({ user, home, uid }: ActivationPackage): boolean =>
  [user !== null && user !== here.user, home !== null && home !== here.home, uid !== null && uid !== here.uid].some(
    Boolean,
  );

/** The compose files that the first package's units run; those of later packages are left out. */
function withTheirStacks(profile: Profile, packages: readonly ActivationPackage[], scratch: string): Profile {
  const stacks = packages[0]?.stacks ?? [];
  const read = readStacks(
    stacks.map(({ stack, compose, beside }) => {
      const folder = join(scratch, stack);
      mkdirSync(folder, { recursive: true });
      for (const [name, text] of beside) writeFileSync(join(folder, name), text);
      writeFileSync(join(folder, basename(compose.path)), compose.text);
      return { name: stack, folder, root: folder, files: [basename(compose.path)] };
    }),
    profile.versions[0] ?? '',
  );
  const declared = read.map(({ name, project }) => [name, { revision: 1, ...ownStack(name, project) }] as const);
  return {
    ...profile,
    declaration: { revision: 1, stacks: Object.fromEntries(declared) },
    notes: [...profile.notes, ...read.flatMap(({ notes }) => notes)],
    ignored: read.flatMap(({ ignored }) => ignored),
  };
}

/**
 * What is used of a package, and what is not: printed before any machine is touched.
 * @param taken the stacks that are run: those of the first package, or none of a package's
 */
function notesOf(own: ActivationPackage, taken: ActivationPackage['stacks']): readonly string[] {
  const { from, closure, version, stacks, otherUnits, user, home, uid } = own;
  const of = version === null ? '' : `, Home Manager ${version}`;
  return [
    `${from}: ${basename(closure.root)}${of}, ${closure.paths.size} paths: its activation is run, with the stacks' units among its files`,
    ...stacks.map(
      ({ unit, stack, compose }) =>
        `${from}: ${unit} runs ${basename(compose.path)}: ${
          taken.some(each => each.stack === stack)
            ? `in its place a unit of the profile's runs the stack ${stack}${own.stacks === taken ? '' : ', as the first package has it'}`
            : `left out, since the stacks are ${taken.length === 0 ? 'others' : 'those of the first package'}`
        }`,
    ),
    ...(otherUnits.length === 0 ? [] : [`${from}: installed as they are: ${otherUnits.join(', ')}`]),
    ...(isMeantForOthers(own)
      ? [
          `${from}: meant for ${[user, uid, home].filter(each => each !== null).join(', ')}; here it is run for ${here.user}, ${here.uid}, ${here.home}, without its checks of that`,
        ]
      : []),
  ];
}

import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { type Command, Option } from 'commander';
import { type Declaration, nothingDeclared } from '../../models/machine/declaration.ts';
import type { MachineTraits, Provider } from '../../models/machine/traits.ts';
import { suiteOf as suiteOfEntry } from '../corpus/entry.ts';
import type { Stored } from '../corpus/store.ts';
import { labAvailable } from '../hosts/lab/root/available.ts';
import type { Suite } from '../hosts/lab/root/recipe.ts';
import { releases } from '../hosts/lab/root/releases.ts';
import type { OwnHost } from '../hosts/own/own-host.ts';
import { Problem } from '../problem.ts';
import { loadProfile } from '../profiles/profile.ts';
import { provided } from '../profiles/provided.ts';
import type { Profile } from '../profiles/types.ts';
import { endings } from '../reports/write.ts';
import type { Context } from './context.ts';
import { ownHostOf, usualHostsFile } from './hosts-file.ts';
import { type Kind, kindNamed } from './kinds.ts';
import { addModels, modelsFlags } from './models.ts';
import { labs, thisComputer } from './values.ts';

/** Flags that name the thing under test and the machines to test it on. */
export interface SharedOptions {
  /** lab, simulator, or the name of a machine in the hosts file. */
  readonly host?: string;
  /** The hosts file; absent: stackfuzz.yaml. */
  readonly hosts?: string;
  readonly profile?: string;
  readonly provider?: string;
  readonly suite?: Suite;
  readonly labs?: number;
  /** Absent: the usual one of the machines (corpora.ts). */
  readonly corpus?: string;
  readonly json?: string;
  /** Files for the report, each in the format of its ending. */
  readonly report?: readonly string[];
  /** Folders of operations, promises and scenarios of one's own. */
  readonly models?: readonly string[];
  /** Closures of activation packages of one's own Home Manager. */
  readonly homeManager?: readonly string[];
  /** Compose files of one's own, or folders of them. */
  readonly stacks?: readonly string[];
}

/** Adds the flags that say what is tested, and on which kind of machine. */
export function addMachines(command: Command): Command {
  return addPackages(addStacks(addHost(addModels(command))))
    .option(
      '--profile <name|dir>',
      'the way of running stacks that is tested: a name from `list profiles`, or a folder',
    )
    .option(
      '--provider <name>',
      'compose provider: docker-compose or podman-compose, or podman for quadlets (default: the profile’s first)',
    )
    .addOption(
      new Option('--suite <name>', 'Debian release of the lab machines (default: trixie)').choices(
        Object.keys(releases),
      ),
    );
}

/** Adds the flag that names compose files of one's own. */
export const addStacks = (command: Command): Command =>
  command.option(
    '--stacks <dir|file>',
    'compose file of your own, or a folder of them, in place of the profile’s stacks (docs/own-stacks.md); may be given again',
    (path: string, all: readonly string[] = []) => [...all, path],
  );

/** Adds the flag that names activation packages of one's own. */
export const addPackages = (command: Command): Command =>
  command.option(
    '--home-manager <path>',
    'closure of an activation package of your own Home Manager, which is run in place of the profile’s scripts, on lab machines (docs/own-home-manager.md); may be given again',
    (path: string, all: readonly string[] = []) => [...all, path],
  );

/** Adds the flags that say on which machines. */
export function addHost(
  command: Command,
  which = 'machines to use: lab, simulator, or one of your own by its name (default: lab where it can run, else simulator)',
): Command {
  return command
    .option('--host <name>', which)
    .option('--hosts <file>', `file that describes machines of your own (default: ${usualHostsFile})`);
}

/** Adds the flags that fuzz and replay share. */
export function addShared(command: Command): Command {
  return addReports(addMachines(command))
    .option('--labs <number>', 'lab machines used side by side (default: one a core, as far as memory goes)', text =>
      labs(thisComputer())(text),
    )
    .option('--corpus <dir>', 'folder of the corpus (default: corpus, or corpus-simulator for the simulator’s own)');
}

/** Adds the flags for reports; docs/reports.md says what each format is for. */
export function addReports(command: Command): Command {
  const more = (file: string, files: readonly string[] = []): readonly string[] => [...files, file];
  return command
    .option('--json <file>', 'also write a report for programs')
    .option(
      '--report <file>',
      `also write a report, in the format that its name ends with: ${endings.join(', ')} (.xml is JUnit); may be given again`,
      more,
    );
}

/** The default profile. */
const usualProfile = 'home-manager';

/** The default Debian release of the machines. */
export const usualSuite: Suite = 'trixie';

/** A profile with one of its providers, on machines of one Debian release. */
export interface Target {
  readonly profile: Profile;
  readonly provider: Provider;
  readonly suite: Suite;
  /** How such machines behave by design. */
  readonly machines: MachineTraits;
  /** The flags that choose the same target again, except the defaults. */
  readonly flags: readonly string[];
  /** Folders with models of one's own. */
  readonly models: readonly string[];
  /** Compose files of one's own that its stacks are of, as they were named. Absent where they are the profile's. */
  readonly stacks?: readonly string[];
  /** Closures of activation packages of one's own, as they were named. Absent where there are none. */
  readonly homeManager?: readonly string[];
  /** The machine of the user's own that it is on; absent on the others. */
  readonly own?: OwnHost;
  /** What is rebuilt there before the first declaration; absent on machines that are thrown away. */
  readonly before?: Declaration;
}

/** The machine of the user's own in --host; undefined for another kind of machine, or for none. @throws Problem */
export const ownOf = ({ host, hosts }: Pick<SharedOptions, 'host' | 'hosts'>): OwnHost | undefined =>
  host === undefined || kindNamed(host) !== undefined ? undefined : ownHostOf(host, hosts);

/** The profile and provider to test on the chosen machine. @throws Problem */
export function targetFor(given: SharedOptions): Target {
  const own = ownOf(given);
  if (given.homeManager !== undefined && given.host !== undefined && given.host !== 'lab') throw labOnly(given.host);
  if (own === undefined)
    return targetOf(given.profile, given.provider, given.suite, given.models, given.stacks, given.homeManager);
  const target = targetOf(
    given.profile ?? own.profile,
    given.provider ?? own.provider ?? undefined,
    undefined,
    given.models,
    given.stacks,
  );
  if (target.profile.owner !== own.owner) {
    throw new Problem({
      expected: `a profile whose owner is that of ${own.name}: ${own.owner}`,
      found: `${target.profile.name}, with ${target.profile.owner}`,
      where: own.where,
      next: 'Write the owner that the machine has: owner: home-manager or nixos-etc',
    });
  }
  if (target.provider === 'podman') {
    throw new Problem({
      expected: 'lab machines for a profile that runs no compose',
      found: own.name,
      where: `--profile ${target.profile.name}`,
      next: 'Leave out --host, or take --host lab.',
    });
  }
  const flags = [
    ...(given.hosts === undefined ? [] : ['--hosts', given.hosts]),
    ...(given.profile === undefined ? [] : ['--profile', given.profile]),
    ...(given.provider === undefined ? [] : ['--provider', given.provider]),
    ...stacksFlags(given.stacks),
    ...modelsFlags(given.models),
  ];
  return { ...target, flags, own, before: nothingDeclared(target.profile.declaration) };
}

/**
 * Loads the profile and chooses the provider: the first of the profile's that the release supports.
 * @throws Problem where one of them does not exist, or not in that release.
 */
export function targetOf(
  profileName: string = usualProfile,
  providerName?: string,
  suiteName: string = usualSuite,
  models: readonly string[] = [],
  stacks: readonly string[] = [],
  homeManager: readonly string[] = [],
): Target {
  const profile = loadProfile(profileName, stacks, homeManager);
  const suite = suiteOf(suiteName);
  const possible = profile.providers.filter(each => releases[suite].providers.includes(each));
  const provider = possible.find(each => each === (providerName ?? possible[0]));
  const flags = [
    ...(profileName === usualProfile ? [] : ['--profile', profileName]),
    ...(suite === usualSuite ? [] : ['--suite', suite]),
    ...stacksFlags(stacks),
    ...packagesFlags(homeManager),
    ...modelsFlags(models),
  ];
  if (provider !== undefined) {
    const own = provider === possible[0] ? [] : ['--provider', provider];
    const given = {
      ...(stacks.length === 0 ? {} : { stacks }),
      ...(homeManager.length === 0 ? {} : { homeManager }),
    };
    const { traits } = releases[suite];
    const taken = provided(profile, provider);
    return { profile: taken, provider, suite, machines: traits, flags: [...flags, ...own], models, ...given };
  }
  const where = suite === usualSuite ? '' : ` on ${suite}`;
  throw new Problem({
    expected: possible.join(' or ') || `a profile that runs with ${releases[suite].providers.join(' or ')}`,
    found: providerName ?? profile.providers.join(', '),
    where: `--provider, for profile ${profile.name}${where}`,
    next: `stackfuzz fuzz ${[...flags, ...(possible[0] === undefined ? [] : ['--provider', possible[0]])].join(' ')}`,
  });
}

/**
 * The target under which an entry of a corpus is replayed. Its compose files are taken from here, or from the folder above its corpus:
 * the shipped corpus has them beside it.
 * @param given what is taken in place of the entry's own
 * @throws Problem
 */
export function targetOfEntry(
  { path, entry }: Pick<Stored, 'path' | 'entry'>,
  given: Partial<Pick<SharedOptions, 'profile' | 'provider' | 'suite' | 'stacks' | 'homeManager'>> = {},
): Target {
  const above = dirname(dirname(dirname(path)));
  const placed = (file: string): string => {
    const beside = join(above, file);
    return isAbsolute(file) || existsSync(file) || !existsSync(beside) ? file : beside;
  };
  return targetOf(
    given.profile ?? entry.profile,
    given.provider ?? entry.provider,
    given.suite ?? suiteOfEntry(entry),
    [],
    given.stacks ?? entry.stacks?.map(placed),
    given.homeManager ?? entry.homeManager?.map(placed),
  );
}

/** The flags that name these compose files again. */
export const stacksFlags = (stacks: readonly string[] = []): readonly string[] =>
  stacks.flatMap(path => ['--stacks', path]);

/** The flags that name these packages again. */
export const packagesFlags = (packages: readonly string[] = []): readonly string[] =>
  packages.flatMap(path => ['--home-manager', path]);

/** The packages, for what says them only where there are any. */
export const packagesIn = ({
  homeManager,
}: Pick<Target, 'homeManager'>): { readonly homeManager?: readonly string[] } =>
  homeManager === undefined ? {} : { homeManager };

/** An activation runs on lab machines only. */
export const labOnly = (found: string): Problem =>
  new Problem({
    expected: 'lab machines, for activation packages of your own',
    found,
    where: '--home-manager',
    next: 'Take --host lab, as root (stackfuzz doctor says what a lab needs), or leave out --home-manager.',
  });

/** The compose files, for what says them only where there are any. */
export const stacksIn = ({ stacks }: Pick<Target, 'stacks'>): { readonly stacks?: readonly string[] } =>
  stacks === undefined ? {} : { stacks };

/** The release, for records that mention it only if it is not the default. */
export const suiteIn = ({ suite }: Pick<Target, 'suite'>): { readonly suite?: Suite } =>
  suite === usualSuite ? {} : { suite };

function suiteOf(name: string): Suite {
  if (Object.hasOwn(releases, name)) return name as Suite;
  throw new Problem({
    expected: Object.keys(releases).join(' or '),
    found: name,
    where: '--suite',
    next: 'Take one of them, or leave it out.',
  });
}

/** The kind of machine to use: the requested one, or the most real one that this computer can run. */
export function kindOf(asked: string | undefined, context: Context): Kind {
  if (asked !== undefined) return kindNamed(asked) ?? 'own';
  const lab = labAvailable();
  if (lab.ok) return 'lab';
  context.warn(`No lab machines here (no ${lab.missing.join(', no ')}): using the simulator. To get them: ${lab.fix}`);
  return 'simulator';
}

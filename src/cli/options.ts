import { type Command, Option } from 'commander';
import { labAvailable } from '../hosts/lab/index.ts';
import { Problem } from '../problem.ts';
import { loadProfile, type Profile, type Provider } from '../profiles/profile.ts';
import type { Context } from './context.ts';
import { positive } from './values.ts';

/** Kinds of machine that can be asked for. */
export const kinds = ['lab', 'simulator'] as const;

/** One of them. */
export type Kind = (typeof kinds)[number];

/** Flags that name the thing under test and the machines to test it on. */
export interface Given {
  readonly host?: Kind;
  readonly profile?: string;
  readonly provider?: string;
  readonly labs?: number;
  readonly corpus: string;
  readonly json?: string;
}

/** Adds the flags that say what is tested, and on which kind of machine. */
export function addMachines(command: Command): Command {
  return command
    .addOption(
      new Option('--host <kind>', 'machines to use (default: lab where it can run, else simulator)').choices(kinds),
    )
    .option('--profile <name|dir>', 'way of running stacks that is tested: a name from `list profiles`, or a folder')
    .option('--provider <name>', 'compose provider: docker-compose or podman-compose (default: the profile’s first)');
}

/** Adds the flags that fuzz and replay share. */
export function addShared(command: Command): Command {
  return addMachines(command)
    .option('--labs <number>', 'lab machines used side by side', positive)
    .option('--corpus <dir>', 'folder of the corpus', 'corpus')
    .option('--json <file>', 'also write a report for programs');
}

/** The profile that is tested where none is named. */
export const usualProfile = 'home-manager';

/** A profile with one of its providers. */
export interface Subject {
  readonly profile: Profile;
  readonly provider: Provider;
  /** Flags that name the same again, where they are not the usual ones. */
  readonly flags: readonly string[];
}

/**
 * Loads the profile and settles the provider.
 * @throws Problem where one of them does not exist.
 */
export function subject(profileName: string = usualProfile, providerName?: string): Subject {
  const profile = loadProfile(profileName);
  const provider = providerName ?? (profile.providers[0] as Provider);
  if (!isOf(profile, provider)) {
    throw new Problem({
      expected: profile.providers.join(' or '),
      found: provider,
      where: `--provider, for profile ${profile.name}`,
      next: `stackfuzz fuzz --profile ${profileName} --provider ${profile.providers[0]}`,
    });
  }
  const flags = [
    ...(profileName === usualProfile ? [] : ['--profile', profileName]),
    ...(provider === profile.providers[0] ? [] : ['--provider', provider]),
  ];
  return { profile, provider, flags };
}

const isOf = (profile: Profile, provider: string): provider is Provider =>
  (profile.providers as readonly string[]).includes(provider);

/** Which kind of machine to use: the one asked for, or the most real one that this computer can run. */
export function kindOf(asked: Kind | undefined, context: Context): Kind {
  const lab = labAvailable();
  if (asked !== undefined) return asked;
  if (lab.ok) return 'lab';
  context.note(`No lab machines here (no ${lab.missing.join(', no ')}): using the simulator. To get them: ${lab.fix}`);
  return 'simulator';
}

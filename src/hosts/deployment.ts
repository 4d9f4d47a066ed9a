import type { Declaration } from '../../models/machine/declaration.ts';
import type { UnitDirectory } from '../../models/machine/search-path.ts';
import type { Operator } from './paths.ts';
import type { Channel } from './transport/channel.ts';

/** The thing under test as a machine meets it: what a profile says, in the provider chosen, for this operator. */
export interface Deployment {
  readonly profile: HostProfile;
  /** `docker-compose` or `podman-compose`. */
  readonly provider: string;
  readonly operator: Operator;
  /** The wanted directory for a declaration: text by path below it. */
  render(declaration: Declaration): Readonly<Record<string, string>>;
}

/** What a machine must know of a profile; src/profiles reads it from a profile.yaml, and says what each word means. */
export interface HostProfile {
  /** The profile's folder, absolute, on the harness's side. */
  readonly directory: string;
  /** Every file that a machine is given: path below the folder → where it stands on the harness's side. */
  readonly files: ReadonlyMap<string, string>;
  readonly owner: UnitDirectory;
  readonly commands: Readonly<Record<'install' | 'rebuild' | 'rollback' | 'update' | 'dryRun', string>>;
  readonly state: Readonly<
    Record<'profile' | 'generations' | 'home' | 'tree' | 'link' | 'declaration' | 'units', string>
  >;
  /** The user unit by which the profile updates images, where it brings one along. */
  readonly updateUnit: string | null;
  readonly evidence: { readonly system: readonly string[]; readonly user: readonly string[] };
  readonly declaration: Declaration;
}

/** A source of machines on which `prepare` has been done: the lab's pool, or somebody's machine over ssh. */
export interface MachineSource {
  /** For reports: `lab`, or the machine's name. */
  readonly name: string;
  take(): Promise<FreshMachine>;
  close(): Promise<void>;
}

/** A machine that nothing has been done to yet. */
export interface FreshMachine {
  readonly channel: Channel;
  /** Shut it down, and boot it again as it is; the channel goes on working. Absent where nobody here can do that. */
  restart?(): Promise<void>;
  close(): Promise<void>;
}

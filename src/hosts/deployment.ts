import type { Declaration } from '../../models/machine/declaration.ts';
import type { UnitDirectory } from '../../models/machine/search-path.ts';
import type { Operator } from './paths.ts';
import type { Look } from './real/observe/look.ts';
import type { Channel } from './transport/channel.ts';

/** The thing under test as a machine meets it: what a profile says, in the provider chosen, for this operator. */
export interface Deployment {
  readonly profile: HostProfile;
  /** `docker-compose` or `podman-compose`. */
  readonly provider: string;
  /** Whether podman's generator makes units of quadlet files, which are looked at as well; not where absent. */
  readonly hasQuadlets?: boolean;
  readonly operator: Operator;
  /** The wanted directory for a declaration: text by path below it. */
  render(declaration: Declaration): Readonly<Record<string, string>>;
  /** What a computer has that is not a lab machine; absent where it is one. */
  readonly site?: Site;
  /** What of a look is of the stacks under test; all of it where absent. */
  narrowed?(look: Look): Look;
}

/** What differs from one computer to another, whatever the profile. */
export interface Site {
  /** Directory of stackfuzz's own on the machine, absolute. */
  readonly place: string;
  /** Whether anybody here can be root there. */
  readonly hasRoot: boolean;
  /** Registry and repository of the probe image, without a tag. */
  readonly image: string;
  /** The registry's system unit; null where nobody here may stop it. */
  readonly registryUnit: string | null;
  /** Where the registry keeps the tags of the repository; null where nobody here can see that. */
  readonly tags: string | null;
  /** Commands that are run in place of the profile's. */
  readonly commands: Partial<Readonly<Record<ProfileCommand, SiteCommand>>>;
  /** What the names of the stacks under test begin with, where there are others; empty where there are none. */
  readonly prefix: string;
  /** Where the wanted declaration is written too, for somebody's Nix code to import; absolute. */
  readonly declaration: string | null;
}

/** A command of a profile, by what it is for. */
export type ProfileCommand = keyof HostProfile['commands'];

/** A line of bash, and who runs it. */
export interface SiteCommand {
  readonly run: string;
  readonly as: 'operator' | 'root';
}

/** A lab machine. */
const labSite: Site = {
  place: '/var/lib/stackfuzz',
  hasRoot: true,
  image: 'localhost:5000/probe',
  registryUnit: 'docker-registry.service',
  tags: '/var/lib/docker-registry/docker/registry/v2/repositories/probe/_manifests/tags',
  commands: {},
  prefix: '',
  declaration: null,
};

/** What the computer has. */
export const siteOf = ({ site = labSite }: Pick<Deployment, 'site'>): Site => site;

/** What of a look is of the stacks under test. */
export const narrowedBy = (deployment: Pick<Deployment, 'narrowed'>, look: Look): Look =>
  deployment.narrowed?.(look) ?? look;

/** Who asks what only root is told in full: the operator, where nobody can be root. */
export const asker = (deployment: Pick<Deployment, 'site'>): 'operator' | 'root' =>
  siteOf(deployment).hasRoot ? 'root' : 'operator';

/** What a machine must know of a profile; src/profiles reads it from a profile.yaml, and says what each word means. */
export interface HostProfile {
  /** The profile's folder, absolute, on the harness's side. */
  readonly directory: string;
  /** Every file that a machine is given: path below the folder → where it stands on the harness's side. */
  readonly files: ReadonlyMap<string, string>;
  /** Closures that a machine is given, in the form of `nix-store --export`: where they stand on the harness's side. */
  readonly closures?: readonly { readonly file: string; readonly sha256: string }[];
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
  /** Called before anything is done to it; what nobody has touched is not put back. */
  touched?(lever: string): void | Promise<void>;
  /** Shut it down, and boot it again as it is; the channel goes on working. Absent where nobody here can do that. */
  restart?(): Promise<void>;
  /** End it as if its power had been cut, and boot it again as it is. Absent where nobody here can do that. */
  cutPower?(): Promise<void>;
  close(): Promise<void>;
}

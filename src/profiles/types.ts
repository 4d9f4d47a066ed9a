import type { Declaration } from '../../models/machine/declaration.ts';
import type { UnitDirectory } from '../../models/machine/search-path.ts';
import type { Provider } from '../../models/machine/traits.ts';
import type { Lacks } from '../../models/role.ts';

/** One way to run stacks on a machine: what is tested. It is a folder of plain files with a `profile.yaml`. */
export interface Profile {
  /** The folder's name. */
  readonly name: string;
  /** One sentence on what this way of running stacks is. */
  readonly about: string;
  /** The folder, absolute. */
  readonly directory: string;
  /** Every file of it, also of the profiles that it extends: path below the folder → path on this computer. */
  readonly files: ReadonlyMap<string, string>;
  /** The shipped profile whose imitation is used for this one on the simulator; null if none is named. */
  readonly imitates: string | null;
  /** Where the owner of the units installs them. */
  readonly owner: UnitDirectory;
  readonly providers: readonly Provider[];
  /** Shell lines, run on the machine in the copied folder. */
  readonly commands: {
    /** As root, once, on a fresh machine. */
    readonly install: string;
    /** As root: make the wanted declaration the machine's next generation, and switch to it. */
    readonly rebuild: string;
    /** As root: switch to the generation before the current one. */
    readonly rollback: string;
    /** As the operator: update the images; prints `podman auto-update --format json`. */
    readonly update: string;
    /** As the operator: print what an update would do, in the same form. Podman's own if the profile has none. */
    readonly dryRun: string;
  };
  /** The user unit by which the profile updates images; null if it has none. */
  readonly updateUnit: string | null;
  /** What each container becomes if podman alone runs the stacks: a quadlet file, or a unit as NixOS' module makes it. */
  readonly containers: 'quadlet' | 'oci-containers';
  /** What is impossible or meaningless under this profile, and why: operations that need it are left out. */
  readonly lacks: Lacks;
  /** Whether a boot activates the generation that the profile points at, before any user manager runs. */
  readonly activatesAtBoot: boolean;
  /** How often in a row the profile's units may be started (Traits.startLimit); null where there is no limit. */
  readonly startLimit: number | null;
  /**
   * Whether a rebuild moves away every unit `*-stack.service` that it did not install: also those of other stacks on the
   * machine.
   */
  readonly takesForeignUnits: boolean;
  readonly state: ProfileState;
  /** Units whose journal is part of the evidence: patterns for `journalctl -u` (system) and `--user-unit` (user). */
  readonly evidence: { readonly system: readonly string[]; readonly user: readonly string[] };
  /** What is rendered for each stack: path below the wanted directory → template file. Both may contain placeholders. */
  readonly templates: Readonly<Record<string, string>>;
  /** What the profile adds to every compose document, and to every service in it. */
  readonly compose: Additions;
  /** What the first rebuild installs: revision 1. */
  readonly declaration: Declaration;
  /** Builds of the image that the registry is given, oldest first. */
  readonly versions: readonly string[];
  /** Closures that are sent to a machine before it is installed, in the form of `nix-store --export`. */
  readonly closures?: readonly { readonly file: string; readonly sha256: string }[];
  /** What of own compose files and packages is used otherwise than it is written. */
  readonly notes: readonly string[];
  /** What of the compose files podman-compose passes over, and is therefore left out with it (provided.ts). */
  readonly ignored: readonly string[];
}

/** Additions to a compose document, which are merged in last; their strings may contain placeholders. */
export interface Additions {
  readonly document: Tree;
  readonly service: Tree;
}

/** A piece of YAML. */
export type Tree = { readonly [key: string]: unknown };

/**
 * Where the machine keeps its generations. A *tree* is the part of a generation that has the form of the home directory, or of
 * the root: `<profile>/<tree>`, `<home>/<tree>` and `<one of generations>/<tree>` are (links to) one, and a link that the owner
 * installed leads into one. Paths begin with `~` or `/`.
 */
export interface ProfileState {
  /** The link to the generation that was last asked for: the Nix profile. */
  readonly profile: string;
  /** Glob of the links to all generations, `<profile>-N-link`. */
  readonly generations: string;
  /** The link to the generation that was last activated without an error. */
  readonly home: string;
  /** The tree, below a generation. */
  readonly tree: string;
  /** A regular expression: a link whose target matches it belongs to the owner; its first group is the tree. */
  readonly link: string;
  /** `declaration.json`, below a tree: it contains the revision of a generation. */
  readonly declaration: string;
  /** The directory of unit files, below a tree. */
  readonly units: string;
}

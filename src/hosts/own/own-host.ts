import type { UnitDirectory } from '../../../models/machine/search-path.ts';

/** How a machine of somebody's own is reached. */
export type Transport =
  | { readonly kind: 'local' }
  | {
      readonly kind: 'ssh';
      /** As one gives it to ssh: `homelab@wsl`, or a name from ~/.ssh/config. */
      readonly destination: string;
      readonly port?: number;
      /** A file to use in place of ~/.ssh/config. */
      readonly config?: string;
      /** A private key. */
      readonly identity?: string;
      /** More options of ssh_config(5), each `Name=value`. */
      readonly options: readonly string[];
    };

/** A command of theirs: a line of bash, and who runs it. */
export interface OwnCommand {
  readonly run: string;
  readonly as: 'operator' | 'root';
}

/** Which of their commands there are; `rollback` may be missing, and then nothing is rolled back. */
export interface OwnCommands {
  readonly rebuild: OwnCommand;
  readonly rollback?: OwnCommand;
  readonly update?: OwnCommand;
  readonly dryRun?: OwnCommand;
}

/** Where the probe images come from that the stacks under test run. */
export interface Probe {
  /** `localhost:5000/probe`: the registry and the repository in it. */
  readonly image: string;
  /** The registry's system unit, by which it is stopped and started; absent where it is not stackfuzz's to stop. */
  readonly unit?: string;
  /** The directory in which that registry keeps its tags of the repository; without it no tag is deleted. */
  readonly tags?: string;
  /** Whether stackfuzz makes the images and serves them on the machine's loopback, for as long as it is there. */
  readonly serve?: true;
}

/** A machine of somebody's own, as stackfuzz.yaml describes it. docs/hosts.md says what each key means. */
export interface OwnHost {
  readonly name: string;
  /** `file:line` of the entry. */
  readonly where: string;
  /** What the file says that it is; only `non-prod` may be changed. */
  readonly environment: string | null;
  readonly transport: Transport;
  /** Who runs the stacks. */
  readonly operator: string;
  readonly root: 'none' | 'sudo' | 'ssh-root';
  /** Who is meant to own the units, by the directory that they are installed in. */
  readonly owner: UnitDirectory;
  /** A shipped profile's name, or the path of a folder. */
  readonly profile: string;
  readonly provider: 'docker-compose' | 'podman-compose' | null;
  /** `profile`: the profile's own scripts, which are not those of a real NixOS. */
  readonly commands: OwnCommands | 'profile';
  /** Where the wanted declaration is written, for their Nix code to import; null where nobody asks for it. */
  readonly declaration: string | null;
  /** What the names of all stacks under test begin with, and no other stack's. */
  readonly prefix: string;
  readonly operations: {
    /** Only these; null: all that the machine can do and that do not concern the whole of it. */
    readonly only: readonly string[] | null;
    /** What concerns the whole machine, by name, that may be done all the same. */
    readonly allow: readonly string[];
    readonly refuse: readonly string[];
  };
  /** Seconds. */
  readonly budgets: {
    /** For a search. */
    readonly search: number | null;
    /** How long the machine waits for its harness before it restores itself. */
    readonly unattended: number;
  };
  /** `HH:MM` each, in the time of this computer: nothing is begun in between. */
  readonly quietHours: { readonly from: string; readonly to: string } | null;
  readonly probe: Probe;
  /** What may run there although it is not under test, as patterns: containers and user services. */
  readonly expendable: readonly string[];
  /** Names of machines that are never tested, as patterns: what a machine calls itself. */
  readonly production: readonly string[];
}

import type { UnitDirectory } from '../../../models/machine/search-path.ts';

/** How a machine of one's own is reached. */
export type Transport =
  | { readonly kind: 'local' }
  | {
      readonly kind: 'ssh';
      /** As ssh takes it: `homelab@wsl`, or a name of ~/.ssh/config. */
      readonly destination: string;
      readonly port?: number;
      /** A file to use instead of ~/.ssh/config. */
      readonly config?: string;
      /** The file of a private key. */
      readonly identity?: string;
      /** More options of ssh_config(5), each `Name=value`. */
      readonly options: readonly string[];
    };

/** A command of the machine's owner: a line of bash, and who runs it. */
export interface OwnCommand {
  readonly run: string;
  readonly as: 'operator' | 'root';
}

/** The commands that exist; without `rollback` nothing is rolled back. */
export interface OwnCommands {
  readonly rebuild: OwnCommand;
  readonly rollback?: OwnCommand;
  readonly update?: OwnCommand;
  readonly dryRun?: OwnCommand;
}

/** Where the probe images come from, which the stacks under test run. */
export interface Probe {
  /** `localhost:5000/probe`: the registry and the repository in it. */
  readonly image: string;
  /** The registry's system unit, by which it is stopped and started; absent if stackfuzz must not stop it. */
  readonly unit?: string;
  /** The directory in which that registry keeps its tags of the repository; without it no tag is deleted. */
  readonly tags?: string;
  /** Whether stackfuzz makes the images and serves them on the machine's loopback during the session. */
  readonly serve?: true;
}

/** A machine of one's own, as stackfuzz.yaml describes it. docs/hosts.md says what each key means. */
export interface OwnHost {
  readonly name: string;
  /** `file:line` of the entry. */
  readonly where: string;
  /** What the file says about it; only a `non-prod` machine may be changed. */
  readonly environment: string | null;
  readonly transport: Transport;
  /** The user who runs the stacks. */
  readonly operator: string;
  readonly root: 'none' | 'sudo' | 'ssh-root';
  /** Who is meant to own the units, given by the directory in which they are installed. */
  readonly owner: UnitDirectory;
  /** The name of a shipped profile, or the path of a folder. */
  readonly profile: string;
  readonly provider: 'docker-compose' | 'podman-compose' | null;
  /** `profile` means the profile's own scripts, which are not those of a real NixOS. */
  readonly commands: OwnCommands | 'profile';
  /** The file into which the wanted declaration is written, for the owner's Nix code to import; null if it is not needed. */
  readonly declaration: string | null;
  /** The prefix of the names of all stacks under test; no other stack has it. */
  readonly prefix: string;
  readonly operations: {
    /** Only these operations; null means all that the machine can do and that do not affect the whole machine. */
    readonly only: readonly string[] | null;
    /** Operations that affect the whole machine and are allowed all the same, by name. */
    readonly allow: readonly string[];
    readonly refuse: readonly string[];
  };
  /** Seconds. */
  readonly budgets: {
    /** For a search. */
    readonly search: number | null;
    /** How long the machine waits for a sign of stackfuzz before it restores itself. */
    readonly unattended: number;
  };
  /** `HH:MM` each, in this computer's time: nothing begins between the two. */
  readonly quietHours: { readonly from: string; readonly to: string } | null;
  readonly probe: Probe;
  /** Containers and user services that may run there although they are not under test, as patterns. */
  readonly expendable: readonly string[];
  /** Names of machines that are never tested, as patterns for the machine's own name of itself. */
  readonly production: readonly string[];
}

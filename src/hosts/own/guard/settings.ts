import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { quoted } from '../../transport/quote.ts';

/** What the guard needs to know of a host; all of it comes from the hosts file and the profile. */
export interface GuardedHost {
  /** Its name in the hosts file; its marker must contain the same name. */
  readonly name: string;
  /** The operator's user name there. */
  readonly operator: string;
  /** The prefix of the names of all stacks under test. */
  readonly prefix: string;
  /** Whether commands can be run there as root: then root's files are recorded too, and root's systemd runs the timer. */
  readonly root: boolean;
  /** Seconds without a sign of stackfuzz after which the host restores itself. */
  readonly unattended: number;
  /** Whether operations are allowed that affect the whole user manager or machine. */
  readonly wide: boolean;
  /** Names of production hosts, as shell patterns. */
  readonly production: readonly string[];
  /** Containers and user services that may run there although they are not under test, as shell patterns. */
  readonly expendable: readonly string[];
  readonly kept: Kept;
}

/** What is recorded before the first change and brought back after the last. */
export interface Kept {
  /**
   * Patterns of paths of the operator's, which begin with `~` or `%t`. What they match is restored exactly: what was not there
   * before is removed.
   */
  readonly operator: readonly string[];
  /** The same for root. */
  readonly root: readonly string[];
  /** Directories that programs make which rebuilds start: removed if they were not there before, and are empty. */
  readonly emptied?: Readonly<Partial<Record<Side, readonly string[]>>>;
  /** System units that must run after the restore if they ran before. */
  readonly systemUnits: readonly string[];
  /** Links that are only compared. If one leads elsewhere afterwards, `rebuild` is run as root. */
  readonly watched: readonly string[];
  readonly rebuild: string | null;
  /** Generations that rebuilds add; absent if they are recorded like any other path. */
  readonly generations?: Generations;
  /** Repositories whose tags in the local storage are restored: `localhost:5000/probe`. */
  readonly repositories: readonly string[];
  /** Repositories of a registry whose tags are restored: `http://localhost:5000/v2/probe`. */
  readonly registries: readonly string[];
}

/** Where an owner keeps generations, and how to know one that a rebuild of stackfuzz's has made. */
export interface Generations {
  readonly side: Side;
  /** The link to the current one. */
  readonly profile: string;
  /** A pattern for the links to all of them. */
  readonly links: string;
  /** A path below a generation that exists only if it contains a declaration of stackfuzz's. */
  readonly mark: string;
}

/** A part of the host: what the operator may read and write, or what root may. */
export type Side = 'operator' | 'root';

/** The operator, by what the host itself says. */
export interface KnownOperator {
  readonly uid: number;
  readonly home: string;
}

/**
 * Where the guard keeps what it records: the operator's part below the home directory, root's part where the operator cannot
 * write.
 */
export const baseOf = (side: Side): string =>
  side === 'operator' ? '"$HOME"/.local/state/stackfuzz' : '/var/lib/stackfuzz/guard';

/** A path or pattern as bash writes it; `~` and `%t` at its beginning are replaced. */
function placed(path: string): string {
  if (path === '~' || path.startsWith('~/')) return `"$home"${quoted(path.slice(1))}`;
  if (path.startsWith('%t/')) return `/run/user/"$uid"${quoted(path.slice(2))}`;
  return quoted(path);
}

const array = (name: string, words: readonly string[], write: (word: string) => string = quoted): string =>
  `${name}=(${words.map(write).join(' ')})`;

/** Bash: the settings that are sent before the guard's text. */
export function settingsOf(
  host: GuardedHost,
  side: Side,
  run: { readonly id: string; readonly from: string },
  operator: KnownOperator | null,
): string {
  const { kept } = host;
  return [
    `side=${side} run=${quoted(run.id)} host=${quoted(host.name)} from=${quoted(run.from)} prefix=${quoted(host.prefix)}`,
    `user=${quoted(host.operator)}`,
    operator === null ? 'uid=$UID home=$HOME' : `uid=${operator.uid} home=${quoted(operator.home)}`,
    `base=${baseOf(side)} operator_base=$home/.local/state/stackfuzz`,
    `grace=${host.unattended} wide=${host.wide ? 'yes' : 'no'} watching=${host.root && side === 'operator' ? 'no' : 'yes'}`,
    array('production', host.production),
    array('expendable', host.expendable),
    array('kept', side === 'operator' ? kept.operator : kept.root, placed),
    array('emptied', kept.emptied?.[side] ?? [], placed),
    array('system_units', kept.systemUnits),
    array('watched', kept.watched),
    `rebuild=${quoted(kept.rebuild ?? '')}`,
    ...(kept.generations?.side === side
      ? [
          `profile=${placed(kept.generations.profile)} generations=${placed(kept.generations.links)} mark=${quoted(kept.generations.mark)}`,
        ]
      : ["profile='' generations='' mark=''"]),
    array('repositories', kept.repositories),
    array('registries', kept.registries),
  ].join('\n');
}

/** The text of the guard, a file beside the sources; built code in dist/ uses the one in src/. */
export function guardText(): string {
  const here = fileURLToPath(new URL('guard.sh', import.meta.url));
  const source = fileURLToPath(new URL('../../../../../src/hosts/own/guard/guard.sh', import.meta.url));
  return readFileSync(existsSync(here) ? here : source, 'utf8');
}

/** Bash: the whole guard, with its arguments. Nothing is written to the host for it. */
export const sent = (settings: string, guard: string, words: readonly string[]): string =>
  `export STACKFUZZ_GUARD=${quoted(`${settings}\n${guard}`)}\nexec bash -c "$STACKFUZZ_GUARD" guard ${words.map(quoted).join(' ')}`;

/** Bash: the guard in the folder of a run on the host. */
export const placedGuard = (side: Side, run: string): string => `${baseOf(side)}/runs/${quoted(run)}/guard.sh`;

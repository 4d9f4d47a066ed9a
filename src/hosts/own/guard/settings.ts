import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { quoted } from '../../transport/quote.ts';

/** What the guard must know of a host; all of it comes from the hosts file and the profile. */
export interface GuardedHost {
  /** Its name in the hosts file, which its marker has to repeat. */
  readonly name: string;
  /** The operator's user name there. */
  readonly operator: string;
  /** What the names of all stacks under test begin with. */
  readonly prefix: string;
  /** Whether there is a way to be root there: then what root owns is recorded too, and root's systemd runs the timer. */
  readonly root: boolean;
  /** Seconds without a word from the harness after which the host restores itself. */
  readonly unattended: number;
  /** Whether an operation may be done that reaches the whole user manager or machine. */
  readonly wide: boolean;
  /** Names of production hosts, as patterns of a shell. */
  readonly production: readonly string[];
  /** What may run there although it is not under test: containers and user services, as patterns of a shell. */
  readonly expendable: readonly string[];
  readonly kept: Kept;
}

/** What is recorded before the first change and brought back after the last. */
export interface Kept {
  /** Paths of the operator's: patterns, `~` and `%t` in front. What they match is all put back, and nothing else may be there. */
  readonly operator: readonly string[];
  /** The same, of root's. */
  readonly root: readonly string[];
  /** System units that have to run afterwards where they ran before. */
  readonly systemUnits: readonly string[];
  /** Links that are looked at and never written; where one leads elsewhere afterwards, `rebuild` is run, as root. */
  readonly watched: readonly string[];
  readonly rebuild: string | null;
  /** Generations that rebuilds make beside those that are there; absent where they are recorded like any other path. */
  readonly generations?: Generations;
  /** Repositories whose local tags are put back: `localhost:5000/probe`. */
  readonly repositories: readonly string[];
  /** Repositories of a registry whose tags are put back: `http://localhost:5000/v2/probe`. */
  readonly registries: readonly string[];
}

/** Where an owner keeps generations, and how one is known that a rebuild of stackfuzz's has made. */
export interface Generations {
  readonly side: Side;
  /** The link to the current one. */
  readonly profile: string;
  /** Pattern of the links to all of them. */
  readonly links: string;
  /** What stands in a generation with a declaration of stackfuzz's, as a path below it. */
  readonly mark: string;
}

/** Whose part of the host: what the operator may read and write, or what root may. */
export type Side = 'operator' | 'root';

/** The operator as the host itself tells. */
export interface KnownOperator {
  readonly uid: number;
  readonly home: string;
}

/** Where the guard keeps what it records: the operator's below their home, root's where the operator cannot write. */
export const baseOf = (side: Side): string =>
  side === 'operator' ? '"$HOME"/.local/state/stackfuzz' : '/var/lib/stackfuzz/guard';

/** A path or pattern as bash writes it, `~` and `%t` in front replaced. */
function placed(path: string): string {
  if (path === '~' || path.startsWith('~/')) return `"$home"${quoted(path.slice(1))}`;
  if (path.startsWith('%t/')) return `/run/user/"$uid"${quoted(path.slice(2))}`;
  return quoted(path);
}

const array = (name: string, words: readonly string[], write: (word: string) => string = quoted): string =>
  `${name}=(${words.map(write).join(' ')})`;

/** The settings that stand before the guard, as bash. */
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

/** The guard itself, which stands beside the sources; built code in dist/ uses the one in src/. */
export function guardText(): string {
  const here = fileURLToPath(new URL('guard.sh', import.meta.url));
  const source = fileURLToPath(new URL('../../../../../src/hosts/own/guard/guard.sh', import.meta.url));
  return readFileSync(existsSync(here) ? here : source, 'utf8');
}

/** Bash: the guard, sent whole, with what it is to do. Nothing is written to the host for it. */
export const sent = (settings: string, guard: string, words: readonly string[]): string =>
  `export STACKFUZZ_GUARD=${quoted(`${settings}\n${guard}`)}\nexec bash -c "$STACKFUZZ_GUARD" guard ${words.map(quoted).join(' ')}`;

/** Bash: the guard that a run has left in its folder on the host. */
export const placedGuard = (side: Side, run: string): string => `${baseOf(side)}/runs/${quoted(run)}/guard.sh`;

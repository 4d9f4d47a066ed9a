import { posix } from 'node:path';
import { quoted } from '../hosts/transport/quote.ts';
import { type ComposeFile, composeFileIn } from './compose-file.ts';
import type { AuditFacts } from './facts.ts';
import { composeConfigHash, type StackUnit } from './stack-units.ts';

/** What compose itself says of a unit's project, from all of its files. */
export interface Merged {
  readonly compose: ComposeFile;
  /** Hash of each service's configuration, as docker compose would give it to a container now; empty for podman-compose. */
  readonly hashes: ReadonlyMap<string, string>;
}

/** A unit whose compose files compose itself has to put together, and how. */
interface Asked {
  readonly unit: StackUnit;
  readonly program: 'docker-compose' | 'podman-compose';
  readonly files: readonly string[];
}

/**
 * The units of which only compose itself knows what is declared: those with several files, or files that take others in
 * (`include`, `extends`).
 * @param every all that have containers: compose's own hash sees every change, and takes its time
 */
export function unitsToMerge(units: readonly StackUnit[], facts: AuditFacts, every: boolean): readonly Asked[] {
  return units.flatMap((unit): readonly Asked[] => {
    const [one] = unit.containers;
    const files = unit.composePaths;
    const isWhole = files.length === 1 && unit.compose?.services !== null;
    // What nobody can read is told of already.
    if (
      one === undefined ||
      (unit.compose?.trouble ?? null) !== null ||
      files.length === 0 ||
      files.some(path => !facts.composeFiles.has(path))
    )
      return [];
    if (isWhole && !every) return [];
    const hasHash = unit.containers.some(each => composeConfigHash(each) !== undefined);
    // Of one plain file podman-compose knows no more than stands in it.
    if (isWhole && !hasHash) return [];
    return [{ unit, program: hasHash ? 'docker-compose' : 'podman-compose', files }];
  });
}

/**
 * Bash, as the operator, that has compose say what it would make of each unit's files. It reads files and asks nobody; a project
 * that it cannot understand is left out. The hash is that of what `config` prints, where env files are resolved already, since
 * `up` hashes that too, and `config --hash` of the files does not (facts.md F104).
 */
export const mergedScript = (asked: readonly Asked[]): string => `
export LC_ALL=C
docker_compose() {
  local program
  for program in "$(type -P docker-compose)" /usr/libexec/docker/cli-plugins/docker-compose /usr/lib/docker/cli-plugins/docker-compose /run/current-system/sw/libexec/docker/cli-plugins/docker-compose; do
    if [ -x "$program" ]; then timeout 20 "$program" "$@"; return; fi
  done
  return 127
}
merged() {
  local nth=$1 program=$2 config
  shift 2
  if [ "$program" = docker-compose ]; then
    config=$(docker_compose "$@" config 2> /dev/null) || return 0
    printf '@@ config %s\\n%s\\n@@ hashes %s\\n' "$nth" "$config" "$nth"
    docker_compose -f - --project-directory "\${@: -1:1}" config --hash '*' <<< "$config" 2> /dev/null
  else
    config=$(timeout 20 podman-compose "$@" config 2> /dev/null) || return 0
    printf '@@ config %s\\n%s\\n' "$nth" "$config"
  fi
}
${asked.map((one, nth) => askedLine(one, nth)).join('\n')}
echo '@@ end'`;

function askedLine({ unit, program, files }: Asked, nth: number): string {
  const directory = posix.dirname(files[0] ?? '/');
  const variables = [...unit.variables]
    .filter(
      ([key]) =>
        /^[A-Za-z_]\w*$/.test(key) && !['PATH', 'HOME', 'UID', 'EUID', 'PPID', 'BASHOPTS', 'SHELLOPTS'].includes(key),
    )
    .map(([key, value]) => `export ${key}=${quoted(value)}`);
  const project = unit.project === null ? [] : ['-p', unit.project];
  const words = [...files.flatMap(file => ['-f', file]), ...project];
  // podman-compose has no flag for the folder: it takes that of the first file.
  const folder = program === 'docker-compose' ? ['--project-directory', directory] : [];
  return `( ${[`cd ${quoted(directory)}`, ...variables].join('; ')}; merged ${nth} ${program} ${[...words, ...folder].map(quoted).join(' ')} )`;
}

/** What that script said, by the name of the unit; what compose cannot understand is left out. */
export function mergedIn(output: string, asked: readonly Asked[]): ReadonlyMap<string, Merged> {
  const parts = new Map(
    output
      .split(/^@@ /m)
      .slice(1)
      .map(part => {
        const end = part.indexOf('\n');
        return [part.slice(0, end), part.slice(end + 1)] as const;
      }),
  );
  return new Map(
    asked.flatMap(({ unit, files }, nth) => {
      const config = parts.get(`config ${nth}`);
      if (config === undefined) return [];
      const compose = composeFileIn(files.join(' + '), config, unit.variables, true);
      if (compose.trouble !== null || compose.services === null) return [];
      const hashes = (parts.get(`hashes ${nth}`) ?? '').split('\n').flatMap(line => {
        const [, service, hash] = /^(\S+) ([0-9a-f]{64})$/.exec(line) ?? [];
        return service === undefined || hash === undefined ? [] : [[service, hash] as const];
      });
      return [[unit.name, { compose, hashes: new Map(hashes) }] as const];
    }),
  );
}

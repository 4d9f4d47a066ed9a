import type { Inspected } from '../hosts/real/observe/inspected.ts';
import { type ComposeFile, composeFileIn } from './compose-file.ts';
import { type AuditFacts, type LoadedUnit, property, type Setting, type UnitFile, type UnitTree } from './facts.ts';
import { argvIn, expanded, plainCommand, wordsIn } from './unit-text.ts';

/** A unit that runs containers, with all that was read of it. */
export interface StackUnit {
  readonly name: string;
  /** As the manager has it in memory; undefined where it knows none of this name. */
  readonly loaded: LoadedUnit | undefined;
  /** Files of its name, the one that counts first. */
  readonly files: readonly UnitFile[];
  /** Drop-ins that extend it, the strongest first. */
  readonly dropIns: readonly UnitFile[];
  /** Links by which targets want or require it. */
  readonly wants: readonly UnitFile[];
  /** Generations that have it. */
  readonly declaredBy: readonly UnitTree[];
  readonly owner: 'Home Manager' | 'NixOS' | 'hand' | 'generator';
  /** What its file on disk says, the one that counts; empty where there is none, or it cannot be read. */
  readonly settings: readonly Setting[];
  /** What each file of its name says, and the generations that have it. */
  readonly everySetting: readonly Setting[];
  /** The variables that the manager starts it with. */
  readonly variables: ReadonlyMap<string, string>;
  readonly project: string | null;
  /** Null where it has none, several, or one that is put together from others. */
  readonly compose: ComposeFile | null;
  /** The compose files that its command names, or its containers: what compose puts together from them, only it knows. */
  readonly composePaths: readonly string[];
  /** Hash of each service's configuration now, where docker compose was asked for it. */
  readonly hashes: ReadonlyMap<string, string>;
  /** Its containers: of its project, or with its name as their unit. */
  readonly containers: readonly Inspected[];
}

/** What a command says that runs containers and leaves them behind, or is one. */
const runs = [
  /(?:^|[\s/])(?:podman|docker)(?:\s+|-)compose\s(?:.*\s)?(?:up|start)(?:\s|$)/,
  /(?:^|[\s/])podman\s+(?:--?\S+\s+)*(?:run|kube\s+play|play\s+kube|pod\s+start)\s/,
];

/** The units that run containers, whatever they are called: by what they run, and by what containers say of themselves. */
export function stackUnitsIn(facts: AuditFacts): readonly StackUnit[] {
  const names = new Set<string>([
    ...facts.units.keys(),
    ...facts.files.filter(isUnitFile).map(({ name }) => name),
    ...facts.trees.flatMap(({ leaves }) => [...leaves.keys()].filter(leaf => /^[^/]+\.service$/.test(leaf))),
  ]);
  const labelled = new Set(
    (facts.podman?.containers ?? []).flatMap(one => [
      one.Config.Labels?.PODMAN_SYSTEMD_UNIT ?? '',
      ...(composeProjectOf(one) === null ? [monitoredBy(one, facts) ?? ''] : []),
    ]),
  );
  return [...names]
    .filter(name => !/@\.service$/.test(name))
    .sort()
    .map(name => ({ name, known: knownOf(name, facts) }))
    .filter(({ name, known }) => (labelled.has(name) && exists(known)) || runsContainers(name, known, facts))
    .map(({ name, known }) => stackUnit(name, known, facts));
}

const isUnitFile = ({ name, kind }: UnitFile): boolean => /^[^/]+\.service$/.test(name) && kind !== 'directory';

type Known = Pick<StackUnit, 'loaded' | 'files' | 'declaredBy' | 'settings' | 'everySetting' | 'variables'>;

function knownOf(name: string, { units, files, directories, trees, texts }: AuditFacts): Known {
  const rank = (file: UnitFile) => directories.indexOf(file.directory);
  const own = files.filter(file => file.name === name).sort((one, other) => rank(one) - rank(other));
  const declaredBy = trees.filter(({ leaves }) => leaves.has(name));
  const settings = texts.get(own.find(file => file.kind !== 'directory')?.path ?? '') ?? [];
  const declared = declaredBy.flatMap(tree => texts.get(`${tree.place}/${name}`) ?? []);
  const everySetting = [...declared, ...own.flatMap(file => texts.get(file.path) ?? [])];
  const loaded = units.get(name);
  return { loaded, files: own, declaredBy, settings, everySetting, variables: variablesOf(name, loaded, declared) };
}

const exists = ({ loaded, files }: Known): boolean =>
  files.length > 0 ||
  (loaded !== undefined &&
    (property(loaded, 'LoadState') !== 'not-found' || property(loaded, 'ActiveState') !== 'inactive'));

/** The command lines of a unit: as its owner's generation and its files have them, and as they are loaded. */
const commandsOf = ({ loaded, everySetting }: Known): readonly string[] => [
  ...everySetting.filter(({ key }) => key === 'ExecStart').map(({ value }) => plainCommand(value)),
  ...(loaded?.said.get('ExecStart') ?? []).map(argvIn),
];

function runsContainers(name: string, known: Known, { scripts, composeFiles }: AuditFacts): boolean {
  const { loaded, everySetting, variables } = known;
  const said = (key: string) => everySetting.find(each => each.key === key)?.value ?? property(loaded, key);
  // What starts, does something and ends keeps nothing running: an updater, a cleaner.
  if (said('Type') === 'oneshot' && !/^(?:yes|true|on|1)$/.test(said('RemainAfterExit'))) return false;
  const unit = variables.get('PODMAN_SYSTEMD_UNIT');
  if (unit !== undefined && unit !== name) return false;
  return commandsOf(known).some(
    command =>
      runs.some(each => each.test(command)) ||
      scripts.has(command.split(' ')[0] ?? '') ||
      command.split(' ').some(word => composeFiles.has(word)),
  );
}

function stackUnit(name: string, known: Known, facts: AuditFacts): StackUnit {
  const { loaded, files, declaredBy, variables } = known;
  const rank = (file: UnitFile) => facts.directories.indexOf(file.directory);
  const folders = dropInFolders(name);
  const dropIns = facts.files
    .filter(file => folders.includes(file.name.slice(0, file.name.indexOf('/'))))
    .sort((one, other) => rank(one) - rank(other));
  const wants = facts.files.filter(file => /\.(?:wants|requires)\//.test(file.name) && file.name.endsWith(`/${name}`));
  const all = (facts.podman?.containers ?? []).filter(({ IsInfra }) => !IsInfra);
  const given = commandsOf(known).map(command => /\s--name[\s=](\S+)/.exec(command)?.[1]);
  const labelled = all.filter(one => {
    const label = one.Config.Labels?.PODMAN_SYSTEMD_UNIT;
    if (label !== undefined) return label === name;
    // `podman run --name` may carry the label of a project too.
    return given.includes(one.Name) || (composeProjectOf(one) === null && monitoredBy(one, facts) === name);
  });
  const paths = composePathsOf(known, facts);
  const found = paths.map(path => composeFileIn(path, facts.composeFiles.get(path)?.text ?? '', variables));
  const declared = found.length === 1 ? (found[0] ?? null) : null;
  const project =
    variables.get('COMPOSE_PROJECT_NAME') ??
    projectFlag(known) ??
    declared?.name ??
    labelled.map(composeProjectOf).find(each => each !== null) ??
    all.filter(one => paths.includes(configFiles(one)[0] ?? '')).map(composeProjectOf)[0] ??
    (paths[0] === undefined ? null : folderProject(paths[0]));
  const containers = all.filter(
    one => labelled.includes(one) || (project !== null && composeProjectOf(one) === project),
  );
  return {
    ...known,
    name,
    dropIns,
    wants,
    owner:
      declaredBy[0]?.owner ??
      (isGenerated(files[0]) || property(loaded, 'UnitFileState') === 'generated' ? 'generator' : 'hand'),
    project,
    compose: declared ?? ofContainers(containers, facts, variables),
    composePaths: paths.length > 0 ? paths : filesOf(containers),
    hashes: new Map(),
    containers,
  };
}

/** The files that containers say they were made from, where they all say the same, and say where these are. */
function filesOf(containers: readonly Inspected[]): readonly string[] {
  const [first, ...others] = new Set(containers.map(one => configFiles(one).join(',')));
  const files = (first ?? '').split(',');
  return others.length === 0 && files.every(file => file.startsWith('/')) ? files : [];
}

/** The compose file that containers say they were made from, for a unit whose command names none. */
function ofContainers(
  containers: readonly Inspected[],
  { composeFiles }: AuditFacts,
  variables: ReadonlyMap<string, string>,
): ComposeFile | null {
  const paths = new Set(containers.map(one => configFiles(one).join(',')));
  const [path = ''] = paths;
  const text = composeFiles.get(path)?.text;
  return paths.size !== 1 || text === undefined ? null : composeFileIn(path, text, variables);
}

const isGenerated = (file: UnitFile | undefined): boolean => /\/generator(?:\.\w+)?$/.test(file?.directory ?? '');

/** Folders whose drop-ins extend a unit: its own, one for each prefix that ends in a dash, and that of all services (facts.md F6). */
function dropInFolders(name: string): readonly string[] {
  const stem = name.replace(/\.service$/, '');
  const prefixes = [...stem.matchAll(/-/g)].map(({ index }) => `${stem.slice(0, index + 1)}.service.d`);
  return [`${name}.d`, ...prefixes, 'service.d'];
}

/** Compose files that the unit's commands name, or that stand where it works. */
function composePathsOf(known: Known, { composeFiles }: AuditFacts): readonly string[] {
  const [command = ''] = commandsOf(known);
  const named = command.split(' ').filter(word => composeFiles.has(word));
  if (named.length > 0) return [...new Set(named)];
  const folder = property(known.loaded, 'WorkingDirectory').replace(/^!/, '');
  const isCompose = runs[0]?.test(command) === true;
  return isCompose && folder !== ''
    ? usualNames
        .map(each => `${folder}/${each}`)
        .filter(path => composeFiles.has(path))
        .slice(0, 1)
    : [];
}

/** The order in which compose looks for them. */
const usualNames = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

const projectFlag = (known: Known): string | undefined =>
  commandsOf(known)
    .map(command => /\s(?:-p|--project-name)[\s=](\S+)/.exec(command)?.[1])
    .find(each => each !== undefined);

/** What compose calls a project that has no name: the folder's, in letters that it allows. */
const folderProject = (path: string): string =>
  (path.split('/').at(-2) ?? '')
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');

/** The unit whose control group a container's monitor is in; podman's own is nobody's. */
const monitoredBy = ({ State }: Inspected, { monitors }: AuditFacts): string | undefined =>
  monitors.get(State.ConmonPid ?? 0);

/** The compose project of a container. */
export const composeProjectOf = ({ Config }: Inspected): string | null =>
  Config.Labels?.['com.docker.compose.project'] ?? Config.Labels?.['io.podman.compose.project'] ?? null;

/** The service of its project that a container is for. */
export const composeServiceOf = ({ Config }: Inspected): string | null =>
  Config.Labels?.['com.docker.compose.service'] ?? null;

/** The hash of the configuration that docker compose made a container from. */
export const composeConfigHash = ({ Config }: Inspected): string | undefined =>
  Config.Labels?.['com.docker.compose.config-hash'];

const configFiles = ({ Config }: Inspected): readonly string[] =>
  (Config.Labels?.['com.docker.compose.project.config_files'] ?? '').split(',');

/** The variables of a unit: as its owner's generation has them, or else as they are loaded. */
function variablesOf(
  name: string,
  loaded: LoadedUnit | undefined,
  declared: readonly Setting[],
): ReadonlyMap<string, string> {
  const inFile = declared.filter(({ key }) => key === 'Environment').map(({ value }) => expanded(value, name));
  const isKnown = inFile.length > 0 && inFile.every(each => each !== null);
  const lines = isKnown ? (inFile as readonly string[]) : (loaded?.said.get('Environment') ?? []);
  return new Map(
    lines.flatMap(wordsIn).flatMap(word => {
      const at = word.indexOf('=');
      return at < 1 ? [] : [[word.slice(0, at), word.slice(at + 1)] as const];
    }),
  );
}

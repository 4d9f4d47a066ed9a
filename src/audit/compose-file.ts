import { Problem } from '../problem.ts';
import { readYaml } from '../yaml.ts';

/** A compose file as far as an audit compares it with containers. */
export interface ComposeFile {
  readonly path: string;
  readonly name: string | undefined;
  /** Why it cannot be read; null where it can. */
  readonly trouble: string | null;
  /** Null where it is put together from other files. */
  readonly services: ReadonlyMap<string, ComposeService> | null;
}

/** One service of it; what depends on variables that nobody knows is left out. */
export interface ComposeService {
  readonly image: string | undefined;
  readonly environment: ReadonlyMap<string, string>;
  readonly labels: ReadonlyMap<string, string>;
  readonly restart: string | undefined;
  /** How many containers it may have; undefined where that is not said. */
  readonly scale: number | undefined;
  /** Whether it is started only on demand. */
  readonly optional: boolean;
  /** Whether another service waits for it to end. */
  readonly completes: boolean;
}

type YamlTree = Readonly<Record<string, unknown>>;

/**
 * Understands a compose file, with the variables of the unit that uses it.
 * @param isMerged whether compose has put it together. podman-compose leaves `extends` as it is: what the service says itself
 *   holds all the same.
 */
export function composeFileIn(
  path: string,
  text: string,
  variables: ReadonlyMap<string, string>,
  isMerged = false,
): ComposeFile {
  try {
    const tree = treeOf(readYaml(text, path).value);
    const all = treeOf(tree.services);
    const isWhole =
      isMerged || (tree.include === undefined && Object.values(all).every(each => treeOf(each).extends === undefined));
    const awaited = new Set(
      Object.values(all).flatMap(each =>
        Object.entries(treeOf(treeOf(each).depends_on))
          .filter(([, how]) => treeOf(how).condition === 'service_completed_successfully')
          .map(([name]) => name),
      ),
    );
    const services = Object.entries(all).map(
      ([name, each]) => [name, serviceIn(treeOf(each), awaited.has(name), variables)] as const,
    );
    return {
      path,
      name: known(tree.name, variables),
      trouble: null,
      services: isWhole && services.length > 0 ? new Map(services) : null,
    };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { path, name: undefined, trouble: error.message.split('\n')[0] ?? '', services: null };
  }
}

function serviceIn(service: YamlTree, completes: boolean, variables: ReadonlyMap<string, string>): ComposeService {
  const scale = treeOf(service.deploy).replicas ?? service.scale;
  return {
    image: known(service.image, variables),
    environment: assignments(service.environment, variables),
    labels: assignments(service.labels, variables),
    restart: known(service.restart, variables),
    scale: typeof scale === 'number' ? scale : undefined,
    optional: service.profiles !== undefined,
    completes,
  };
}

const treeOf = (value: unknown): YamlTree =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as YamlTree) : {};

/** A map, or a list of `KEY=value`; what takes its value from elsewhere is left out. */
function assignments(value: unknown, variables: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const pairs: readonly (readonly [string, unknown])[] = Array.isArray(value)
    ? value.map(each => {
        const [key = '', text] = String(each).split(/=(.*)/s, 2);
        return [key, text] as const;
      })
    : Object.entries(treeOf(value));
  return new Map(
    pairs.flatMap(([key, each]) => {
      const text = known(each, variables);
      return text === undefined || key.includes('$') ? [] : [[key, text] as const];
    }),
  );
}

/** A value with its variables filled in; undefined where one of them is not known, or where there is none. */
function known(value: unknown, variables: ReadonlyMap<string, string>): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return undefined;
  let isKnown = true;
  const text = value.replace(/\$(?:(\$)|(\w+)|\{(\w+)\}|)/g, (_, dollar, bare, braced) => {
    if (dollar !== undefined) return '$';
    const found = variables.get(bare ?? braced ?? '');
    if (found === undefined) isKnown = false;
    return found ?? '';
  });
  return isKnown ? text : undefined;
}

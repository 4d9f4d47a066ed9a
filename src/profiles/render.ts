import { join, normalize } from 'node:path';
import { digestOf, resourceName } from '../../models/machine/compose-project.ts';
import type { Declaration, StackDeclaration } from '../../models/machine/declaration.ts';
import { needingJobs } from '../../models/machine/own-stack.ts';
import { unitOf } from '../../models/machine/search-path.ts';
import type { Provider } from '../../models/machine/traits.ts';
import { declaredVolumes, networksOf } from '../../models/transitions/resources.ts';
import { Problem } from '../problem.ts';
import { textOf } from '../text-file.ts';
import { composeFile, imageOf, usualImage } from './compose.ts';
import { ociFiles } from './oci-containers.ts';
import { quadletFiles } from './quadlet.ts';
import { didYouMean } from './suggestion.ts';
import type { Profile } from './types.ts';

/** Who runs the stacks on the machine. */
export interface RenderedOperator {
  readonly name: string;
  /** An absolute path. */
  readonly home: string;
}

/** The operator of a lab machine. */
const usualOperator: RenderedOperator = { name: 'homelab', home: '/home/homelab' };

/**
 * What is written to the machine's wanted directory before a rebuild, by relative path: `declaration.json`,
 * `compose/<stack>/compose.yml` or, if podman alone runs the stacks, `quadlet/<stack>-<service>.container` or the units and scripts of
 * containers, and the profile's templates, rendered for each stack.
 * @throws Problem if a template has an unknown placeholder
 */
export function render(
  profile: Profile,
  declaration: Declaration,
  provider: Provider,
  operator: RenderedOperator = usualOperator,
  image: string = usualImage,
): Readonly<Record<string, string>> {
  const files: Record<string, string> = { 'declaration.json': `${JSON.stringify(declaration, null, 2)}\n` };
  const yaml = join(profile.directory, 'profile.yaml');
  for (const [name, stack] of Object.entries(declaration.stacks)) {
    const values = placeholders(name, stack, provider, operator, image);
    const secrets = secretFiles(stack, operator);
    const fill = (tree: unknown): unknown => filledTree(tree, values, yaml);
    if (provider === 'podman' && profile.containers === 'oci-containers') {
      Object.assign(files, ociFiles(name, stack, secrets, image));
    } else if (provider === 'podman') {
      for (const [file, text] of Object.entries(quadletFiles(name, stack, secrets, image)))
        files[`quadlet/${file}`] = text;
    } else {
      if (stack.project?.mountsConfigs)
        for (const [file, text] of Object.entries(stack.project.configs)) files[`compose/${name}/${file}`] = text;
      files[`compose/${name}/compose.yml`] = composeFile(name, stack, secrets, profile.compose, fill, image);
    }
    for (const [path, template] of Object.entries(profile.templates)) {
      const source = profile.files.get(normalize(template)) ?? join(profile.directory, template);
      files[filled(path, values, yaml)] = filled(textOf(source), values, source);
    }
  }
  return files;
}

const secretFiles = (stack: StackDeclaration, operator: RenderedOperator): readonly string[] =>
  stack.secrets.map(name => `${operator.home}/secrets/${name}.env`);

/** All placeholders that a template may use, as {{name}}; docs/profiles.md lists them. */
const placeholders = (
  name: string,
  stack: StackDeclaration,
  provider: Provider,
  operator: RenderedOperator,
  image: string,
) => ({
  stack: name,
  unit: unitOf(name),
  revision: String(stack.revision),
  services: Object.keys(stack.services).join(' '),
  jobs: Object.keys(stack.services)
    .filter(service => stack.services[service]?.ends !== undefined)
    .join(' '),
  waits: (provider === 'podman-compose' ? needingJobs(stack) : []).map(pair => pair.join(':')).join(' '),
  networks: networksOf(name, stack).join(' '),
  pulled: pulledImages(stack, image).join(' '),
  volumes: volumeLines(name, stack).join(' '),
  attached: attachedLines(name, stack).join(' '),
  configs: configLines(stack).join(' '),
  secrets: secretFiles(stack, operator).join(' '),
  provider,
  user: operator.name,
  home: operator.home,
});

/** What is pulled at every start. */
const pulledImages = ({ services }: StackDeclaration, image: string): readonly string[] => [
  ...new Set(
    Object.values(services)
      .filter(({ pull, tag }) => pull === 'always' && !tag.startsWith('@'))
      .map(({ tag }) => imageOf(image, tag)),
  ),
];

/** `media_data:o=size=1m;type=tmpfs;`: what its volumes are declared with, as a template of podman's prints it; a blank is `;`. */
const volumeLines = (stack: string, declared: StackDeclaration): readonly string[] =>
  Object.entries(declaredVolumes(stack, declared)).map(
    ([name, options]) => `${name}:${options === '' ? '' : `${options.replaceAll(' ', ';')};`}`,
  );

/** `app:media_back,media_default`: the networks of each service that has networks of its own. */
const attachedLines = (stack: string, { services, project }: StackDeclaration): readonly string[] =>
  Object.keys(services).flatMap(service => {
    const names = (project?.services[service]?.networks ?? []).map(name =>
      resourceName(stack, name, project?.networks[name] ?? { name: null }),
    );
    return names.length === 0 ? [] : [`${service}:${names.sort().join(',')}`];
  });

/** `app:1234:56:/etc/site.conf`: the digests of its configs, as cksum prints them. A path with a blank is not among them. */
const configLines = ({ services, project }: StackDeclaration): readonly string[] =>
  Object.keys(services).flatMap(service =>
    Object.entries(project?.services[service]?.configs ?? {})
      .filter(([, path]) => !/\s/.test(path))
      .map(([name, path]) => `${service}:${digestOf(project?.configs[name] ?? '').replace(' ', ':')}:${path}`),
  );

type Placeholders = Readonly<Record<string, string>>;

function filled(text: string, values: Placeholders, source: string): string {
  return text.replace(/\{\{([^}]*)\}\}/g, (_, name: string, at: number) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value !== undefined) return value;
    throw new Problem({
      expected: `one of the placeholders ${Object.keys(values).join(', ')}`,
      found: `{{${name}}}${didYouMean(name, Object.keys(values))}`,
      where: source.endsWith('profile.yaml') ? source : `${source}:${text.slice(0, at).split('\n').length}`,
      next: 'correct the placeholder; docs/profiles.md lists them all',
    });
  });
}

/** The same in every string of a piece of YAML. */
function filledTree(tree: unknown, values: Placeholders, source: string): unknown {
  if (typeof tree === 'string') return filled(tree, values, source);
  if (Array.isArray(tree)) return tree.map(item => filledTree(item, values, source));
  if (typeof tree !== 'object' || tree === null) return tree;
  return Object.fromEntries(Object.entries(tree).map(([key, item]) => [key, filledTree(item, values, source)]));
}

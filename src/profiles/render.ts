import { join, normalize } from 'node:path';
import type { Declaration, StackDeclaration } from '../../models/machine/declaration.ts';
import { unitOf } from '../../models/machine/search-path.ts';
import { networksOf } from '../../models/transitions/lifecycle.ts';
import { Problem } from '../problem.ts';
import { composeFile, usualImage } from './compose.ts';
import { textOf } from './folder.ts';
import { ociFiles } from './oci-containers.ts';
import type { Profile, Provider } from './profile.ts';
import { quadletFiles } from './quadlet.ts';
import { didYouMean } from './suggestion.ts';

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
    const values = placeholders(name, stack, provider, operator);
    const secrets = secretFiles(stack, operator);
    const fill = (tree: unknown): unknown => filledTree(tree, values, yaml);
    if (provider === 'podman' && profile.containers === 'oci-containers') {
      Object.assign(files, ociFiles(name, stack, secrets, image));
    } else if (provider === 'podman') {
      for (const [file, text] of Object.entries(quadletFiles(name, stack, secrets, image)))
        files[`quadlet/${file}`] = text;
    } else {
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
const placeholders = (name: string, stack: StackDeclaration, provider: Provider, operator: RenderedOperator) => ({
  stack: name,
  unit: unitOf(name),
  revision: String(stack.revision),
  services: Object.keys(stack.services).join(' '),
  jobs: Object.keys(stack.services)
    .filter(service => stack.services[service]?.ends !== undefined)
    .join(' '),
  networks: networksOf(name, stack).join(' '),
  secrets: secretFiles(stack, operator).join(' '),
  provider,
  user: operator.name,
  home: operator.home,
});

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

import { stringify } from 'yaml';
import type { ServiceDeclaration, StackDeclaration } from '../../models/machine/declaration.ts';
import { unitOf } from '../../models/machine/search-path.ts';
import type { Additions, Tree } from './profile.ts';

/** The probe image as the registry of a lab machine has it, without a tag. */
export const usualImage = 'localhost:5000/probe';

/** The text of a stack's compose file: what is declared, then what the profile adds. */
export function composeFile(
  name: string,
  stack: StackDeclaration,
  secrets: readonly string[],
  additions: Additions,
  fill: (tree: unknown) => unknown,
  image = usualImage,
): string {
  const services = Object.entries(stack.services).map(([service, declared]) => [
    service,
    merged(serviceTree(name, declared, secrets, image), fill(additions.service) as Tree),
  ]);
  return stringify(merged({ name, services: Object.fromEntries(services) }, fill(additions.document) as Tree));
}

const serviceTree = (stack: string, declared: ServiceDeclaration, secrets: readonly string[], image: string): Tree => ({
  image: imageOf(image, declared.tag),
  // The marker comes from the unit, so that a container shows which definition of the unit made it.
  environment: { GREETING: literal(declared.greeting), STACK_MARKER: '$STACK_MARKER' },
  ...(secrets.length > 0 ? { env_file: secrets } : {}),
  labels: {
    PODMAN_SYSTEMD_UNIT: declared.unitLabel === 'right' ? unitOf(stack) : 'another.service',
    ...(declared.autoUpdate ? { 'io.containers.autoupdate': 'registry' } : {}),
  },
  ...(declared.healthcheck === 'none' ? {} : { healthcheck: healthchecks[declared.healthcheck] }),
  ...(declared.restart === 'no' ? {} : { restart: declared.restart }),
  ...(declared.dependsOn.length > 0 ? { depends_on: declared.dependsOn } : {}),
});

/** Where a digest stands for a build, the machine knows which: the harness puts it in place of @digest:v2@. */
const imageOf = (image: string, tag: string): string =>
  tag.startsWith('@') ? `${image}@@digest:${tag.slice(1)}@` : `${image}:${tag}`;

/** A probe that can be made to fail from without, one that always does, and one whose failures do not count for hours. */
const healthchecks = {
  passing: { test: ['CMD-SHELL', 'test ! -e /sick'], interval: '30s', retries: 1 },
  failing: { test: ['CMD-SHELL', 'false'], interval: '30s', retries: 1 },
  slow: { test: ['CMD-SHELL', 'false'], interval: '30s', retries: 1, start_period: '6h' },
} as const;

/** Compose interpolates `$`; doubled, it stands for itself. */
const literal = (text: string): string => text.replaceAll('$', '$$$$');

/** Two trees as one; where both have a value that is no map, the second wins. */
function merged(first: Tree, second: Tree): Tree {
  const both: Record<string, unknown> = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const before = both[key];
    both[key] = isTree(before) && isTree(value) ? merged(before, value) : value;
  }
  return both;
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

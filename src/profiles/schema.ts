import { type Document, isMap, isNode, isSeq, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { searchPath } from '../../models/search-path.ts';
import { Problem } from '../problem.ts';

const word = z.string().regex(/^(?!constructor$)[a-z][a-z0-9]*$/, 'a word of small letters and digits');
const line = z.string().min(1);
const place = z.string().regex(/^[~/]/, 'a path that begins with / or ~');
const below = z.string().regex(/^(?!\/)(?!.*\.\.).+$/, 'a path below the folder, without ..');
const tree = z.record(z.string(), z.unknown());

const service = z.strictObject({
  tag: line,
  greeting: z.string().default('hello'),
  autoUpdate: z.boolean().default(false),
  healthcheck: z.enum(['none', 'passing', 'failing', 'slow']).default('none'),
  restart: z.enum(['no', 'always', 'unless-stopped']).default('no'),
  unitLabel: z.enum(['right', 'wrong']).default('right'),
  dependsOn: z.array(word).default([]),
});

const stack = z.strictObject({ services: z.record(word, service), secrets: z.array(word).default([]) });

const link = line.refine(isLinkPattern, 'a regular expression with one group, the tree');

const form = z.strictObject({
  about: line,
  owner: z.enum(searchPath),
  providers: z.array(z.enum(['docker-compose', 'podman-compose'])).min(1),
  commands: z.strictObject({
    install: line,
    rebuild: line,
    rollback: line,
    update: line,
    dryRun: line.default('podman auto-update --dry-run --format json'),
  }),
  state: z.strictObject({
    profile: place,
    generations: place,
    home: place,
    tree: below,
    link,
    declaration: below,
    units: below,
  }),
  updateUnit: line.nullable().default(null),
  activatesAtBoot: z.boolean().default(false),
  evidence: z.strictObject({ system: z.array(line), user: z.array(line) }),
  templates: z.record(below, below),
  compose: z.strictObject({ document: tree.default({}), service: tree.default({}) }).prefault({}),
  versions: z.array(word).min(1),
  stacks: z.record(word, stack),
});

/** Checks the text of a profile.yaml and turns its stacks into the declaration of revision 1. */
export function parseProfile(text: string, file: string) {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const wrong = document.errors[0];
  if (wrong) throw problem('YAML', wrong.message, `${file}:${lines.linePos(wrong.pos[0]).line}`);
  const checked = form.safeParse(document.toJS());
  const issue = checked.error?.issues[0];
  if (issue) throw refused(issue, document, lines, file);
  const { stacks, ...rest } = form.parse(document.toJS());
  for (const [name, declared] of Object.entries(stacks)) {
    const unknown = Object.values(declared.services)
      .flatMap(one => one.dependsOn)
      .find(one => !Object.hasOwn(declared.services, one));
    if (unknown === undefined) continue;
    const at = lineOf(['stacks', name], document, lines);
    throw problem(`dependsOn to name services of ${name}`, unknown, `${file}:${at}`);
  }
  for (const [name, { services }] of Object.entries(stacks)) {
    const cycle = cycleIn(services);
    if (cycle === null) continue;
    const at = lineOf(['stacks', name, 'services', cycle[0] ?? ''], document, lines);
    throw problem(`dependsOn of ${name} without a cycle`, cycle.join(' → '), `${file}:${at}`);
  }
  const entries = Object.entries(stacks).map(([name, declared]) => [name, { revision: 1, ...declared }] as const);
  return { ...rest, declaration: { revision: 1, stacks: Object.fromEntries(entries) } };
}

/** Services that depend on one another in a circle, the first again at the end; null where there is none. */
function cycleIn(
  services: Readonly<Record<string, { readonly dependsOn: readonly string[] }>>,
): readonly string[] | null {
  const done = new Set<string>();
  function from(name: string, path: readonly string[]): readonly string[] | null {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return null;
    for (const other of services[name]?.dependsOn ?? []) {
      const found = from(other, [...path, name]);
      if (found !== null) return found;
    }
    done.add(name);
    return null;
  }
  for (const name of Object.keys(services)) {
    const found = from(name, []);
    if (found !== null) return found;
  }
  return null;
}

function isLinkPattern(text: string): boolean {
  try {
    return new RegExp(`${text}|`).exec('')?.length === 2;
  } catch {
    return false;
  }
}

function refused(issue: z.core.$ZodIssue, document: Document, lines: LineCounter, file: string): Problem {
  const isUnknown = issue.code === 'unrecognized_keys';
  const path = isUnknown ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
  const where = `${file}:${lineOf(path, document, lines)}`;
  const name = path.map(String).join('.');
  if (isUnknown) return problem('only keys that docs/profiles.md knows', name, where);
  const value = document.getIn(path);
  const found = value === undefined ? 'nothing' : JSON.stringify(value);
  const message = issue.code === 'invalid_key' ? issue.issues[0]?.message : issue.message;
  return problem(`${name} to be right (${message})`, found, where);
}

/** The line of the deepest part of a path that is really there. */
function lineOf(path: readonly PropertyKey[], document: Document, lines: LineCounter): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const key of path) {
    const pair = isMap(node) ? node.items.find(item => String(item.key) === String(key)) : undefined;
    const item = isSeq(node) ? node.items[Number(key)] : undefined;
    node = pair ? pair.value : item;
    const start = pair?.key ?? item;
    if (isNode(start)) offset = start.range?.[0] ?? offset;
  }
  return lines.linePos(offset).line;
}

const problem = (expected: string, found: string, where: string): Problem =>
  new Problem({ expected, found, where, next: 'correct the line; docs/profiles.md describes each key' });

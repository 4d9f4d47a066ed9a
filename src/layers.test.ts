import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What stands in models/ itself: what everything there is about. */
const types = ['expected-observation', 'host', 'observation', 'operation', 'role', 'scenario', 'world'].map(
  name => `models/${name}.ts`,
);

/** Who may import what, the most particular folder first; everybody may import from their own folder. */
const rules: readonly { readonly from: string; readonly may: readonly string[] }[] = [
  { from: 'models/', may: [] },
  { from: 'models/machine/', may: ['models/host.ts'] },
  { from: 'models/transitions/', may: [...types, 'models/machine/'] },
  { from: 'models/families/', may: [...types, 'models/machine/', 'models/transitions/'] },
  { from: 'models/search/', may: [...types, 'models/machine/', 'models/transitions/', 'models/families/'] },
  { from: 'models/operations/', may: [...types, 'models/machine/', 'models/transitions/', 'models/families/'] },
  { from: 'models/scenarios/', may: [...types, 'models/machine/'] },
  { from: 'properties/', may: ['models/'] },
  // The simulator must not be made of the operations, or the model would test itself.
  { from: 'src/hosts/', may: ['models/', 'src/problem.ts', 'src/files.ts', 'src/redact.ts'] },
  { from: 'src/hosts/lab/register/', may: ['src/hosts/transport/', 'src/problem.ts', 'src/files.ts'] },
  {
    from: 'src/hosts/lab/machine/',
    may: ['models/host.ts', 'src/hosts/lab/register/', 'src/hosts/transport/', 'src/problem.ts'],
  },
  {
    from: 'src/hosts/lab/root/',
    may: [
      'models/machine/traits.ts',
      'src/hosts/lab/register/',
      'src/hosts/lab/machine/',
      'src/hosts/probe-image.ts',
      'src/hosts/transport/',
      'src/problem.ts',
    ],
  },
  {
    from: 'src/profiles/',
    may: ['models/', 'src/stacks/', 'src/home-manager/', 'src/problem.ts', 'src/text-file.ts', 'src/yaml.ts'],
  },
  { from: 'src/home-manager/', may: ['src/problem.ts'] },
  {
    from: 'src/stacks/',
    may: ['models/', 'src/hosts/lab/index.ts', 'src/text-file.ts', 'src/yaml.ts', 'src/problem.ts'],
  },
  { from: 'src/engine/', may: ['models/', 'properties/'] },
  {
    from: 'src/reports/',
    may: [
      'models/',
      'src/engine/types.ts',
      'src/engine/run/compare.ts',
      'src/engine/shrink/explain.ts',
      'src/engine/explore/',
      'src/files.ts',
      'src/problem.ts',
      'src/redact.ts',
      'src/visible.ts',
    ],
  },
  {
    from: 'src/corpus/',
    may: [
      'models/',
      'src/engine/types.ts',
      'src/files.ts',
      'src/lock.ts',
      'src/problem.ts',
      'src/redact.ts',
      'src/visible.ts',
    ],
  },
  { from: 'src/triage/', may: ['src/corpus/entry.ts', 'src/yaml.ts', 'src/files.ts', 'src/problem.ts'] },
  { from: 'src/history/', may: ['models/operation.ts', 'src/files.ts', 'src/lock.ts', 'src/problem.ts'] },
  {
    from: 'src/audit/',
    may: [
      'models/',
      'src/hosts/paths.ts',
      'src/hosts/real/observe/',
      'src/hosts/transport/',
      'src/yaml.ts',
      'src/problem.ts',
    ],
  },
  { from: 'src/setup/', may: ['bin/node-version.mjs'] },
  { from: 'src/problem.ts', may: [] },
  { from: 'src/home.ts', may: [] },
  { from: 'src/text-file.ts', may: ['src/problem.ts'] },
  { from: 'src/yaml.ts', may: ['src/problem.ts'] },
  { from: 'src/files.ts', may: [] },
  { from: 'src/lock.ts', may: [] },
  { from: 'src/redact.ts', may: [] },
  { from: 'src/visible.ts', may: [] },
  { from: 'src/catalog.ts', may: ['models/', 'properties/', 'src/engine/types.ts', 'src/home.ts', 'src/problem.ts'] },
  { from: 'src/own-models.ts', may: ['src/catalog.ts', 'src/files.ts', 'src/home.ts', 'src/problem.ts'] },
  { from: 'src/contract.ts', may: ['models/', 'src/catalog.ts', 'src/problem.ts'] },
  // What others import; its types name those of everything below it.
  { from: 'src/index.ts', may: ['models/', 'properties/', 'src/'] },
  { from: 'src/cli/', may: ['models/', 'properties/', 'src/'] },
  { from: 'bench/', may: ['models/', 'properties/', 'src/'] },
];

/** Where each dependency comes in: one door each, for each room that may not ask another one for it. */
const doors: Readonly<Record<string, readonly string[]>> = {
  execa: ['src/hosts/transport/shell.ts'],
  'json-diff-ts': ['src/engine/run/compare.ts'],
  seedrandom: ['src/engine/plan/random.ts', 'src/hosts/simulator/random-calls.ts'],
  commander: ['src/cli/'],
  'node-sqlite3-wasm': ['src/history/database.ts'],
  yaml: ['src/yaml.ts', 'src/profiles/compose.ts'],
  leven: ['src/profiles/suggestion.ts', 'src/cli/commands/explore/explored.ts'],
};

interface Import {
  readonly file: string;
  /** A path below the project, or the name of a package. */
  readonly what: string;
}

const everything = ['models', 'properties', 'src', 'bench', 'tests']
  .filter(folder => existsSync(join(root, folder)))
  .flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(file => join(folder, file)),
  )
  .filter(file => /\.[mc]?[tj]s$/.test(file));

/** What is never built and never packed; it may use whatever it needs. */
const isTest = (file: string): boolean => file.endsWith('.test.ts') || file.startsWith('tests/');

const files = everything.filter(file => !isTest(file));
const imports = files.flatMap(importsOf);

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = text.matchAll(/(?:^|[;\s])(?:from|import)\s*\(?\s*['"]([\w@.:/-]+)['"]/g);
  return [...found].map(([, name = '']) => ({
    file,
    what: name.startsWith('.') ? relative(root, resolve(root, dirname(file), name)) : name,
  }));
}

const isInside = (path: string) => existsSync(join(root, path));
const isPackage = (what: string): boolean => !isInside(what) && !what.startsWith('node:');

test('there are imports to look at, of every room', () => {
  for (const { from } of rules.filter(
    rule => isInside(rule.from) && !/problem|home|files|lock|redact|visible|setup/.test(rule.from),
  )) {
    expect(imports.filter(each => each.file.startsWith(from)).length, from).toBeGreaterThan(0);
  }
});

describe('imports go one way', () => {
  test.each(rules)('$from', ({ from, may }) => {
    const wrong = imports
      .filter(({ file, what }) => file.startsWith(from) && isInside(what) && !what.startsWith(from))
      .filter(({ what }) => !may.some(allowed => what.startsWith(allowed)))
      .map(({ file, what }) => `${file} imports ${what}`);
    expect(wrong).toEqual([]);
  });

  test('no file imports itself by way of others, not even for a type', () => {
    const inside = new Set(files);
    const importedBy = (file: string) => imports.filter(each => each.file === file && inside.has(each.what));
    const done = new Set<string>();
    /** The way from the first of these files back to it; null if there is none. */
    const circle = (way: readonly string[]): readonly string[] | null => {
      const file = way.at(-1) as string;
      if (way.indexOf(file) < way.length - 1) return way.slice(way.indexOf(file));
      if (done.has(file)) return null;
      for (const { what } of importedBy(file)) {
        const found = circle([...way, what]);
        if (found !== null) return found;
      }
      done.add(file);
      return null;
    };
    expect(files.map(file => circle([file])).find(found => found !== null)).toBeUndefined();
  });

  test('no two rooms import each other', () => {
    const roomOf = (file: string): string =>
      file
        .split('/')
        .slice(0, file.startsWith('src/') ? 2 : 1)
        .join('/');
    const between = new Set(
      imports.filter(({ what }) => isInside(what)).map(({ file, what }) => `${roomOf(file)} ${roomOf(what)}`),
    );
    const both = [...between].filter(pair => {
      const [one, other] = pair.split(' ');
      return one !== other && between.has(`${other} ${one}`);
    });
    expect(both).toEqual([]);
  });

  test('every file is in a room that has a rule', () => {
    expect(files.filter(file => !rules.some(({ from }) => file.startsWith(from)))).toEqual([]);
  });

  test('what runs imports nothing of tests, nor vitest', () => {
    const wrong = imports
      .filter(({ what }) => isTest(what) || /^vitest(\/|$)/.test(what))
      .map(({ file, what }) => `${file} imports ${what}`);
    expect(wrong).toEqual([]);
  });

  test('hosts know nothing of operations', () => {
    const wrong = imports.filter(
      ({ file, what }) => file.startsWith('src/hosts/') && what.startsWith('models/operations/'),
    );
    expect(wrong).toEqual([]);
  });
});

describe('what is exported is imported', () => {
  const texts = [...everything, 'vitest.config.ts'].map(
    file => [file, readFileSync(join(root, file), 'utf8')] as const,
  );
  /** `file name` of all that some file imports by its name, `file *` of those that are imported whole. */
  const wanted = new Set(
    texts.flatMap(([file, text]) => {
      const at = (spec = '') => relative(root, resolve(root, dirname(file), spec));
      const named = [...text.matchAll(/\{([^{}]*)\}\s+from\s+'(\.[^']+)'/g)].flatMap(([, names = '', spec]) =>
        names.split(',').map(
          name =>
            `${at(spec)} ${name
              .trim()
              .replace(/^type /, '')
              .replace(/ as .*/, '')}`,
        ),
      );
      const whole = [...text.matchAll(/(?:\* as \w+ from |import\(\s*)'(\.[^']+)'/g)].map(
        ([, spec]) => `${at(spec)} *`,
      );
      return [...named, ...whole];
    }),
  );

  test('under a name that means one thing', () => {
    const places = new Map<string, string[]>();
    for (const [file, text] of texts) {
      // What others import is named for them (docs/api.md), whatever it is called within.
      if (file === 'src/index.ts' || file.endsWith('.d.mts')) continue;
      const names = text.matchAll(/^export (?:async )?(?:const|let|function\*?|class|interface|type|enum) ([\w$]+)/gm);
      for (const [, name = ''] of names) places.set(name, [...(places.get(name) ?? []), file]);
    }
    const twice = [...places].filter(([, files]) => files.length > 1).map(([name, files]) => [name, files.sort()]);
    expect(Object.fromEntries(twice)).toEqual({});
  });

  // A type may be there for the sake of a function that takes or returns it.
  test('every function and constant', () => {
    const exported = texts.flatMap(([file, text]) =>
      [...text.matchAll(/^export (?:async )?(?:const|let|function\*?|class) ([\w$]+)/gm)].map(([, name = '']) => ({
        file,
        name,
      })),
    );
    expect(exported.length).toBeGreaterThan(500);
    const isWanted = (file: string, name: string) => wanted.has(`${file} ${name}`) || wanted.has(`${file} *`);
    // The package's own entry is for others.
    const inside = exported.filter(({ file }) => file !== 'src/index.ts' && !file.endsWith('.d.mts'));
    expect(inside.filter(({ file, name }) => !isWanted(file, name))).toEqual([]);
  });
});

describe('one door for each dependency', () => {
  test.each(Object.entries(doors))('%s comes in through %s', (name, open) => {
    const users = imports.filter(({ what }) => what === name || what.startsWith(`${name}/`)).map(({ file }) => file);
    expect(users.filter(file => !open.some(door => file.startsWith(door)))).toEqual([]);
    expect(users).not.toEqual([]);
  });

  test('models and properties need no package at all', () => {
    const wrong = imports.filter(({ file, what }) => /^(models|properties)\//.test(file) && !isInside(what));
    expect(wrong).toEqual([]);
  });

  test('no package is imported that package.json does not name', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
      'dependencies' | 'devDependencies',
      Record<string, string>
    >;
    // Of such a package there are types alone, which are gone once it is built.
    const isTypes = (what: string): boolean => devDependencies[`@types/${what}`] !== undefined;
    const wrong = imports
      .filter(({ what }) => isPackage(what))
      .filter(({ what }) => dependencies[what.split('/')[0] ?? ''] === undefined && !isTypes(what));
    expect(wrong).toEqual([]);
  });
});

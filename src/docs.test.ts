import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const below = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map(name => join(folder, name))
    .filter(path => statSync(join(root, path), { throwIfNoEntry: false })?.isFile());

/** All that may cite a fact, and not what is generated or recorded. */
const citing = [
  ...['models', 'properties', 'src', 'docs', 'bench', 'tests']
    .flatMap(below)
    .filter(path => !path.includes('/fixtures/')),
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'corpus/README.md',
];

const pages = citing.filter(path => path.endsWith('.md'));

/** Numbers that a text cites: F12, and all of F26-F28. */
function cited(text: string, letter: 'F' | 'D'): readonly number[] {
  const found = text.matchAll(new RegExp(`\\b${letter}(\\d{1,3})(?:[-–]${letter}(\\d{1,3}))?\\b`, 'g'));
  return [...found].flatMap(([, first, last]) => [Number(first), ...(last === undefined ? [] : [Number(last)])]);
}

/** Lines that speak of facts: an F with a number may mean something else, as in a hash or a key. */
const factsIn = (path: string): readonly number[] =>
  read(path)
    .split('\n')
    .filter(line => /\bfacts\b/.test(line) || path === 'docs/facts.md')
    .flatMap(line => cited(line, 'F'));

test('every fact that is cited stands in docs/facts.md, once', () => {
  const present = [...read('docs/facts.md').matchAll(/^\*\*F(\d+)\.\*\*/gm)].map(([, number]) => Number(number));
  expect(new Set(present).size).toBe(present.length);
  const missing = citing.flatMap(path =>
    factsIn(path)
      .filter(number => !present.includes(number))
      .map(number => `${path} cites F${number}`),
  );
  expect(missing).toEqual([]);
  expect(citing.filter(path => factsIn(path).length > 0).length).toBeGreaterThan(50);
});

test('every section of the facts that is cited is there', () => {
  const facts = read('docs/facts.md');
  const sections = citing.flatMap(path =>
    [...read(path).matchAll(/facts-debian13, section (\d+)/g)].map(([, number]) => ({ path, number })),
  );
  expect(sections.filter(({ number }) => !facts.includes(`\n### Section ${number}:`))).toEqual([]);
  expect(sections.length).toBeGreaterThan(0);
});

test('every defect that a promise or an operation cites stands in docs/defects.md', () => {
  const present = cited(read('docs/defects.md').replace(/^(?!\| D\d).*$/gm, ''), 'D');
  const wrong = ['models', 'properties'].flatMap(below).flatMap(path =>
    cited(read(path), 'D')
      .filter(number => !present.includes(number))
      .map(number => `${path} cites D${number}`),
  );
  expect(wrong).toEqual([]);
});

test('every part of the plan that is cited stands in docs/plan.md', () => {
  const plan = read('docs/plan.md');
  const parts = below('properties').flatMap(path =>
    [...read(path).matchAll(/plan, (W\d(?:\.\d+)?)/g)].map(([, part]) => ({ path, part })),
  );
  expect(parts.filter(({ part }) => !new RegExp(`^(?:\\*\\*|\\| )${part}[ ,|]`, 'm').test(plan))).toEqual([]);
  expect(parts.length).toBeGreaterThan(0);
});

/** As GitHub makes them. */
const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');

test.each(pages)('%s: every link leads somewhere', path => {
  const links = [...read(path).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  const wrong = links
    .filter(target => !/^[a-z]+:/.test(target))
    .filter(target => {
      const [file = '', anchor] = target.split('#');
      const where = file === '' ? join(root, path) : resolve(root, dirname(path), file);
      if (!existsSync(where)) return true;
      if (anchor === undefined) return false;
      const headings = readFileSync(where, 'utf8').matchAll(/^#+ (.*)$/gm);
      return ![...headings].some(([, heading = '']) => anchorOf(heading) === anchor);
    });
  expect(wrong).toEqual([]);
});

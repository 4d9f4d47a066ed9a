import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { homelab } from '../models/homelab.ts';
import { type Catalog, loadCatalog } from './catalog.ts';
import { mustKeepContract } from './contract.ts';
import { withOwnModels } from './own-models.ts';
import { Problem } from './problem.ts';

let shipped: Catalog;
beforeAll(async () => {
  shipped = await loadCatalog();
});

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stackfuzz-models-'));
  return () => rmSync(root, { recursive: true });
});

function file(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

async function load(...folders: string[]): Promise<Catalog> {
  const catalog = await withOwnModels(shipped, folders.length === 0 ? [root] : folders);
  await mustKeepContract(catalog, homelab);
  return catalog;
}

async function refusal(...folders: string[]): Promise<string> {
  const error = await load(...folders).then(
    () => null,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(Problem);
  return (error as Problem).message;
}

const operation = (change: Readonly<Record<string, string>> = {}): string => {
  const parts = {
    kind: "'drift'",
    role: "'fault'",
    needs: "['machine fail-unrelated-unit']",
    describe: "() => 'do something'",
    choices: '() => [{}]',
    allowed: '() => true',
    apply: "host => host.machine('fail-unrelated-unit')",
    expected: 'world => world',
    ...change,
  };
  const text = Object.entries(parts).map(([key, value]) => `${key}: ${value}`);
  return `export default { ${text.join(', ')} };`;
};
const promise = (change: Readonly<Record<string, string>> = {}): string => {
  const parts = {
    promise: "'It holds.'",
    from: "'us'",
    broken: "(seen, world, history) => seen.lie ? ['a lie'] : []",
    example: '{ after: [], lie: seen => ({ ...seen, lie: true }) }',
    ...change,
  };
  return `export default { ${Object.entries(parts)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ')} };`;
};
const scenario = (cases: string): string => `export default { about: 'a', passes: 'p', cases: () => (${cases}) };`;

test('an own operation may say which names it had before, and takes none that another has or had', async () => {
  file('operations/poke.mjs', operation({ formerly: "['prod']" }));
  expect((await load()).operations.get('poke')?.formerly).toEqual(['prod']);
  for (const [name, change, said] of [
    ['takes-a-name', { formerly: "['rebuild']" }, 'found "rebuild", an operation that there is'],
    ['takes-a-former-name', { formerly: "['sicken']" }, 'found "sicken", which make-unhealthy had too'],
    ['sicken', {}, 'found "sicken", which is what make-unhealthy was named before'],
  ] as const) {
    file(`operations/${name}.mjs`, operation(change));
    expect(await refusal()).toMatch(new RegExp(`operations/${name}\\.mjs: .*${said}`));
    rmSync(join(root, `operations/${name}.mjs`));
  }
});

test('modules in whatever sub-folder are found, beside what comes with stackfuzz, and say where they lie', async () => {
  file('operations/deep/down/poke.mjs', operation());
  file('operations/notes.md', 'no module');
  file('operations/poke.test.mjs', 'throw new Error("must not be imported")');
  file('operations/types.d.mts', 'export {}');
  file('invariants/holds.mjs', promise());
  file('scenarios/H01.mjs', scenario("{ one: [{ operation: 'poke', args: {} }] }"));
  const { operations, invariants, scenarios, own } = await load();
  expect([operations.size, invariants.size, scenarios.size]).toEqual([
    shipped.operations.size + 1,
    shipped.invariants.size + 1,
    shipped.scenarios.size + 1,
  ]);
  expect(own?.get('operations/poke')).toBe(join(root, 'operations/deep/down/poke.mjs'));
  expect([...(own ?? new Map()).keys()]).toEqual(['operations/poke', 'invariants/holds', 'scenarios/H01']);
});

describe('what is wrong is told with the file that it is in', () => {
  test.each([
    [
      'throws on import',
      'throw new Error("out of order")',
      'expected a module that can be imported, found one that throws: out of order',
    ],
    ['does not parse', 'export default {', 'found one that throws:'],
    ['imports what is not there', "import './gone.mjs'; export default {}", 'gone.mjs'],
    ['exports nothing', 'export const a = 1;', 'expected an object as default export, found none'],
    ['exports a function', 'export default () => {}', 'expected an object as default export, found function'],
    ['lacks a part', operation({ choices: 'undefined' }), 'expected choices'],
    ['has a part too many', operation({ ground: '() => []' }), 'found "ground"'],
    ['needs a lever that there is not', operation({ needs: "['dynamite']" }), 'expected needs'],
    [
      'pulls a lever that it does not name',
      operation({ apply: "host => host.machine('reboot')" }),
      'found that it pulls machine reboot',
    ],
    [
      'names a lever that it does not pull',
      operation({ apply: "async () => ({ ok: true, status: 0, message: '' })" }),
      'found that it never pulls machine fail-unrelated-unit',
    ],
    [
      'offers what it does not allow',
      operation({ allowed: '() => false' }),
      'expected allowed(world, args) to be true of each choice',
    ],
    ['is never possible', operation({ choices: '() => []' }), 'expected choices(world) to offer something'],
    [
      'throws when asked',
      operation({ choices: '() => { throw new Error("no idea") }' }),
      'found that it throws: no idea',
    ],
    [
      'hands back no claim',
      operation({ apply: "async host => { await host.machine('fail-unrelated-unit') }" }),
      'expected apply to hand back what a lever said',
    ],
    [
      'changes the world that it is given',
      operation({ expected: 'world => { world.stacks = {}; return world }' }),
      'expected expected',
    ],
    ['makes no world', operation({ expected: '() => ({})' }), 'to be a world'],
    ['ends its sentence with a full stop', operation({ describe: "() => 'done.'" }), 'without a full stop'],
  ])('an operation that %s', async (_, text, words) => {
    file('operations/poke.mjs', text);
    const message = await refusal();
    expect(message).toContain(join(root, 'operations/poke.mjs'));
    expect(message).toContain(words === 'expected expected' ? 'expected' : words);
  });

  test.each([
    ['that cannot fail', promise({ broken: '() => []' }), 'expected the example to break the promise'],
    [
      'that is broken on every machine',
      promise({ broken: "() => ['it is']" }),
      'expected the promise to hold on a fresh machine',
    ],
    [
      'that an honest operation breaks',
      promise({ broken: "(seen, world, history) => seen.lie || history.length > 0 ? ['x'] : []" }),
      'expected the promise to hold after',
    ],
    [
      'whose example does what is not there',
      promise({ example: "{ after: [{ operation: 'dance', args: {} }], lie: seen => seen }" }),
      'found "dance"',
    ],
    ['that is no sentence', promise({ promise: "'holds'" }), 'a capital first, a full stop last'],
  ])('a promise %s', async (_, text, words) => {
    file('invariants/holds.mjs', text);
    const message = await refusal();
    expect(message).toContain(join(root, 'invariants/holds.mjs'));
    expect(message).toContain(words);
  });

  test.each([
    ['without cases', scenario('{}'), 'expected cases(setup)'],
    ['of a step that there is not', scenario("{ one: [{ operation: 'dance', args: {} }] }"), 'found "dance"'],
    ['whose case is no list', scenario('{ one: 1 }'), 'to be a list of steps'],
  ])('a scenario %s', async (_, text, words) => {
    file('scenarios/H01.mjs', text);
    const message = await refusal();
    expect(message).toContain(join(root, 'scenarios/H01.mjs'));
    expect(message).toContain(words);
  });

  test('a name that is taken, by stackfuzz or by another file of one’s own', async () => {
    file('operations/rebuild.mjs', operation());
    expect(await refusal()).toContain(
      'operations/rebuild.mjs: expected a name that no operation has yet, found rebuild, which comes with stackfuzz',
    );
    rmSync(join(root, 'operations/rebuild.mjs'));
    file('operations/a/poke.mjs', operation());
    file('operations/b/poke.mjs', operation());
    expect(await refusal()).toContain(`found poke, the name of ${join(root, 'operations/a/poke.mjs')}`);
  });

  test('names that no step can have, other endings, and TypeScript where Node reads none', async () => {
    file('operations/Poke_It.mjs', operation());
    expect(await refusal()).toContain('Poke_It.mjs: expected a file name of small letters');
    rmSync(join(root, 'operations/Poke_It.mjs'));
    file('operations/poke.cjs', 'module.exports = {}');
    expect(await refusal()).toContain('poke.cjs: expected an ES module');
    rmSync(join(root, 'operations/poke.cjs'));
    file('operations/poke.mts', operation({ describe: "(): string => 'do something'" }));
    const reads = Boolean((process.features as { typescript?: string }).typescript);
    if (reads) expect((await load()).operations.has('poke')).toBe(true);
    else expect(await refusal()).toContain('poke.mts: expected JavaScript (.js or .mjs), since Node');
  });

  test('a folder that is none, or holds no modules', async () => {
    expect(await refusal(join(root, 'gone'))).toContain('gone: expected a folder, found no such place (ENOENT)');
    expect(await refusal('')).toContain("--models '': expected a folder");
    file('a-file', '');
    expect(await refusal(join(root, 'a-file'))).toContain('a-file: expected a folder, found something else');
    expect(await refusal()).toContain('expected modules below operations/, invariants/, scenarios/, found none');
  });
});

import { createRequire } from 'node:module';
import Ajv from 'ajv-draft-04';
import formats from 'ajv-formats';
import fc from 'fast-check';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { type SaxesAttributePlain, SaxesParser } from 'saxes';
import { describe, expect, test } from 'vitest';
import { hostile, reportSaying } from '../../../tests/helpers/report.ts';
import { visible } from '../../visible.ts';
import { escaped } from '../markup.ts';
import { reportForm } from '../report.ts';
import { html } from './html.ts';
import { junit } from './junit.ts';
import { code, inline, markdown } from './markdown.ts';
import { sarif } from './sarif.ts';

const schema = createRequire(import.meta.url)('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
const ajv = new Ajv.default({ strict: false, allErrors: true, unicodeRegExp: false });
formats.default(ajv as never);
const isSarif = ajv.compile(schema);

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The elements and texts of an XML document; throws if it is none. */
function parsed(xml: string): { elements: readonly Element[]; text: string } {
  const elements: Element[] = [];
  let text = '';
  const parser = new SaxesParser();
  parser.on('opentag', ({ name, attributes }) =>
    elements.push({ name, attributes: attributes as Record<string, SaxesAttributePlain & string> }),
  );
  parser.on('text', more => {
    text += more;
  });
  parser.on('error', error => {
    throw error;
  });
  parser.write(xml).close();
  return { elements, text };
}

interface Node {
  readonly type: string;
  readonly value?: string;
  readonly url?: string;
  readonly children?: readonly Node[];
}

const tree = (text: string): Node =>
  fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }) as Node;
const nodes = (node: Node): readonly Node[] => [node, ...(node.children ?? []).flatMap(nodes)];
const textIn = (node: Node): string =>
  nodes(node)
    .map(each => each.value ?? '')
    .join('');
/** An address of which GitHub makes a link by itself: the link leads to what is shown. */
const isPlainLink = (node: Node): boolean =>
  node.type === 'link' && ['', 'http://', 'mailto:'].some(scheme => node.url === scheme + textIn(node));
const types = (text: string): readonly string[] =>
  nodes(tree(text))
    .filter(each => !isPlainLink(each))
    .map(each => each.type);

const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...hostile), fc.string());

describe('a text that somebody else wrote', () => {
  const xmlShows = (text: string): string => visible(text).replace(/[\p{Surrogate}\ufffe\uffff]/gu, '\ufffd');

  test('stays what it is in XML and HTML', () => {
    fc.assert(
      fc.property(anything, text => {
        const { elements, text: shown } = parsed(`<a b="${escaped(text)}">${escaped(text)}</a>`);
        expect(elements).toHaveLength(1);
        expect(shown).toBe(xmlShows(text));
      }),
      { seed: 7 },
    );
  });

  test('stays what it is in Markdown: no emphasis, link, code or HTML comes of it', () => {
    fc.assert(
      fc.property(anything, text => {
        const plain = visible(text).replace(/\s+/g, ' ').trim();
        fc.pre(plain !== '');
        for (const written of [inline(text), `- ${inline(text)}`, `# ${inline(text)}`]) {
          const shown = tree(written);
          const kinds = new Set(types(written));
          for (const kind of ['root', 'paragraph', 'heading', 'list', 'listItem', 'text']) kinds.delete(kind);
          expect([...kinds]).toEqual([]);
          expect(textIn(shown)).toBe(plain.replaceAll('\0', '\ufffd'));
        }
        const cells = nodes(tree(`| a |\n| --- |\n| ${inline(text)} |`)).filter(each => each.type === 'tableCell');
        expect(cells).toHaveLength(2);
      }),
      { seed: 7 },
    );
  });

  test('stays what it is as code in Markdown', () => {
    fc.assert(
      fc.property(anything, text => {
        const plain = visible(text).replace(/\s+/g, ' ');
        fc.pre(plain.trim() !== '');
        const [only] = nodes(tree(`x ${code(text)} x`)).filter(each => each.type === 'inlineCode');
        expect(only?.value).toBe(plain);
      }),
      { seed: 7 },
    );
  });
});

describe.each([...hostile, 'plain'])('a report that says %j', text => {
  const report = reportSaying(text);

  test('is one, by its schema', () => {
    expect(reportForm.parse(JSON.parse(JSON.stringify(report)))).toBeTruthy();
  });

  test('as JUnit has the tests, failures and errors that it counts', () => {
    const { elements } = parsed(junit(report));
    const number = (name: string): number => elements.filter(each => each.name === name).length;
    expect([...new Set(elements.map(({ name }) => name))].sort()).toEqual([
      'error',
      'failure',
      'properties',
      'property',
      'skipped',
      'testcase',
      'testsuite',
      'testsuites',
    ]);
    const counted = {
      tests: String(number('testcase')),
      failures: String(number('failure')),
      errors: String(number('error')),
    };
    expect(counted).toEqual({ tests: '6', failures: '1', errors: '3' });
    expect(elements[0]).toMatchObject({ name: 'testsuites', attributes: counted });
    expect(elements[1]).toMatchObject({ name: 'testsuite', attributes: { ...counted, skipped: '1' } });
    const names = elements.filter(({ name }) => name === 'testcase').map(({ attributes }) => attributes.name);
    expect(new Set(names).size).toBe(names.length);
  });

  test('as SARIF is valid by its published schema', () => {
    const log = JSON.parse(sarif(report));
    isSarif(log);
    expect(isSarif.errors).toBeNull();
    expect(isSarif({ ...log, runs: [{}] }), 'what is none is refused').toBe(false);
    const [{ results, tool }] = log.runs;
    expect(results).toHaveLength(3);
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex].id).toBe(ruleId);
    expect(results[0].locations[0].physicalLocation.artifactLocation.uri).toBe(
      'corpus/stopped-means-stopped/stop%20%26%20go.json',
    );
    expect(results[1].suppressions).toHaveLength(1);
    expect(results[2].level).toBe('warning');
  });

  test('as Markdown has its own marks alone', () => {
    const written = markdown(report);
    const kinds = types(written);
    for (const kind of ['html', 'link', 'image', 'delete', 'thematicBreak']) expect(kinds).not.toContain(kind);
    expect(kinds.filter(kind => kind === 'heading').length).toBe(
      types(markdown(reportSaying('plain'))).filter(kind => kind === 'heading').length,
    );
    expect(kinds.filter(kind => kind === 'strong')).toHaveLength(1);
    expect(visible(written)).toBe(written);
  });

  test('as HTML has its own elements alone', () => {
    const elements = (page: string) => page.match(/<\/?[a-z][a-z0-9]*/g)?.length;
    expect(elements(html(report))).toBe(elements(html(reportSaying('plain'))));
    expect(visible(html(report))).toBe(html(report));
  });
});

test('a page says of each finding how it stands after the last night, as the history does', () => {
  const night = (day: number, findings: readonly string[], whole = true) => ({
    date: `2026-01-0${day}T02:00:00.000Z`,
    verdict: 'violated' as const,
    operations: 1,
    findings: Object.fromEntries(findings.map(each => [each, 1])),
    ...(!whole && { whole }),
  });
  const { findings, ...rest } = reportSaying('x');
  const [finding] = findings;
  if (finding === undefined) throw new Error('there is no finding');
  const page = html({
    ...rest,
    findings: [{ ...finding, signature: 'known', known: true }],
    nights: [
      night(1, ['gone', 'back', 'there', 'unasked']),
      night(2, ['there', 'unasked']),
      night(3, ['there', 'back', 'known', 'new'], false),
    ],
  });
  const states = [...page.matchAll(/<th scope="row"><code>(\w+)<\/code> <span class="badge [\w]+">([\w ]+)</g)];
  expect(Object.fromEntries(states.map(([, name, state]) => [name, state]))).toEqual({
    gone: 'gone',
    back: 'back',
    there: 'still there',
    unasked: 'not asked for',
    known: 'known',
    new: 'new',
  });
});

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reportForm } from '../../src/reports/report.ts';
import { emptyFolder, typed } from '../helpers/command.ts';
import { reportSaying } from '../helpers/report.ts';

const corpus = new URL('../../corpus/no-orphans/remove-stack.json', import.meta.url).pathname;
const endings = ['html', 'md', 'xml', 'sarif', 'json'];

const commands: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['fuzz', ['fuzz', '--host', 'simulator', '--seed', '3', '--runs', '2', '--schedule', 'walks']],
  ['replay', ['replay', corpus, '--host', 'simulator']],
  ['scenario', ['scenario', 'S07', '--host', 'simulator']],
  ['explore', ['explore', '--operations', 'remove-stack,set-healthcheck,rebuild', '--depth', '1', '--threads', '1']],
];

describe('every command writes its report in every format', () => {
  test.each(commands)('%s', async (name, args) => {
    const folder = emptyFolder();
    const flags = endings.flatMap(ending => ['--report', `r.${ending}`]);
    const { status, err } = await typed([...args, '--json', 'other.json', ...flags, '--quiet'], folder);
    const text = (file: string): string => readFileSync(join(folder, file), 'utf8');
    const report = reportForm.parse(JSON.parse(text('r.json')));
    expect({ command: report.command, status: report.status }, err).toEqual({ command: name, status });
    expect(text('other.json')).toBe(text('r.json'));
    // It shows, step by step, where the machine differs from the model.
    expect(report.findings.length).toBeGreaterThan(0);
    for (const { story } of report.findings) {
      expect(story?.steps.length).toBe((story?.parted?.after ?? 0) + 1);
      expect(story?.after?.units).not.toEqual({});
    }
    // A saved report makes the same files again.
    const again = endings.flatMap(ending => ['--to', `again.${ending}`]);
    expect((await typed(['report', 'r.json', ...again], folder)).status).toBe(0);
    for (const ending of endings) expect(text(`again.${ending}`)).toBe(text(`r.${ending}`));
  });
});

describe('a mistake is told before anything is done', () => {
  const folder = emptyFolder();
  mkdirSync(join(folder, 'folder.html'));
  writeFileSync(join(folder, 'good.json'), JSON.stringify(reportSaying('plain')));
  writeFileSync(join(folder, 'other.json'), '{"format":2}');
  writeFileSync(join(folder, 'none.json'), 'none');
  const fuzz = ['fuzz', '--host', 'simulator', '--runs', '1', '--report'];
  const mistakes: readonly (readonly [args: readonly string[], says: string])[] = [
    [[...fuzz, 'report.pdf'], '--report report.pdf: expected a name that ends with .html, .md, .xml, .sarif, .json'],
    [[...fuzz, 'report'], 'without an ending'],
    [[...fuzz, 'folder.html'], '--report folder.html: expected a file that can be written'],
    [['report', 'good.json', '--to', 'x.txt'], '--to x.txt: expected a name that ends with'],
    [['report', 'missing.json', '--to', 'x.html'], 'missing.json: expected a report as docs/report.schema.json'],
    [['report', 'none.json', '--to', 'x.html'], 'no JSON'],
    [['report', 'other.json', '--to', 'x.html'], 'format: '],
  ];
  test.each(mistakes)('%j', async (args, says) => {
    const { status, err } = await typed(args, folder);
    expect({ status, err }).toEqual({ status: 3, err: expect.stringContaining(says) });
  });
});

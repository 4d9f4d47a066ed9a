import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { withHistory } from '../../history/history.ts';
import { Problem } from '../../problem.ts';
import { mustBeReportable, writtenOrTold } from '../../reports/write.ts';
import type { Context } from '../context.ts';
import { examples } from '../help.ts';
import { positive } from '../values.ts';
import { historyLines } from './nightly/lines.ts';

/** Where nights are kept where no file is named. */
export const usualHistory = '.stackfuzz/history.db';

interface HistoryOptions {
  readonly host?: string;
  readonly nights: number;
  readonly history: string;
  readonly json?: true | string;
}

/** `stackfuzz history`: what nights have found. */
export function addHistory(program: Command, context: Context): void {
  program
    .command('history')
    .description('show what nights have found: what is new, still there and gone, and how the last nights went')
    .option('--host <name>', 'only nights on this host')
    .option('--nights <number>', 'how many nights are listed', positive, 14)
    .option('--history <file>', 'file of the history', usualHistory)
    .option('--json [file]', 'print JSON; with a file, also write it there')
    .addHelpText(
      'after',
      examples(
        ['history', 'every host'],
        ['history --host wsl --nights 30', 'a month of one of them'],
        ['history --json', 'for programs'],
      ),
    )
    .action(async (given: HistoryOptions) => history(given, context));
}

async function history({ host, nights, history: file, json }: HistoryOptions, context: Context): Promise<void> {
  if (typeof json === 'string') await mustBeReportable({ json });
  if (!existsSync(file))
    throw new Problem({
      expected: 'a history, which nights are kept in',
      found: 'no such file',
      where: file,
      next: 'A first night begins one: stackfuzz nightly --host NAME',
    });
  const of = host === undefined ? undefined : { host };
  const history = await withHistory(file, all => ({
    findings: all.standing(of),
    nights: all.nights(nights, of),
    coverage: all.coverage(of),
  }));
  if (host !== undefined && history.nights.length === 0)
    throw new Problem({
      expected: 'a host that had a night',
      found: host,
      where: file,
      next: 'stackfuzz history shows all of them',
    });
  const text = `${JSON.stringify({ format: 1, command: 'history', ...history }, null, 2)}\n`;
  if (typeof json === 'string') await writtenOrTold(json, text, 'history', context.warn);
  if (json === true) context.out(text.trimEnd());
  else
    for (const line of historyLines(history))
      typeof line === 'string' ? context.out(line) : context.out(line.text, line.tone);
}

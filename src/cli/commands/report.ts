import type { Command } from 'commander';
import { readReport } from '../../reports/read.ts';
import { endings, mustBeReportable, writeReports } from '../../reports/write.ts';
import type { Context } from '../context.ts';
import { exit, type Status } from '../exit.ts';
import { examples } from '../help.ts';

/** `stackfuzz report`: a report that was saved as JSON, in another format. */
export function addReport(program: Command, context: Context): void {
  const more = (file: string, files: readonly string[] = []): readonly string[] => [...files, file];
  program
    .command('report')
    .description('write a report that was saved by --json in another format')
    .argument('<file>', 'the saved report')
    .requiredOption(
      '--to <file>',
      `what to write, by how its name ends: ${endings.join(', ')}; may be given again`,
      more,
    )
    .addHelpText(
      'after',
      examples(
        ['report night.json --to night.html', 'one page to read'],
        ['report night.json --to night.md --to night.xml', 'Markdown for an issue, JUnit for a CI server'],
      ),
    )
    .action(async (file: string, { to }: { to: readonly string[] }) => context.end(await convert(file, to, context)));
}

async function convert(file: string, to: readonly string[], context: Context): Promise<Status> {
  const files = { report: to };
  await mustBeReportable(files, '--to');
  const report = await readReport(file);
  const all = await writeReports(files, report, context.warn);
  if (all) context.note(`Written: ${to.join(', ')}`);
  return all ? exit.held : exit.inconclusive;
}

import { type Command, InvalidArgumentError } from 'commander';
import { suiteOf } from '../../corpus/entry.ts';
import { readEntries } from '../../corpus/store.ts';
import { Unwritable, writeTo } from '../../files.ts';
import { Problem } from '../../problem.ts';
import { render } from '../../profiles/render.ts';
import type { Context } from '../context.ts';
import { exit, type Status } from '../exit.ts';
import { examples } from '../help.ts';
import { catalogOf } from '../models.ts';
import { targetOf } from '../options.ts';
import { version } from '../package.ts';
import { checksOf } from './corpus/checks.ts';
import { issueText } from './corpus/issue.ts';
import { exportOperator, scriptOf } from './corpus/script.ts';
import { exportedRun } from './corpus/steps.ts';

/** `stackfuzz corpus export`: an entry as a script that needs no stackfuzz. */
export function addCorpus(program: Command, context: Context): void {
  program
    .command('corpus')
    .description('share entries of the corpus')
    .command('export')
    .description('write a script that shows an entry on a plain machine without stackfuzz, and a text ready to file')
    .argument('<entry>', 'the file of the entry')
    .option(
      '--out <file>',
      'where the script goes, and beside it the text, as .md (default: the script to standard output)',
      shellFile,
    )
    .addHelpText(
      'after',
      examples([
        'corpus export corpus/enabled-as-declared/disable-rebuild.json --out disable.sh',
        'disable.sh and disable.md',
      ]),
    )
    .action(async (entry: string, given: { out?: string }) => context.end(await exportEntry(entry, given, context)));
}

function shellFile(file: string): string {
  if (file.endsWith('.sh')) return file;
  throw new InvalidArgumentError('Expected a name that ends with .sh.');
}

async function exportEntry(file: string, { out }: { out?: string }, context: Context): Promise<Status> {
  const { entries, problems } = await readEntries([file]);
  const [stored] = entries;
  if (stored === undefined) throw problems[0];
  const { path, entry } = stored;
  if (entry.homeManager !== undefined) {
    throw new Problem({
      expected: 'an entry without an activation package',
      found: entry.homeManager.join(', '),
      where: path,
      next: 'Its closure is what to hand over, with the file and the evidence beside it.',
    });
  }
  const subject = targetOf(entry.profile, entry.provider, suiteOf(entry), [], entry.stacks);
  const { profile, provider } = subject;
  const deployment = {
    profile,
    provider,
    operator: exportOperator,
    render: (declaration: Parameters<typeof render>[1]) => render(profile, declaration, provider, exportOperator),
  };
  const { run, steps } = await exportedRun(stored, subject, deployment, await catalogOf(undefined));
  const checks = checksOf(run, deployment);
  if (checks.length === 0) {
    throw new Problem({
      expected: 'an entry whose fault a script can see: in a field, or in how a command ended',
      found: 'one that shows in the words of a failure alone',
      where: path,
      next: 'Its file and the evidence beside it are what to hand over.',
    });
  }
  const exported = { path, entry, deployment, steps, checks, stackfuzz: version() };
  const script = scriptOf(exported);
  if (out === undefined) context.out(script.trimEnd());
  else {
    const text = out.replace(/\.sh$/, '.md');
    await written(out, script);
    await written(text, issueText(exported));
    context.out(`Written: ${out}, and what to file with it: ${text}`);
  }
  return exit.held;
}

async function written(file: string, text: string): Promise<void> {
  try {
    await writeTo(file, text);
  } catch (error) {
    if (!(error instanceof Unwritable)) throw error;
    throw new Problem({
      expected: 'a file that can be written',
      found: error.message,
      where: `--out ${file}`,
      next: 'Name a file in a folder that can be written.',
    });
  }
}

import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { profileDirectory } from '../../hosts/real/levers/profile.ts';
import { run } from '../../hosts/transport/shell.ts';
import { render } from '../../profiles/render.ts';
import type { Profile } from '../../profiles/types.ts';
import { count } from '../../reports/progress.ts';
import type { Context } from '../context.ts';
import { exit, type Status } from '../exit.ts';
import { examples } from '../help.ts';
import { imitationNote } from '../imitation.ts';
import { beyondImitation } from '../machines.ts';
import { targetOf } from '../options.ts';

/** `stackfuzz profile …`: profiles of one's own. */
export function addProfile(program: Command, context: Context): void {
  const profile = program.command('profile').description('look at a profile of your own before it is tested');
  profile
    .command('check')
    .description('load a profile, check it and its scripts, and say what it would do; no machine is touched')
    .argument('<name|dir>', 'a name from `list profiles`, or a folder')
    .addHelpText(
      'after',
      examples(['profile check ./my-profile', 'one of your own'], ['profile check hardened', 'one that ships']),
    )
    .action(async (name: string) => context.end(await check(name, context)));
}

async function check(name: string, context: Context): Promise<Status> {
  const chosen = targetOf(name);
  for (const line of linesOf(chosen.profile)) context.out(line);
  const beyond = beyondImitation(chosen);
  const note = imitationNote(chosen.profile);
  if (beyond === null) context.out(note ?? 'Simulator: imitates it.');
  else
    context.out(
      `Simulator: does not imitate it (expected ${beyond.expected}, found ${beyond.found}): lab machines only.`,
    );
  const complaints = await shellChecked(chosen.profile);
  if (complaints === null) {
    context.out('Scripts: not checked, for want of shellcheck. To get it: apt-get install shellcheck');
    return exit.held;
  }
  const { scripts, errors, others } = complaints;
  for (const line of errors) context.out(line);
  const rest = others === 0 ? '' : ` and ${count(others, 'remark')}, which shellcheck itself shows`;
  context.out(`Scripts: ${scripts}; shellcheck has ${count(errors.length, 'error')}${rest}.`);
  return errors.length === 0 ? exit.held : exit.usage;
}

/** What a profile would do, and as which user. */
function linesOf(profile: Profile): readonly string[] {
  const { name, directory, files, commands, declaration, providers } = profile;
  const from = new Map<string, string[]>();
  for (const [path, source] of files) {
    const folder = source.slice(0, -path.length - 1);
    from.set(folder, [...(from.get(folder) ?? []), path]);
  }
  const taken = [...from].filter(([folder]) => folder !== directory);
  const stacks = Object.entries(declaration.stacks).map(
    ([stack, { services, secrets }]) =>
      `${stack} (${Object.keys(services).join(', ')}${secrets.length === 0 ? '' : `; secrets ${secrets.join(', ')}`})`,
  );
  const written = Object.keys(render(profile, declaration, providers[0] ?? 'docker-compose')).sort();
  return [
    `${name}: ${profile.about}`,
    `Folder: ${directory}`,
    ...taken.map(([folder, paths]) => `From ${folder}: ${paths.join(', ')}`),
    `Units: installed in ${profile.owner}${profile.updateUnit === null ? '' : `; updated by ${profile.updateUnit}`}`,
    `Providers: ${providers.join(', ')}`,
    `Stacks of the first rebuild: ${stacks.join('; ')}`,
    `On each machine ${count(files.size, 'file')} would be copied to ${profileDirectory({})}, and there`,
    `  as root, once:         ${commands.install}`,
    `  as root, to rebuild:   ${commands.rebuild}`,
    `  as root, to roll back: ${commands.rollback}`,
    `  as operator, updates:  ${commands.update}`,
    `  as operator, dry run:  ${commands.dryRun}`,
    `Before each rebuild these would be written: ${written.join(', ')}`,
  ];
}

interface Complaint {
  readonly file: string;
  readonly line: number;
  readonly level: string;
  readonly code: number;
  readonly message: string;
}

/** What shellcheck reports for the scripts, placed as on a machine; null where it is not installed. */
async function shellChecked(
  profile: Profile,
): Promise<{ scripts: number; errors: readonly string[]; others: number } | null> {
  const isThere = await run('shellcheck', ['--version']).catch(() => null);
  if (isThere === null) return null;
  const together = await mkdtemp(join(tmpdir(), 'stackfuzz-check-'));
  try {
    const scripts: string[] = [];
    for (const [path, source] of profile.files) {
      await mkdir(dirname(join(together, path)), { recursive: true });
      await copyFile(source, join(together, path));
      if (isScript(path, await readFile(source, 'utf8'))) scripts.push(path);
    }
    if (scripts.length === 0) return { scripts: 0, errors: [], others: 0 };
    // SC2148: a file that is only sourced needs no line that names its shell.
    const flags = ['--format=json', '--exclude=SC2148', '--external-sources', '--source-path=SCRIPTDIR'];
    const { stdout } = await run('shellcheck', [...flags, ...scripts], { cwd: together });
    const all = JSON.parse(stdout || '[]') as readonly Complaint[];
    const errors = all.filter(({ level }) => level === 'error');
    return {
      scripts: scripts.length,
      errors: errors.map(
        ({ file, line, code, message }) => `${profile.files.get(file) ?? file}:${line}: ${message} (SC${code})`,
      ),
      others: all.length - errors.length,
    };
  } finally {
    await rm(together, { recursive: true, force: true });
  }
}

/** Shell scripts, and what they source. The other files are templates and texts. */
const isScript = (path: string, text: string): boolean =>
  /^#!\s*\S*(?:\/|\s)(?:ba|da|k)?sh\b/.test(text) || path.endsWith('.sh');

import { Command, Option } from 'commander';
import { redacted } from '../redact.ts';
import { forTerminal, type Tone } from '../reports/terminal.ts';
import { visible } from '../visible.ts';
import type { Context, Detail, Main, Part } from './context.ts';
import { exit, type Status, statusOf, worst } from './exit.ts';
import { examples } from './help.ts';
import { version } from './package.ts';

/** Adds a command to the program; some commands start others, by `main`. */
type Add = (program: Command, context: Context, main: Main) => void;

/**
 * The commands, in the order of the help text. Only the one that is typed is loaded: to load all of them takes longer than most
 * of them run.
 */
const commands: Readonly<Record<string, () => Promise<Add>>> = {
  fuzz: async () => (await import('./commands/fuzz.ts')).addFuzz,
  explore: async () => (await import('./commands/explore.ts')).addExplore,
  replay: async () => (await import('./commands/replay.ts')).addReplay,
  scenario: async () => (await import('./commands/scenario.ts')).addScenario,
  report: async () => (await import('./commands/report.ts')).addReport,
  corpus: async () => (await import('./commands/corpus.ts')).addCorpus,
  audit: async () => (await import('./commands/audit.ts')).addAudit,
  history: async () => (await import('./commands/history.ts')).addHistory,
  restore: async () => (await import('./commands/restore.ts')).addRestore,
  lab: async () => (await import('./commands/lab.ts')).addLab,
  list: async () => (await import('./commands/list.ts')).addList,
  profile: async () => (await import('./commands/profile.ts')).addProfile,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctor,
  nightly: async () => (await import('./commands/nightly.ts')).addNightly,
  rollout: async () => (await import('./commands/rollout.ts')).addRollout,
};

/** Loads the typed command, none for the version, all of them for the help text or for a word that is no command. */
async function wanted([first = '']: readonly string[]): Promise<readonly Add[]> {
  if (first === '--version' || first === '-V') return [];
  const load = Object.hasOwn(commands, first) ? commands[first] : undefined;
  return Promise.all(load === undefined ? Object.values(commands).map(each => each()) : [load()]);
}

/** All output to the terminal goes through this: it removes secrets and control characters. */
const shown = (text: string): string => visible(redacted(text));

/**
 * Runs a command line and returns the exit status; it never throws.
 * @param part given where it is a part of another command
 */
export async function main(args: readonly string[], part?: Part): Promise<Status> {
  let status: Status = exit.held;
  let floor: Status = exit.held;
  let detail: Detail = 'usual';
  // On a terminal this replaces a line of progress.
  const erase = process.stderr.isTTY ? '\r\u001b[K' : '';
  const tell = (line: string, tone?: Tone): void => {
    process.stderr.write(`${erase}${forTerminal(shown(line), tone, process.stderr)}\n`);
  };
  const context: Context = {
    out: (line, tone) => process.stdout.write(`${forTerminal(shown(line), tone, process.stdout)}\n`),
    note: line => detail !== 'quiet' && tell(line, 'faint'),
    warn: line => tell(line, 'warning'),
    failed: line => {
      tell(line, 'warning');
      part?.hear(line);
    },
    get detail() {
      return detail;
    },
    isPart: part !== undefined,
    end: ended => {
      status = ended;
    },
    atLeast: least => {
      floor = least;
    },
  };
  try {
    const program = programOf(context, await wanted(args));
    program.hook('preAction', (_, command) => {
      detail = detailOf(command);
    });
    await program.parseAsync(args, { from: 'user' });
    return worst([status, floor]);
  } catch (error) {
    const failure = statusOf(error);
    if (failure.message !== null) {
      tell(failure.message, 'bad');
      part?.hear(failure.message);
    }
    return failure.status;
  }
}

function programOf(context: Context, adding: readonly Add[]): Command {
  const program = new Command('stackfuzz')
    .description(
      'A host may fail, but it may not lie: finds machines whose compose stacks are not what they claim to be.',
    )
    .version(version(), '-V, --version', 'show the version')
    .exitOverride()
    .configureOutput({
      writeOut: text => process.stdout.write(shown(text)),
      writeErr: text => process.stderr.write(shown(text)),
    })
    .showHelpAfterError('(add --help to see what is possible)')
    .addHelpText(
      'after',
      `${examples(
        ['doctor', 'what this computer can do'],
        ['fuzz', 'search for findings, on lab machines where they run'],
        ['replay', 'repeat what was found before'],
        ['explore --profile hardened', 'every short sequence, on simulated machines'],
        ['fuzz --help', 'the flags of a command, with examples'],
      )}\n\nExit status: 0 held, 1 violated, 2 inconclusive, 3 usage or configuration, 255 crashed.`,
    );
  for (const add of adding) add(program, context, main);
  for (const command of program.commands) addDetail(command);
  return program;
}

/** Adds the flags that say how much is printed, to a command and to those below it. */
function addDetail(command: Command): void {
  for (const below of command.commands) addDetail(below);
  if (command.commands.length > 0) return;
  command
    .addOption(new Option('-q, --quiet', 'print only results').conflicts('verbose'))
    .addOption(new Option('-v, --verbose', 'print each operation too').hideHelp(!doingOperations.has(command.name())));
}

/** The commands that print operations with --verbose; the others take the flag, so that a script may give it to all. */
const doingOperations: ReadonlySet<string> = new Set(['fuzz', 'replay', 'scenario', 'nightly', 'rollout']);

function detailOf(command: Command): Detail {
  const { quiet, verbose } = command.opts<{ quiet?: boolean; verbose?: boolean }>();
  return quiet ? 'quiet' : verbose ? 'verbose' : 'usual';
}

import { Command, Option } from 'commander';
import { redacted } from '../redact.ts';
import { forTerminal, type Tone } from '../reports/terminal.ts';
import { visible } from '../visible.ts';
import { addAudit } from './commands/audit.ts';
import { addCorpus } from './commands/corpus.ts';
import { addDoctor } from './commands/doctor.ts';
import { addExplore } from './commands/explore.ts';
import { addFuzz } from './commands/fuzz.ts';
import { addHistory } from './commands/history.ts';
import { addLab } from './commands/lab.ts';
import { addList } from './commands/list.ts';
import { addNightly } from './commands/nightly.ts';
import { addProfile } from './commands/profile.ts';
import { addReplay } from './commands/replay.ts';
import { addReport } from './commands/report.ts';
import { addRestore } from './commands/restore.ts';
import { addRollout } from './commands/rollout.ts';
import { addScenario } from './commands/scenario.ts';
import type { Context, Detail } from './context.ts';
import { exit, type Status, statusOf } from './exit.ts';
import { examples } from './help.ts';
import { version } from './package.ts';

/** The one way to the terminal: without what looks like a secret, and without what a terminal would obey. */
const shown = (text: string): string => visible(redacted(text));

/** Runs a command line and hands back the exit status; nothing that goes wrong escapes it. */
export async function main(args: readonly string[]): Promise<Status> {
  let status: Status = exit.held;
  let detail: Detail = 'usual';
  // On a terminal, in place of a line of progress that may stand there.
  const erase = process.stderr.isTTY ? '\r\u001b[K' : '';
  const tell = (line: string, tone?: Tone): void => {
    process.stderr.write(`${erase}${forTerminal(shown(line), tone, process.stderr)}\n`);
  };
  const context: Context = {
    out: (line, tone) => process.stdout.write(`${forTerminal(shown(line), tone, process.stdout)}\n`),
    note: line => detail !== 'quiet' && tell(line, 'faint'),
    warn: line => tell(line, 'warning'),
    get detail() {
      return detail;
    },
    end: ended => {
      status = ended;
    },
  };
  try {
    const program = programOf(context);
    program.hook('preAction', (_, command) => {
      detail = detailOf(command);
    });
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    const failure = statusOf(error);
    if (failure.message !== null) tell(failure.message, 'bad');
    return failure.status;
  }
}

function programOf(context: Context): Command {
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
        ['replay', 'do again what was found before'],
        ['explore --profile hardened', 'every short sequence, on simulated machines'],
        ['fuzz --help', 'the flags of a command, with examples'],
      )}\n\nExit status: 0 held, 1 violated, 2 inconclusive, 3 usage or configuration, 255 crashed.`,
    );
  for (const add of [
    addFuzz,
    addExplore,
    addReplay,
    addScenario,
    addReport,
    addCorpus,
    addAudit,
    addHistory,
    addRestore,
    addLab,
    addList,
    addProfile,
    addDoctor,
  ])
    add(program, context);
  addNightly(program, context, main);
  addRollout(program, context, main);
  for (const command of program.commands) addDetail(command);
  return program;
}

/** Adds the flags that say how much is printed, to a command and to those below it. */
function addDetail(command: Command): void {
  for (const below of command.commands) addDetail(below);
  if (command.commands.length > 0) return;
  command
    .addOption(new Option('-q, --quiet', 'tell results alone').conflicts('verbose'))
    .option('-v, --verbose', 'tell each operation too');
}

function detailOf(command: Command): Detail {
  const { quiet, verbose } = command.opts<{ quiet?: boolean; verbose?: boolean }>();
  return quiet ? 'quiet' : verbose ? 'verbose' : 'usual';
}

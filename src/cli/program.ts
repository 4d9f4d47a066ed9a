import { Command } from 'commander';
import { redacted } from '../redact.ts';
import { visible } from '../visible.ts';
import { addDoctor } from './commands/doctor.ts';
import { addExplore } from './commands/explore.ts';
import { addFuzz } from './commands/fuzz.ts';
import { addLab } from './commands/lab.ts';
import { addList } from './commands/list.ts';
import { addProfile } from './commands/profile.ts';
import { addReplay } from './commands/replay.ts';
import { addScenario } from './commands/scenario.ts';
import type { Context } from './context.ts';
import { exit, type Status, told } from './exit.ts';
import { version } from './package.ts';

/** The one way to the terminal: without what looks like a secret, and without what a terminal would obey. */
const shown = (text: string): string => visible(redacted(text));

/** Runs a command line and hands back the exit status; nothing that goes wrong escapes it. */
export async function main(args: readonly string[]): Promise<Status> {
  let status: Status = exit.held;
  const context: Context = {
    out: line => process.stdout.write(`${shown(line)}\n`),
    // On a terminal, in place of a line of progress that may stand there.
    note: line => process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${shown(line)}\n` : `${shown(line)}\n`),
    end: ended => {
      status = ended;
    },
  };
  try {
    await programOf(context).parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    const failure = told(error);
    if (failure.message !== null) context.note(failure.message);
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
    .addHelpText('after', '\nExit status: 0 held, 1 violated, 2 inconclusive, 3 usage or configuration, 255 crashed.');
  for (const add of [addFuzz, addExplore, addReplay, addScenario, addLab, addList, addProfile, addDoctor])
    add(program, context);
  return program;
}

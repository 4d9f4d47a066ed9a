import { type Command, Option } from 'commander';
import {
  boot,
  buildRoot,
  clean,
  down,
  list,
  machineName,
  oddities,
  releases,
  type Suite,
  shell,
} from '../../hosts/lab/index.ts';
import { prepare } from '../../hosts/real/prepare.ts';
import type { Context } from '../context.ts';
import { exit } from '../exit.ts';
import { examples } from '../help.ts';
import { interruptible } from '../interrupt.ts';
import { deploymentOf } from '../machines.ts';
import { targetOf, usualSuite } from '../options.ts';

/** `stackfuzz lab …`: throw-away machines by hand. */
export function addLab(program: Command, context: Context): void {
  const lab = program.command('lab').description('build, boot, enter and take down lab machines by hand');
  lab.addHelpText(
    'after',
    examples(
      ['lab up --profile hardened', 'boots a machine with a profile on it'],
      ['lab shell lab --root', 'a shell in it, as root'],
      ['lab down lab', 'takes it down'],
    ),
  );
  addBuild(lab, context);
  addUp(lab, context);
  lab
    .command('list')
    .description('show the machines there are')
    .action(() => {
      const machines = list();
      for (const { name, suite, up, owner, abandoned } of machines) {
        const whose = owner === null ? 'kept' : `of process ${owner}`;
        context.out(
          `${name}  ${suite}, ${up ? 'up' : 'down'}, ${abandoned ? 'left behind: lab clean takes it down' : whose}`,
        );
      }
      for (const odd of oddities()) context.warn(odd);
      if (machines.length === 0) context.note('There is no machine. To boot one: stackfuzz lab up');
    });
  lab
    .command('shell <name>')
    .description('open a shell inside a machine, as the operator')
    .option('--root', 'as root')
    .action(async (name: string, { root }: { root?: boolean }) => {
      const status = await shell(name, root ? 'root' : 'operator');
      if (status !== 0) context.warn(`The shell ended with ${status}.`);
    });
  lab
    .command('down <name>')
    .description('take a machine down')
    .action(async (name: string) => {
      await down(name);
      context.out(`${name} is down.`);
    });
  lab
    .command('clean')
    .description('take down every machine that an ended run left behind')
    .action(async () => {
      const { gone, trouble } = await clean(line => context.note(`Lab: ${line}.`));
      for (const what of [...trouble, ...oddities()]) context.warn(`Left alone: ${what}`);
      context.out(gone.length === 0 ? 'Nothing was left behind.' : `Took down ${gone.join(', ')}.`);
      if (trouble.length > 0) context.end(exit.crashed);
    });
}

const suite = (): Option =>
  new Option('--suite <name>', 'Debian release').choices(Object.keys(releases)).default(usualSuite);

function addBuild(lab: Command, context: Context): void {
  lab
    .command('build')
    .description('build the root file system that machines are booted on (a minute or two, once)')
    .addOption(suite())
    .action(async (given: { suite: Suite }) => {
      await endable(context, async (say, signal) => context.out(await buildRoot({ ...given, say, signal })));
    });
}

function addUp(lab: Command, context: Context): void {
  lab
    .command('up [name]')
    .description('boot a machine that stays up until `lab down`')
    .addOption(suite())
    .option('--profile <name|dir>', 'also install this profile and its stacks')
    .option('--provider <name>', 'compose provider')
    .action(async (wanted = 'lab', given: { suite: Suite; profile?: string; provider?: string }) => {
      const name = machineName(wanted);
      const chosen = given.profile === undefined ? undefined : targetOf(given.profile, given.provider, given.suite);
      await endable(context, async (say, signal) => {
        await buildRoot({ suite: given.suite, say, signal });
        const machine = await boot({ name, suite: given.suite, signal });
        try {
          if (chosen !== undefined) {
            say(`installing profile ${chosen.profile.name} with ${chosen.provider}`);
            await prepare(machine.channel, deploymentOf(chosen));
          }
          signal.throwIfAborted();
        } catch (error) {
          await machine.down();
          throw error;
        }
        machine.keep();
        await machine.channel.close();
        context.out(`${name} is up. To enter it: stackfuzz lab shell ${name}`);
        context.end(exit.held);
      });
    });
}

/** Does something long that Ctrl-C ends, with nothing left behind. */
async function endable(
  context: Context,
  work: (say: (line: string) => void, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const interrupt = interruptible(line => context.warn(line));
  try {
    await work(line => context.note(`Lab: ${line}.`), interrupt.signal);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    context.warn('Stopped; nothing of it is left.');
    context.end(exit.inconclusive);
  } finally {
    interrupt.dispose();
  }
}

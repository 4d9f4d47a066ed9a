import type { Command } from 'commander';
import { Sick } from '../../../models/host.ts';
import { connectTo } from '../../hosts/own/connection.ts';
import { inspect, type Restored, restore } from '../../hosts/own/guard/guard.ts';
import { guardedHostOf } from '../../hosts/own/guard/kept.ts';
import { staysWords } from '../../hosts/own/machines.ts';
import { loadProfile } from '../../profiles/profile.ts';
import type { Context } from '../context.ts';
import { exit } from '../exit.ts';
import { examples } from '../help.ts';
import { ownHostOf, usualHostsFile } from '../hosts-file.ts';

interface Given {
  readonly host: string;
  readonly hosts?: string;
  readonly breakLock?: boolean;
  readonly dryRun?: boolean;
}

/** `stackfuzz restore`: brings a machine of one's own back to what was recorded before a run, and proves it. */
export function addRestore(program: Command, context: Context): void {
  program
    .command('restore')
    .description('restore a machine of your own after a run that did not end properly')
    .requiredOption('--host <name>', 'a machine of the hosts file')
    .option('--hosts <file>', `the hosts file (${usualHostsFile})`)
    .option('--break-lock', 'even if the run was active a moment ago')
    .option('--dry-run', 'say what there is to restore, and change nothing')
    .addHelpText(
      'after',
      examples(
        ['restore --host wsl', 'after a crash or a lost connection'],
        ['restore --host wsl --break-lock', 'the run is gone for good, and the machine still waits for it'],
        ['restore --host wsl --dry-run', 'who has the machine, and since when'],
      ),
    )
    .action(async (given: Given) => {
      const host = ownHostOf(given.host, given.hosts);
      const guarded = guardedHostOf(host, loadProfile(host.profile));
      try {
        const channel = await connectTo(host);
        try {
          if (given.dryRun) return tellHolder((await inspect(channel, guarded)).holder);
          tellRestored(await restore(channel, guarded, { breakLock: given.breakLock === true }), host.name);
        } finally {
          await channel.close();
        }
      } catch (error) {
        if (!(error instanceof Sick)) throw error;
        context.warn(error.message);
        context.warn(
          `Nothing is known of how ${host.name} is now. Once it answers: stackfuzz restore --host ${host.name}`,
        );
        context.end(exit.inconclusive);
      }
    });

  function tellHolder(holder: Awaited<ReturnType<typeof inspect>>['holder']): void {
    context.out(
      holder === null
        ? 'There is nothing to restore: no run has this machine.'
        : `Would restore what run ${holder.run} recorded (from ${holder.from}, since ${holder.since}; it is ${holder.state}).`,
    );
  }

  function tellRestored({ run, did, stays, left }: Restored, name: string): void {
    for (const each of did) context.note(each);
    for (const each of stays) context.note(staysWords(name, each));
    if (run === null) context.out('There is nothing to restore: no run has this machine.');
    else if (left.length === 0)
      context.out(`Restored, and looked at again: it is as it was before run ${run} (${did.length} things put right).`);
    else {
      context.warn(`Not everything is as it was before run ${run}; the machine stays locked.`);
      for (const { what, next } of left) context.out(`- ${what}\n  ${next}`, 'bad');
      context.out('When that is done, type the same again.');
      context.end(exit.inconclusive);
    }
  }
}

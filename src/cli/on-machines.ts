import { Sick } from '../../models/host.ts';
import { ShellError } from '../hosts/transport/shell.ts';
import type { Context } from './context.ts';
import { exit } from './exit.ts';
import type { Interrupt } from './interrupt.ts';
import type { Kind } from './kinds.ts';
import { isImitated, type Opened, open } from './machines.ts';
import type { SharedOptions, Target } from './options.ts';
import { usualLabs } from './usual-labs.ts';

/** Which machines are wanted. */
export interface WantedMachines {
  readonly kind: Kind;
  readonly subject: Target;
  readonly given: Pick<SharedOptions, 'host' | 'labs'>;
}

/** Opens machines, works with them and closes them. Returns null, after a message, where none could be opened. */
export async function onMachines<T>(
  wanted: WantedMachines,
  interrupt: Interrupt,
  context: Context,
  work: (opened: Opened) => Promise<T>,
): Promise<T | null> {
  const opened = await opening(wanted, interrupt, context);
  if (opened === null) return null;
  try {
    return await work(opened);
  } finally {
    await closed(opened, context);
  }
}

/** What was found is told all the same, where a machine cannot be put back as it was. */
async function closed(opened: Opened, context: Context): Promise<void> {
  try {
    await opened.close();
  } catch (error) {
    if (!(error instanceof Sick)) throw error;
    context.failed(error.message);
    context.atLeast(exit.inconclusive);
  }
}

async function opening(wanted: WantedMachines, interrupt: Interrupt, context: Context): Promise<Opened | null> {
  const { kind, subject, given } = wanted;
  try {
    return await open(kind, subject, given.labs ?? usualLabs(), interrupt, context);
  } catch (error) {
    // A build or boot that the operator ended has failed, and reports it; that is not worth a message.
    if (interrupt.signal.aborted) {
      context.warn('Stopped before anything was tried.');
      return null;
    }
    if (!(error instanceof Sick || error instanceof ShellError)) throw error;
    const why = `No ${kind} machine comes up here: ${error.message}`;
    if (kind === 'simulator' || given.host !== undefined || !isImitated(subject)) {
      context.failed(why);
      return null;
    }
    context.warn(why);
    context.warn('Going on with the simulator. To insist on the lab: --host lab');
    return open('simulator', subject, 1, interrupt, context);
  }
}

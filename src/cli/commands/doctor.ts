import { existsSync, readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import type { Command } from 'commander';
import { labAvailable, machineBytes } from '../../hosts/lab/index.ts';
import { modelConfigOf } from '../../profiles/setup.ts';
import type { Context } from '../context.ts';
import { examples } from '../help.ts';
import { addModels, triedCatalog } from '../models.ts';
import { targetOf } from '../options.ts';

/** `stackfuzz doctor`: what this machine can do, what is missing, what to type. */
export function addDoctor(program: Command, context: Context): void {
  addModels(program.command('doctor').description('say what this machine can do, what is missing, and what to type'))
    .addHelpText(
      'after',
      examples(
        ['doctor', 'what this computer can do'],
        ['doctor --models ./my-models', 'and whether these are all right'],
      ),
    )
    .action(async ({ models = [] }: { models?: readonly string[] }) => {
      const { own = new Map() } = await triedCatalog(models, modelConfigOf(targetOf()));
      const lab = labAvailable();
      context.out(`Node ${process.versions.node}: ${nodeWord()}`);
      context.out('simulator: works here, as everywhere; it needs nothing');
      context.out(lab.ok ? 'lab: can run here' : `lab: cannot run here, for want of ${lab.missing.join(', ')}`);
      if (lab.fix !== '') context.out(`  ${lab.fix}`);
      if (lab.ok)
        context.out(
          `memory: ${gibibytes(freemem())} free; two lab machines take about 0.5 GiB, and the files of each ${gibibytes(machineBytes())} at most`,
        );
      if (lab.ok && !mayMount())
        context.out('  but this root may not mount (a plain container?): machines will not boot');
      if (models.length > 0) context.out(`models: ${own.size} of your own, all right: ${[...own.keys()].join(', ')}`);
      const cgroups = existsSync('/sys/fs/cgroup/cgroup.controllers') || existsSync('/sys/fs/cgroup/unified');
      if (lab.ok && !cgroups) context.out('  no unified cgroup hierarchy is mounted: machines may not boot');
      context.out(`Type: ${lab.ok ? 'npm run fuzz' : 'npm run fuzz -- --host simulator'}`);
    });
}

const nodeWord = (): string => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 20) ? 'fine' : 'too old, 20.20 or newer is needed';
};

/** The capability CAP_SYS_ADMIN is bit 21 of the effective set (capabilities(7)). */
const mayMount = (): boolean => {
  const effective = readFileSync('/proc/self/status', 'utf8').match(/^CapEff:\s*([0-9a-f]+)$/m)?.[1] ?? '0';
  return ((BigInt(`0x${effective}`) >> 21n) & 1n) === 1n;
};

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

import { existsSync, readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import type { Command } from 'commander';
import { withinLimits } from '../../../models/limits.ts';
import { labAvailable, machineBytes } from '../../hosts/lab/index.ts';
import { limitsOf } from '../../hosts/own/limits.ts';
import { modelConfigOf } from '../../profiles/setup.ts';
import { commandLine } from '../commands.ts';
import type { Context } from '../context.ts';
import { exit, type Status } from '../exit.ts';
import { examples } from '../help.ts';
import { noteLeftOut } from '../limits.ts';
import { addModels, triedCatalog } from '../models.ts';
import { addHost, addStacks, ownOf, type SharedOptions, targetFor, targetOf } from '../options.ts';
import { lookedOver, mustNameOperations } from '../own.ts';

/** `stackfuzz doctor`: what this machine can do, what is missing, what to type. */
export function addDoctor(program: Command, context: Context): void {
  const doctor = program
    .command('doctor')
    .description('report what a machine can do, what is missing, and what to type');
  addStacks(addHost(addModels(doctor), 'a machine of your own, by its name (default: this computer)'))
    .addHelpText(
      'after',
      examples(
        ['doctor', 'what this computer can do'],
        ['doctor --models ./my-models', 'also checks these models'],
        [
          'doctor --host wsl',
          'what is missing on a machine of your own, and what can be done with it; nothing is changed',
        ],
        ['doctor --host wsl --stacks ~/homelab', 'whether compose files of your own can run there, beside what does'],
      ),
    )
    .action(async (given: SharedOptions) => {
      if (ownOf(given) !== undefined) return context.end(await lookOver(given, context));
      const { models = [] } = given;
      const { own = new Map() } = await triedCatalog(models, modelConfigOf(targetOf()));
      const lab = labAvailable();
      context.out(`Node ${process.versions.node}: fine`);
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
      context.out(`Type: ${commandLine('fuzz', lab.ok ? [] : ['--host', 'simulator'])}`);
    });
}

/** Reports what is wrong on a machine of the user's own, and what can be done with it. Nothing is changed. */
async function lookOver(given: SharedOptions, context: Context): Promise<Status> {
  const target = targetFor(given);
  const { own, profile, provider } = target;
  if (own === undefined) return exit.usage;
  const { operations } = await triedCatalog(given.models, modelConfigOf(target));
  mustNameOperations(own, [...operations.keys()]);
  const { facts, troubles } = await lookedOver(target);
  context.out(
    `${own.name}: it calls itself ${facts.hostname}, and answers as ${facts.operator.name} (${facts.operator.home})`,
  );
  context.out(`profile ${profile.name} with ${provider}; podman ${facts.podman ?? 'is missing'}; root: ${own.root}`);
  if (own.probe.serve)
    context.out(
      `The probe images would be made of ${facts.imagesMadeOf}, and served at ${own.probe.image} while stackfuzz is there.`,
    );
  for (const { expected, found, next } of troubles)
    context.out(`expected ${expected}, found ${found}\n  ${next}`, 'bad');
  const { operations: left, leftOut } = withinLimits(operations, limitsOf(own, facts));
  noteLeftOut(leftOut, `on ${own.name}`, { note: line => context.out(line) });
  context.out(`${left.size} of ${operations.size} operations can be done to it.`);
  if (troubles.length > 0) return exit.usage;
  context.out(`Type: ${commandLine('fuzz', ['--host', own.name, ...target.flags])}`, 'command');
  return exit.held;
}

/** The capability CAP_SYS_ADMIN is bit 21 of the effective set (capabilities(7)). */
const mayMount = (): boolean => {
  const effective = readFileSync('/proc/self/status', 'utf8').match(/^CapEff:\s*([0-9a-f]+)$/m)?.[1] ?? '0';
  return ((BigInt(`0x${effective}`) >> 21n) & 1n) === 1n;
};

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Sick, Unstarted } from '../../../models/host.ts';
import type { Declaration } from '../../../models/machine/declaration.ts';
import { Problem } from '../../problem.ts';
import { redacted } from '../../redact.ts';
import { asker, type Deployment, narrowedBy } from '../deployment.ts';
import { placeOf } from '../paths.ts';
import type { Channel, Ran } from '../transport/channel.ts';
import { quoted } from '../transport/quote.ts';
import { ailmentScript, ailmentsIn, killedBy } from './ailment.ts';
import { bounded, evidenceScript, said } from './evidence.ts';
import { failureIn, failureScript } from './failure.ts';
import type { Lever } from './levers/lever.ts';
import { patient, unprepared } from './levers/lever.ts';
import { profileCommand, profileDirectory, rebuilding, runnerOf, secretPlace } from './levers/profile.ts';
import { secretText } from './levers/secret.ts';
import { written } from './levers/write.ts';
import { type Look, understood } from './observe/look.ts';
import { lookScript } from './observe/look-script.ts';
import { observed } from './observe/observe.ts';
import { secretsOf } from './secrets.ts';
import { faultOf, restOf } from './settle.ts';

/** Longest output of a profile's command that is passed on. */
const outputBound = 4_000;

/**
 * Turns a bare machine into one that the profile's first declaration was rebuilt on and that is at rest: what every
 * run starts from.
 * @param upon what is rebuilt before it, where the machine is not bare
 * @throws Sick where a step of it fails, with what the machine said.
 * @throws Unstarted where the first rebuild fails, or leaves something else than it says: that is judged as any step is.
 * @throws Problem where it is the profile's install command that fails: there is nothing to test.
 */
export async function prepare(channel: Channel, setting: Deployment, upon?: Declaration): Promise<void> {
  const { declaration } = setting.profile;
  const stacks = Object.keys(declaration.stacks);
  const levers = preparation(setting, upon);
  for (const lever of levers) {
    const start = performance.now();
    const { as, timeoutMs, title } = lever;
    const ran = await channel.run(lever.script, { as, timeoutMs, title });
    if (ran.status === 0) continue;
    if (lever === levers.at(-1)) throw await notRebuilt(channel, setting, ran, performance.now() - start);
    if (ran.status !== unprepared && lever.kind === 'claim') throw failed(setting, lever.title, ran);
    const words = redacted(said(ran), secretsOf(setting));
    throw new Sick(`preparing a machine: ${lever.title} ended with ${ran.status}:\n${words}`);
  }
  const ran = await channel.run(lookScript(setting, stacks, { seconds: 60, mustBeUp: true }), {
    timeoutMs: patient,
    reads: true,
  });
  const look = narrowedBy(setting, understood(ran.stdout, setting.operator));
  const fault = faultOf(look, stacks);
  if (fault === null) return;
  await mustBeWell(channel, setting);
  throw unfit(look, fault);
}

/**
 * The first rebuild failed: a finding, where it came to an end and the machine is well. Its machine is given back by whoever
 * had it made, so that what a reader wants to see of it is fetched here.
 * @param milliseconds how long it took.
 */
export async function notRebuilt(channel: Channel, setting: Deployment, ran: Ran, milliseconds: number): Promise<Sick> {
  const secrets = secretsOf(setting);
  const clean = (text: string): string => redacted(text, secrets);
  const message = bounded(clean(said(ran)), outputBound);
  if (ran.timedOut || ran.status === unprepared)
    return new Sick(
      `the first rebuild ${ran.timedOut ? 'did not come to an end' : 'could not be prepared'}:\n${message}`,
    );
  const asRoot = { as: asker(setting), timeoutMs: patient, reads: true };
  const journal = await channel.run(failureScript(setting, milliseconds), asRoot);
  await mustBeWell(channel, setting);
  const shown = await channel.run(evidenceScript(setting, Object.keys(setting.profile.declaration.stacks), 0), asRoot);
  const claim = { ok: false, status: ran.status, message, ...failureIn(journal.stdout, setting, clean) };
  return new Unstarted(`the first rebuild ended with ${ran.status}:\n${message}`, claim, {
    evidence: `# The machine, after its first rebuild\n${clean(shown.stdout)}`,
  });
}

/** The first rebuild said that it succeeded, and the machine is none to start from: a finding, unless it still moves. */
export function unfit(look: Look, fault: string): Sick {
  const message = `after the first rebuild, which said that it succeeded: ${fault}`;
  if (!restOf(look).rested) return new Sick(message);
  return new Unstarted(message, { ok: true, status: 0, message: '' }, { seen: observed(look, null).seen });
}

async function mustBeWell(channel: Channel, setting: Deployment): Promise<void> {
  const ran = await channel.run(ailmentScript(setting), { as: asker(setting), timeoutMs: patient, reads: true });
  const [ailment] = ailmentsIn(ran.stdout, killedBy(ran.stdout));
  if (ailment !== undefined) throw new Sick(`the machine is not well: ${ailment}`);
}

function failed(setting: Deployment, what: string, ran: Ran): Problem {
  const output = bounded(redacted(said(ran), secretsOf(setting)), outputBound).replace(/[^\P{Cc}\n\t]/gu, '');
  const ended = ran.timedOut ? 'did not come to an end' : `ended with ${ran.status}`;
  return new Problem({
    expected: `${what} to succeed on a fresh machine`,
    found: `that it ${ended}, with:\n${output.trim().replace(/^/gm, '  | ')}`,
    where: join(setting.profile.directory, 'profile.yaml'),
    next: 'Correct what it runs. To try it by hand on a machine: stackfuzz lab up, then stackfuzz lab shell lab --root',
  });
}

/** What preparing a machine does, in order: its scripts are all that a prepared machine depends on. */
export const preparation = (setting: Deployment, upon?: Declaration): readonly Lever[] => [
  copying(setting),
  secretsFor(setting),
  installing(setting),
  ...(upon === undefined ? [] : [rebuilding(setting, upon)]),
  { ...rebuilding(setting, setting.profile.declaration), title: "the profile's rebuild command" },
];

/** The profile's files, with their mode bits. */
function copying(setting: Deployment): Lever {
  const { profile } = setting;
  const folder = profileDirectory(setting);
  const files = [...profile.files].sort(([one], [other]) => (one < other ? -1 : 1));
  const texts = Object.fromEntries(files.map(([path, source]) => [path, readFileSync(source, 'utf8')]));
  const modes = files.map(([path, source]) => {
    const mode = (statSync(source).mode & 0o777).toString(8);
    return `chmod ${mode} ${quoted(join(folder, path))}`;
  });
  const script = `set -eu\nrm -rf ${folder}\n${written(folder, texts)}\n${modes.join('\n')}`;
  return { title: 'copy the profile', as: runnerOf(setting, 'rebuild'), timeoutMs: patient, kind: 'hand', script };
}

/** The secrets that the stacks need, as they are to begin with. */
export function secretsFor(setting: Deployment): Lever {
  const { declaration } = setting.profile;
  const names = [...new Set(Object.values(declaration.stacks).flatMap(stack => stack.secrets))];
  const directory = placeOf('~/secrets', setting.operator);
  const lines = names.map(name => `printf %s ${quoted(secretText(name))} > ${quoted(secretPlace(setting, name))}`);
  const script = `set -eu\numask 077\nmkdir -p ${quoted(directory)}\n${lines.join('\n')}`;
  return { title: 'make the secrets', as: 'operator', timeoutMs: patient, kind: 'hand', script };
}

const installing = (setting: Deployment): Lever => ({
  title: "the profile's install command",
  as: runnerOf(setting, 'install'),
  timeoutMs: patient,
  kind: 'claim',
  script: profileCommand(setting, 'install'),
});

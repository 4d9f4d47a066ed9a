import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Sick, Unstarted } from '../../../models/host.ts';
import type { Declaration } from '../../../models/machine/declaration.ts';
import { unitOf } from '../../../models/machine/search-path.ts';
import { Problem } from '../../problem.ts';
import { redacted } from '../../redact.ts';
import { asker, type Deployment, narrowedBy, siteOf } from '../deployment.ts';
import { placeOf } from '../paths.ts';
import { channelFor } from '../scope.ts';
import type { Channel, Ran } from '../transport/channel.ts';
import { quoted } from '../transport/quote.ts';
import { ailmentScript, ailmentsIn, killedBy } from './ailment.ts';
import { bounded, evidenceScript, said } from './evidence.ts';
import { failureIn, failureScript } from './failure.ts';
import type { Lever } from './levers/lever.ts';
import { patient, unprepared } from './levers/lever.ts';
import { profileCommand, profileDirectory, rebuilding, runnerOf, secretPlace } from './levers/profile.ts';
import { written } from './levers/write.ts';
import { type Look, understood } from './observe/look.ts';
import { lookScript } from './observe/look-script.ts';
import { observed } from './observe/observe.ts';
import { secretText } from './secret-text.ts';
import { secretsOf } from './secrets.ts';
import { faultOf, restOf } from './settle.ts';

/** Longest output of a profile's command that is passed on, in characters. */
const outputBound = 4_000;

/**
 * Makes a bare machine into one at rest on which the profile's first declaration was rebuilt: every run starts from it.
 * @param upon what is rebuilt before it, if the machine is not bare
 * @throws Sick if a step of it fails: with what the machine printed
 * @throws Unstarted if the first rebuild fails, or if its success is not true: that is judged as any step is
 * @throws Problem if the profile's install command fails: then there is nothing to test
 */
export async function prepare(given: Channel, deployment: Deployment, upon?: Declaration): Promise<void> {
  const channel = channelFor(deployment, given);
  const { declaration } = deployment.profile;
  const stacks = Object.keys(declaration.stacks);
  const levers = preparation(deployment, upon);
  await bringClosures(channel, deployment);
  for (const lever of levers) {
    const start = performance.now();
    const { as, timeoutMs, title } = lever;
    const ran = await channel.run(lever.script, { as, timeoutMs, title });
    if (ran.status === 0) continue;
    if (lever === levers.at(-1)) throw await notRebuilt(channel, deployment, ran, performance.now() - start);
    if (ran.status !== unprepared && lever.kind === 'claim') throw failed(deployment, lever.title, ran);
    const words = redacted(said(ran), secretsOf(deployment));
    throw new Sick(`preparing a machine: ${lever.title} ended with ${ran.status}:\n${words}`);
  }
  for (const { script, as, timeoutMs, title } of upon === undefined ? [] : firstStart(deployment))
    await channel.run(script, { as, timeoutMs, title });
  const ran = await channel.run(lookScript(deployment, stacks, { seconds: 60, mustBeUp: true }), {
    timeoutMs: patient,
    reads: true,
  });
  const look = narrowedBy(deployment, understood(ran.stdout, deployment.operator));
  const fault = faultOf(look, declaration);
  if (fault === null) return;
  await mustBeWell(channel, deployment);
  throw unfit(look, fault);
}

/**
 * The first rebuild failed: a finding, if it came to its end and the machine is well. The caller gives the machine back, so
 * everything that a reader wants to see of it is fetched here.
 * @param milliseconds how long it took
 */
export async function notRebuilt(
  channel: Channel,
  deployment: Deployment,
  ran: Ran,
  milliseconds: number,
): Promise<Sick> {
  const secrets = secretsOf(deployment);
  const clean = (text: string): string => redacted(text, secrets);
  const message = bounded(clean(said(ran)), outputBound);
  if (ran.timedOut || ran.status === unprepared)
    return new Sick(
      `the first rebuild ${ran.timedOut ? 'did not come to an end' : 'could not be prepared'}:\n${message}`,
    );
  const asRoot = { as: asker(deployment), timeoutMs: patient, reads: true };
  const journal = await channel.run(failureScript(deployment, milliseconds), asRoot);
  await mustBeWell(channel, deployment);
  const shown = await channel.run(
    evidenceScript(deployment, Object.keys(deployment.profile.declaration.stacks), 0),
    asRoot,
  );
  const claim = { ok: false, status: ran.status, message, ...failureIn(journal.stdout, deployment, clean) };
  return new Unstarted(`the first rebuild ended with ${ran.status}:\n${message}`, claim, {
    evidence: `# The machine, after its first rebuild\n${clean(shown.stdout)}`,
  });
}

/** The first rebuild claimed success, but the machine is not ready for a run: a finding, unless the machine is still changing. */
export function unfit(look: Look, fault: string): Sick {
  const message = `after the first rebuild, which said that it succeeded: ${fault}`;
  if (!restOf(look).rested) return new Sick(message);
  return new Unstarted(message, { ok: true, status: 0, message: '' }, { seen: observed(look, null).seen });
}

async function mustBeWell(channel: Channel, deployment: Deployment): Promise<void> {
  const ran = await channel.run(ailmentScript(deployment), { as: asker(deployment), timeoutMs: patient, reads: true });
  const [ailment] = ailmentsIn(ran.stdout, killedBy(ran.stdout));
  if (ailment !== undefined) throw new Sick(`the machine is not well: ${ailment}`);
}

function failed(deployment: Deployment, what: string, ran: Ran): Problem {
  const output = bounded(redacted(said(ran), secretsOf(deployment)), outputBound).replace(/[^\P{Cc}\n\t]/gu, '');
  const ended = ran.timedOut ? 'did not come to an end' : `ended with ${ran.status}`;
  return new Problem({
    expected: `${what} to succeed on a fresh machine`,
    found: `that it ${ended}, with:\n${output.trim().replace(/^/gm, '  | ')}`,
    where: join(deployment.profile.directory, 'profile.yaml'),
    next: 'Correct what it runs. To try it by hand on a machine: stackfuzz lab up, then stackfuzz lab shell lab --root',
  });
}

/**
 * Starts what the owner has installed, if the owner starts nothing by itself on a running machine (NixOS, defect D20): a
 * machine of one's own is not booted into its first declaration. What does not start is seen by the next look.
 */
export const firstStart = ({ profile }: Pick<Deployment, 'profile'>): readonly Lever[] =>
  profile.owner.startsWith('/')
    ? [
        {
          title: 'start the stacks',
          as: 'operator',
          timeoutMs: patient,
          kind: 'hand',
          script: `systemctl --user start ${Object.keys(profile.declaration.stacks).map(unitOf).map(quoted).join(' ')}\nexit 0`,
        },
      ]
    : [];

/** What is done to prepare a machine, in order: a prepared machine depends on nothing but these scripts. */
export const preparation = (deployment: Deployment, upon?: Declaration): readonly Lever[] => [
  copying(deployment),
  ...closuresOf(deployment),
  secretsFor(deployment),
  ...externalFor(deployment),
  installing(deployment),
  ...(upon === undefined ? [] : [rebuilding(deployment, upon)]),
  { ...rebuilding(deployment, deployment.profile.declaration), title: "the profile's rebuild command" },
];

/** The profile's files, with their mode bits. */
function copying(deployment: Deployment): Lever {
  const { profile } = deployment;
  const folder = profileDirectory(deployment);
  const files = [...profile.files].sort(([one], [other]) => (one < other ? -1 : 1));
  const texts = Object.fromEntries(files.map(([path, source]) => [path, readFileSync(source, 'utf8')]));
  const modes = files.map(([path, source]) => {
    const mode = (statSync(source).mode & 0o777).toString(8);
    return `chmod ${mode} ${quoted(join(folder, path))}`;
  });
  const script = `set -eu\nrm -rf ${folder}\n${written(folder, texts)}\n${modes.join('\n')}`;
  return { title: 'copy the profile', as: runnerOf(deployment, 'rebuild'), timeoutMs: patient, kind: 'hand', script };
}

/** How much of a closure is sent to a machine in one call, in bytes. */
const piece = 1_572_864;

const closuresIn = (deployment: Deployment): string => `${siteOf(deployment).place}/closures`;

/** Sends the profile's closures, in pieces: they are too long for a script. */
async function bringClosures(channel: Channel, deployment: Deployment): Promise<void> {
  const folder = closuresIn(deployment);
  for (const [nth, { file }] of (deployment.profile.closures ?? []).entries()) {
    const to = quoted(`${folder}/${nth}`);
    const handle = openSync(file, 'r');
    try {
      const bytes = Buffer.alloc(piece);
      for (let at = 0; ; ) {
        const read = readSync(handle, bytes, 0, piece, at);
        if (read === 0) break;
        const begin = at === 0 ? `mkdir -p ${quoted(folder)} && : > ${to} && ` : '';
        const script = `${begin}base64 -d >> ${to} <<'END'\n${bytes.toString('base64', 0, read)}\nEND`;
        const ran = await channel.run(script, { as: runnerOf(deployment, 'install'), timeoutMs: patient });
        if (ran.status !== 0)
          throw new Sick(`preparing a machine: bringing a closure ended with ${ran.status}:\n${said(ran)}`);
        at += read;
      }
    } finally {
      closeSync(handle);
    }
  }
}

/** Checks that what arrived is what was read. The hash is part of the preparation: another closure is another preparation. */
const closuresOf = (deployment: Deployment): readonly Lever[] =>
  (deployment.profile.closures ?? []).map(({ sha256 }, nth) => ({
    title: 'bring a closure',
    as: runnerOf(deployment, 'install'),
    timeoutMs: patient,
    kind: 'hand',
    script: `echo ${quoted(`${sha256}  ${closuresIn(deployment)}/${nth}`)} | sha256sum --check --quiet`,
  }));

/** The secrets that the stacks need, in their first state. */
export function secretsFor(deployment: Deployment): Lever {
  const { declaration } = deployment.profile;
  const names = [...new Set(Object.values(declaration.stacks).flatMap(stack => stack.secrets))];
  const directory = placeOf('~/secrets', deployment.operator);
  const places = names.map(name => quoted(secretPlace(deployment, name)));
  const lines = names.map((name, at) => `printf %s ${quoted(secretText(name))} > ${places[at]}`);
  // What stands there may be a link: what it leads to is somebody's.
  const script = `set -eu\numask 077\nmkdir -p ${quoted(directory)}\nrm -f ${places.join(' ')}\n${lines.join('\n')}`;
  return { title: 'make the secrets', as: 'operator', timeoutMs: patient, kind: 'hand', script };
}

/** The networks and volumes that compose files use as external. */
function externalFor({ profile }: Deployment): readonly Lever[] {
  const projects = Object.values(profile.declaration.stacks).flatMap(({ project }) => project ?? []);
  const made = (kind: 'network' | 'volume') =>
    projects
      .flatMap(project => Object.entries(kind === 'network' ? project.networks : project.volumes))
      .filter(([, one]) => one.external)
      .map(
        ([name, one]) =>
          `podman ${kind} exists ${quoted(one.name ?? name)} || podman ${kind} create ${quoted(one.name ?? name)}`,
      );
  const lines = [...new Set([...made('network'), ...made('volume')])];
  if (lines.length === 0) return [];
  const script = `set -eu\n${lines.join('\n')}`;
  return [{ title: 'make what is external', as: 'operator', timeoutMs: patient, kind: 'hand', script }];
}

const installing = (deployment: Deployment): Lever => ({
  title: "the profile's install command",
  as: runnerOf(deployment, 'install'),
  timeoutMs: patient,
  kind: 'claim',
  script: profileCommand(deployment, 'install'),
});

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Sick } from '../../models/host.ts';
import { Problem } from '../problem.ts';
import { redacted } from '../redact.ts';
import type { Channel, Ran } from './channel.ts';
import { bounded, said } from './evidence.ts';
import type { Lever } from './levers/lever.ts';
import { patient, unprepared } from './levers/lever.ts';
import { commandLine, profileDirectory, rebuilding, secretPlace } from './levers/profile.ts';
import { secretText } from './levers/secret.ts';
import { written } from './levers/write.ts';
import { understood } from './observe/look.ts';
import { lookScript } from './observe/script.ts';
import { placeOf } from './paths.ts';
import { quoted } from './quote.ts';
import { secretsOf } from './secrets.ts';
import type { Setting } from './setting.ts';
import { faultOf } from './settle.ts';

/**
 * Turns a bare machine into one that the profile's first declaration was rebuilt on and that is at rest: what every
 * run starts from.
 * @throws Sick where a step of it fails, with what the machine said.
 * @throws Problem where it is a command of the profile that fails: there is nothing to test.
 */
export async function prepare(channel: Channel, setting: Setting): Promise<void> {
  const { declaration } = setting.profile;
  const stacks = Object.keys(declaration.stacks);
  for (const lever of preparation(setting)) {
    const ran = await channel.run(lever.script, { as: lever.as, timeoutMs: lever.timeoutMs });
    if (ran.status === 0) continue;
    if (ran.status !== unprepared && lever.kind === 'claim') throw failed(setting, lever.title, ran);
    const words = redacted(said(ran), secretsOf(setting));
    throw new Sick(`preparing a machine: ${lever.title} ended with ${ran.status}:\n${words}`);
  }
  const ran = await channel.run(lookScript(setting, stacks, { seconds: 60, mustBeUp: true }), { timeoutMs: patient });
  const look = understood(ran.stdout, setting.operator);
  const fault = faultOf(look, stacks);
  if (fault !== null) throw new Sick(`a prepared machine is not fit to start from: ${fault}`);
}

/** Longest output of a profile's command in an error. */
const outputBound = 4_000;

function failed(setting: Setting, what: string, ran: Ran): Problem {
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
export const preparation = (setting: Setting): readonly Lever[] => [
  copying(setting),
  secretsFor(setting),
  installing(setting),
  { ...rebuilding(setting, setting.profile.declaration), title: "the profile's rebuild command" },
];

/** The profile's folder, with its mode bits. */
function copying({ profile }: Setting): Lever {
  const paths = readdirSync(profile.directory, { recursive: true, encoding: 'utf8' })
    .filter(path => statSync(join(profile.directory, path)).isFile())
    .sort();
  const texts = Object.fromEntries(paths.map(path => [path, readFileSync(join(profile.directory, path), 'utf8')]));
  const modes = paths.map(path => {
    const mode = (statSync(join(profile.directory, path)).mode & 0o777).toString(8);
    return `chmod ${mode} ${quoted(join(profileDirectory, path))}`;
  });
  const script = `set -eu\nrm -rf ${profileDirectory}\n${written(profileDirectory, texts)}\n${modes.join('\n')}`;
  return { title: 'copy the profile', as: 'root', timeoutMs: patient, kind: 'hand', script };
}

function secretsFor(setting: Setting): Lever {
  const { declaration } = setting.profile;
  const names = [...new Set(Object.values(declaration.stacks).flatMap(stack => stack.secrets))];
  const directory = placeOf('~/secrets', setting.operator);
  const lines = names.map(name => `printf %s ${quoted(secretText(name))} > ${quoted(secretPlace(setting, name))}`);
  const script = `set -eu\numask 077\nmkdir -p ${quoted(directory)}\n${lines.join('\n')}`;
  return { title: 'make the secrets', as: 'operator', timeoutMs: patient, kind: 'hand', script };
}

const installing = (setting: Setting): Lever => ({
  title: "the profile's install command",
  as: 'root',
  timeoutMs: patient,
  kind: 'claim',
  script: commandLine(setting, 'install'),
});

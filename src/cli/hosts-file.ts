import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import type { UnitDirectory } from '../../models/machine/search-path.ts';
import type { OwnHost, Probe } from '../hosts/own/own-host.ts';
import { registryTags, registryUnit, servedAt } from '../hosts/own/registry/probe-registry.ts';
import { Problem } from '../problem.ts';
import { didYouMean } from '../profiles/suggestion.ts';
import { readYaml, type Yaml } from '../yaml.ts';
import { type Notified, type Way, ways } from './commands/nightly/notified.ts';
import { duration } from './values.ts';

/** The file that is read where none is named. */
export const usualHostsFile = 'stackfuzz.yaml';

/** Names that `--host` takes for something else. */
const taken = ['lab', 'simulator', 'local', 'constructor'];

/** Owner models by name: the directory that they install units in, and the shipped profile that is like them. */
const owners: Readonly<Record<string, UnitDirectory>> = {
  'home-manager': '~/.config/systemd/user',
  'nixos-etc': '/etc/systemd/user',
};

const line = z
  .string()
  .min(1, 'some text')
  .regex(/^[^\p{Cc}]*$/u, 'one line, without control characters');
const word = line.regex(/^[^\s-]\S*$/, 'one word that does not begin with -');
const place = line.regex(/^[~/]/, 'a path that begins with / or ~');
const time = z.string().refine(isDuration, 'a duration such as 90s, 10m or 1h30m');
const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time such as 07:00, in quotes');
const command = z.union([
  line.transform(run => ({ run, as: 'operator' as const })),
  z.strictObject({ run: line, as: z.enum(['operator', 'root']).default('operator') }),
]);
const ssh = z.strictObject({
  destination: word,
  port: z.int().min(1).max(65_535).optional(),
  config: line.optional(),
  identity: line.optional(),
  options: z.array(line.regex(/^[A-Za-z]+[= ].+$/, 'an option of ssh_config(5): Name=value')).default([]),
});
const kept = z.union([z.strictObject({ env: word }), z.strictObject({ file: line })]);
const address = z.union([line, z.strictObject({ file: line })]);
const token = kept.optional();
/** Somebody who is told of nights; a token, and an address that is one, stand in files of their own. */
const told = z.union([
  z.strictObject({ command: line }),
  z.strictObject({ gotify: address, token }),
  z.strictObject({ webhook: address, token }),
  z.strictObject({ ntfy: address, token }),
]);
const host = z.strictObject({
  environment: line.nullable().default(null),
  transport: z.union([z.literal('local'), z.strictObject({ ssh })]),
  operator: word,
  root: z.enum(['none', 'sudo', 'ssh-root']).default('none'),
  owner: z.enum(['home-manager', 'nixos-etc']).default('home-manager'),
  profile: line.optional(),
  provider: z.enum(['docker-compose', 'podman-compose']).nullable().default(null),
  commands: z.union([
    z.literal('profile'),
    z.strictObject({
      rebuild: command,
      rollback: command.optional(),
      update: command.optional(),
      dryRun: command.optional(),
    }),
  ]),
  declaration: place.nullable().default(null),
  stacks: z.strictObject({
    prefix: z.string().regex(/^[a-z][a-z0-9]{1,11}$/, 'small letters and digits, a letter first, 2 to 12 of them'),
  }),
  operations: z
    .strictObject({
      only: z.array(word).nullable().default(null),
      allow: z.array(word).default([]),
      refuse: z.array(word).default([]),
    })
    .prefault({}),
  budgets: z.strictObject({ search: time.nullable().default(null), unattended: time.default('10m') }).prefault({}),
  quietHours: z.strictObject({ from: clock, to: clock }).nullable().default(null),
  expendable: z.array(word).default([]),
  notify: z.array(told).optional(),
  /** What a rollout is to do there otherwise than elsewhere. */
  rollout: z.strictObject({ leaveOut: z.array(word).default([]) }).prefault({}),
  probe: z
    .strictObject({
      image: line
        .regex(/^[a-z0-9.:-]+(\/[a-z0-9._-]+)+$/, 'registry/repository, without a tag')
        .default('localhost:5000/probe'),
      unit: word.optional(),
      tags: place.optional(),
      serve: z.boolean().default(false),
    })
    .prefault({}),
});
const form = z.strictObject({
  hosts: z.record(z.string(), host),
  production: z.array(word).default([]),
  /** Who is told of the nights of every host that does not say it itself. */
  notify: z.array(told).default([]),
  /** Machines in the order in which a rollout goes from one to the next, by the rollout's name. */
  rollouts: z.record(z.string(), z.array(word).min(1, 'at least one host')).default({}),
});

/** Machines of one's own, by name. */
export type HostsFile = ReadonlyMap<string, OwnHost>;

/** Whether a word after --host can be the name of a machine of one's own. */
const hostName = /^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/;

/**
 * The machine of this name.
 * @param file what `--hosts` says; absent: stackfuzz.yaml here.
 * @throws Problem where the file is not as docs/hosts.md says, or names no such machine.
 */
export function ownHostOf(name: string, file: string = usualHostsFile): OwnHost {
  const next = 'A machine of your own stands in stackfuzz.yaml, or in another file: --hosts FILE (docs/hosts.md).';
  if (!existsSync(file))
    throw new Problem({
      expected: 'lab, simulator, or the name of a machine of your own',
      found: `${name}, and no file ${file}`,
      where: '--host',
      next,
    });
  const hosts = readHostsFile(file);
  const found = hosts.get(name);
  if (found !== undefined) return found;
  const known = [...hosts.keys()];
  throw new Problem({
    expected: `lab, simulator, or a machine of ${file}: ${known.join(', ') || 'it has none'}`,
    found: `${name}${didYouMean(name, [...known, 'lab', 'simulator'])}`,
    where: '--host',
    next,
  });
}

/**
 * Reads a hosts file.
 * @throws Problem with file and line for what is not as docs/hosts.md says.
 */
export function readHostsFile(file: string): HostsFile {
  const yaml = yamlIn(file);
  const { hosts, production, rollouts } = parsed(yaml);
  const all = new Map(
    Object.entries(hosts).map(([name, given]) => [
      name,
      { ...ownHost(name, given, yaml, dirname(resolve(file))), production },
    ]),
  );
  for (const [name, names] of Object.entries(rollouts))
    for (const [at, each] of names.entries())
      if (!all.has(each) || names.indexOf(each) !== at)
        throw refused(
          all.has(each) ? 'each host of a rollout once' : `a host of this file: ${[...all.keys()].join(', ')}`,
          all.has(each) ? `${each} again` : `${each}${didYouMean(each, [...all.keys()])}`,
          yaml.at(['rollouts', name, at]),
        );
  return all;
}

/**
 * The machines of a rollout, in their order; a machine's own name stands for it alone.
 * @throws Problem where the file is not as docs/hosts.md says, or has neither of this name.
 */
export function rolloutOf(name: string, file: string = usualHostsFile): readonly string[] {
  if (!existsSync(file)) return [ownHostOf(name, file).name];
  const hosts = readHostsFile(file);
  const { rollouts } = parsed(yamlIn(file));
  const found = Object.hasOwn(rollouts, name) ? rollouts[name] : undefined;
  if (found !== undefined) return found;
  if (hosts.has(name)) return [name];
  const known = [...Object.keys(rollouts), ...hosts.keys()];
  throw refused(
    `a rollout or a host of ${file}: ${known.join(', ')}`,
    `${name}${didYouMean(name, known)}`,
    'rollout',
    'Write the order of the hosts into the file:  rollouts: { NAME: [first, second] }  (docs/rollout.md)',
  );
}

/**
 * The scenarios that rollouts leave out on a host, because the file says so, and where it does.
 * @throws Problem where the file is not as docs/hosts.md says
 */
export function leftOutOf(
  name: string,
  file: string = usualHostsFile,
): { readonly scenarios: readonly string[]; readonly where: string } {
  const yaml = yamlIn(file);
  const scenarios = parsed(yaml).hosts[name]?.rollout.leaveOut ?? [];
  return { scenarios, where: yaml.at(['hosts', name, 'rollout', 'leaveOut']) };
}

/**
 * Who is told of a host's nights: whom its own entry names, else whom the file names for all.
 * @throws Problem where the file is not as docs/hosts.md says
 */
export function notifiedOf(name: string, file: string = usualHostsFile): readonly Notified[] {
  const yaml = yamlIn(file);
  const { hosts, notify } = parsed(yaml);
  const own = hosts[name]?.notify;
  const path = own === undefined ? ['notify'] : ['hosts', name, 'notify'];
  const beside = (place: string): string => resolve(dirname(resolve(file)), place.replace(/^~(?=\/)/, homedir()));
  return (own ?? notify).map((each, at) => {
    const way = ways.find(one => one in each) as Way;
    const to = (each as Partial<Record<Way, string | { file: string }>>)[way] ?? '';
    const from = 'token' in each ? each.token : undefined;
    return {
      way,
      to: typeof to === 'string' ? to : { file: beside(to.file) },
      token: from === undefined ? null : 'env' in from ? from : { file: beside(from.file) },
      where: yaml.at([...path, at]),
    };
  });
}

function yamlIn(file: string): Yaml {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Problem({
      expected: 'a file that can be read',
      found: (error as NodeJS.ErrnoException).code ?? (error as Error).message,
      where: file,
      next: 'Write one (docs/hosts.md), or name another: --hosts FILE',
    });
  }
  return readYaml(text, file, 'docs/hosts.md');
}

function parsed(yaml: Yaml): z.infer<typeof form> {
  const checked = form.safeParse(yaml.value);
  // What is misspelt is also missing: the first is the cause.
  const issues = (checked.error?.issues ?? []).flatMap(innerIssues);
  const issue = issues.find(one => one.code === 'unrecognized_keys') ?? issues[0];
  if (issue !== undefined) throw refusal(issue, yaml);
  return form.parse(yaml.value);
}

/** Of a value that may be of several forms, what is wrong with the one that it is most like: the last is the fullest. */
function innerIssues(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const full = issue.errors.at(-1) ?? [];
  const isOther = full.some(({ code, path }) => code === 'invalid_type' && path.length === 0);
  return isOther ? [issue] : full.flatMap(one => innerIssues({ ...one, path: [...issue.path, ...one.path] }));
}

function ownHost(name: string, given: z.infer<typeof host>, yaml: Yaml, folder: string): Omit<OwnHost, 'production'> {
  const at = (...path: PropertyKey[]): string => yaml.at(['hosts', name, ...path]);
  if (!hostName.test(name) || taken.includes(name))
    throw refused(
      'the name of a machine: letters, digits, dots and hyphens, and not lab, simulator or local',
      name,
      at(),
    );
  const { transport, commands, stacks, budgets, profile, operations, probe, notify: _, rollout: __, ...rest } = given;
  if (commands !== 'profile' && given.declaration === null)
    throw refused(
      'declaration beside commands: where the wanted declaration is written, which your Nix code imports',
      'none',
      at('commands'),
      'write  declaration: ~/.config/stackfuzz/wanted.json  and import it (nix/README.md)',
    );
  if (transport === 'local' && given.root === 'ssh-root')
    throw refused('root: none or sudo, where the transport is local', 'ssh-root', at('root'));
  if (given.quietHours !== null && given.quietHours.from === given.quietHours.to)
    throw refused('quietHours with an end that is not its beginning', given.quietHours.from, at('quietHours'));
  if (probe.serve && servedAt(probe.image) === null)
    throw refused(
      'an image at a port of the loopback, which stackfuzz serves: localhost:5055/probe',
      probe.image,
      at('probe'),
    );
  if (probe.serve && (probe.unit !== undefined || probe.tags !== undefined))
    throw refused(
      'no probe.unit and no probe.tags beside serve: true: stackfuzz knows those of its own registry',
      probe.unit === undefined ? 'tags' : 'unit',
      at('probe'),
    );
  const path = (text: string | undefined): string | undefined => {
    if (text === undefined || text.startsWith('~')) return text?.replace(/^~(?=\/)/, homedir());
    return isAbsolute(text) ? text : join(folder, text);
  };
  const ssh = transport === 'local' ? null : transport.ssh;
  const config = path(ssh?.config);
  const identity = path(ssh?.identity);
  const named = profile ?? given.owner;
  return {
    ...rest,
    name,
    where: at(),
    owner: owners[given.owner] as UnitDirectory,
    // A name is a shipped profile's; a path is seen from the file.
    profile: /^[\w-]+$/.test(named) ? named : resolve(folder, named),
    transport:
      ssh === null
        ? { kind: 'local' }
        : {
            kind: 'ssh',
            destination: ssh.destination,
            options: ssh.options,
            ...(ssh.port !== undefined && { port: ssh.port }),
            ...(config !== undefined && { config }),
            ...(identity !== undefined && { identity }),
          },
    commands: commands === 'profile' ? commands : withoutAbsent(commands),
    prefix: stacks.prefix,
    operations,
    budgets: {
      search: budgets.search === null ? null : duration(budgets.search),
      unattended: duration(budgets.unattended),
    },
    probe: probeOf(probe, given.root !== 'none'),
  };
}

/** Where the probe images come from. Of a registry that stackfuzz brings it knows unit and tags itself. */
function probeOf({ serve, ...probe }: z.infer<typeof host>['probe'], hasRoot: boolean): Probe {
  if (!serve) return withoutAbsent(probe);
  return { image: probe.image, serve: true, ...(hasRoot && { unit: registryUnit, tags: registryTags }) };
}

/** The same without keys whose value is undefined. */
const withoutAbsent = <T extends object>(object: T) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

function isDuration(text: string): boolean {
  try {
    return duration(text) > 0;
  } catch {
    return false;
  }
}

const refused = (
  expected: string,
  found: string,
  where: string,
  next = 'correct the line; docs/hosts.md describes each key',
): Problem => new Problem({ expected, found, where, next });

/** What zod found wrong, in the words of the file. */
function refusal(issue: z.core.$ZodIssue, yaml: Yaml): Problem {
  const name = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const known = keysAt(issue.path);
    const whole = [...issue.path, key];
    return refused(
      `only keys that docs/hosts.md knows (${known.join(', ')})`,
      `${whole.map(String).join('.')}${didYouMean(key, known)}`,
      yaml.at(whole),
    );
  }
  const value = yaml.found(issue.path);
  const found = value === undefined ? 'nothing' : shown(value);
  const where = yaml.at(issue.path);
  if (name === '') return refused('a map with the key hosts', found, where);
  return refused(`${name} to be right (${wanted(issue)})`, found, where);
}

function wanted(issue: z.core.$ZodIssue): string {
  const key = String(issue.path.at(-1));
  if (key === 'rebuild') return 'the command of yours that makes the declaration true, such as home-manager switch';
  if (key === 'commands') return 'rebuild and what else there is, or the word profile';
  if (key === 'transport') return 'local, or ssh with a destination';
  return issue.message;
}

/** A value as it may be printed: nothing that moves the cursor, and not too much of it. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** The keys that the form knows at a path. */
function keysAt(path: readonly PropertyKey[]): readonly string[] {
  let at: unknown = form;
  for (const key of path) {
    const type = mapIn(at);
    if (type instanceof z.ZodObject) at = (type.shape as Record<PropertyKey, unknown>)[key];
    else if (type instanceof z.ZodRecord) at = type.valueType;
  }
  const type = mapIn(at);
  return type instanceof z.ZodObject ? Object.keys(type.shape) : [];
}

/** A type without what says that it may be left out; of several forms the one that has keys. */
function mapIn(type: unknown): unknown {
  if (type instanceof z.ZodDefault || type instanceof z.ZodPrefault) return mapIn(type.unwrap());
  if (type instanceof z.ZodNullable || type instanceof z.ZodOptional) return mapIn(type.unwrap());
  return type instanceof z.ZodUnion ? type.options.find(one => mapIn(one) instanceof z.ZodObject) : type;
}

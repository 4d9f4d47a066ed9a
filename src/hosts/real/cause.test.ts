import { expect, test } from 'vitest';
import { loadProfile } from '../../profiles/profile.ts';
import { causeIn } from './cause.ts';

const profile = loadProfile('home-manager');
const ids = { web: 'f2cea8007b814729a3fe63f91a8f32ec', duo: 'f6ba24ac84a241dfb99d347c355c3405', hm: 'aefeb11a09b14' };
const failed = 'd9b373ed55a64feb8242e02dbe79a49c';
const started = '39f53479d3a045ac8e11786248231fbf';
const exited = '98e322203f7a4ed290d09fe03c09fe15';

type Fields = Readonly<Record<string, unknown>>;
const journal = (...entries: readonly Fields[]): string => entries.map(entry => `${JSON.stringify(entry)}\n`).join('');
const ofUser = (id: keyof typeof ids, MESSAGE_ID: string, more: Fields = {}): Fields => ({
  USER_UNIT: `${id}-stack.service`,
  USER_INVOCATION_ID: ids[id],
  MESSAGE_ID,
  _TRANSPORT: 'journal',
  ...more,
});
const fails = (id: keyof typeof ids, UNIT_RESULT = 'exit-code') => ofUser(id, failed, { UNIT_RESULT });
const exits = (id: keyof typeof ids, EXIT_STATUS: string) => ofUser(id, exited, { EXIT_STATUS });
const says = (id: keyof typeof ids, MESSAGE: unknown, more: Fields = {}): Fields => ({
  MESSAGE,
  _TRANSPORT: 'stdout',
  _STREAM_ID: `stream of ${id}`,
  _SYSTEMD_USER_UNIT: `${id}-stack.service`,
  _SYSTEMD_INVOCATION_ID: ids[id],
  ...more,
});
const wrapperFails = { UNIT: 'home-manager-homelab.service', INVOCATION_ID: ids.hm, MESSAGE_ID: failed };
const wrapper = [
  { ...wrapperFails, UNIT_RESULT: 'exit-code' },
  says('web', 'Starting units: web-stack.service', { _SYSTEMD_INVOCATION_ID: ids.hm }),
];
const handsOn = (status: number) =>
  `Error: executing docker-compose -f /nix/store/x/compose.yml up -d: exit status ${status}`;
const causeOf = (...entries: readonly Fields[]) => causeIn(journal(...entries), { profile });

/** As in the journal of a lab machine: the wrapper around the provider prints the last line. */
const noImage = [
  fails('web'),
  exits('web', '18'),
  ...wrapper,
  says('web', ' app Pulling'),
  says('web', 'Error response from daemon: {"message":"manifest unknown: manifest unknown"}'),
  says('web', handsOn(18)),
];
const malformed = [
  fails('web'),
  exits('web', '15'),
  ...wrapper,
  says('web', 'line 1: key cannot contain a space'),
  says('web', handsOn(15)),
];

test('two causes of a rebuild that fails are two, though its last words are the same', () => {
  expect(causeOf(...noImage)).toEqual({
    unit: 'web-stack.service',
    says: 'Error response from daemon: {"message":"manifest unknown: manifest unknown"}',
  });
  expect(causeOf(...malformed)).toEqual({ unit: 'web-stack.service', says: 'line 1: key cannot contain a space' });
});

test('a line that comes after systemd’s, or whose process had ended when it came, is found', () => {
  const late = says('web', 'looking up the network: no such network', { _SYSTEMD_INVOCATION_ID: undefined });
  expect(causeOf(exits('web', '125'), fails('web'), ...wrapper, late)?.says).toBe(late.MESSAGE);
  // Another invocation of the same unit printed something else.
  const older = says('web', 'an older word', { _SYSTEMD_INVOCATION_ID: ids.duo });
  expect(causeOf(exits('web', '125'), fails('web'), late, older)?.says).toBe(late.MESSAGE);
});

test('lines of processes that journald knows nothing of are found by the main process and its stream', () => {
  const unknown = { _SYSTEMD_INVOCATION_ID: undefined, _SYSTEMD_USER_UNIT: undefined };
  const lines = [
    says('web', 'Error response from daemon: no such network', { ...unknown, _PID: '1005' }),
    says('web', handsOn(1), { ...unknown, _PID: '963' }),
    says('duo', 'what somebody else said', { ...unknown, _PID: '77' }),
  ];
  const pids = 'Id=web-stack.service\nExecMainPID=963\n\nId=home-manager-homelab.service\nExecMainPID=0\n';
  const output = `${journal(exits('web', '1'), fails('web'), ...wrapper)}${pids}${journal(...lines)}`;
  expect(causeIn(output, { profile })?.says).toBe('Error response from daemon: no such network');
});

test('podman’s events and the words of containers are no reason', () => {
  const event = says('web', '2026-11-25 22:52:34 +0000 UTC m=+0.28 container died 4f9f', { _TRANSPORT: 'journal' });
  expect(causeOf(...malformed, event)?.says).toBe('line 1: key cannot contain a space');
});

test('where systemd ended a unit, its programs do not know why', () => {
  expect(causeOf(fails('duo', 'timeout'), exits('duo', '1'), says('duo', 'probe broken'))).toEqual({
    unit: 'duo-stack.service',
    says: 'timeout',
  });
});

test('what runs again, and what is nobody’s concern, is no cause', () => {
  expect(causeOf(fails('web'), ofUser('web', started))).toBeNull();
  expect(causeOf({ ...fails('web'), USER_UNIT: `${'ab'.repeat(32)}.service` })).toBeNull();
  expect(causeOf()).toBeNull();
});

test('bytes that are no text, and half a line, break nothing', () => {
  const bytes = says('web', [...Buffer.from('\u001b[31mno such image')]);
  const cut = `${journal(fails('web'), exits('web', '1'), bytes)}{"MESSAGE":"cut o`;
  expect(causeIn(cut, { profile })?.says).toContain('no such image');
});

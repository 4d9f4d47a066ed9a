import { expect, test } from 'vitest';
import { loadCatalog } from '../../../catalog.ts';
import { limitsOf } from '../../../hosts/own/limits.ts';
import type { OwnHost } from '../../../hosts/own/own-host.ts';
import { modelConfigOf } from '../../../profiles/setup.ts';
import { targetOf } from '../../options.ts';
import { limitedBy, mustBeDoable } from './possible.ts';

const { operations, scenarios } = await loadCatalog();

/** What is limited on a machine with these keys, into which the operator logs in. */
function limited(name: string, keys: Partial<OwnHost> = {}) {
  const host = {
    operator: 'me',
    transport: { kind: 'ssh', destination: 'me@there', options: [] },
    root: 'sudo',
    owner: '~/.config/systemd/user',
    commands: 'profile',
    operations: { only: null, allow: [], refuse: [] },
    probe: { image: 'localhost:5000/probe' },
    ...keys,
  } as unknown as OwnHost;
  const facts = { inSession: true, isNixos: false, othersUpdated: [] } as unknown as Parameters<typeof limitsOf>[1];
  const limits = {
    host,
    now: limitsOf(host, facts),
    changed: (change: (host: OwnHost, facts: never) => readonly [OwnHost, Parameters<typeof limitsOf>[1]]) =>
      limitsOf(...change(host, facts as never)),
  };
  const cases = Object.values(scenarios.get(name)?.cases(modelConfigOf(targetOf())) ?? {});
  return limitedBy(limits as Parameters<typeof limitedBy>[0], operations, name, cases);
}

test('a scenario of which nothing can be done is refused, with what to add to the hosts file and what that brings', () => {
  const [one] = limited('S11');
  const whole = 'fail-unrelated-unit, reboot';
  expect(one).toMatchObject({ scenario: 'S11', leftOut: one?.cases });
  expect(one?.ways).toEqual([
    { write: `operations: { allow: [${whole}] }`, cases: 4 },
    {
      write:
        'root: ssh-root  and  operations: { allow: [stop-manager, terminate-user, linger-off, fail-unrelated-unit, reboot, rebuild-as-manager-starts] }',
      cases: one?.cases,
    },
  ]);
  expect(() => mustBeDoable('igpu', 'stackfuzz.yaml:3, host igpu', limited('S11'))).toThrow(
    /^stackfuzz\.yaml:3, host igpu: expected that something of every scenario can be done on igpu, found S11, all of its \d+ cases are left out \(.*\)\n {2}Write {2}operations: .* there, and 4 of \d+ can be done\. Or: .*\n {2}To do without on purpose, .*--leave-out S11, .*rollout: \{ leaveOut: \[S11\] \}/,
  );
});

test('a scenario of which some cases can be done is not refused; one that can be done wholly is not named', () => {
  const allow = ['reboot'];
  const some = limited('S11', { operations: { only: null, allow, refuse: [] } });
  expect(some).toMatchObject([{ scenario: 'S11', leftOut: (some[0]?.cases ?? 0) - 2 }]);
  expect(() => mustBeDoable('igpu', 'here', some)).not.toThrow();
  expect(limited('S10')).toEqual([]);
});

test('what the hosts file refuses by name no addition makes possible', () => {
  const [one] = limited('S12', { operations: { only: null, allow: [], refuse: ['rollback'] } });
  expect(one).toMatchObject({ leftOut: one?.cases, ways: [] });
});

import { describe, expect, test } from 'vitest';
import type { Audit } from '../../../audit/finding.ts';
import {
  type Audited,
  auditJson,
  auditNagios,
  auditPrometheus,
  auditStatus,
  auditText,
  nagiosStatus,
} from './formats.ts';

const unit = {
  name: 'web-stack.service',
  project: 'web',
  owner: 'Home Manager',
  files: [{ path: '~/.config/systemd/user/web-stack.service', what: 'a link' }],
  fragmentPath: '~/.config/systemd/user/web-stack.service',
  dropInPaths: [],
  unitFileState: 'enabled',
  activeState: 'active',
  containers: ['web-app-1'],
} as const;
const stale = {
  kind: 'freshness',
  severity: 'warning',
  unit: 'web-stack.service',
  subject: 'container "a\\b"',
  says: 'runs an older image | than here',
} as const;
const failed = { ...stale, kind: 'health', severity: 'critical', says: 'is unhealthy' } as const;
const of = (findings: Audit['findings'], units: Audit['units'] = [unit]): Audited => ({
  host: 'lab',
  audit: { operator: 'homelab', clock: 1000, units, findings },
  why: '',
  seconds: 0.25,
});
const none: Audited = { host: 'lab', audit: null, why: 'it does not answer\nfor a reason', seconds: 1 };

describe('the statuses', () => {
  test.each([
    ['nothing found', of([]), 0, 0],
    ['a warning', of([stale]), 1, 1],
    ['something that does not run', of([stale, failed]), 1, 2],
    ['no answer', none, 2, 3],
    ['no unit at all', of([], []), 2, 3],
  ])('%s', (_, audited, status, plugin) => {
    expect([auditStatus(audited), nagiosStatus(audited)]).toEqual([status, plugin]);
  });
});

test('the plugin tells the worst in its first line, and a bar only before the data', () => {
  const [first = '', ...rest] = auditNagios(of([stale, failed]))
    .trimEnd()
    .split('\n');
  expect(first).toBe(
    'STACKS CRITICAL - lab: 1 stack unit, 2 findings; container "a\\b" is unhealthy | manager=0;0 ownership=0;0 drift=0;0 freshness=1;0 labels=0;0 orphan=0;0 health=1;0 units=1 time=0.25s',
  );
  expect(rest).toHaveLength(2);
  expect(rest.join()).not.toContain('|');
  expect(auditNagios(none)).toMatch(/^STACKS UNKNOWN - lab: nothing can be said: it does not answer \| /);
});

test('every sample for Prometheus has a form that it reads, and none comes twice', () => {
  const lines = auditPrometheus(of([stale, stale, failed]))
    .trimEnd()
    .split('\n');
  const samples = lines.filter(line => !line.startsWith('#'));
  for (const line of samples) expect(line).toMatch(/^stackfuzz_audit_\w+\{(?:\w+="(?:[^"\\]|\\["\\n])*",?)+\} [\d.]+$/);
  expect(new Set(samples.map(line => line.replace(/ \S+$/, ''))).size).toBe(samples.length);
  expect(samples).toContain('stackfuzz_audit_findings{host="lab",kind="orphan"} 0');
  expect(samples).toContain('stackfuzz_audit_success{host="lab"} 1');
  expect(auditPrometheus(none)).toContain('stackfuzz_audit_success{host="lab"} 0\n');
});

test('people are told each unit, with what is wrong below it', () => {
  const words = auditText(of([stale])).map(line => (typeof line === 'string' ? line : line.text));
  expect(words).toEqual([
    'web-stack.service: 1 finding (active, Home Manager, ~/.config/systemd/user/web-stack.service, project web, 1 container)',
    '  freshness: container "a\\b" runs an older image | than here',
    'lab: 1 stack unit, 1 finding.',
  ]);
  expect(auditText(of([{ ...stale, unit: null }]))).toContain('Of no unit:');
});

test('programs are told the same', () => {
  expect(JSON.parse(auditJson(of([stale])))).toMatchObject({
    command: 'audit',
    status: 1,
    findings: [stale],
    units: [unit],
  });
  expect(JSON.parse(auditJson(none))).toMatchObject({ status: 2, why: none.why });
});

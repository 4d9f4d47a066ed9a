import { expect, test } from 'vitest';
import { lookAt } from '../../../tests/helpers/recorded.ts';
import { bounded, boundedLog, withoutRequests } from './evidence.ts';

const ran = (stdout: string) => ({ status: 1, stdout, stderr: 'oh', timedOut: false, truncated: false });

test('a log says who did what, how it ended, and what it said', () => {
  const log = boundedLog();
  log.note({ title: 'rollback', as: 'root' }, ran('ah\n'), 12);
  expect(log.text()).toBe('### rollback (root): exit 1, 12 ms\nah\noh');
  log.clear();
  expect(log.text()).toBe('');
});

test('a log that grows too long forgets its oldest entries, and says so', () => {
  const log = boundedLog();
  for (let nth = 0; nth < 50; nth++) log.note({ title: `deed ${nth}`, as: 'root' }, ran('x'.repeat(10_000)), 1);
  expect(log.text().length).toBeLessThan(210_000);
  expect(log.text()).toMatch(/^\(\d+ older commands left out\)/);
  expect(log.text()).toContain('deed 49');
  expect(log.text()).not.toContain('deed 0 ');
});

test('a long text keeps its beginning and its end', () => {
  expect(bounded('short', 10)).toBe('short');
  expect(bounded(`begin${'x'.repeat(1000)}end`, 10)).toBe('begin\n… 998 characters left out …\nxxend');
});

test('of what is seen, a log keeps what changed, with the ids and times that an observation leaves out', () => {
  const log = boundedLog();
  const calm = lookAt('calm');
  log.saw(calm);
  log.saw(calm);
  expect(log.text().match(/^### seen$/gm)).toHaveLength(1);
  expect(log.text()).toMatch(/^container web\/app: .*id=[0-9a-f]{12} .*started=2026-/m);
  log.saw({ ...calm, containers: calm.containers.filter(one => one.service !== 'web/app') });
  expect(log.text().endsWith('### seen\ncontainer web/app: gone')).toBe(true);
});

test('of a journal, what podman writes down of every request and event is left out, and nothing else', () => {
  const line = (words: string) => `2026-11-25T04:13:14.336080+00:00 lab ${words}\n`;
  const kept = line('stack[1367]: preflight of web-stack.service: required secret web.env is missing');
  const failed = line(
    'podman[754]: time="2026-11-25T04:13:16Z" level=info msg="Request Failed(…): netavark (exit code 1)"',
  );
  const request = line('podman[754]: @ - - [25/Nov/2026:04:13:14 +0000] "HEAD /_ping HTTP/1.1" 200 0 "" ""');
  const event = line(
    'podman[922]: 2026-11-25 04:13:17.337988098 +0000 UTC m=+0.321368234 container health_status cbfe84',
  );
  expect(withoutRequests(request + kept + event + failed + request)).toBe(kept + failed);
});

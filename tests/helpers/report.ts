import type { Report } from '../../src/reports/report.ts';

/** Texts that would break a format if they were not escaped: every place of a report that holds text gets them. */
export const hostile = [
  '<script>alert(1)</script>',
  ']]></failure><evil/>',
  '`rm -rf` ``two`` ```three```',
  '\u001b[31mred\u001b[0m \u0007\u0000\u0008',
  '| a | b | *bold* __strong__ [link](http://127.0.0.1/) ![image](http://127.0.0.1/) ~~gone~~ \\',
  '"><img src=x onerror=alert(1)>',
  '&lt;b&gt; &amp;#60;',
  '- list',
  '# heading',
  '1. first',
  '\u202egnirts desrever\u202c',
  'half a pair \ud800 and \uffff',
  '@somebody https://example.invalid/x www.example.invalid',
] as const;

/** A complete report, with a text wherever a machine or a person says something. */
export function reportSaying(text: string): Report {
  const step = { operation: 'stop', args: { stack: 'web' } };
  const machine = (activeState: string) => ({
    manager: 'running',
    generation: { profile: 1, home: 1 },
    units: { 'web-stack.service': { activeState, marker: text } },
    files: { '~/.config/systemd/user/web-stack.service': { kind: 'generation', revision: 1 } },
    containers: { 'web/app': { state: 'running', greeting: text } },
    strayTimers: [],
    leftovers: [text],
  });
  const story = {
    steps: [
      {
        ...step,
        words: `stop web-stack.service ${text}`,
        kind: 'command' as const,
        ended: 'failed' as const,
        status: 4,
        says: text,
        mayFail: [text],
        seconds: 1.25,
      },
    ],
    before: machine('active'),
    after: machine('inactive'),
    parted: {
      after: 0,
      fields: [
        { at: `units["${text}"].activeState`, expected: 'active', actual: { text } },
        { at: 'a', expected: 1 },
      ],
    },
  };
  const finding = {
    invariant: 'stopped-means-stopped',
    promise: `A stopped stack is stopped. ${text}`,
    signature: `stopped-means-stopped: ${text}`,
    details: [text, 'web is up'],
    steps: [step],
    known: false,
    entry: 'corpus/stopped-means-stopped/stop & go.json',
    also: [text],
    story,
  };
  return {
    format: 1,
    command: 'fuzz',
    status: 1,
    verdict: 'violated',
    began: '2026-01-02T03:04:05.000Z',
    stackfuzz: '0.1.0',
    host: 'lab',
    profile: 'home-manager',
    provider: 'docker-compose',
    suite: 'trixie',
    versions: { systemd: '257', podman: text },
    seconds: 61.5,
    operations: 12,
    runs: 3,
    seed: 7,
    ended: text,
    notes: [text],
    findings: [
      finding,
      { ...finding, signature: `other: ${text}`, invariant: 'other', waiver: text, known: true },
      { ...finding, signature: `race: ${text}`, invariant: 'race', shows: { times: 1, of: 10 }, entry: null },
    ],
    promises: { 'stopped-means-stopped': text, kept: text },
    coverage: {
      stop: { succeeded: 0, failed: 3 },
      start: { succeeded: 9, failed: 0 },
      restart: { succeeded: 0, failed: 0 },
    },
    neverTried: ['restart'],
    neverSucceeded: ['stop', 'restart'],
    goOn: `npx stackfuzz fuzz --profile '${text}'`,
    inconclusive: [{ index: 2, reason: text, cause: 'machine' }],
    crashes: [{ message: text, file: null }],
    nights: [
      { date: '2026-01-01T02:00:00.000Z', verdict: 'held', operations: 100, findings: {} },
      { date: '2026-01-02T02:00:00.000Z', verdict: 'violated', operations: 90, findings: { [text]: 2 } },
    ],
  };
}

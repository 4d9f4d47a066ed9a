import { expect, test } from 'vitest';
import { faultInUnit } from './unit-text.ts';

const unit = (...lines: string[]) => lines.join('\n');

test('a unit that systemd loads has no fault', () => {
  const text = unit(
    '# of the probe',
    '[Unit]',
    'Description=A b',
    '',
    '[Service]',
    'ExecStart=/bin/a \\',
    '  b c',
    '; x',
  );
  expect(faultInUnit(text)).toBeNull();
});

test.each([
  ['ExecStart=/bin/true', { expected: 'a section such as [Unit] first', line: 1 }],
  [unit('[Service]', 'ExecStart /bin/true'), { expected: 'Key=value', found: 'ExecStart /bin/true', line: 2 }],
  [unit('[Service', 'ExecStart=/bin/true'), { line: 1 }],
  [unit('[Unit]', 'Description=x'), { expected: 'a section [Service]' }],
  [unit('[Service]', 'ExecStart='), { expected: 'ExecStart= in [Service]' }],
  [unit('[Unit]', 'ExecStart=/bin/true', '[Service]', 'Type=oneshot'), { expected: 'ExecStart= in [Service]' }],
])('names the fault of %j', (text, fault) => {
  expect(faultInUnit(text)).toMatchObject(fault);
});

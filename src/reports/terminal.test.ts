import { describe, expect, test } from 'vitest';
import { forTerminal, isColoured, wrapped } from './terminal.ts';

const terminal = { isTTY: true, columns: 40 };
const pipe = { isTTY: false };

describe('colour', () => {
  test.each([
    ['a terminal', terminal, { TERM: 'xterm' }, true],
    ['a pipe', pipe, { TERM: 'xterm' }, false],
    ['a terminal that can do nothing', terminal, { TERM: 'dumb' }, false],
    ['NO_COLOR', terminal, { NO_COLOR: '1' }, false],
    ['NO_COLOR that is empty, which says nothing', terminal, { NO_COLOR: '' }, true],
    ['FORCE_COLOR in a pipe', pipe, { FORCE_COLOR: '1' }, true],
    ['FORCE_COLOR=0 on a terminal', terminal, { FORCE_COLOR: '0' }, false],
    ['both', terminal, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  ])('%s', (_, stream, env, expected) => {
    expect(isColoured(stream, env)).toBe(expected);
  });

  test('ends with each line, and is nowhere else', () => {
    expect(forTerminal('one\ntwo', 'bad', terminal, {})).toBe(
      '\u001b[1m\u001b[31mone\u001b[39m\u001b[22m\n\u001b[1m\u001b[31mtwo\u001b[39m\u001b[22m',
    );
    expect(forTerminal('one', 'bad', pipe, {})).toBe('one');
    expect(forTerminal('one', undefined, terminal, {})).toBe('one');
  });
});

describe('lines', () => {
  test('are broken between words on a terminal, and go on further in', () => {
    const line = '  known: a promise of many words that goes on and on';
    expect(wrapped(line, 30)).toBe('  known: a promise of many\n    words that goes on and on');
    expect(forTerminal(line, undefined, pipe, {})).toBe(line);
    expect(forTerminal(line, 'command', terminal, {})).toContain(line);
  });

  test('of a list go on below their own words', () => {
    expect(wrapped('  1. stop the unit and start it', 20)).toBe('  1. stop the unit and start it');
    expect(wrapped('  1. stop the unit and start it again, please', 26)).toBe(
      '  1. stop the unit and\n     start it again,\n     please',
    );
  });

  test('of a table go on in their column', () => {
    expect(wrapped('reboot   command, such as: reboot the machine', 34)).toBe(
      'reboot   command, such as: reboot\n         the machine',
    );
  });

  test('hold every word, whatever the width, and a word that is too long stays whole', () => {
    const line = 'some words and ~/.config/systemd/user/default.target.wants/web-stack.service beside them';
    for (let width = 1; width < 120; width++) {
      expect(wrapped(line, width).split(/\s+/)).toEqual(line.split(' '));
    }
  });
});

import { expect, test } from 'vitest';
import { lineDifferences } from './setting-lines.ts';

const lines = (...all: string[]) => all.join('\n');

test.each([
  ['environment LOG_LEVEL=info', 'environment LOG_LEVEL=debug', 'has environment LOG_LEVEL=info, not debug'],
  ['', 'label example.role=web', 'has no label example.role=web'],
  ['environment OLD=1', '', 'has environment OLD=1, which is not declared'],
  ['command ["a"]', 'command ["b"]', 'has command ["a"], not ["b"]'],
  ['network media_back', 'network media_back internal', 'has network media_back without internal'],
  ['network media_back internal', 'network media_back', 'has network media_back internal, which is not declared'],
  [
    'mount /data volume media_data rw o=size=1m',
    'mount /data volume media_data rw o=size=2m',
    'has mount /data volume media_data rw o=size=1m, not volume media_data rw o=size=2m',
  ],
  ['', 'answers 18080', 'does not answer on port 18080'],
  ['answers 18080', '', 'answers on port 18080, which is not declared'],
  ['config /etc/site.conf 1 2', 'config /etc/site.conf 3 4', 'has config /etc/site.conf 1 2, not 3 4'],
])('%s, where %s is declared', (is, should, says) => {
  expect(lineDifferences(is, should)).toEqual([says]);
});

test('what is the same is not told, and of a port that was moved both are', () => {
  const [is, should] = [lines('port :80:80/tcp', 'user 1'), lines('port :81:80/tcp', 'user 1')];
  expect(lineDifferences(is, is)).toEqual([]);
  expect(lineDifferences(is, should)).toEqual(['has no port :81:80/tcp', 'has port :80:80/tcp, which is not declared']);
});

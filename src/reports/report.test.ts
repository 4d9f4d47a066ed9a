import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { reportSchema } from './report.ts';

const published = fileURLToPath(new URL('../../docs/report.schema.json', import.meta.url));

/** Paths of properties without a description, in a schema and everything in it. */
function silent(schema: unknown, at = ''): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {} } = schema as { properties?: Record<string, { description?: string }> };
  const here = Object.entries(properties).filter(([, { description = '' }]) => !/^\S.+/.test(description));
  return [
    ...here.map(([key]) => `${at}/${key}`),
    ...Object.entries(schema).flatMap(([key, inner]) => silent(inner, `${at}/${key}`)),
  ];
}

test('every property of a report is described', () => {
  expect(silent(reportSchema())).toEqual([]);
  expect(silent({ properties: { seed: { type: 'integer' } } })).toEqual(['/seed']);
});

test('the published schema is that of today: npm run docs writes it anew', async () => {
  await expect(`${JSON.stringify(reportSchema(), null, 2)}\n`).toMatchFileSnapshot(published);
});

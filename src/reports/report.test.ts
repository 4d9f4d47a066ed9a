import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { reportSchema } from './report.ts';

const published = fileURLToPath(new URL('../../docs/report.schema.json', import.meta.url));

test('the published schema is that of today: npm run docs writes it anew', async () => {
  await expect(`${JSON.stringify(reportSchema(), null, 2)}\n`).toMatchFileSnapshot(published);
});

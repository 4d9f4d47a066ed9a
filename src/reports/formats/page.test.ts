import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hostile, reportSaying } from '../../../tests/helpers/report.ts';
import { html } from './html.ts';

const executablePath = '/usr/bin/chromium';
const isThere = existsSync(executablePath);
const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
const alone = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-component-update', '--disable-sync', ...quiet];

describe.skipIf(!isThere)(`the page in a browser${isThere ? '' : ' (skipped: apt-get install chromium)'}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'stackfuzz-page-'));
  const file = join(folder, 'report.html');
  const plain = reportSaying('said by a machine');
  let browser: Browser;
  let page: Page;
  /** Addresses that the page requested, and messages of the browser. */
  let asked: string[] = [];
  let said: string[] = [];

  beforeAll(async () => {
    // A fresh profile each time: playwright makes one.
    browser = await chromium.launch({ executablePath, args: alone });
    page = await browser.newPage({ viewport: { width: 1200, height: 900 }, reducedMotion: 'reduce' });
    page.on('console', message => said.push(message.text()));
    page.on('pageerror', error => said.push(error.message));
    page.on('dialog', dialog => said.push(`a dialog: ${dialog.message()}`));
    page.on('request', request => asked.push(request.url()));
    await shown(html(plain));
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function shown(text: string): Promise<void> {
    writeFileSync(file, text);
    asked = [];
    said = [];
    await page.goto(pathToFileURL(file).href);
  }

  test('loads nothing, and the browser has nothing to complain of', () => {
    expect(asked.filter(url => !url.startsWith('data:'))).toEqual([pathToFileURL(file).href]);
    expect(said).toEqual([]);
  });

  test('shows the story, and the field in which model and machine part', async () => {
    const finding = page.locator('#finding-1');
    expect(await finding.isVisible()).toBe(true);
    const story = await finding.locator('.timeline').innerText();
    expect(story).toContain('stop web-stack.service');
    expect(story).toContain('it failed with status 4');
    const [row] = await finding.locator('.parted tbody tr').allInnerTexts();
    expect(row).toMatch(/activeState\s+active\s+\{"text":"said by a machine"\}/);
    const unit = finding.locator('.sides tr', { hasText: 'web-stack.service' }).first();
    expect(await unit.locator('mark').allInnerTexts()).toEqual(['active', 'inactive']);
  });

  test('has one title, headings in their order, heads for columns, a name for what scrolls', async () => {
    const levels = await page
      .locator('h1, h2, h3, h4, h5')
      .evaluateAll(all => all.map(each => Number(each.tagName[1])));
    expect(levels.filter(level => level === 1)).toHaveLength(1);
    for (const [index, level] of levels.entries()) expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);
    expect(await page.locator('table:not(:has(thead th[scope=col]))').count()).toBe(0);
    expect(await page.locator('th:not([scope])').count()).toBe(0);
    expect(await page.locator('.wide:not([tabindex="0"][aria-label])').count()).toBe(0);
    expect(await page.locator('[id]').evaluateAll(all => new Set(all.map(({ id }) => id)).size === all.length)).toBe(
      true,
    );
  });

  test('can be gone through by keyboard: from the first link to the findings, and into what is folded', async () => {
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('To the findings');
    await page.keyboard.press('Enter');
    expect(new URL(page.url()).hash).toBe('#main');
    const folded = page.locator('#finding-1 details').last();
    expect(await folded.locator('pre').first().isVisible()).toBe(false);
    await folded.locator('summary').focus();
    await page.keyboard.press('Enter');
    expect(await folded.locator('pre').first().isVisible()).toBe(true);
  });

  test.each([
    ['narrow', 360, 'light'],
    ['narrow and dark', 360, 'dark'],
    ['wide', 1600, 'light'],
    ['wide and dark', 1600, 'dark'],
  ] as const)('%s: nothing hangs over, and every text stands out from its ground', async (_, width, colorScheme) => {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await shown(html(plain));
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    // WCAG 2.2, 1.4.3: 4.5 to 1 for a text of ordinary size.
    expect(await page.evaluate(tooFaint)).toEqual([]);
  });

  test('in print nothing stays folded', async () => {
    await page.emulateMedia({ media: 'print', colorScheme: 'light' });
    expect(await page.locator('nav').isVisible()).toBe(false);
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(1000);
    await page.emulateMedia({ media: 'screen' });
  });

  test.each(hostile)('a machine that says %j is quoted, and no more', async text => {
    await shown(html(reportSaying(text)));
    expect(await page.locator('script, img, iframe, evil').count()).toBe(0);
    expect({ said, asked: asked.filter(url => !/^(data|file):/.test(url)) }).toEqual({ said: [], asked: [] });
  });
});

/** In the page: texts whose contrast with their background is below 4.5. */
const tooFaint = `(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const rgba = colour => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(c => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim() !== '');
    if (!own || element.getClientRects().length === 0 || element.closest('.skip')) continue;
    const [one, other] = [light(rgba(getComputedStyle(element).color)), light(ground(element))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) faint.push(element.className + ' ' + element.textContent.slice(0, 40) + ' ' + contrast.toFixed(2));
  }
  return [...new Set(faint)];
})()`;

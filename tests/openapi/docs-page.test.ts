/** The documentation page in a real browser, on a desktop and on a phone. */
import type { Browser, Page } from 'playwright-core';
import { browserTest, startBrowser } from '../support/browser';
import { startService, type TestService } from '../support/service';

const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 800 };

let service: TestService;
let browser: Browser | undefined;

beforeAll(async () => {
  [service, browser] = await Promise.all([startService(), startBrowser()]);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await service?.stop();
});

/** The page as somebody opens it; what the browser complains about (refused scripts too) fails the test. */
async function withPage(
  path: string,
  viewport: { width: number; height: number },
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const complaints: string[] = [];
  if (!browser) throw new Error('there is no browser');
  const context = await browser.newContext({ viewport, permissions: ['clipboard-read', 'clipboard-write'] });
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('favicon')) complaints.push(message.text());
  });
  await page.goto(`${service.url}${path}`);
  await use(page);
  await context.close();
  expect(complaints).toEqual([]);
}

browserTest('OPS-3: the root leads to the page, whose search finds operations by what they take', () =>
  withPage('/', DESKTOP, async (page) => {
    expect(page.url()).toBe(`${service.url}/api/docs`);
    await page.fill('#search', 'restriction POST');
    expect(await page.isVisible('#createSite')).toBe(false);
    expect(await page.textContent('#found')).toMatch(/^[1-9]\d? found$/);
    await page.fill('#search', '');
    expect(await page.isVisible('#createSite')).toBe(true);
  }),
);

browserTest('a link opens what it names: an operation, a schema, the problem of an answer', () =>
  withPage('/api/docs#createSite', DESKTOP, async (page) => {
    expect(await page.getAttribute('#createSite', 'open')).not.toBeNull();
    await page.click('#createSite a:has-text("NewSite")');
    await page.waitForSelector('#schema-NewSite[open]');
    expect(await page.innerText('#schema-NewSite')).toMatch(/name\s+required\s+string/);
    const { type } = (await (await fetch(`${service.url}/api/v1/sites`)).json()) as { type: string };
    await page.goto(type);
    expect(await page.locator(':target').innerText()).toContain('unauthenticated');
    expect(await page.locator(':target').isVisible()).toBe(true);
  }),
);

browserTest('a command is copied, and works once it has a token', () =>
  withPage('/api/docs#listSites', DESKTOP, async (page) => {
    await page.click('#listSites > .copyable button');
    const command = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(command).toBe(`curl -X GET '${service.url}/api/v1/sites' \\\n  -H "authorization: Bearer $TOKEN"`);
  }),
);

browserTest('nothing is wider than a phone, closed or open', () =>
  withPage('/api/docs', PHONE, async (page) => {
    const width = () => page.evaluate<number>('document.documentElement.scrollWidth');
    expect(await width()).toBe(PHONE.width);
    await page.evaluate("document.querySelectorAll('details').forEach((item) => { item.open = true; })");
    expect(await width()).toBe(PHONE.width);
  }),
);

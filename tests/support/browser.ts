/** A real browser for tests: Debian's Chromium, driven by Playwright. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Debian, Ubuntu and Fedora install it; `CHROMIUM` names another place. */
const PLACES = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const executable = PLACES.find((place) => place !== undefined && existsSync(place));

/** `test`, or where no browser is installed a skipped one whose title says so. */
export const browserTest = executable
  ? test
  : (title: string, run: () => Promise<void>) => test.skip(`${title} (no Chromium here: set CHROMIUM)`, run);

/** Close it in `afterAll`. Without a browser: undefined. */
export async function startBrowser(): Promise<Browser | undefined> {
  if (!executable) return undefined;
  return chromium.launch({
    executablePath: executable,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
}

import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';

/** Whether Debian's Chromium is here. In the continuous check it must be, so there nothing skips. */
export function hasBrowser(): boolean {
  if (existsSync(CHROMIUM)) return true;
  if (process.env.CI !== undefined)
    throw new Error(`expected Debian's chromium at ${CHROMIUM}: apt-get install chromium`);
  console.warn(`skipped: no ${CHROMIUM} here; Debian's package chromium brings it`);
  return false;
}

/** A browser that asks nobody but the page's own server, and draws WebGL2 without a graphics card. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
    ],
  });
}

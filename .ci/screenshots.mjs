// Takes the screenshots of the README, of the built terminal on the invented market of ui/testing, so that they are the same each time.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Name of each picture, and the lines that are given before it is taken. */
const pictures = {
  desk: [],
  surface: ['BTC SURF', 'ZOOM'],
};
const STEPS = 60;

// Inside of the project, so that packages are found from there.
const scratch = mkdtempSync(join(root, 'dist', 'screenshots-'));
await build({
  absWorkingDir: root,
  entryPoints: ['ui/testing/fake-gateway.ts', 'ui/testing/browser.ts'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  outdir: scratch,
  outExtension: { '.js': '.mjs' },
  packages: 'external',
});
const { FakeGateway } = await import(pathToFileURL(join(scratch, 'fake-gateway.mjs')).href);
const { openBrowser } = await import(pathToFileURL(join(scratch, 'browser.mjs')).href);
mkdirSync(join(root, 'docs', 'images'), { recursive: true });
const browser = await openBrowser();
const gateway = new FakeGateway(join(root, 'dist', 'ui'));
const address = await gateway.listen();
for (const [name, lines] of Object.entries(pictures)) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(address);
  await page.waitForSelector('.status-text:has-text("LIVE")');
  for (const line of lines) {
    await page.locator('.command-input').fill(line);
    await page.keyboard.press('Enter');
  }
  for (let step = 0; step < STEPS; step++) {
    gateway.advance();
    await page.waitForTimeout(50);
  }
  await page.screenshot({ path: join(root, 'docs', 'images', `${name}.png`) });
  await page.close();
}
await browser.close();
await gateway.close();
rmSync(scratch, { recursive: true });

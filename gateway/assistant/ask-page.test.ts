import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MessageType } from '../../schemas/message-type.js';
import { hasBrowser, openBrowser } from '../../ui/testing/browser.js';
import { TOKEN } from '../testing/gateway-desk.js';
import { AssistantDesk } from './testing/assistant-desk.js';
import { says, sse, start, stream, text, uses } from './testing/messages-server.js';

const built = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'dist', 'ui');

describe.skipIf(!hasBrowser())('page ASK in Chromium', () => {
  let browser: Browser;
  let page: Page;
  let desk: AssistantDesk;
  let complaints: string[];

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    desk = new AssistantDesk();
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    // A text: the gateway's types know nothing of a browser.
    await page.addInitScript(`sessionStorage.setItem('volfilter.token', '${TOKEN}')`);
    complaints = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
  });
  afterEach(async () => {
    expect(complaints).toEqual([]);
    await page.close();
    await desk.close();
  });

  const give = async (line: string) => {
    await page.locator('.command-input').fill(line);
    await page.keyboard.press('Enter');
  };
  const open = async (key?: string) => {
    await desk.open({}, key, built);
    await page.goto(`http://127.0.0.1:${desk.desk.port}/`);
    await page.waitForSelector('.status-text:has-text("LIVE")');
    await give('ASK');
    await page.getByLabel('Question').waitFor();
  };
  const ask = async (words: string) => {
    await page.getByLabel('Question').fill(words);
    await page.getByLabel('Question').press('Enter');
  };
  const see = (words: string | RegExp) => page.locator('.talk').getByText(words).first().waitFor();

  it('streams, goes on after a lost connection and after the page is loaded anew, and is stopped', async () => {
    await open();
    const said = text(['So **far**', ' it came', ' and went on']);
    let goOn = () => {};
    desk.model.plays(async (response, request) => {
      await stream([start(), ...said.slice(0, 3)], { stays: true })(response, request);
      goOn = () => void response.write(sse(said[3]!));
    });
    await ask('Long?');
    await see('it came');
    // The connection is lost while it is written: what was told already is not told again.
    for (const client of desk.desk.gateway.clients) client.close(1001, 'lost');
    goOn();
    await see(/^So far it came and went on$/);
    await page.reload();
    await page.waitForSelector('.status-text:has-text("LIVE")');
    await see('it came');
    await page.getByRole('button', { name: 'Stop' }).click();
    await see('ended by you');
    desk.model.plays(uses(['t', 'latency', {}]), says('All is well [#1].'));
    await ask('And now?');
    await see('All is well');
    await page.getByRole('button', { name: '[#1]' }).click();
    await see('"pane":"LAT"');
  });

  it('asks for nothing and draws nothing again of what stands, when a question is asked', async () => {
    await open();
    desk.model.plays(uses(['t', 'latency', {}]), says('First answer [#1].'), says('Second answer.'));
    const isDone = () => page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'hidden' });
    await ask('One?');
    await see('First answer');
    await isDone();
    await page.getByLabel('Name of the chat').waitFor();
    expect(await page.getByLabel('Name of the chat').inputValue()).toBe('One?');
    // Texts: the gateway's types know nothing of a browser.
    await page.evaluate(`(() => {
      const stands = [...document.querySelector('.talk').children];
      const seen = window.seen = { stands, touched: 0 };
      const observer = new MutationObserver((changes) => { seen.touched += changes.length; });
      for (const node of stands) observer.observe(node, { subtree: true, childList: true, attributes: true, characterData: true });
    })()`);
    const asked: string[] = [];
    page.on('request', (request) => {
      const { pathname } = new URL(request.url());
      // A socket that a busy machine has lost is opened anew, which is not the question's doing.
      if (pathname.startsWith('/api/v1/assistant')) asked.push(`${request.method()} ${pathname}`);
    });
    await ask('Two?');
    await see('Second answer.');
    await isDone();
    expect(asked).toEqual([expect.stringMatching(/^POST .*\/questions$/)]);
    expect(await page.evaluate('window.seen.touched')).toBe(0);
    expect(
      await page.evaluate(
        `[...document.querySelector('.talk').children].map((node) => window.seen.stands.includes(node))`,
      ),
    ).toEqual([true, true, false, false]);
    // As the events told it, so it stands in the store.
    const said = () => page.locator('.talk').textContent();
    const before = await said();
    await page.reload();
    await expect.poll(said).toBe(before);
  });

  it('branches by edit, and pages between the branches', async () => {
    await open();
    desk.model.plays(says('First answer.'), says('Other answer.'));
    await ask('One?');
    await see('First answer.');
    await page.getByRole('button', { name: 'edit' }).click();
    await ask('Another one?');
    await see('Other answer.');
    await see('2/2');
    await page.getByRole('button', { name: '<', exact: true }).first().click();
    await see('First answer.');
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Markdown' }).click();
    const text = await readFile(await (await saved).path(), 'utf8');
    expect(text).toContain('First answer.');
    await page.getByRole('button', { name: 'delete', exact: true }).click();
    await page.getByRole('button', { name: 'Yes' }).click();
    // The branch beside it is shown, and there is no other any more.
    await see('Other answer.');
    await expect.poll(() => page.locator('.talk').getByText('First answer.').count()).toBe(0);
  });

  it('shows a proposal, and does it when it is confirmed', async () => {
    await open();
    desk.model.plays(uses(['p', 'propose_command', { command: 'pause', reason: 'stale feed' }]), says('See the card.'));
    await ask('Pause?');
    await see('See the card.');
    expect(desk.desk.commandTypes()).toEqual([]);
    await page.getByRole('button', { name: 'Confirm' }).last().click();
    await expect.poll(() => desk.desk.commandTypes()).toEqual([MessageType.OPERATOR_COMMAND]);
    await see('carried out, or lapsed');
  });

  it('makes no element of what a stranger writes', async () => {
    await open();
    desk.model.plays(
      says('<img src=x onerror=alert(1)> ![p](http://127.0.0.1:9/x) [a](javascript:alert(1)) <b>bold</b>'),
    );
    await ask('Say it.');
    await see(/onerror=alert/);
    expect(await page.locator('.talk').locator('img, a, script, iframe, .answered b').count()).toBe(0);
  });

  it('without a key says so, and answers templates and SQL from the store', async () => {
    await open('');
    await page.getByText(/Nothing is answered now: .*ANTHROPIC_API_KEY/).waitFor();
    await page.getByRole('button', { name: 'Morning note' }).click();
    await see('What is held');
    await give('SQL');
    await page.getByRole('textbox', { name: 'SQL', exact: true }).fill('SELECT 1');
    await page.getByRole('button', { name: 'Run' }).click();
    await page.getByText(/^1 rows/).waitFor();
  });
});

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pages } from './pages/registry.js';
import { hasBrowser, openBrowser } from './testing/browser.js';
import { FakeGateway } from './testing/fake-gateway.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Runs in the page: what axe calls serious or critical, and where. */
const seriousBarriers = (
  where: string,
) => `axe.run(${where}, { resultTypes: ['violations'] }).then(({ violations }) => violations
  .filter(({ impact }) => impact === 'serious' || impact === 'critical')
  .map(({ id, nodes }) => ({ id, nodes: nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(' | ') })))`;

/** Runs in the page: where the pictures of the focused pane's numbers have another background than the style sheet gives to their row, at its edges and in its middle. */
function wrongBackgrounds(): string[] {
  const LINES = 16;
  const wrong: string[] = [];
  const pane = document.querySelector('.pane.focused')!;
  const panel = getComputedStyle(pane).backgroundColor;
  for (const block of pane.querySelectorAll('.grid-block')) {
    const numbers = block.querySelector('canvas')!;
    const copy = document.createElement('canvas');
    copy.width = numbers.width;
    copy.height = numbers.height;
    const context = copy.getContext('2d')!;
    context.drawImage(numbers, 0, 0);
    const height = numbers.height / LINES;
    for (let line = 0; line < LINES; line++) {
      const row = [...block.querySelectorAll<HTMLElement>('.grid-row')].find(
        ({ style }) => Number.parseFloat(style.top) === line * height,
      );
      const has = (name: string) => row?.classList.contains(name) === true;
      const middle = has('selected') ? getComputedStyle(row!).backgroundColor : panel;
      const edge = has('atm') ? getComputedStyle(row!).borderTopColor : middle;
      const expected = [edge, middle, edge].join();
      const found = [0, Math.floor(height / 2), height - 1]
        .map((down) => context.getImageData(0, line * height + down, 1, 1).data)
        .map(([red, green, blue]) => `rgb(${red}, ${green}, ${blue})`)
        .join();
      if (found !== expected) wrong.push(`line ${line}: ${found} for ${expected}`);
    }
  }
  return wrong;
}

/** A browser that paints without a graphics card is slow at waiting for its own frames, and this is not about frames. */
const LOOK_MS = 20;
const heightOf = (width: number) => Math.round(width < 700 ? 740 : width * 0.56);

const built = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist', 'ui');

describe.skipIf(!hasBrowser())('the terminal in Chromium', () => {
  let browser: Browser;
  let gateway: FakeGateway;
  let address: string;
  let page: Page;
  /** What the browser complained of: errors, and whatever the content security policy refused. */
  let complaints: string[];

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  beforeEach(async () => {
    gateway = new FakeGateway(built);
    address = await gateway.listen();
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    complaints = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      // A connection that is refused is what some tests are about.
      if (message.type() === 'error' && !/ERR_CONNECTION|WebSocket|401|503/.test(message.text()))
        complaints.push(message.text());
    });
  });
  afterEach(async () => {
    expect(complaints).toEqual([]);
    await page.close();
    await gateway.close();
  });

  const open = async (query = '') => {
    await page.goto(`${address}${query}`);
    await page.waitForSelector('.status-text:has-text("LIVE")');
  };
  /** With one pane, where the first dashboard and its charts are not what a test is about. */
  const openOnePane = () => {
    const panes = JSON.stringify({ version: 1, layout: { page: 'HOME', target: {} } });
    return open(`?panes=${encodeURIComponent(panes)}`);
  };
  const give = async (line: string) => {
    await page.locator('.command-input').fill(line);
    await page.keyboard.press('Enter');
  };
  const see = (words: string | RegExp) => page.getByText(words).first().waitFor();
  /** The focused pane has something to say. */
  const seeWords = () =>
    page.waitForFunction(
      () => (document.querySelector<HTMLElement>('.pane.focused .pane-body')?.innerText.trim().length ?? 0) > 0,
      undefined,
      { polling: LOOK_MS },
    );

  it('shows live rows, and moves with them', async () => {
    await open();
    await see(/^(BTC|ETH)-3JAN26-\d+-[CP]$/);
    await give('BTC PORT');
    // What is read out of a row: numbers are a picture with labels, and text where the table has the focus.
    const readOut = () =>
      page
        .locator('.pane.focused .grid-row')
        .first()
        .locator('.cell')
        .evaluateAll((cells) => cells.map((cell) => cell.getAttribute('aria-label') ?? cell.textContent ?? ''));
    await expect.poll(readOut).toContainEqual(expect.stringMatching(/^-?\d/));
    const before = await readOut();
    for (let step = 0; step < 20; step++) gateway.advance();
    await expect.poll(readOut).not.toEqual(before);
    await page.locator('.pane.focused .grid').first().focus();
    await expect.poll(() => page.locator('.pane.focused .grid-row').first().innerText()).toMatch(/\d\.\d/);
    expect(gateway.heard.some(({ type }) => type === 'ack')).toBe(true);
  });

  it.each([
    ['a session', '', '/api/v1/session'],
    ['a link', '#login=once', '/api/v1/login'],
  ])('asks the gateway five times for its first dashboard with all its charts, by %s', async (_by, hash, signsIn) => {
    const asked: string[] = [];
    const note = (url: string) => void asked.push(new URL(url).pathname.replace(/-\w{8}\./, '.'));
    page.on('request', (request) => note(request.url()));
    page.on('websocket', (socket) => note(socket.url()));
    await page.goto(address + hash);
    await see(/^\d+\.\d to \d+\.\d %/);
    gateway.advance();
    await page.locator('.u-wrap').first().waitFor();
    expect(asked.toSorted()).toEqual(['/', signsIn, '/api/v1/ws', '/assets/charts.js', '/assets/chunk.js'].toSorted());
  });

  it('asks for a snapshot after a gap', async () => {
    await openOnePane();
    await give('BOOK');
    // Only what is subscribed can have a gap, and the page before BOOK may have given its subscription back: a book has to stand in the page itself.
    await page.waitForSelector('.pane.focused .grid-row:has-text("BTC-3JAN26-78000-C") .cell:has-text("live")');
    gateway.advance(['tops']);
    gateway.advance();
    await expect
      .poll(() => gateway.heard.filter(({ type, topic }) => type === 'resync' && topic === 'tops').length)
      .toBe(1);
  });

  it('says STALE as soon as the connection is lost, and comes back by itself', async () => {
    await open();
    gateway.isAway = true;
    gateway.drop();
    await page.waitForSelector('.pane.stale .pane-badge:has-text("STALE")');
    gateway.isAway = false;
    await page.waitForSelector('.status-text:has-text("LIVE")');
    await page.waitForFunction(() => document.querySelectorAll('.pane.stale').length === 0);
  });

  it('survives bytes that are no frame, and says so', async () => {
    await openOnePane();
    gateway.sendBytes(new Uint8Array([1, 2, 3]));
    await see(/no frame/);
    gateway.advance();
    await page.waitForSelector('.status-text:has-text("LIVE")');
  });

  it('kills by one word, and says what is not confirmed', async () => {
    await openOnePane();
    await give('KILL');
    await expect.poll(() => gateway.acted).toEqual(['POST /api/v1/kill']);
    gateway.signedOut = true;
    await give('KILL');
    await see(/KILL NOT CONFIRMED/);
  });

  it('asks before it resumes, in the words of the gateway', async () => {
    await openOnePane();
    await give('RESUME');
    await see('resume quoting everything?');
    expect(gateway.acted).toEqual(['POST /api/v1/quoting/resume']);
    await page.getByRole('button', { name: 'Yes' }).click();
    await expect.poll(() => gateway.acted.at(-1)).toBe('POST /api/v1/confirmations/n1');
  });

  it('says who must sign in, and where', async () => {
    gateway.signedOut = true;
    await page.goto(address);
    await see(/SIGN IN/);
  });

  it('keeps the panes that were made, and shows the first dashboard where the saved one is no layout', async () => {
    await open();
    await give('RIGHT RISK');
    await page.waitForFunction(() => document.querySelectorAll('.pane').length === 5);
    await page.reload();
    await page.waitForFunction(() => document.querySelectorAll('.pane').length === 5);
    await page.evaluate(() => localStorage.setItem('volfilter.layout', '{"version":99}'));
    await page.reload();
    await see(/cannot be shown/);
    expect(await page.locator('.pane').count()).toBe(4);
  });

  it.each([360, 1440, 3840])(
    'fits into %i pixels without a scrollbar of its own, opens pages by keyboard alone, and none has a serious barrier or nothing to say',
    async (width) => {
      await page.setViewportSize({ width, height: heightOf(width) });
      await open();
      await see('BTC');
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow).toBe(0);
      // On the page's own terms: its policy lets no script of others in, so the checker comes through the debugger.
      await page.evaluate(axe);
      await give('RESET');
      // Colours and names are the same at every width: the narrow and the wide one are asked about pages that take another shape there.
      const found = new Map<string, string>();
      const isShown = ({ code }: { code: string }) => width === 1440 || ['HOME', 'OMON', 'SURF', 'ALRT'].includes(code);
      // The shell and all panes beside once; of each page then its own pane.
      const shell = await page.evaluate<{ id: string; nodes: string }[]>(seriousBarriers('document'));
      for (const { id, nodes } of shell) found.set(`shell ${id}`, nodes);
      for (const { code, title } of pages.filter(isShown)) {
        await page.keyboard.press('Escape');
        await give(code);
        await page.waitForSelector(`.pane.focused .pane-title:has-text("${title.replaceAll('"', '')}")`);
        await seeWords();
        for (const { id, nodes } of await page.evaluate<{ id: string; nodes: string }[]>(
          seriousBarriers(`document.querySelector('.pane.focused')`),
        ))
          found.set(`${code} ${id}`, nodes);
      }
      expect([...found]).toEqual([]);
    },
  );

  it('saves what a pane shows, as a table and as a picture', async () => {
    await open();
    for (const [line, name] of [
      ['BTC SURF', ''],
      ['CSV', 'volfilter-surf.csv'],
      ['PNG', 'volfilter-surf.png'],
    ] as const) {
      const saved = name === '' ? undefined : page.waitForEvent('download');
      await give(line);
      // The first dashboard has a surface too: it is the one that was asked for that saves.
      if (name === '')
        await page
          .locator('.pane.focused')
          .getByText(/^\d+\.\d to \d+\.\d %/)
          .waitFor();
      expect((await saved)?.suggestedFilename() ?? '').toBe(name);
    }
  });

  it('keeps a dashboard with the gateway, for other screens', async () => {
    await openOnePane();
    await give('SAVE mine');
    await see(/saved as MINE: LOAD MINE/);
    expect(gateway.acted).toEqual(['PUT /api/v1/dashboards/MINE']);
  });

  it('asks before a smile is changed, and changes nothing after No', async () => {
    await openOnePane();
    await give('BTC SMILE');
    await see(/^fit /);
    await page.getByLabel('ATM, points').fill('0.5');
    await page.getByRole('button', { name: 'Shift' }).click();
    await see(/ATM \+0\.50 points/);
    await page.getByRole('button', { name: 'No' }).click();
    expect(gateway.acted).toEqual([]);
    await page.getByRole('button', { name: 'Take back' }).click();
    await page.getByRole('button', { name: 'Yes' }).click();
    await expect.poll(() => gateway.acted).toEqual(['POST /api/v1/smile-adjustments']);
  });

  it.each([360, 3840])(
    'cuts no head, button or field of any page at %i pixels, and can be killed from each',
    async (width) => {
      await page.setViewportSize({ width, height: heightOf(width) });
      await open();
      // On a wall a page has all the room, and then nothing of it has to be scrolled sideways.
      const hasRoom = width > 700;
      if (hasRoom) await give('ZOOM');
      const cut: string[] = [];
      const kill = page.getByRole('button', { name: 'KILL', exact: true }).first();
      for (const { code, title } of pages) {
        await give(`BTC ${code}`);
        await page.waitForSelector(`.pane.focused .pane-title:has-text("${title.slice(0, 8)}")`);
        await seeWords();
        const found = await page.evaluate((isWide) => {
          const right = document.documentElement.clientWidth;
          const isCut = (head: Element) => head.scrollWidth > head.clientWidth + 1;
          const isBeyond = (field: Element) =>
            field.closest('.choices, .plain, .grid') === null && field.getBoundingClientRect().right > right + 1;
          const room = document.querySelector('.pane.focused')!;
          const all = (selector: string) => [...(isWide ? room : document).querySelectorAll(selector)];
          return [
            ...all('.grid-head .cell').filter(isCut),
            ...all('button, input, select, textarea, .note, .tile').filter(isBeyond),
            ...(isWide ? all('.pane-body, .pane-body *').filter((part) => isCut(part) && part.clientWidth > 0) : []),
          ].map(({ textContent, className }) => `${className} ${textContent?.slice(0, 60)}`);
        }, hasRoom);
        cut.push(...found.map((what) => `${code}: ${what}`));
        // Where the button is, by the mouse: what lay over it would be pressed instead.
        const { x, y, width: across, height } = (await kill.boundingBox())!;
        await page.mouse.click(x + across / 2, y + height / 2);
      }
      expect(cut).toEqual([]);
      const kills = () => gateway.acted.filter((act) => act === 'POST /api/v1/kill').length;
      await expect.poll(kills).toBe(pages.length);
      await page.keyboard.down('Shift');
      await page.keyboard.down('Escape');
      await expect.poll(kills).toBe(pages.length + 1);
      await page.keyboard.up('Escape');
      await page.keyboard.up('Shift');
    },
  );

  it('has behind its numbers the background that the style sheet gives their row, in each theme', async () => {
    await openOnePane();
    await give('BTC OMON');
    await page.waitForSelector('.pane.focused .grid-row.atm .cell[aria-label]');
    // Off the row at the money, so that there is one selected and one with a border.
    await page.locator('.pane.focused .grid').press('ArrowDown');
    const looks: string[] = [];
    for (const theme of ['AMBER', 'SAFE', 'LIGHT']) {
      await give(`THEME ${theme}`);
      await page.waitForSelector('.pane.focused .grid-row.atm .cell[aria-label]');
      await expect.poll(() => page.evaluate(wrongBackgrounds)).toEqual([]);
      looks.push(
        await page.evaluate(() =>
          ['', '.selected', '.atm']
            .map((name) => getComputedStyle(document.querySelector(`.pane.focused .grid-row${name}`)!))
            .map(({ backgroundColor, borderTopColor }) => `${backgroundColor} ${borderTopColor}`)
            .join(),
        ),
      );
    }
    expect(new Set(looks).size).toBe(3);
  });

  it('has the numbers of a table that was hidden until its first row came', async () => {
    await openOnePane();
    await give('HEDG');
    const rows = page.locator('.pane.focused .grid').last().locator('.grid-row');
    await rows.locator('.cell[aria-label]').first().waitFor();
    const row = rows.last();
    const before = await row.screenshot();
    await page.evaluate(() => {
      for (const numbers of document.querySelectorAll<HTMLElement>('.numbers')) numbers.style.visibility = 'hidden';
    });
    expect((await row.screenshot()).equals(before)).toBe(false);
  });

  it('has the text of the selected row, and words between numbers, above the pictures', async () => {
    await openOnePane();
    await give('BTC PORT');
    await page.waitForSelector('.pane.focused .grid-row .cell.over');
    const grid = page.locator('.pane.focused .grid').first();
    await grid.press('ArrowRight');
    await expect.poll(() => grid.locator('.grid-row.selected').innerText()).toMatch(/\d\.\d/);
    for (const part of ['.grid-row.selected .cell.cursor', '.grid-row.selected .cell:last-child', '.cell.over']) {
      const cell = page.locator(`.pane.focused ${part}:not(:empty)`).first();
      const before = await cell.screenshot();
      await cell.evaluate((element) => {
        element.style.opacity = '0';
      });
      expect((await cell.screenshot()).equals(before)).toBe(false);
    }
  });

  it('says which page is broken, and goes on with the others', async () => {
    await openOnePane();
    await page.evaluate(() => {
      window.ImageData = class {
        constructor() {
          throw new Error('no pictures here');
        }
      } as unknown as typeof ImageData;
    });
    await give('RIGHT PORT');
    await see('PORT could not be drawn: no pictures here');
    expect(complaints.splice(0)).toEqual(['Error: no pictures here']);
    const home = page.locator('.pane[aria-label^="HOME"]');
    const before = await home.innerText();
    gateway.advance();
    await expect.poll(() => home.innerText()).not.toBe(before);
  });

  it('says what a line asks for that is not there', async () => {
    await openOnePane();
    await give('9');
    await see('there is no pane 9');
    await give('BTC 1JAN20 OMON');
    await see('there is no 1JAN20: this is 3JAN26');
    await give('BTC 9JAN26 OMON');
    await page.waitForSelector('.pane.focused .bar .bad:empty', { state: 'attached' });
    await give('ACTIVE');
    await expect.poll(() => gateway.acted).toEqual(['POST /api/v1/risk/state']);
    await give('RESUME');
    await page.getByRole('button', { name: 'No' }).click();
    await see(/^not confirmed, so not done$/);
    await give('LATCH');
    await see('Nobody has acted on the latch or on risk yet.');
  });

  it('scrolls a table to its last row, and no further', async () => {
    await openOnePane();
    await give('BTC QUOT');
    await page.waitForSelector('.pane.focused .grid-row .cell[aria-label]');
    const grid = page.locator('.pane.focused .grid');
    await grid.press('End');
    await page.waitForSelector('.pane.focused .grid-row.selected');
    const { rest, below } = await grid.evaluate((element) => {
      element.scrollTop = element.scrollHeight;
      const last = element.querySelector('.grid-row.selected')!.getBoundingClientRect();
      const { bottom } = element.getBoundingClientRect();
      return { rest: element.scrollHeight - element.clientHeight - element.scrollTop, below: bottom - last.bottom };
    });
    expect(rest).toBeLessThan(1);
    // The border of the table.
    expect(Math.abs(below)).toBeLessThan(2);
  });

  it('shows what is of the underlying that was said, and all again after ALL', async () => {
    await openOnePane();
    const names = () =>
      page.$$eval('.pane.focused .grid-row .cell:nth-child(2)', (cells) => [
        ...new Set(cells.map(({ textContent }) => textContent?.slice(0, 3)).filter((name) => name)),
      ]);
    await give('BTC FILL');
    await expect.poll(names).toEqual(['BTC']);
    await page.locator('.pane.focused .choices button:has-text("ALL")').click();
    await expect.poll(async () => (await names()).sort()).toEqual(['BTC', 'ETH']);
    expect(await page.locator('.pane.focused .pane-title').innerText()).toBe('FILL · Fills');
  });

  it('has the strikes of a chain on a telephone, and brings the column that the arrows choose', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await openOnePane();
    await give('BTC OMON');
    await page.waitForSelector('.pane.focused .grid-row.atm');
    const beside = (selector: string) =>
      page.$eval(selector, (cell) => {
        const [at, seen] = [cell, cell.closest('.grid')!].map((element) => element.getBoundingClientRect());
        return Math.max(seen!.left - at!.left, at!.right - seen!.right);
      });
    await expect.poll(() => beside('.pane.focused .grid-head .cell:nth-child(11)')).toBeLessThanOrEqual(1);
    const grid = page.locator('.pane.focused .grid');
    for (let press = 0; press < 20; press++) await grid.press('l');
    const last = '.pane.focused .grid-row.selected .cell:nth-child(21)';
    await expect.poll(() => beside(last)).toBeLessThanOrEqual(1);
  });

  it('draws nothing of the panes behind one that has all the room', async () => {
    await page.addInitScript(() => {
      const counted = window as unknown as { drawn: number };
      counted.drawn = 0;
      const count = (context: object, call: string) => {
        const calls = context as Record<string, (...given: unknown[]) => unknown>;
        const made = calls[call]!;
        calls[call] = function (this: unknown, ...given) {
          counted.drawn++;
          return made.apply(this, given);
        };
      };
      count(OffscreenCanvasRenderingContext2D.prototype, 'putImageData');
      count(CanvasRenderingContext2D.prototype, 'clearRect');
      count(WebGL2RenderingContext.prototype, 'drawElements');
    });
    const drawn = () => page.evaluate(() => (window as unknown as { drawn: number }).drawn);
    // Of the tables, the chart and the surface; what stands in the help does not change.
    await open();
    await give('RIGHT HELP');
    await see('Keys');
    const changed = () =>
      page.evaluate(async () => {
        let records = 0;
        const observer = new MutationObserver((found) => {
          records += found.length;
        });
        for (const pane of document.querySelectorAll('.pane:not(.focused)'))
          observer.observe(pane, { subtree: true, childList: true, characterData: true, attributes: true });
        await new Promise((resolve) => setTimeout(resolve, 1500));
        observer.disconnect();
        return records;
      });
    const move = async () => {
      const before = await drawn();
      const ends = setInterval(() => gateway.advance(), 50);
      const records = await changed();
      clearInterval(ends);
      return { records, drawn: (await drawn()) - before };
    };
    const seen = await move();
    expect(Math.min(seen.records, seen.drawn)).toBeGreaterThan(0);
    await give('ZOOM');
    // What was on its way when they were hidden.
    await changed();
    expect(await move()).toEqual({ records: 0, drawn: 0 });
    await give('ZOOM');
    const again = await move();
    expect(Math.min(again.records, again.drawn)).toBeGreaterThan(0);
  });

  it('puts every row of a table on paper, and is as it was afterwards', async () => {
    await open();
    await give('BTC BOOK');
    await page.waitForSelector('.pane.focused .grid-row .cell[aria-label]');
    await page.evaluate(() =>
      addEventListener('beforeprint', () => {
        const { rows } = document.querySelector<HTMLTableElement>('.pane.focused .paper')!;
        document.title = `${rows.length} rows, the last with ${rows[rows.length - 1]!.textContent}`;
      }),
    );
    const rows = Number(await page.locator('.pane.focused .grid').first().getAttribute('aria-rowcount'));
    const sheets = Number(String(await page.pdf()).match(/\/Count (\d+)/)![1]);
    expect(rows).toBeGreaterThan(100);
    // As many as fit on a sheet, and no empty ones behind them.
    expect(rows / sheets).toBeGreaterThan(20);
    expect(rows / sheets).toBeLessThan(60);
    expect(await page.title()).toMatch(new RegExp(`^${rows} rows, the last with BTC-.*\\d\\.\\d`));
    expect(await page.locator('.paper').count()).toBe(0);
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('amber');
  });

  it('has its numbers on the screen, also when the browser has begun its graphics anew and nothing changes', async () => {
    await openOnePane();
    await give('BTC PORT');
    const rows = page.locator('.pane.focused .grid-rows');
    await page.waitForSelector('.pane.focused .grid-row .cell[aria-label]');
    const before = await rows.screenshot();
    await page.evaluate(() => {
      for (const numbers of document.querySelectorAll<HTMLElement>('.numbers')) numbers.style.visibility = 'hidden';
    });
    expect((await rows.screenshot()).equals(before)).toBe(false);
    await page.evaluate(() => {
      for (const numbers of document.querySelectorAll<HTMLElement>('.numbers')) numbers.style.visibility = '';
    });
    expect((await rows.screenshot()).equals(before)).toBe(true);
    const session = await browser.newBrowserCDPSession();
    await session.send('Browser.crashGpuProcess');
    const comesBack = () =>
      expect.poll(async () => (await rows.screenshot()).equals(before), { timeout: 10_000 }).toBe(true);
    await comesBack();
    // Also of a display that stands still.
    await page.keyboard.press('Escape');
    await page.locator('.pane.focused').press('.');
    await see('PAUSED');
    await session.send('Browser.crashGpuProcess');
    await comesBack();
    await session.detach();
  });
});

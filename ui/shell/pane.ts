import { type Target, takenBy, targetText } from '../command/target.js';
import { h, setText } from '../dom.js';
import { age } from '../format.js';
import { keepPictures } from '../grid/number-picture.js';
import { rowBudget } from '../grid/row-budget.js';
import type { Connection } from '../net/connection.js';
import type { Placed } from '../net/frame.js';
import type { Page, PaneHost } from '../pages/page.js';
import type { PageEntry } from '../pages/registry.js';
import type { Channel, Topic } from '../store/channel.js';
import type { Markets } from '../store/markets.js';
import { Table } from '../store/table.js';
import { Tail } from '../store/tail.js';

/** Time after which a page is drawn without news, for the ages that it shows; milliseconds. */
const AGE_MS = 1000;

/** What a pane asks of the terminal. */
export interface Desk {
  readonly connection: Connection;
  readonly markets: Markets;
  /** Resolves when the first rows are on the screen: charts are loaded after them. */
  readonly begun: Promise<void>;
  /** Has the panes drawn with the next frame. */
  wake(): void;
  run(line: string): void;
  say(words: string): void;
  confirm(question: string): Promise<boolean>;
}

/** A page in its frame: the header says what it shows, where from, how old that is and how fast it comes. */
export class Pane implements PaneHost {
  readonly element: HTMLElement;
  readonly body = h('div', 'pane-body');
  readonly target: Target;
  readonly words: readonly string[];
  readonly entry: PageEntry;
  page: Page | undefined;
  private readonly desk: Desk;
  private readonly title = h('span', 'pane-title');
  private readonly source = h('span', 'pane-source');
  private readonly badge = h('span', 'pane-badge', [], { role: 'status' });
  private readonly channels: Channel[] = [];
  private seen = -1;
  private pagedAt = Number.NEGATIVE_INFINITY;
  private closed = false;
  private hasTold = false;
  /** Its tables had rows left when the time of the frame was over. */
  private behind = false;

  constructor(desk: Desk, entry: PageEntry, target: Target, words: readonly string[]) {
    this.desk = desk;
    this.entry = entry;
    this.target = target;
    this.words = words;
    this.element = h('section', 'pane', [h('header', 'pane-head', [this.title, this.badge, this.source]), this.body], {
      tabindex: '-1',
      'aria-label': `${entry.code} ${entry.title}`,
    });
    setText(
      this.title,
      [targetText(takenBy(entry.usage, target)), entry.code, '·', entry.title].filter((part) => part !== '').join(' '),
    );
    void this.load();
  }

  get connection(): Connection {
    return this.desk.connection;
  }

  get markets(): Markets {
    return this.desk.markets;
  }

  table<T extends Placed>(topic: Topic<T>): Table<T> {
    const { rows } = this.channel(topic);
    if (!(rows instanceof Table)) throw new Error(`${topic.name} holds events: use tail()`);
    return rows;
  }

  tail<T extends Placed>(topic: Topic<T>): Tail<T> {
    const { rows } = this.channel(topic);
    if (!(rows instanceof Tail)) throw new Error(`${topic.name} holds no events: use table()`);
    return rows;
  }

  channel<T extends Placed>(topic: Topic<T>): Channel<T> {
    const channel = this.connection.store.open(topic);
    this.channels.push(channel as unknown as Channel);
    return channel;
  }

  run(line: string): void {
    this.desk.run(line);
  }

  say(words: string): void {
    this.desk.say(words);
  }

  confirm(question: string): Promise<boolean> {
    return this.desk.confirm(question);
  }

  /** Whether it has shown something that came from the engine. */
  get hasShown(): boolean {
    return (
      this.page !== undefined && this.channels.some(({ heardAt }) => Number.isFinite(heardAt) && heardAt < this.pagedAt)
    );
  }

  /**
   * Draws the page if something came, or if ages have to grow.
   * @param paused the display stands still, its age does not
   * @returns whether it has more to draw
   */
  draw(now: number, paused: boolean): boolean {
    const { page, channels } = this;
    let version = this.markets.listVersion;
    for (const { rows } of channels) version += rows.version;
    const due = now - this.pagedAt >= AGE_MS;
    if (version === this.seen && !due && !this.behind) return false;
    const tooSoon = !this.behind && now - this.pagedAt < (page?.pace ?? 0);
    if (page !== undefined && !paused && !tooSoon) {
      rowBudget.hasNews = version !== this.seen || due;
      this.seen = version;
      this.pagedAt = now;
      try {
        page.draw(now);
      } catch (error) {
        // The other panes go on: a page that is broken takes none of them with it.
        this.fail('drawn', error);
        reportError(error);
      }
      this.behind = rowBudget.ranShort();
    }
    if (paused) keepPictures(this.body, now);
    if (!this.hasTold) {
      this.hasTold = true;
      this.tellAge(now, paused);
    }
    return !paused && (this.behind || tooSoon);
  }

  resized(): void {
    this.page?.resized?.();
    this.seen = -1;
    this.desk.wake();
  }

  /** Draws it at once, in the theme and the size of now. */
  drawAnew(): void {
    this.page?.resized?.();
    this.page?.draw(performance.now());
  }

  /** What is drawn in it, on its background; undefined where nothing is. It is drawn anew first: WebGL keeps no picture that has been shown. */
  picture(): HTMLCanvasElement | undefined {
    this.page?.draw(performance.now());
    const drawn = [...this.body.querySelectorAll<HTMLCanvasElement>('canvas:not(.numbers)')].filter(
      ({ width, clientHeight }) => width > 0 && clientHeight > 0,
    );
    if (drawn.length === 0) return undefined;
    const scale = devicePixelRatio;
    const picture = h('canvas');
    picture.width = Math.max(...drawn.map(({ clientWidth }) => clientWidth * scale));
    picture.height = drawn.reduce((sum, { clientHeight }) => sum + clientHeight * scale, 0);
    const context = picture.getContext('2d');
    if (context === null) return undefined;
    context.fillStyle = getComputedStyle(document.body).backgroundColor;
    context.fillRect(0, 0, picture.width, picture.height);
    let top = 0;
    for (const canvas of drawn) {
      context.drawImage(canvas, 0, top, canvas.clientWidth * scale, canvas.clientHeight * scale);
      top += canvas.clientHeight * scale;
    }
    return picture;
  }

  close(): void {
    this.closed = true;
    this.page?.closed?.();
    for (const channel of this.channels) this.connection.store.close(channel);
    this.channels.length = 0;
    this.element.remove();
  }

  private async load(): Promise<void> {
    try {
      if (this.entry.isChart) await this.desk.begun;
      const { open } = await this.entry.load();
      if (this.closed) return;
      this.page = open(this);
    } catch (error) {
      this.fail('opened', error);
    }
    this.hasTold = false;
    this.seen = -1;
    this.desk.wake();
  }

  /** Says in the place of the page what is wrong with it. */
  private fail(what: string, error: unknown): void {
    this.page?.closed?.();
    this.page = undefined;
    const words = `${this.entry.code} could not be ${what}: ${error instanceof Error ? error.message : error}`;
    this.body.replaceChildren(h('p', 'note bad', [words]));
  }

  /** The worst of its topics is what the pane says of itself. */
  tellAge(now: number, paused: boolean): void {
    const { channels } = this;
    if (channels.length === 0) {
      setText(this.source, '');
      return;
    }
    const failed = channels.find(({ problem }) => problem !== undefined);
    const stale = channels.filter((channel) => channel.isStale(now));
    const waits = channels.filter(
      ({ awaitsSnapshot, heardAt }) => awaitsSnapshot && heardAt === Number.NEGATIVE_INFINITY,
    );
    const rate = channels.reduce((sum, channel) => sum + channel.rate, 0);
    const newest = Math.min(...channels.map((channel) => channel.age(now)));
    const names = [...new Set(channels.map(({ topic }) => topic.name))].join(' ');
    // A narrow pane cuts the names, not the age.
    setText(this.source, `${age(newest)} · ${rate.toFixed(rate < 10 ? 1 : 0)}/s · ${names}`);
    let badge = '';
    if (failed !== undefined) badge = `NO ${failed.topic.name.toUpperCase()}: ${failed.problem}`;
    else if (waits.length > 0) badge = `WAITS for ${waits.map(({ topic }) => topic.name).join(', ')}`;
    else if (stale.length > 0) badge = `STALE ${stale.map(({ topic }) => topic.name).join(', ')}`;
    else if (paused) badge = 'PAUSED';
    setText(this.badge, badge);
    this.element.classList.toggle('stale', badge !== '');
  }
}

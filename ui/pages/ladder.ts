import type { BookLevel } from '../../schemas/generated/book-level.js';
import type { OrderUpdate } from '../../schemas/generated/order-update.js';
import { h, setText } from '../dom.js';
import { fixed, tickPrice } from '../format.js';
import { Grid } from '../grid/grid.js';
import type { Table } from '../store/table.js';
import { levels, orders } from '../topics/pages.js';
import type { PaneHost } from './page.js';

/** Levels of a side, and of a book: the gateway's keys count them from an instrument's number times these. */
const SIDE = 10;
const BOOK = 2 * SIDE;
/** Statuses of an order that is at work: requested, open, part filled. */
const AT_WORK = 3;

/** The levels of one book, offers above bids as they lie in price, with what is ours of each. */
export class Ladder {
  readonly element: HTMLElement;
  private readonly host: PaneHost;
  private readonly rows: Table<BookLevel>;
  private readonly orders: Table<OrderUpdate>;
  private readonly grid: Grid;
  private readonly caption = h('p', 'note');
  private instrument = -1;
  /** Levels that are there, the highest price first: keys of the topic. */
  private keys: number[] = [];
  private readonly sums = new Map<number, number>();

  constructor(host: PaneHost) {
    this.host = host;
    this.rows = host.table(levels);
    this.orders = host.table(orders);
    const row = (place: number) => this.rows.row(this.keys[place]!)!;
    const isBid = (place: number) => row(place).side() === 1;
    const only = (bid: boolean, text: (place: number) => string) => (place: number) =>
      isBid(place) === bid ? text(place) : '';
    this.grid = new Grid(
      {
        rows: () => this.keys.length,
        columns: [
          { title: 'sum', width: 10, text: only(true, (place) => this.sum(place)), tone: () => 'dim' },
          { title: 'ours', width: 9, text: only(true, (place) => this.ours(place)), tone: () => 'own' },
          { title: 'bid size', width: 10, text: only(true, (place) => fixed(row(place).amount(), 1)) },
          {
            title: 'price',
            width: 11,
            text: (place) => tickPrice(row(place).price(), host.markets.row(this.instrument)?.tickSize()),
            tone: (place) => (isBid(place) ? 'up' : 'down'),
          },
          { title: 'ask size', width: 10, text: only(false, (place) => fixed(row(place).amount(), 1)) },
          { title: 'ours', width: 9, text: only(false, (place) => this.ours(place)), tone: () => 'own' },
          { title: 'sum', width: 10, text: only(false, (place) => this.sum(place)), tone: () => 'dim' },
        ],
      },
      'Levels of the book',
    );
    this.element = h('div', 'below', [this.caption, this.grid.element]);
  }

  draw(instrument: number): void {
    this.instrument = instrument;
    this.gather();
    const { host, keys } = this;
    const isStale = keys.length > 0 && this.rows.row(keys[0]!)?.state() !== 1;
    setText(
      this.caption,
      keys.length === 0
        ? `${host.markets.name(instrument)}: no levels yet; they are shown with the book's next change`
        : `${host.markets.name(instrument)} · the first ${SIDE} levels of each side${isStale ? ' · STALE: the feed has lost track of this book' : ''}`,
    );
    this.caption.classList.toggle('bad', isStale);
    this.grid.draw();
  }

  resized(): void {
    this.grid.resized();
  }

  csv(): string {
    return this.grid.csv();
  }

  /** Which levels there are, and what lies between each and the touch. */
  private gather(): void {
    const { rows, sums } = this;
    const first = this.instrument * BOOK;
    const there = (key: number) => (rows.row(key)?.amount() ?? 0) > 0;
    const bids = Array.from({ length: SIDE }, (_, level) => first + level).filter(there);
    const asks = Array.from({ length: SIDE }, (_, level) => first + SIDE + level).filter(there);
    for (const side of [bids, asks]) {
      let sum = 0;
      for (const key of side) {
        sum += rows.row(key)!.amount();
        sums.set(key, sum);
      }
    }
    this.keys = [...asks.reverse(), ...bids];
  }

  private sum(place: number): string {
    return fixed(this.sums.get(this.keys[place]!) ?? Number.NaN, 1);
  }

  /** What we still offer at this level. */
  private ours(place: number): string {
    const level = this.rows.row(this.keys[place]!)!;
    const [side, at] = [level.side(), level.price()];
    let amount = 0;
    for (let slot = 0; slot < this.orders.count; slot++) {
      const order = this.orders.at(slot);
      if (order.instrument() !== this.instrument || order.side() !== side || order.status() > AT_WORK) continue;
      if (order.status() > 0 && Math.abs(order.price() - at) < 1e-9 * at) amount += order.amount() - order.filled();
    }
    return amount > 0 ? fixed(amount, 1) : '';
  }
}

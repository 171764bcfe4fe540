import type { Cells } from '../../engine/market/orders/cells.js';
import {
  OrderAction,
  OrderFlag,
  RequestOutcome,
  SendOutcome,
  Side,
  VenueOrderState,
} from '../../engine/market/orders/codes.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { ApprovedOrder } from '../../schemas/generated/approved-order.js';
import type { OrderReport } from '../../schemas/generated/order-report.js';
import type { RequestReport } from '../../schemas/generated/request-report.js';
import type { SendReport } from '../../schemas/generated/send-report.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';

/** Orders of ours that are followed on one side of one instrument: a quote, a hedge, a trader's, and one that is about to end. */
const MOST = 4;
const SIDES = 2;
/** What stands in a place: nothing, an order, a quote, or one that has ended and that the book may show until its next update. */
const FREE = 0;
const ORDER = 1;
const QUOTE = 2;
const GONE = 3;
/**
 * Of a place: its state; the order's name; the price that was asked for last, that which the venue has confirmed, and that before the book's newest
 * update, NaN for none; the amount that may still trade, and the most since that update.
 */
const STATE = 0;
const SEQ = 1;
const INDEX = 2;
const ASKED = 3;
const PRICE = 4;
const BEFORE = 5;
const AMOUNT = 6;
const MOST_AMOUNT = 7;
const FIELDS = 8;

/** Read in place: a double that a call returns may be boxed, and this is done with every order. */
const PRICE_AT = fieldOffset(ApprovedOrder, 'price');

/** Places of `level`. */
export const LEVEL = { PRICE: 0, AMOUNT: 1 } as const;
/** Prices and amounts that differ by less than this part are one. */
const SAME = 1e-9;

/**
 * What of each book is our own, from what was sent and what the venue answered. A venue tells books with everybody's orders in them; a value, a forward
 * or a quote that is taken from a market with one's own quotes in it follows itself.
 */
export class OwnOrders {
  /** A price level on its way through `take`: price, and the amount there. */
  readonly level = new Float64Array(2);
  private readonly orders: Float64Array;
  /** Places that are taken, by instrument. */
  private readonly counts: Float64Array;
  private readonly order = new ApprovedOrder();

  constructor(cells: Cells, instruments: number) {
    const places = { STATE, SEQ, INDEX, ASKED, PRICE, BEFORE, AMOUNT, MOST_AMOUNT };
    this.counts = cells.float64(instruments, 'own orders: counts');
    this.orders = cells.float64(instruments * SIDES * MOST * FIELDS, 'own orders', places);
  }

  /** Whether any order of ours may stand in an instrument's book. */
  any(id: number): boolean {
    return this.counts[id] !== 0;
  }

  /** An order went out: from now on it may stand where it asks to. */
  onSend(report: SendReport): void {
    if (report.outcome() === SendOutcome.NOT_SENT) return;
    const order = report.order(this.order)!;
    const action = order.action();
    const isQuote = action === OrderAction.QUOTE;
    if (!isQuote && action !== OrderAction.PLACE && action !== OrderAction.AMEND) return;
    const id = order.instrument();
    // A quote of no amount takes the side away: it stands until the venue says that it is gone.
    if (id >= this.counts.length || !(order.amount() > 0)) return;
    const { orders } = this;
    const first = firstOf(id, order.side());
    // A quote takes the place of the one before it.
    const at = isQuote ? this.quoteAt(first) : this.named(first, order.orderSeq(), order.index());
    const place = at >= 0 ? at : this.free(id, first);
    if (place < 0) return;
    orders[place + STATE] = isQuote ? QUOTE : ORDER;
    orders[place + SEQ] = order.orderSeq();
    orders[place + INDEX] = order.index();
    orders[place + ASKED] = (order.bb as ViewBuffer).view.getFloat64(order.bb_pos + PRICE_AT, true);
    this.hold(place, order.amount());
  }

  /** The venue says what has become of an order. */
  onReport(report: OrderReport): void {
    const id = report.instrument();
    if (id >= this.counts.length || report.orderSeq() === 0) return;
    const { orders } = this;
    const first = firstOf(id, report.side());
    const isOpen = report.state() === VenueOrderState.OPEN;
    const named = this.named(first, report.orderSeq(), report.index());
    const isQuote = (report.flags() & OrderFlag.QUOTE) !== 0;
    // A quote may keep the name under which it stood first.
    const found = named < 0 && isOpen && isQuote ? this.quoteAt(first) : named;
    if (!isOpen) {
      if (found >= 0) orders[found + STATE] = GONE;
      return;
    }
    const at = found >= 0 ? found : this.free(id, first);
    if (at < 0) return;
    if (found < 0) {
      orders[at + STATE] = isQuote ? QUOTE : ORDER;
      orders[at + SEQ] = report.orderSeq();
      orders[at + INDEX] = report.index();
      orders[at + ASKED] = report.price();
    }
    if (orders[at + PRICE] !== report.price()) orders[at + BEFORE] = orders[at + PRICE]!;
    orders[at + PRICE] = report.price();
    this.hold(at, report.amount() - report.filled());
  }

  /** What was refused before it ever stood does not stand. */
  onRefusal(report: RequestReport): void {
    const id = report.instrument();
    if (report.outcome() !== RequestOutcome.REJECTED || id >= this.counts.length || report.side() === Side.BOTH) return;
    const at = this.named(firstOf(id, report.side()), report.orderSeq(), report.index());
    if (at >= 0 && Number.isNaN(this.orders[at + PRICE]!)) this.orders[at + STATE] = GONE;
  }

  /** An update of the book has come: what ended or changed before it is no longer looked for. */
  settle(id: number): void {
    const { orders, counts } = this;
    const first = id * SIDES * MOST * FIELDS;
    for (let at = first; at < first + SIDES * MOST * FIELDS; at += FIELDS) {
      if (orders[at + STATE] === FREE) continue;
      if (orders[at + STATE] === GONE) {
        orders[at + STATE] = FREE;
        counts[id]! -= 1;
        continue;
      }
      orders[at + BEFORE] = Number.NaN;
      orders[at + MOST_AMOUNT] = orders[at + AMOUNT]!;
    }
  }

  /**
   * Takes our own out of the level that stands in `level`. An order that changes may stand at its old price or at the new one already, as books and answers come
   * by different ways: it counts at each.
   *
   * @param side 0 bids, 1 offers
   */
  take(id: number, side: number): void {
    const { orders, level } = this;
    const price = level[LEVEL.PRICE]!;
    const near = price * SAME;
    let left = level[LEVEL.AMOUNT]!;
    const least = left * SAME;
    const first = (id * SIDES + side) * MOST * FIELDS;
    for (let at = first; at < first + MOST * FIELDS; at += FIELDS) {
      if (orders[at + STATE] === FREE) continue;
      for (let field = ASKED; field <= BEFORE; field++) {
        const off = orders[at + field]! - price;
        if (!(off <= near && off >= -near)) continue;
        left -= orders[at + MOST_AMOUNT]!;
        break;
      }
    }
    level[LEVEL.AMOUNT] = left > least ? left : 0;
  }

  private hold(at: number, amount: number): void {
    const { orders } = this;
    orders[at + AMOUNT] = amount;
    if (!(orders[at + MOST_AMOUNT]! >= amount)) orders[at + MOST_AMOUNT] = amount;
  }

  private quoteAt(first: number): number {
    for (let at = first; at < first + MOST * FIELDS; at += FIELDS) if (this.orders[at + STATE] === QUOTE) return at;
    return -1;
  }

  private named(first: number, seq: number, index: number): number {
    const { orders } = this;
    for (let at = first; at < first + MOST * FIELDS; at += FIELDS) {
      const isAtWork = orders[at + STATE] === ORDER || orders[at + STATE] === QUOTE;
      if (isAtWork && orders[at + SEQ] === seq && orders[at + INDEX] === index) return at;
    }
    return -1;
  }

  /** A place for another order; -1 where there are more at once than are followed: the rest counts as others'. */
  private free(id: number, first: number): number {
    const { orders } = this;
    for (let at = first; at < first + MOST * FIELDS; at += FIELDS) {
      if (orders[at + STATE] !== FREE) continue;
      orders[at + PRICE] = Number.NaN;
      orders[at + BEFORE] = Number.NaN;
      orders[at + ASKED] = Number.NaN;
      orders[at + AMOUNT] = 0;
      orders[at + MOST_AMOUNT] = 0;
      this.counts[id]! += 1;
      return at;
    }
    return -1;
  }
}

function firstOf(id: number, side: number): number {
  return (id * SIDES + (side === Side.BUY ? 0 : 1)) * MOST * FIELDS;
}

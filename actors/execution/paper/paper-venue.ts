import {
  CancelReason,
  NotSentReason,
  OrderAction,
  OrderFlag,
  ReconcilePhase,
  ReportSource,
  Scope,
  Side,
  TimeInForce,
  VenueOrderState,
  VenueReason,
} from '../../../engine/market/orders/codes.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import type { StreamWriter } from '../../../engine/runtime/edge/stream-writer.js';
import { structOffset } from '../../../schemas/field-offset.js';
import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import { Refusal } from '../../../schemas/generated/refusal.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { PaperFills } from './paper-fills.js';
import { PaperLog } from './paper-log.js';
import { PaperMarket } from './paper-market.js';
import type { PaperMisses } from './paper-misses.js';
import { DUST, keyOf, type PaperOrder, PaperOrders, type PaperRequest } from './paper-orders.js';
import { type PaperClock, PaperReports } from './paper-reports.js';

export interface PaperSettings {
  instruments: number;
  /** Levels of a side of a book that are kept. */
  depth: number;
  /** From the socket to the matching engine, and from there back into the log, milliseconds. */
  orderMs: number;
  answerMs: number;
}

const REFUSED_ORDER = structOffset(Refusal, 'order');

/**
 * A venue on paper: orders meet the market that the log shows, and nobody there sees them. What stands at their price when they arrive is before
 * them in the queue; trades work it off, and cancellations count as behind them until what is displayed is less. They are filled by trades that
 * reach them, and at their own price where the other side of the market comes to stand at it or beyond. A taker gets what is displayed. Requests
 * and reports take their time; the clock is that of the log's events.
 *
 * Nobody's protection is modelled here, and an order of ours moves no price: what is earned on paper is an upper bound where it is large beside
 * what is displayed.
 */
export class PaperVenue {
  readonly market: PaperMarket;
  readonly #orders = new PaperOrders();
  readonly #reports: PaperReports;
  readonly #fills: PaperFills;
  readonly #log: PaperLog;
  readonly #clock: PaperClock = { now: 0 };
  readonly #orderMicros: number;
  readonly #requests: PaperRequest[] = [];
  #orderNumber = 0;
  readonly #order = new ApprovedOrder();
  readonly #refusal = new Refusal();

  constructor(out: StreamWriter, { instruments, depth, orderMs, answerMs }: PaperSettings) {
    this.market = new PaperMarket(instruments, depth);
    this.#orderMicros = orderMs * 1000;
    this.#reports = new PaperReports(out, this.#clock, this.#orderMicros, answerMs * 1000);
    this.#fills = new PaperFills(this.market, this.#orders, this.#reports);
    this.#log = new PaperLog(this.market, this.#fills, (instrument) =>
      this.#cancelAll((order) => order.instrument === instrument, CancelReason.INSTRUMENT_GONE, 0),
    );
  }

  /** The connection is ready, and everything that execution would arm is. */
  begin(): void {
    this.#reports.ready();
  }

  /** Event time of the log, microseconds. */
  get time(): number {
    return this.#clock.now;
  }

  /** Trades since the start. */
  get fills(): number {
    return this.#fills.count;
  }

  /** Why other trades were not ours. */
  get misses(): PaperMisses {
    return this.#fills.misses;
  }

  /** When the next request arrives or the next report is due, microseconds; Infinity for nothing. */
  get next(): number {
    return Math.min(this.#requests[0]?.due ?? Number.POSITIVE_INFINITY, this.#reports.next);
  }

  /** Takes an approved order. `written`: whether it passed the gate. */
  take(buffer: ViewBuffer, offset: number, written: boolean): void {
    const order = this.#order;
    const { now } = this.#clock;
    order.__init(offset + HEADER_BYTES, buffer);
    const seq = buffer.view.getFloat64(offset + HeaderOffset.SEQ, true);
    this.#reports.sent(buffer, offset + HEADER_BYTES, seq, written ? NotSentReason.NONE : NotSentReason.KILLED, 0);
    if (!written) return;
    this.#requests.push({
      due: now + this.#orderMicros,
      seq,
      requestIndex: order.requestIndex(),
      action: order.action(),
      instrument: order.instrument(),
      underlying: order.underlying(),
      side: order.side(),
      flags: order.flags(),
      timeInForce: order.timeInForce(),
      scope: order.scope(),
      group: order.group(),
      run: order.run(),
      index: order.index(),
      orderSeq: order.orderSeq(),
      price: order.price(),
      amount: order.amount(),
      quoteSet: order.quoteSet(),
      number: this.#reports.requestNumber,
      reconcile: order.reconcile(),
    });
  }

  /** The core learns only from the log what risk refused: this is how it gets there. */
  refuse(buffer: ViewBuffer, offset: number): void {
    const refusal = this.#refusal.__init(offset + HEADER_BYTES, buffer);
    const seq = buffer.view.getFloat64(offset + HeaderOffset.SEQ, true);
    this.#reports.sent(buffer, offset + HEADER_BYTES + REFUSED_ORDER, seq, NotSentReason.REFUSED, refusal.code());
  }

  /** A record of the log: the market moves, and time with it. */
  onLog(type: number, buffer: ViewBuffer, offset: number): void {
    this.advance(buffer.view.getFloat64(offset + HeaderOffset.EVENT_TIME, true));
    this.#log.read(type, buffer, offset);
  }

  /** Goes to a time of the log: requests arrive in the market. */
  advance(time: number): void {
    while (this.#requests.length > 0 && this.#requests[0]!.due <= time) {
      // They arrive at their own time, before whatever the log tells next.
      const request = this.#requests.shift()!;
      if (request.due > this.#clock.now) this.#clock.now = request.due;
      this.#arrive(request);
    }
    if (time > this.#clock.now) this.#clock.now = time;
  }

  /** Writes the reports that are due, as far as there is room. @returns whether any was written */
  flush(): boolean {
    return this.#reports.flush();
  }

  #arrive(request: PaperRequest): void {
    switch (request.action) {
      case OrderAction.CANCEL: {
        const order = this.#orders.get(request);
        if (order === undefined) this.#reports.answer(request, VenueReason.ORDER_NOT_FOUND);
        else {
          this.#reports.answer(request, VenueReason.NONE);
          this.#remove(order, CancelReason.ASKED, request.seq);
        }
        break;
      }
      case OrderAction.MASS_CANCEL:
        this.#cancelAll((order) => this.#isIn(order, request), CancelReason.ASKED, request.seq);
        this.#reports.answer(request, VenueReason.NONE);
        break;
      case OrderAction.QUERY:
        this.#tellOne(request);
        this.#reports.answer(request, VenueReason.NONE);
        break;
      case OrderAction.RECONCILE:
        this.#tellAll(request);
        this.#reports.answer(request, VenueReason.NONE);
        break;
      default:
        this.#place(request);
    }
  }

  /** A new order, or one that is moved. */
  #place(request: PaperRequest): void {
    const { market } = this;
    const { instrument, price } = request;
    const buys = request.side === Side.BUY;
    const before = this.#orders.get(request);
    const filled = before?.filled ?? 0;
    const amount = request.action === OrderAction.QUOTE ? filled + request.amount : request.amount;
    const crosses = market.against(instrument, buys, price).length > 0;
    const refusal = this.#refusalOf(request, before, crosses);
    this.#reports.answer(request, refusal);
    if (refusal !== VenueReason.NONE) return;
    if (request.action === OrderAction.QUOTE && !(request.amount > 0)) {
      if (before !== undefined) this.#remove(before, CancelReason.ASKED, request.seq);
      return;
    }
    const keepsPlace = before !== undefined && before.price === price && amount <= before.amount;
    const order: PaperOrder = {
      id: before?.id ?? `paper-${request.run}-${++this.#orderNumber}`,
      instrument,
      buys,
      flags: request.flags,
      group: request.group,
      quoteSet: request.quoteSet,
      timeInForce: request.timeInForce,
      run: request.run,
      index: request.index,
      orderSeq: request.orderSeq,
      price,
      amount,
      filled,
      notional: before?.notional ?? 0,
      ahead: keepsPlace ? before.ahead : behind(market.at(instrument, buys, price)),
    };
    if (request.action === OrderAction.QUOTE) this.#replaceQuote(order, request.seq);
    this.#orders.rest(order);
    if (crosses) this.#fills.takeFrom(order);
    if (order.amount - order.filled <= DUST) return;
    if (order.timeInForce === TimeInForce.IMMEDIATE_OR_CANCEL || order.timeInForce === TimeInForce.FILL_OR_KILL)
      this.#remove(order, CancelReason.OTHER, request.seq);
  }

  #refusalOf(request: PaperRequest, before: PaperOrder | undefined, crosses: boolean): number {
    const takesAway = request.action === OrderAction.QUOTE && !(request.amount > 0);
    if (!this.market.isOpen(request.instrument)) return VenueReason.INSTRUMENT_CLOSED;
    if (request.action === OrderAction.AMEND && before === undefined) return VenueReason.ORDER_NOT_FOUND;
    const isPostOnly = (request.flags & OrderFlag.POST_ONLY) !== 0;
    return crosses && isPostOnly && !takesAway ? VenueReason.POST_ONLY : VenueReason.NONE;
  }

  /** A quote takes the place of the one that stands there under another name. */
  #replaceQuote(order: PaperOrder, seq: number): void {
    for (const other of this.#orders.of(order.instrument)) {
      const isSame =
        other.buys === order.buys && other.quoteSet === order.quoteSet && (other.flags & OrderFlag.QUOTE) !== 0;
      if (isSame && keyOf(other) !== keyOf(order)) this.#remove(other, CancelReason.ASKED, seq);
    }
  }

  #remove(order: PaperOrder, reason: number, cause: number): void {
    this.#orders.forget(order);
    this.#reports.show(order, VenueOrderState.CANCELLED, ReportSource.STREAM, cause, reason, 0, 0);
  }

  #cancelAll(matches: (order: PaperOrder) => boolean, reason: number, cause: number): void {
    for (const order of this.#orders.all()) if (matches(order)) this.#remove(order, reason, cause);
  }

  #isIn(order: PaperOrder, { scope, instrument, underlying, flags, quoteSet }: PaperRequest): boolean {
    if ((order.flags & OrderFlag.QUOTE) === 0 && (flags & OrderFlag.ORDERS_TOO) === 0) return false;
    if (scope === Scope.INSTRUMENT) return order.instrument === instrument;
    if (scope === Scope.UNDERLYING) return this.#log.underlyings[order.instrument] === underlying;
    if (scope === Scope.QUOTE_SET) return order.quoteSet === quoteSet;
    // A range of deltas is more than is known here: all of it goes, which is safe.
    return true;
  }

  #tellOne(request: PaperRequest): void {
    const order = this.#orders.get(request);
    if (order !== undefined) {
      this.#reports.show(
        order,
        VenueOrderState.OPEN,
        ReportSource.QUERY,
        request.seq,
        CancelReason.NONE,
        0,
        request.requestIndex,
      );
      return;
    }
    const gone: PaperOrder = { ...request, id: '', buys: request.side === Side.BUY, filled: 0, notional: 0, ahead: 0 };
    this.#reports.show(
      gone,
      VenueOrderState.NOT_FOUND,
      ReportSource.QUERY,
      request.seq,
      CancelReason.NONE,
      0,
      request.requestIndex,
    );
  }

  /** Positions on paper are what the engine's own journal says they are, so of them nothing is told. */
  #tellAll(request: PaperRequest): void {
    this.#reports.reconciles(ReconcilePhase.BEGINS, request);
    for (const order of this.#orders.all())
      this.#reports.show(
        order,
        VenueOrderState.OPEN,
        ReportSource.QUERY,
        request.seq,
        CancelReason.NONE,
        request.reconcile,
        0,
      );
    this.#reports.reconciles(ReconcilePhase.ENDS, request);
  }
}

/** What is displayed is before who comes; an amount that nobody knows is as bad as can be: nothing but what goes through fills. */
function behind(displayed: number): number {
  return Number.isFinite(displayed) ? displayed : Number.POSITIVE_INFINITY;
}

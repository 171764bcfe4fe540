import type { Instrument } from '../../../engine/market/instrument.js';
import { InstrumentKind, LifeCycle } from '../../../engine/market/instrument.js';
import { decodeInstrument } from '../../../engine/market/instrument-codec.js';
import {
  Armed,
  CancelReason,
  ConnectionRole,
  ConnectionState,
  Liquidity,
  NO_INSTRUMENT,
  NotSentReason,
  OrderAction,
  OrderFlag,
  ReconcilePhase,
  ReconcileSubject,
  ReportSource,
  RequestOutcome,
  Scope,
  SendOutcome,
  Side,
  TimeInForce,
  VenueOrderState,
  VenueReason,
} from '../../../engine/market/orders/codes.js';
import { writeCurrency, writeVenueId } from '../../../engine/market/orders/venue-id.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import type { StreamWriter } from '../../../engine/runtime/edge/stream-writer.js';
import { structOffset } from '../../../schemas/field-offset.js';
import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import { ConnectionReport } from '../../../schemas/generated/connection-report.js';
import { FillReport } from '../../../schemas/generated/fill-report.js';
import { InstrumentState } from '../../../schemas/generated/instrument-state.js';
import { OrderReport } from '../../../schemas/generated/order-report.js';
import { Quote } from '../../../schemas/generated/quote.js';
import { ReconcileReport } from '../../../schemas/generated/reconcile-report.js';
import { Refusal } from '../../../schemas/generated/refusal.js';
import { RequestReport } from '../../../schemas/generated/request-report.js';
import { SendReport } from '../../../schemas/generated/send-report.js';
import { Ticker } from '../../../schemas/generated/ticker.js';
import { TopOfBook } from '../../../schemas/generated/top-of-book.js';
import { Trade } from '../../../schemas/generated/trade.js';
import { TradeRun } from '../../../schemas/generated/trade-run.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { feeOf } from './paper-fees.js';
import { PaperMarket } from './paper-market.js';
import { PaperMisses } from './paper-misses.js';

export interface PaperSettings {
  instruments: number;
  /** Levels of a side of a book that are kept. */
  depth: number;
  /** From the socket to the matching engine, and from there back into the log, milliseconds. */
  orderMs: number;
  answerMs: number;
}

/** A request on its way to the market: a copy, for the ring goes on. */
interface Request {
  due: number;
  seq: number;
  requestIndex: number;
  action: number;
  instrument: number;
  underlying: number;
  side: number;
  flags: number;
  timeInForce: number;
  scope: number;
  group: number;
  run: number;
  index: number;
  orderSeq: number;
  price: number;
  amount: number;
  quoteSet: number;
  number: number;
  reconcile: number;
}

/** An order that rests in the market on paper. */
interface PaperOrder {
  id: string;
  instrument: number;
  buys: boolean;
  flags: number;
  group: number;
  quoteSet: number;
  timeInForce: number;
  run: number;
  index: number;
  orderSeq: number;
  price: number;
  amount: number;
  filled: number;
  notional: number;
  /** Amount that stands before it at its price. */
  ahead: number;
}

const REPORTED_ORDER = structOffset(SendReport, 'order');
const REFUSED_ORDER = structOffset(Refusal, 'order');
const AGGRESSOR = 3;
const BUYER = 1;
const SELLER = 2;
const DUST = 1e-9;
const TRADE_BYTES = Trade.sizeOf();

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
  /** Trades since the start, and why other trades were not ours. */
  fills = 0;
  readonly misses = new PaperMisses();
  private readonly out: StreamWriter;
  private readonly orderMicros: number;
  private readonly answerMicros: number;
  private readonly underlyings: number[] = [];
  private readonly underlyingNumbers = new Map<string, number>();
  private readonly indices: number[] = [];
  private readonly orders = new Map<string, PaperOrder>();
  /** Keys of the resting orders of each instrument. */
  private readonly resting = new Map<number, Set<string>>();
  private requests: Request[] = [];
  /** Reports that are not in the log yet, by the time they are due. */
  private reports: { due: number; write: () => boolean }[] = [];
  private now = 0;
  private requestNumber = 0;
  private orderNumber = 0;
  private readonly order = new ApprovedOrder();
  private readonly refusal = new Refusal();
  private readonly ticker = new Ticker();
  private readonly top = new TopOfBook();
  private readonly quote = new Quote();
  private readonly state = new InstrumentState();
  private readonly trade = new Trade();

  constructor(out: StreamWriter, { instruments, depth, orderMs, answerMs }: PaperSettings) {
    this.out = out;
    this.market = new PaperMarket(instruments, depth);
    this.orderMicros = orderMs * 1000;
    this.answerMicros = answerMs * 1000;
  }

  /** The connection is ready, and everything that execution would arm is. */
  begin(): void {
    this.later(0, 0, MessageType.CONNECTION_REPORT, ConnectionReport, (report) => {
      report.mutate_state(ConnectionState.READY);
      report.mutate_role(ConnectionRole.SENDS | ConnectionRole.PRIVATE_STREAM);
      report.mutate_armed(Armed.CANCEL_ON_DISCONNECT | Armed.MMP | Armed.MASS_QUOTES);
    });
  }

  /** Event time of the log, microseconds. */
  get time(): number {
    return this.now;
  }

  /** When the next request arrives or the next report is due, microseconds; Infinity for nothing. */
  get next(): number {
    return Math.min(
      this.requests[0]?.due ?? Number.POSITIVE_INFINITY,
      this.reports[0]?.due ?? Number.POSITIVE_INFINITY,
    );
  }

  /** Takes an approved order. `written`: whether it passed the gate. */
  take(buffer: ViewBuffer, offset: number, written: boolean): void {
    const { now, order } = this;
    order.__init(offset + HEADER_BYTES, buffer);
    const seq = buffer.view.getFloat64(offset + HeaderOffset.SEQ, true);
    this.reportSend(buffer, offset + HEADER_BYTES, seq, written ? NotSentReason.NONE : NotSentReason.KILLED, 0);
    if (!written) return;
    this.requests.push({
      due: now + this.orderMicros,
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
      number: this.requestNumber,
      reconcile: order.reconcile(),
    });
  }

  /** The core learns only from the log what risk refused: this is how it gets there. */
  refuse(buffer: ViewBuffer, offset: number): void {
    const refusal = this.refusal.__init(offset + HEADER_BYTES, buffer);
    const seq = buffer.view.getFloat64(offset + HeaderOffset.SEQ, true);
    this.reportSend(buffer, offset + HEADER_BYTES + REFUSED_ORDER, seq, NotSentReason.REFUSED, refusal.code());
  }

  /** A record of the log: the market moves, and time with it. */
  onLog(type: number, buffer: ViewBuffer, offset: number): void {
    const time = buffer.view.getFloat64(offset + HeaderOffset.EVENT_TIME, true);
    this.advance(time);
    const body = offset + HEADER_BYTES;
    switch (type) {
      case MessageType.BOOK_UPDATE: {
        const id = this.market.onBook(buffer, offset, buffer.view.getUint32(body, true));
        if (id >= 0) this.meet(id);
        break;
      }
      case MessageType.TRADE_RUN:
        this.onTrades(buffer, body);
        break;
      case MessageType.TICKER: {
        const told = this.ticker.__init(body, buffer);
        this.indices[told.instrument()] = told.indexPrice();
        this.onTouch(
          told.instrument(),
          told.bestBidPrice(),
          told.bestBidAmount(),
          told.bestAskPrice(),
          told.bestAskAmount(),
        );
        break;
      }
      case MessageType.TOP_OF_BOOK: {
        const told = this.top.__init(body, buffer);
        this.onTouch(
          told.instrument(),
          told.bestBidPrice(),
          told.bestBidAmount(),
          told.bestAskPrice(),
          told.bestAskAmount(),
        );
        break;
      }
      case MessageType.QUOTE: {
        const told = this.quote.__init(body, buffer);
        this.onTouch(told.instrument(), told.bidPrice(), told.bidAmount(), told.askPrice(), told.askAmount());
        break;
      }
      case MessageType.INSTRUMENT_DEFINITION:
        this.onDefinition(buffer, offset);
        break;
      case MessageType.INSTRUMENT_STATE:
        this.onState(buffer, body);
        break;
    }
  }

  /** Goes to a time of the log: requests arrive in the market. */
  advance(time: number): void {
    while (this.requests.length > 0 && this.requests[0]!.due <= time) {
      // They arrive at their own time, before whatever the log tells next.
      const request = this.requests.shift()!;
      if (request.due > this.now) this.now = request.due;
      this.arrive(request);
    }
    if (time > this.now) this.now = time;
  }

  /** Writes the reports that are due, as far as there is room. @returns whether any was written */
  flush(): boolean {
    let written = 0;
    while (written < this.reports.length && this.reports[written]!.due <= this.now) {
      if (!this.reports[written]!.write()) break;
      written++;
    }
    if (written > 0) this.reports = this.reports.slice(written);
    return written > 0;
  }

  private onDefinition(buffer: ViewBuffer, offset: number): void {
    const length = buffer.view.getUint32(offset + HeaderOffset.LENGTH, true);
    const bytes = new Uint8Array(length - HEADER_BYTES);
    for (let index = 0; index < bytes.length; index++) bytes[index] = buffer.readUint8(offset + HEADER_BYTES + index);
    const { id, instrument } = decodeInstrument(bytes);
    this.market.define(id, instrument);
    // As everywhere in the core: underlyings have their numbers in the order in which the log defines their first instrument.
    const name = `${instrument.venue} ${instrument.priceIndex}`;
    let number = this.underlyingNumbers.get(name);
    if (number === undefined) {
      number = this.underlyingNumbers.size;
      this.underlyingNumbers.set(name, number);
    }
    this.underlyings[id] = number;
  }

  private onState(buffer: ViewBuffer, body: number): void {
    const told = this.state.__init(body, buffer);
    const isOpen = told.state() === LifeCycle.OPEN;
    const { definitions } = this.market;
    for (let id = 0; id < definitions.length; id++) {
      const instrument = definitions[id];
      if (instrument === undefined || (told.instrument() !== NO_INSTRUMENT && told.instrument() !== id)) continue;
      definitions[id] = { ...instrument, state: told.state() as Instrument['state'] };
      if (!isOpen) this.cancelAll((order) => order.instrument === id, CancelReason.INSTRUMENT_GONE, 0);
    }
  }

  private onTouch(id: number, bid: number, bidAmount: number, ask: number, askAmount: number): void {
    this.market.onTouch(id, bid, bidAmount, ask, askAmount);
    this.meet(id);
  }

  private onTrades(buffer: ViewBuffer, body: number): void {
    let at = body + TradeRun.sizeOf();
    for (let left = buffer.view.getUint32(body, true); left > 0; left--, at += TRADE_BYTES) {
      const told = this.trade.__init(at, buffer);
      const aggressor = told.flags() & AGGRESSOR;
      if (aggressor !== BUYER && aggressor !== SELLER) continue;
      this.trades(told.instrument(), aggressor === SELLER, told.price(), told.amount());
    }
  }

  /** A trade that somebody sold into the bids, or bought from the offers. */
  private trades(id: number, sold: boolean, price: number, amount: number): void {
    const { misses } = this;
    const before = this.fills;
    let away = Number.POSITIVE_INFINITY;
    for (const order of this.restingOf(id)) {
      if (order.buys !== sold) continue;
      away = Math.min(away, sold ? price - order.price : order.price - price);
      const isBeyond = sold ? order.price > price : order.price < price;
      if (isBeyond) {
        this.fill(order, order.price, Math.min(amount, order.amount - order.filled), Liquidity.MAKER);
        continue;
      }
      if (Math.abs(order.price - price) > DUST) continue;
      const reaches = amount - order.ahead;
      order.ahead = Math.max(0, order.ahead - amount);
      if (reaches > 0) this.fill(order, order.price, Math.min(reaches, order.amount - order.filled), Liquidity.MAKER);
    }
    if (this.market.definitions[id]?.kind !== InstrumentKind.OPTION) return;
    misses.trades++;
    if (this.fills > before) return;
    if (away === Number.POSITIVE_INFINITY) misses.unquoted++;
    else if (away > DUST) misses.pass(away, price);
    else misses.queued++;
  }

  /** What rests meets what is displayed now. */
  private meet(id: number): void {
    for (const order of this.restingOf(id)) {
      const displayed = this.market.at(id, order.buys, order.price);
      if (displayed < order.ahead) order.ahead = displayed;
      const left = order.amount - order.filled;
      const available = this.availableTo(id, order.buys, order.price, left);
      if (available > 0) this.fill(order, order.price, Math.min(left, available), Liquidity.MAKER);
    }
  }

  /** Amount that stands on the other side up to a price; `left` where a feed does not say how much. */
  private availableTo(id: number, buys: boolean, price: number, left: number): number {
    let sum = 0;
    for (const [, amount] of this.market.against(id, buys, price)) sum += Number.isFinite(amount) ? amount : left;
    return sum;
  }

  private restingOf(id: number): PaperOrder[] {
    const keys = this.resting.get(id);
    return keys === undefined ? [] : [...keys].map((key) => this.orders.get(key)!);
  }

  private arrive(request: Request): void {
    switch (request.action) {
      case OrderAction.CANCEL: {
        const order = this.orders.get(keyOf(request));
        if (order === undefined) this.answer(request, VenueReason.ORDER_NOT_FOUND);
        else {
          this.answer(request, VenueReason.NONE);
          this.remove(order, CancelReason.ASKED, request.seq);
        }
        break;
      }
      case OrderAction.MASS_CANCEL:
        this.cancelAll((order) => this.isIn(order, request), CancelReason.ASKED, request.seq);
        this.answer(request, VenueReason.NONE);
        break;
      case OrderAction.QUERY:
        this.tellOne(request);
        this.answer(request, VenueReason.NONE);
        break;
      case OrderAction.RECONCILE:
        this.tellAll(request);
        this.answer(request, VenueReason.NONE);
        break;
      default:
        this.place(request);
    }
  }

  /** A new order, or one that is moved. */
  private place(request: Request): void {
    const { market } = this;
    const { instrument, price } = request;
    const buys = request.side === Side.BUY;
    const before = this.orders.get(keyOf(request));
    const filled = before?.filled ?? 0;
    const amount = request.action === OrderAction.QUOTE ? filled + request.amount : request.amount;
    const crosses = market.against(instrument, buys, price).length > 0;
    const refusal = this.refusalOf(request, before, crosses);
    this.answer(request, refusal);
    if (refusal !== VenueReason.NONE) return;
    if (request.action === OrderAction.QUOTE && !(request.amount > 0)) {
      if (before !== undefined) this.remove(before, CancelReason.ASKED, request.seq);
      return;
    }
    const keepsPlace = before !== undefined && before.price === price && amount <= before.amount;
    const order: PaperOrder = {
      id: before?.id ?? `paper-${request.run}-${++this.orderNumber}`,
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
    if (request.action === OrderAction.QUOTE) this.replaceQuote(order, request.seq);
    this.rest(order);
    if (crosses) this.takeFrom(order);
    if (order.amount - order.filled <= DUST) return;
    if (order.timeInForce === TimeInForce.IMMEDIATE_OR_CANCEL || order.timeInForce === TimeInForce.FILL_OR_KILL)
      this.remove(order, CancelReason.OTHER, request.seq);
  }

  private refusalOf(request: Request, before: PaperOrder | undefined, crosses: boolean): number {
    const takesAway = request.action === OrderAction.QUOTE && !(request.amount > 0);
    if (!this.market.isOpen(request.instrument)) return VenueReason.INSTRUMENT_CLOSED;
    if (request.action === OrderAction.AMEND && before === undefined) return VenueReason.ORDER_NOT_FOUND;
    const isPostOnly = (request.flags & OrderFlag.POST_ONLY) !== 0;
    return crosses && isPostOnly && !takesAway ? VenueReason.POST_ONLY : VenueReason.NONE;
  }

  /** A quote takes the place of the one that stands there under another name. */
  private replaceQuote(order: PaperOrder, seq: number): void {
    for (const other of this.restingOf(order.instrument)) {
      const isSame =
        other.buys === order.buys && other.quoteSet === order.quoteSet && (other.flags & OrderFlag.QUOTE) !== 0;
      if (isSame && keyOf(other) !== keyOf(order)) this.remove(other, CancelReason.ASKED, seq);
    }
  }

  /** Takes what is displayed on the other side, best first. */
  private takeFrom(order: PaperOrder): void {
    for (const [price, displayed] of this.market.against(order.instrument, order.buys, order.price)) {
      const left = order.amount - order.filled;
      if (left <= DUST) return;
      this.fill(order, price, Number.isFinite(displayed) ? Math.min(left, displayed) : left, Liquidity.TAKER);
    }
  }

  private rest(order: PaperOrder): void {
    const key = keyOf(order);
    this.orders.set(key, order);
    const keys = this.resting.get(order.instrument);
    if (keys === undefined) this.resting.set(order.instrument, new Set([key]));
    else keys.add(key);
  }

  private forget(order: PaperOrder): void {
    this.orders.delete(keyOf(order));
    this.resting.get(order.instrument)?.delete(keyOf(order));
  }

  private fill(order: PaperOrder, price: number, amount: number, liquidity: number): void {
    const instrument = this.market.definitions[order.instrument];
    if (instrument === undefined || !(amount > DUST)) return;
    order.filled += amount;
    order.notional += amount * price;
    this.fills++;
    const { filled } = order;
    const index = this.indices[order.instrument] ?? Number.NaN;
    const fee = feeOf(instrument, liquidity === Liquidity.MAKER, amount, price, index);
    const id = `${order.id}-${this.fills}`;
    const time = this.now;
    this.later(this.answerMicros, 0, MessageType.FILL_REPORT, FillReport, (report, view, at) => {
      report.mutate_source(ReportSource.STREAM);
      report.mutate_instrument(order.instrument);
      report.mutate_side(order.buys ? Side.BUY : Side.SELL);
      report.mutate_liquidity(liquidity);
      report.mutate_flags((order.flags & OrderFlag.QUOTE) | OrderFlag.OURS);
      report.mutate_run(order.run);
      report.mutate_index(order.index);
      report.mutate_orderSeq(order.orderSeq);
      report.mutate_price(price);
      report.mutate_amount(amount);
      report.mutate_fee(fee);
      writeCurrency(view, at + FEE_CURRENCY, instrument.settlementCurrency);
      report.mutate_profitLoss(Number.NaN);
      report.mutate_markPrice(Number.NaN);
      report.mutate_indexPrice(index);
      report.mutate_underlyingPrice(Number.NaN);
      report.mutate_iv(Number.NaN);
      report.mutate_tradeTime(time);
      report.mutate_tradeSeq(Number.NaN);
      report.mutate_orderFilled(filled);
      writeVenueId(view, at + TRADE_ID, id);
      writeVenueId(view, at + FILLED_ORDER_ID, order.id);
    });
    if (order.amount - order.filled <= DUST) this.forget(order);
  }

  private remove(order: PaperOrder, reason: number, cause: number): void {
    this.forget(order);
    this.show(order, VenueOrderState.CANCELLED, ReportSource.STREAM, cause, reason, 0, 0);
  }

  private cancelAll(matches: (order: PaperOrder) => boolean, reason: number, cause: number): void {
    for (const order of [...this.orders.values()]) if (matches(order)) this.remove(order, reason, cause);
  }

  private isIn(order: PaperOrder, { scope, instrument, underlying, flags, quoteSet }: Request): boolean {
    if ((order.flags & OrderFlag.QUOTE) === 0 && (flags & OrderFlag.ORDERS_TOO) === 0) return false;
    if (scope === Scope.INSTRUMENT) return order.instrument === instrument;
    if (scope === Scope.UNDERLYING) return this.underlyings[order.instrument] === underlying;
    if (scope === Scope.QUOTE_SET) return order.quoteSet === quoteSet;
    // A range of deltas is more than is known here: all of it goes, which is safe.
    return true;
  }

  private tellOne(request: Request): void {
    const order = this.orders.get(keyOf(request));
    if (order !== undefined) {
      this.show(
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
    this.show(
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
  private tellAll(request: Request): void {
    this.reconciles(ReconcilePhase.BEGINS, request);
    for (const order of this.orders.values())
      this.show(order, VenueOrderState.OPEN, ReportSource.QUERY, request.seq, CancelReason.NONE, request.reconcile, 0);
    this.reconciles(ReconcilePhase.ENDS, request);
  }

  private reconciles(phase: number, request: Request): void {
    this.later(this.answerMicros, request.seq, MessageType.RECONCILE_REPORT, ReconcileReport, (report) => {
      report.mutate_phase(phase);
      report.mutate_number(request.reconcile);
      report.mutate_subject(ReconcileSubject.ORDERS);
      report.mutate_since(Number.NaN);
    });
  }

  private show(
    order: PaperOrder,
    state: number,
    source: number,
    cause: number,
    reason: number,
    reconcile: number,
    requestIndex: number,
  ): void {
    const { filled, notional, price, amount } = order;
    const isAnswer = source === ReportSource.QUERY && reconcile === 0;
    this.later(this.answerMicros, cause, MessageType.ORDER_REPORT, OrderReport, (report, view, at) => {
      report.mutate_source(source);
      report.mutate_state(state);
      report.mutate_instrument(order.instrument);
      report.mutate_side(order.buys ? Side.BUY : Side.SELL);
      report.mutate_flags((order.flags & (OrderFlag.QUOTE | OrderFlag.POST_ONLY | OrderFlag.MMP)) | OrderFlag.OURS);
      report.mutate_cancelReason(reason);
      report.mutate_timeInForce(order.timeInForce);
      report.mutate_group(order.group);
      report.mutate_run(order.run);
      report.mutate_index(order.index);
      report.mutate_orderSeq(order.orderSeq);
      report.mutate_quoteSet(order.quoteSet);
      report.mutate_requestSeq(isAnswer ? cause : 0);
      report.mutate_requestIndex(requestIndex);
      report.mutate_reconcile(reconcile);
      report.mutate_price(price);
      report.mutate_amount(amount);
      report.mutate_filled(filled);
      report.mutate_averagePrice(filled > 0 ? notional / filled : Number.NaN);
      report.mutate_quoteId(Number.NaN);
      writeVenueId(view, at + SHOWN_ORDER_ID, order.id);
    });
  }

  private answer(request: Request, reason: number): void {
    const sent = this.now - this.orderMicros;
    const roundTrip = this.orderMicros + this.answerMicros;
    this.later(this.answerMicros, request.seq, MessageType.REQUEST_REPORT, RequestReport, (report) => {
      report.mutate_outcome(reason === VenueReason.NONE ? RequestOutcome.ACCEPTED : RequestOutcome.REJECTED);
      report.mutate_reason(reason);
      report.mutate_limit(Number.NaN);
      report.mutate_requestSeq(request.seq);
      report.mutate_requestIndex(request.requestIndex);
      report.mutate_action(request.action);
      report.mutate_run(request.run);
      report.mutate_index(request.index);
      report.mutate_orderSeq(request.orderSeq);
      report.mutate_instrument(request.instrument);
      report.mutate_side(request.side);
      report.mutate_venueRequest(request.number);
      report.mutate_roundTrip(roundTrip);
      report.mutate_venueTime(sent + this.orderMicros);
    });
  }

  private reportSend(buffer: ViewBuffer, order: number, seq: number, reason: number, code: number): void {
    const isSent = reason === NotSentReason.NONE;
    if (isSent) this.requestNumber++;
    const number = this.requestNumber;
    const bytes = new Uint8Array(ApprovedOrder.sizeOf());
    for (let at = 0; at < bytes.length; at++) bytes[at] = buffer.readUint8(order + at);
    this.later(0, seq, MessageType.SEND_REPORT, SendReport, (report, view, at) => {
      bytes.forEach((byte, place) => {
        view.setUint8(at + REPORTED_ORDER + place, byte);
      });
      report.mutate_outcome(isSent ? SendOutcome.SENT : SendOutcome.NOT_SENT);
      report.mutate_reason(reason);
      report.mutate_code(code);
      report.mutate_requestSeq(seq);
      if (isSent) report.mutate_venueRequest(number);
    });
  }

  /** A report that is due so much later, and waits where the ring is full. */
  private later<T extends { __init(at: number, buffer: ViewBuffer): T }>(
    micros: number,
    cause: number,
    type: number,
    struct: { new (): T; sizeOf(): number },
    fill: (report: T, view: DataView, at: number) => void,
  ): void {
    const write = (): boolean => {
      const { out } = this;
      const at = out.claim(type, struct.sizeOf());
      if (at < 0) return false;
      out.buffer.view.setFloat64(at + HeaderOffset.CAUSE, cause, true);
      fill(new struct().__init(at + HEADER_BYTES, out.buffer), out.buffer.view, at + HEADER_BYTES);
      return true;
    };
    const due = this.now + micros;
    let place = this.reports.length;
    while (place > 0 && this.reports[place - 1]!.due > due) place--;
    this.reports.splice(place, 0, { due, write });
  }
}

const FEE_CURRENCY = structOffset(FillReport, 'feeCurrency');
const TRADE_ID = structOffset(FillReport, 'tradeId');
const FILLED_ORDER_ID = structOffset(FillReport, 'venueOrderId');
const SHOWN_ORDER_ID = structOffset(OrderReport, 'venueOrderId');

function keyOf({ run, orderSeq, index }: Pick<PaperOrder, 'run' | 'orderSeq' | 'index'>): string {
  return `${run} ${orderSeq} ${index}`;
}

/** What is displayed is before who comes; an amount that nobody knows is as bad as can be: nothing but what goes through fills. */
function behind(displayed: number): number {
  return Number.isFinite(displayed) ? displayed : Number.POSITIVE_INFINITY;
}

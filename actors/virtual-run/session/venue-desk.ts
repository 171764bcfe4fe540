import { InstrumentKind } from '../../../engine/market/instrument.js';
import {
  OrderFlag as Flag,
  NO_QUOTE_SET,
  OrderAction,
  ReportSource,
  RequestOutcome,
  Scope,
  Side,
  TimeInForce,
  VenueReason,
} from '../../../engine/market/orders/codes.js';
import { orderLabel } from '../../../engine/market/orders/order-label.js';
import { readVenueId } from '../../../engine/market/orders/venue-id.js';
import { structOffset } from '../../../schemas/field-offset.js';
import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { meaningOf } from '../../execution/deribit/errors.js';
import type { InstrumentNames } from '../../execution/deribit/instrument-names.js';
import { type Answered, identityOf, type RequestIdentity } from '../../execution/deribit/request-identity.js';
import { idNumber } from '../../venue-sim/api/encode/ids.js';
import type { Chaos } from '../../venue-sim/chaos/chaos.js';
import {
  KEEP,
  OrderFlag,
  OrderType,
  Refusal,
  Side as VenueSide,
  TimeInForce as VenueTime,
} from '../../venue-sim/exchange/codes.js';
import type { Exchange } from '../../venue-sim/exchange/exchange.js';
import { QuoteBatch } from '../../venue-sim/exchange/quotes.js';
import { everyOrder } from '../../venue-sim/exchange/withdrawals.js';
import type { ReportPost } from './report-post.js';
import type { VenueMessages } from './venue-messages.js';

const VENUE_ID = structOffset(ApprovedOrder, 'venueOrderId');
const timesInForce: Record<number, number> = {
  [TimeInForce.DAY]: VenueTime.GOOD_TIL_DAY,
  [TimeInForce.IMMEDIATE_OR_CANCEL]: VenueTime.IMMEDIATE_OR_CANCEL,
  [TimeInForce.FILL_OR_KILL]: VenueTime.FILL_OR_KILL,
};

/** What one request is answered with, before anything is known of it. */
export function freshAnswer(venueRequest: number, askedMicros: number): Answered {
  return {
    outcome: RequestOutcome.ACCEPTED,
    reason: VenueReason.NONE,
    venueCode: 0,
    limit: Number.NaN,
    connection: 0,
    cancelled: 0,
    venueRequest,
    askedMicros,
    // Patched where it arrives.
    answeredMicros: askedMicros,
    venueMicros: 0,
  };
}

export interface DeskParts {
  exchange: Exchange;
  account: number;
  names: InstrumentNames;
  messages: VenueMessages;
  post: ReportPost;
  chaos: Chaos;
}

/** The venue's counter for one account's orders: does on the exchange what a request asks for, and writes the reports of its answer. */
export class VenueDesk {
  readonly #parts: DeskParts;
  readonly #order = new ApprovedOrder();
  readonly #batch = new QuoteBatch();

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /** A request that the venue refuses as a whole, or that it is not known what became of. */
  refuse(buffer: ViewBuffer, bodies: readonly number[], seq: number, code: number, answer: Answered): void {
    for (const body of bodies) {
      const order = this.#order.__init(body, buffer);
      this.#parts.post.writer.answered(identityOf(order, seq), { ...answer, ...refusalOf(code) });
    }
  }

  /** Serves a request of one order, or of one mass quote's sides. */
  serve(buffer: ViewBuffer, bodies: readonly number[], seq: number, answer: Answered): void {
    const order = this.#order.__init(bodies[0]!, buffer);
    switch (order.action()) {
      case OrderAction.QUOTE:
        this.#quote(buffer, bodies, seq, answer);
        return;
      case OrderAction.PLACE:
        this.#place(order, seq, answer);
        return;
      case OrderAction.AMEND:
        this.#amend(buffer, bodies[0]!, order, seq, answer);
        return;
      case OrderAction.CANCEL:
        this.#cancel(buffer, bodies[0]!, order, seq, answer);
        return;
      case OrderAction.MASS_CANCEL:
        this.#massCancel(order, seq, answer);
        return;
      default:
        throw new Error(`action ${order.action()} is no request to a venue`);
    }
  }

  #place(order: ApprovedOrder, seq: number, answer: Answered): void {
    const { exchange, account, messages } = this.#parts;
    const { instruments, trades } = exchange;
    const request = identityOf(order, seq);
    const id = order.instrument();
    const isMarket = Number.isNaN(order.price());
    const ticks = isMarket ? 0 : instruments.ticksOf(id, order.price());
    const lots = instruments.lotsOf(id, order.amount());
    const side = order.side() === Side.BUY ? VenueSide.BUY : VenueSide.SELL;
    const label = orderLabel(request.run, request.orderSeq, request.orderIndex);
    const lastTrade = trades.last;
    messages.expect(label);
    const placed = Number.isNaN(lots)
      ? -Refusal.INVALID_AMOUNT
      : Number.isNaN(ticks)
        ? -Refusal.PRICE_WRONG_TICK
        : exchange.place(
            account,
            id,
            side,
            isMarket ? OrderType.MARKET : OrderType.LIMIT,
            ticks,
            lots,
            timesInForce[order.timeInForce()] ?? VenueTime.GOOD_TIL_CANCELLED,
            flagsOf(order.flags()),
            0,
            this.#until(order),
          );
    if (placed < 0) {
      messages.expect('');
      this.#refused(request, -placed, id, side, answer);
      return;
    }
    messages.label(placed, label);
    this.#placed(placed, lastTrade, request, answer);
  }

  #amend(buffer: ViewBuffer, body: number, order: ApprovedOrder, seq: number, answer: Answered): void {
    const { exchange, account } = this.#parts;
    const { instruments, orders, trades } = exchange;
    const request = identityOf(order, seq);
    const target = this.#target(buffer, body, request);
    const slot = orders.slotOf(target);
    if (slot < 0) {
      this.#refused(request, Refusal.ORDER_NOT_FOUND, -1, 0, answer);
      return;
    }
    const id = orders.instrument[slot]!;
    const ticks = Number.isNaN(order.price()) ? KEEP : instruments.ticksOf(id, order.price());
    const lots = instruments.lotsOf(id, order.amount());
    const asked = flagsOf(order.flags());
    const kept = orders.flags[slot]! & (OrderFlag.REDUCE_ONLY | OrderFlag.MMP);
    const lastTrade = trades.last;
    const changed = Number.isNaN(lots)
      ? -Refusal.INVALID_AMOUNT
      : Number.isNaN(ticks)
        ? -Refusal.PRICE_WRONG_TICK
        : exchange.edit(account, target, ticks, lots, asked | kept, this.#until(order));
    if (changed < 0) this.#refused(request, -changed, id, orders.side[slot]!, answer);
    else this.#placed(changed, lastTrade, request, answer);
  }

  #cancel(buffer: ViewBuffer, body: number, order: ApprovedOrder, seq: number, answer: Answered): void {
    const { exchange, account, messages, post } = this.#parts;
    const request = identityOf(order, seq);
    const isByLabel = readVenueId(buffer.view, body + VENUE_ID) === '';
    const target = this.#target(buffer, body, request);
    const code = target === 0 ? -Refusal.ORDER_NOT_FOUND : exchange.cancel(account, target);
    if (isByLabel) {
      // By label the venue says how many there were.
      const none = { outcome: RequestOutcome.REJECTED, reason: VenueReason.ORDER_NOT_FOUND };
      post.writer.answered(request, { ...answer, ...(code < 0 ? none : {}) });
      return;
    }
    if (code < 0) {
      this.#refused(request, -code, -1, 0, answer);
      return;
    }
    post.writer.order(messages.order(target)!, ReportSource.ANSWER, 0, request);
    post.writer.answered(request, answer);
  }

  #massCancel(order: ApprovedOrder, seq: number, answer: Answered): void {
    const { exchange, account, names, post } = this.#parts;
    const flags = order.flags();
    if ((flags & Flag.FREEZE) !== 0) exchange.freezeQuotes(account);
    const filter = { ...everyOrder, quotes: (flags & Flag.ORDERS_TOO) !== 0 ? -1 : 1 };
    switch (order.scope()) {
      case Scope.INSTRUMENT:
        filter.instrument = order.instrument();
        break;
      case Scope.UNDERLYING: {
        const name = names.indexOf(order.underlying());
        filter.index = exchange.config.indices.findIndex((index) => index.name === name);
        break;
      }
      case Scope.DELTA_RANGE:
        filter.quotes = 1;
        filter.kind = InstrumentKind.OPTION;
        filter.minDelta = order.minDelta();
        filter.maxDelta = order.maxDelta();
        break;
      case Scope.QUOTE_SET:
        filter.quotes = 1;
        filter.quoteSet = order.quoteSet();
        break;
    }
    const cancelled = exchange.cancelMany(account, filter);
    post.writer.answered(identityOf(order, seq), { ...answer, cancelled });
  }

  /** Each side of a mass quote is judged alone, an instrument after the other. */
  #quote(buffer: ViewBuffer, bodies: readonly number[], seq: number, answer: Answered): void {
    const { exchange, account, messages, post, chaos } = this.#parts;
    const { instruments, trades } = exchange;
    const order = this.#order;
    const batch = this.#batch;
    const firstTrade = trades.last;
    const answers: number[] = [];
    const group = order.__init(bodies[0]!, buffer).group();
    for (let next = 0; next < bodies.length; ) {
      const id = order.__init(bodies[next]!, buffer).instrument();
      const set = order.quoteSet();
      const sides = [KEEP, KEEP, 0, KEEP, KEEP, 0];
      const errors = [0, 0];
      const from = next;
      for (; next < bodies.length; next++) {
        order.__init(bodies[next]!, buffer);
        if (order.instrument() !== id || order.quoteSet() !== set) break;
        const place = order.side() === Side.BUY ? 0 : 1;
        const ticks = instruments.ticksOf(id, order.price());
        const lots = instruments.lotsOf(id, order.amount());
        if (chaos.quoteFails()) errors[place] = Refusal.QUEUE_FULL;
        else if (Number.isNaN(lots)) errors[place] = Refusal.INVALID_AMOUNT;
        else if (Number.isNaN(ticks) && lots > 0) errors[place] = Refusal.PRICE_WRONG_TICK;
        // What comes of a side that is wrong: the quote that stands there is withdrawn.
        sides[3 * place] = errors[place] === 0 && !Number.isNaN(ticks) ? ticks : KEEP;
        sides[3 * place + 1] = errors[place] === 0 ? lots : 0;
        sides[3 * place + 2] = errors[place] === 0 ? flagsOf(order.flags()) & ~OrderFlag.MMP : 0;
      }
      batch.clear();
      batch.add(id, set === NO_QUOTE_SET ? 0 : set, sides[0]!, sides[1]!, sides[2]!, sides[3]!, sides[4]!, sides[5]!);
      exchange.massQuote(account, group, batch);
      for (let place = from; place < next; place++) {
        const isBid = order.__init(bodies[place]!, buffer).side() === Side.BUY;
        const error = errors[isBid ? 0 : 1]!;
        const answered = error > 0 ? -error : (isBid ? batch.bidAnswer : batch.askAnswer)[0]!;
        answers[place] = answered;
        if (answered > 0) messages.quoted(answered, answer.venueRequest);
      }
    }
    bodies.forEach((body, place) => {
      order.__init(body, buffer);
      const request = identityOf(order, seq);
      const answered = answers[place]!;
      const shown = answered > 0 ? messages.order(answered) : undefined;
      if (shown !== undefined) post.writer.order(shown, ReportSource.ANSWER, 0, request);
      if (answered < 0) {
        const side = request.side === Side.BUY ? VenueSide.BUY : VenueSide.SELL;
        this.#refused(request, -answered, request.instrument, side, answer);
      } else if (shown === undefined) post.writer.answered(request, { ...answer, outcome: RequestOutcome.UNKNOWN });
      else post.writer.answered(request, answer);
    });
    for (let id = firstTrade + 1; id <= trades.last; id++) {
      const slot = trades.slotOf(id);
      if (slot >= 0 && answers.includes(trades.takerOrder[slot]!)) {
        post.writer.fill(messages.trade(id, true).message, ReportSource.ANSWER, 0);
      }
    }
  }

  /** The order as it stands after it was placed or changed, and what it has just traded as a taker. */
  #placed(id: number, lastTrade: number, request: RequestIdentity, answer: Answered): void {
    const { exchange, messages, post } = this.#parts;
    const { trades } = exchange;
    post.writer.order(messages.order(id)!, ReportSource.ANSWER, 0, request);
    for (let trade = lastTrade + 1; trade <= trades.last; trade++) {
      const slot = trades.slotOf(trade);
      if (slot >= 0 && trades.takerOrder[slot] === id) {
        post.writer.fill(messages.trade(trade, true).message, ReportSource.ANSWER, 0);
      }
    }
    post.writer.answered(request, answer);
  }

  #refused(request: RequestIdentity, code: number, instrument: number, side: number, answer: Answered): void {
    const { exchange, post } = this.#parts;
    const { instruments, now } = exchange;
    let limit = Number.NaN;
    if (instrument >= 0 && (code === Refusal.PRICE_TOO_HIGH || code === Refusal.PRICE_TOO_LOW)) {
      const ticks =
        side === VenueSide.BUY ? instruments.highestBid(instrument, now) : instruments.lowestAsk(instrument, now);
      limit = instruments.priceOf(instrument, ticks);
    }
    post.writer.answered(request, { ...answer, ...refusalOf(code), limit });
  }

  /** The order that a request is about, by the venue's id or by our label; 0 for none. */
  #target(buffer: ViewBuffer, body: number, request: RequestIdentity): number {
    const { exchange, messages } = this.#parts;
    const venueId = readVenueId(buffer.view, body + VENUE_ID);
    if (venueId !== '') return idNumber(venueId, 0);
    const id = messages.orderOf(orderLabel(request.run, request.orderSeq, request.orderIndex));
    const slot = exchange.orders.slotOf(id);
    return slot >= 0 && exchange.orders.isOpen(slot) ? id : 0;
  }

  #until(order: ApprovedOrder): number {
    const until = order.validUntil();
    return Number.isNaN(until) ? Number.POSITIVE_INFINITY : Math.floor(until / 1000) - this.#parts.messages.shiftMs;
  }
}

/** What an error code of the venue means for a request. */
export function refusalOf(code: number): Partial<Answered> {
  const { reason, definite } = meaningOf(code);
  return { outcome: definite ? RequestOutcome.REJECTED : RequestOutcome.UNKNOWN, reason, venueCode: code };
}

/** The venue's flags of an intent's: what may only rest is refused where it would trade, never moved. */
function flagsOf(flags: number): number {
  return (
    ((flags & Flag.POST_ONLY) !== 0 ? OrderFlag.POST_ONLY | OrderFlag.REJECT_POST_ONLY : 0) |
    ((flags & Flag.REDUCE_ONLY) !== 0 ? OrderFlag.REDUCE_ONLY : 0) |
    ((flags & Flag.MMP) !== 0 ? OrderFlag.MMP : 0)
  );
}

import { LifeCycle } from '../../../engine/market/instrument.js';
import {
  OrderAction,
  ReconcileFailure,
  ReconcilePhase,
  ReconcileSubject,
  ReportSource,
  RequestOutcome,
} from '../../../engine/market/orders/codes.js';
import { orderLabel } from '../../../engine/market/orders/order-label.js';
import { readVenueId } from '../../../engine/market/orders/venue-id.js';
import { structOffset } from '../../../schemas/field-offset.js';
import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import type { DeliveryPrices, DeliveryQuestion } from '../../execution/deribit/delivery-prices.js';
import type { ReportWriter } from '../../execution/deribit/report-writer.js';
import type { RequestIdentity } from '../../execution/deribit/request-identity.js';
import { idNumber } from '../../venue-sim/api/encode/ids.js';
import type { Exchange } from '../../venue-sim/exchange/exchange.js';
import type { ReportPost } from './report-post.js';
import { freshAnswer } from './venue-desk.js';
import type { OwnTrade, VenueMessages } from './venue-messages.js';

/** What a query is answered from. */
export interface QueryVenue {
  exchange: Exchange;
  messages: VenueMessages;
  /** Every trade of the account. */
  trades: readonly OwnTrade[];
  currencies: readonly string[];
  deliveries: DeliveryPrices;
  post: ReportPost;
}

const VENUE_ID = structOffset(ApprovedOrder, 'venueOrderId');

/**
 * A question of several requests, one after the other, as execution on Deribit asks it: for one order and its trades, or for the whole
 * account. What happens between two of its requests is as in life: some of it is seen, some is not.
 */
export class AccountQuery {
  readonly #venue: QueryVenue;
  readonly #request: RequestIdentity;
  readonly #number: number;
  readonly #subject: number;
  readonly #since: number;
  readonly #found = { askedMicros: 0, orders: 0, fills: 0, positions: 0, reason: 0, venueCode: 0 };
  /** Questions that are left, each of which writes its answer at the venue. */
  #questions: (() => void)[];
  #venueId: string;

  constructor(venue: QueryVenue, request: RequestIdentity, order: ApprovedOrder, buffer: ViewBuffer, body: number) {
    this.#venue = venue;
    this.#request = request;
    this.#number = order.reconcile();
    this.#subject = order.subject();
    this.#since = order.since();
    this.#venueId = readVenueId(buffer.view, body + VENUE_ID);
    this.#questions = request.action === OrderAction.QUERY ? [() => this.#order()] : this.#all();
  }

  get hasNext(): boolean {
    return this.#questions.length > 0;
  }

  begin(writer: ReportWriter, nowMicros: number): void {
    this.#found.askedMicros = nowMicros;
    if (this.#isReconciliation) writer.reconcile(ReconcilePhase.BEGINS, this.#subjectOf(), this.#found);
  }

  /** The venue answers the question under way. */
  answer(): void {
    this.#questions.shift()?.();
  }

  /** The venue refuses to answer. */
  refuse(code: number): void {
    this.#found.reason = ReconcileFailure.REFUSED;
    this.#found.venueCode = code;
    this.#questions = [];
  }

  /** The connection was lost. */
  lose(writer: ReportWriter, nowMicros: number): void {
    this.#found.reason = ReconcileFailure.CONNECTION_LOST;
    this.end(writer, nowMicros);
  }

  end(writer: ReportWriter, nowMicros: number): void {
    const { reason, venueCode, askedMicros } = this.#found;
    if (this.#isReconciliation) {
      writer.reconcile(reason === 0 ? ReconcilePhase.ENDS : ReconcilePhase.FAILED, this.#subjectOf(), this.#found);
    }
    writer.answered(this.#request, {
      ...freshAnswer(0, askedMicros),
      answeredMicros: nowMicros,
      venueMicros: Number.NaN,
      ...(reason === 0 ? {} : { outcome: RequestOutcome.UNKNOWN, venueCode }),
    });
  }

  get #isReconciliation(): boolean {
    return this.#request.action === OrderAction.RECONCILE;
  }

  #subjectOf(): { seq: number; number: number; subject: number; since: number } {
    return { seq: this.#request.seq, number: this.#number, subject: this.#subject, since: this.#since };
  }

  #all(): (() => void)[] {
    const { currencies, exchange, deliveries } = this.#venue;
    const places = currencies.map((name) => exchange.config.currencies.findIndex((one) => one.name === name));
    const asks = (subject: number, questions: (() => void)[]): (() => void)[] =>
      (this.#subject & subject) !== 0 ? questions : [];
    return [
      ...asks(ReconcileSubject.ORDERS, [() => this.#openOrders()]),
      ...asks(
        ReconcileSubject.FILLS,
        places.map((currency) => () => this.#fills(currency)),
      ),
      ...asks(
        ReconcileSubject.POSITIONS,
        places.map((currency) => () => this.#positions(currency)),
      ),
      ...asks(
        ReconcileSubject.POSITIONS,
        deliveries.questions(this.#since, exchange.now * 1000).map((question) => () => this.#deliveries(question)),
      ),
      ...asks(ReconcileSubject.ACCOUNT, [() => this.#funds(places)]),
    ];
  }

  #openOrders(): void {
    const { messages, post } = this.#venue;
    for (const id of messages.open()) {
      post.writer.order(messages.order(id)!, ReportSource.QUERY, this.#number);
      this.#found.orders++;
    }
  }

  #fills(currency: number): void {
    const { trades, exchange, post } = this.#venue;
    const from = Math.floor(this.#since / 1000);
    for (const { instrument, timestamp, message } of trades) {
      // The venue leaves out what its stamps say is too old.
      if (timestamp < from || exchange.instruments.currency[instrument] !== currency) continue;
      post.writer.fill(message, ReportSource.QUERY, this.#number);
      this.#found.fills++;
    }
  }

  #positions(currency: number): void {
    const { messages, post } = this.#venue;
    for (const instrument of messages.held(currency)) {
      post.writer.position(messages.position(instrument), ReportSource.QUERY, this.#number);
      this.#found.positions++;
    }
  }

  #deliveries(question: DeliveryQuestion): void {
    const { deliveries, exchange, post } = this.#venue;
    const { instruments } = exchange;
    const data = question.expired.flatMap(({ id, expiry }) =>
      instruments.state[id] === LifeCycle.EXPIRED
        ? [{ date: new Date(expiry / 1000).toISOString().slice(0, 10), delivery_price: instruments.deliveryPrice[id]! }]
        : [],
    );
    for (const told of deliveries.read(question, data)) post.writer.delivery(told, this.#number);
  }

  #funds(currencies: readonly number[]): void {
    const { messages, post } = this.#venue;
    for (const currency of currencies) post.writer.funds(messages.funds(currency), ReportSource.QUERY, this.#number);
  }

  #order(): void {
    const { messages, post, trades } = this.#venue;
    const { run, orderSeq, orderIndex } = this.#request;
    const id =
      this.#venueId === '' ? messages.orderOf(orderLabel(run, orderSeq, orderIndex)) : idNumber(this.#venueId, 0);
    const order = messages.order(id);
    if (order === undefined) {
      post.writer.notFound(this.#request, this.#venueId);
      return;
    }
    // Its picture first, so that its trades find it; these are asked for in a request of their own.
    this.#questions.push(() => {
      post.writer.order(order, ReportSource.QUERY, 0, this.#request);
      for (const trade of trades) if (trade.order === id) post.writer.fill(trade.message, ReportSource.QUERY, 0);
    });
  }
}

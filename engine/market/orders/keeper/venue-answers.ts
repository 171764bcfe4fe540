import type { RequestReport } from '../../../../schemas/generated/request-report.js';
import { OrderAction, RequestOutcome, RequestStatus } from '../codes.js';
import { OrderInt, OrderNumber } from '../order-table.js';
import { RequestInt, RequestNumber } from '../request-table.js';
import { OrderEvent } from '../transitions.js';
import type { KeeperMemory } from './keeper-memory.js';
import { MISSING_AFTER_MICROS, type MissingFills } from './missing-fills.js';
import type { OrderLife } from './order-life.js';
import type { OrderQueries } from './order-queries.js';
import type { RequestDoubts } from './request-doubts.js';
import type { RequestsInFlight } from './requests-in-flight.js';

/** A quote that was replaced by another order, or whose replacement was refused, is asked about when nothing has told its end by then. */
export const REPLACED_AFTER_MICROS = 1_000_000;

/** What the venue answered to a request. Only a definite refusal is one; it leaves the order as it was. */
export class VenueAnswers {
  private readonly memory: KeeperMemory;
  private readonly requests: RequestsInFlight;
  private readonly doubts: RequestDoubts;
  private readonly life: OrderLife;
  private readonly queries: OrderQueries;
  private readonly missing: MissingFills;

  constructor(
    memory: KeeperMemory,
    requests: RequestsInFlight,
    doubts: RequestDoubts,
    life: OrderLife,
    queries: OrderQueries,
    missing: MissingFills,
  ) {
    this.memory = memory;
    this.requests = requests;
    this.doubts = doubts;
    this.life = life;
    this.queries = queries;
    this.missing = missing;
  }

  /** The venue answered a request, or will not. */
  onRequest(report: RequestReport): void {
    const { requests, sink } = this.memory;
    requests.keySeq[0] = report.requestSeq();
    requests.keyIndex[0] = report.requestIndex();
    const request = requests.find();
    if (request < 0) return;
    const at = request * RequestInt.SIZE;
    const slot = requests.ints[at + RequestInt.ORDER]! - 1;
    const action = requests.ints[at + RequestInt.ACTION]!;
    const number = request * RequestNumber.SIZE;
    requests.ints[at + RequestInt.REASON] = report.reason();
    requests.numbers[number + RequestNumber.VENUE_CODE] = report.venueCode();
    requests.numbers[number + RequestNumber.LIMIT] = report.limit();
    requests.numbers[number + RequestNumber.ROUND_TRIP] = report.roundTrip();
    if (report.outcome() === RequestOutcome.UNKNOWN) {
      this.doubts.doubt(request, RequestStatus.UNKNOWN);
      return;
    }
    const accepted = report.outcome() === RequestOutcome.ACCEPTED;
    const sentAtEvent = requests.numbers[number + RequestNumber.SENT_AT_EVENT]!;
    this.requests.finish(request, accepted ? RequestStatus.ACKNOWLEDGED : RequestStatus.REJECTED);
    if (slot < 0) return;
    if (accepted) this.accepted(slot, action, request, sentAtEvent);
    else this.refused(slot, action, report.reason());
    if (action === OrderAction.QUERY) this.queryAnswered(slot, accepted, sentAtEvent);
    // Of an order that has ended too: whoever counts its requests would wait for this one for ever.
    else sink.orderChanged(slot, accepted ? OrderEvent.ACCEPTED : OrderEvent.REFUSED);
  }

  private accepted(slot: number, action: number, request: number, sentAtEvent: number): void {
    const { orders, requests } = this.memory;
    const at = slot * OrderNumber.SIZE;
    orders.ints[slot * OrderInt.SIZE + OrderInt.SEEN] = 1;
    const pictured = orders.numbers[at + OrderNumber.PICTURED_AT_EVENT]! >= sentAtEvent;
    if (action === OrderAction.CANCEL) {
      if (!pictured) this.life.move(slot, OrderEvent.SHOWN_CANCELLED);
      return;
    }
    if (action === OrderAction.QUERY) return;
    // A venue that answers without a picture has done what was asked.
    if (!pictured) {
      const number = request * RequestNumber.SIZE;
      orders.numbers[at + OrderNumber.PRICE] = requests.numbers[number + RequestNumber.PRICE]!;
      orders.numbers[at + OrderNumber.AMOUNT] = requests.numbers[number + RequestNumber.AMOUNT]!;
    }
    if (action !== OrderAction.AMEND) this.life.transit(slot, OrderEvent.ACCEPTED);
    this.life.refresh(slot);
  }

  private refused(slot: number, action: number, reason: number): void {
    const { orders } = this.memory;
    const at = slot * OrderNumber.SIZE;
    const { numbers, ints } = orders;
    if (action === OrderAction.QUERY) return;
    if (action === OrderAction.CANCEL) {
      // Not to be cancelled: it has ended, and its end was not told.
      if (orders.isLive(slot)) this.queries.later(slot);
      return;
    }
    // Wanted is what is left to be wanted: the order stands as it was before.
    numbers[at + OrderNumber.WANTED_PRICE] = numbers[at + OrderNumber.PRICE]!;
    numbers[at + OrderNumber.WANTED_AMOUNT] = numbers[at + OrderNumber.AMOUNT]!;
    const from = slot * OrderInt.SIZE;
    const isNew = ints[from + OrderInt.SEEN] === 0 && ints[from + OrderInt.REQUEST_COUNT] === 0;
    if ((action === OrderAction.PLACE || action === OrderAction.QUOTE) && isNew) {
      ints[from + OrderInt.REASON] = reason;
      this.life.move(slot, OrderEvent.REFUSED);
    } else if (action === OrderAction.QUOTE) {
      // A refused replacement takes the side away at some venues.
      this.queries.after(slot, REPLACED_AFTER_MICROS);
    }
    this.life.refresh(slot);
  }

  private queryAnswered(slot: number, accepted: boolean, sentAtEvent: number): void {
    const { orders, now } = this.memory;
    const at = slot * OrderNumber.SIZE;
    if (!accepted) {
      this.queries.later(slot);
      this.life.tell(slot, OrderEvent.REFUSED);
      return;
    }
    orders.ints[slot * OrderInt.SIZE + OrderInt.QUERIES] = 0;
    orders.numbers[at + OrderNumber.QUERY_DUE] = 0;
    this.requests.resolve(slot, sentAtEvent);
    // Its trades were told before this answer: what is missing still will not be told.
    const since = orders.numbers[at + OrderNumber.MISSING_SINCE]!;
    if (since > 0 && now[0]! >= since + MISSING_AFTER_MICROS) this.missing.infer(slot);
    this.life.tell(slot, OrderEvent.ACCEPTED);
  }
}

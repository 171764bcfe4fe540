import type { FillReport } from '../../../../schemas/generated/fill-report.js';
import type { OrderReport } from '../../../../schemas/generated/order-report.js';
import { VenueId } from '../../../../schemas/generated/venue-id.js';
import { OrderFlag, VenueOrderState } from '../codes.js';
import { OrderInt, OrderNumber } from '../order-table.js';
import { RequestInt, RequestNumber } from '../request-table.js';
import { OrderEvent } from '../transitions.js';
import { loadVenueId } from '../venue-id.js';
import type { AdoptedOrders } from './adopted-orders.js';
import type { KeeperMemory } from './keeper-memory.js';
import type { OrderLife } from './order-life.js';
import type { OrderQueries } from './order-queries.js';
import type { RequestsInFlight } from './requests-in-flight.js';
import { REPLACED_AFTER_MICROS } from './venue-answers.js';
import { viewOf } from './view-of.js';

/** What a new order takes over from the one that its request meant. */
const COPIED = [
  OrderInt.INSTRUMENT,
  OrderInt.SIDE,
  OrderInt.FLAGS,
  OrderInt.STRATEGY,
  OrderInt.ACCOUNT,
  OrderInt.GROUP,
  OrderInt.TIME_IN_FORCE,
  OrderInt.QUOTE_SET,
  OrderInt.CONNECTION,
] as const;

/** Which order a report is about: by the venue's id, by the request that it answers, by our label, by the place of a quote. */
export class OrderFinder {
  private readonly memory: KeeperMemory;
  private readonly requests: RequestsInFlight;
  private readonly life: OrderLife;
  private readonly adopted: AdoptedOrders;
  private readonly queries: OrderQueries;
  private readonly id = new VenueId();

  constructor(
    memory: KeeperMemory,
    requests: RequestsInFlight,
    life: OrderLife,
    adopted: AdoptedOrders,
    queries: OrderQueries,
  ) {
    this.memory = memory;
    this.requests = requests;
    this.life = life;
    this.adopted = adopted;
    this.queries = queries;
  }

  /** The order that a picture is of; adopts one that is not known; -1 where there is no room. */
  slotOf(report: OrderReport): number {
    const { orders } = this.memory;
    const instrument = report.instrument();
    const named = loadVenueId(viewOf(report), report.venueOrderId(this.id)!.bb_pos, orders.venueId, 0);
    let slot = named ? orders.findByVenueId(instrument) : -1;
    const byRequest = this.slotOfRequest(report);
    if (byRequest >= 0 && byRequest !== slot) return this.settleRequest(report, slot, byRequest, named);
    if (slot < 0 && (report.flags() & OrderFlag.OURS) !== 0) {
      this.memory.loadIdentity(report.run(), report.orderSeq(), report.index());
      slot = orders.find();
    }
    if (slot < 0 && byRequest >= 0) slot = byRequest;
    if (slot < 0 && (report.flags() & OrderFlag.QUOTE) !== 0) {
      orders.place[0] = report.group();
      orders.place[1] = report.quoteSet() | 0;
      orders.place[2] = instrument;
      orders.place[3] = report.side();
      const placed = orders.findByPlace();
      if (placed >= 0 && !orders.isNamed(placed)) slot = placed;
    }
    if (report.state() === VenueOrderState.NOT_FOUND) return slot;
    if (slot >= 0) {
      if (named && !orders.isNamed(slot)) orders.name(slot);
      return slot;
    }
    return this.adopted.adopt(report, named);
  }

  /** The order that a fill is of; -1 for one that nobody knows. */
  slotOfFill(report: FillReport): number {
    const { orders } = this.memory;
    const named = loadVenueId(viewOf(report), report.venueOrderId(this.id)!.bb_pos, orders.venueId, 0);
    let slot = named ? orders.findByVenueId(report.instrument()) : -1;
    if (slot < 0 && (report.flags() & OrderFlag.OURS) !== 0) {
      this.memory.loadIdentity(report.run(), report.orderSeq(), report.index());
      slot = orders.find();
      if (slot >= 0 && named && !orders.isNamed(slot)) orders.name(slot);
    }
    return slot;
  }

  /** Log event at which the question was told as sent that a picture answers; 0 where nobody knows. */
  askedAtEvent(report: OrderReport): number {
    const { requests } = this.memory;
    requests.keySeq[0] = report.requestSeq();
    requests.keyIndex[0] = report.requestIndex();
    const request = requests.find();
    return request < 0 ? 0 : requests.numbers[request * RequestNumber.SIZE + RequestNumber.SENT_AT_EVENT]!;
  }

  private slotOfRequest(report: OrderReport): number {
    const { requests } = this.memory;
    if (report.requestSeq() === 0) return -1;
    requests.keySeq[0] = report.requestSeq();
    requests.keyIndex[0] = report.requestIndex();
    const request = requests.find();
    return request < 0 ? -1 : requests.ints[request * RequestInt.SIZE + RequestInt.ORDER]! - 1;
  }

  /** The answer to a request on one order shows another one. */
  private settleRequest(report: OrderReport, slot: number, byRequest: number, named: boolean): number {
    const { orders } = this.memory;
    if (slot >= 0) {
      // The venue changed an order that it had instead of making the one that we meant: that one never was.
      this.life.revive(slot);
      if (!orders.isNamed(byRequest)) this.life.move(byRequest, OrderEvent.SHOWN_REJECTED);
      return slot;
    }
    if (!named || !orders.isNamed(byRequest)) {
      if (named) orders.name(byRequest);
      return byRequest;
    }
    return this.replace(report, byRequest);
  }

  /** What the request meant to change has ended, and the venue made a new order of it. */
  private replace(report: OrderReport, byRequest: number): number {
    const { memory } = this;
    const { orders, requests, now } = memory;
    memory.loadIdentity(now[3]!, report.requestSeq(), report.requestIndex());
    const made = this.life.create();
    if (made < 0) return -1;
    const request = requests.find();
    this.requests.unlink(byRequest, request);
    const from = byRequest * OrderInt.SIZE;
    const to = made * OrderInt.SIZE;
    const { ints, numbers } = orders;
    for (const field of COPIED) ints[to + field] = ints[from + field]!;
    requests.ints[request * RequestInt.SIZE + RequestInt.ORDER] = made + 1;
    requests.ints[request * RequestInt.SIZE + RequestInt.NEXT] = 0;
    ints[to + OrderInt.REQUESTS] = request + 1;
    ints[to + OrderInt.REQUEST_COUNT] = 1;
    const number = made * OrderNumber.SIZE;
    numbers[number + OrderNumber.WANTED_PRICE] = report.price();
    numbers[number + OrderNumber.WANTED_AMOUNT] = report.amount();
    numbers[number + OrderNumber.SENT_AT_EVENT] = numbers[byRequest * OrderNumber.SIZE + OrderNumber.SENT_AT_EVENT]!;
    orders.name(made);
    memory.countWorking(made, 1);
    if (orders.isLive(byRequest)) {
      this.life.transit(byRequest, OrderEvent.UNSURE);
      this.queries.after(byRequest, REPLACED_AFTER_MICROS);
      this.life.tell(byRequest, OrderEvent.UNSURE);
    }
    if ((ints[to + OrderInt.FLAGS]! & OrderFlag.QUOTE) !== 0) orders.holdPlace(made);
    this.life.transit(made, OrderEvent.SENT);
    return made;
  }
}

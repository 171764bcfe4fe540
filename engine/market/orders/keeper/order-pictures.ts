import type { OrderReport } from '../../../../schemas/generated/order-report.js';
import { OrderFlag, OrderStatus, ReportSource, VenueOrderState } from '../codes.js';
import { OrderInt, OrderNumber } from '../order-table.js';
import { OrderEvent } from '../transitions.js';
import type { AbsentOrders } from './absent-orders.js';
import { DUST, type KeeperMemory } from './keeper-memory.js';
import type { MissingFills } from './missing-fills.js';
import type { OrderFinder } from './order-finder.js';
import type { OrderLife } from './order-life.js';
import type { RequestsInFlight } from './requests-in-flight.js';

/** Flags that a report of the venue decides. */
const SHOWN_FLAGS =
  OrderFlag.POST_ONLY | OrderFlag.REDUCE_ONLY | OrderFlag.MMP | OrderFlag.REPLACED | OrderFlag.ADVANCED;

/** States of a picture and the events that they are. */
const EVENT_OF_STATE = new Uint8Array(8).fill(OrderEvent.SHOWN_OPEN);
EVENT_OF_STATE[VenueOrderState.FILLED] = OrderEvent.SHOWN_FILLED;
EVENT_OF_STATE[VenueOrderState.CANCELLED] = OrderEvent.SHOWN_CANCELLED;
EVENT_OF_STATE[VenueOrderState.REJECTED] = OrderEvent.SHOWN_REJECTED;
EVENT_OF_STATE[VenueOrderState.EXPIRED] = OrderEvent.SHOWN_EXPIRED;

/** What the venue shows of an order is the truth about it, unless an older picture comes late. */
export class OrderPictures {
  private readonly memory: KeeperMemory;
  private readonly requests: RequestsInFlight;
  private readonly life: OrderLife;
  private readonly missing: MissingFills;
  private readonly finder: OrderFinder;
  private readonly absences: AbsentOrders;

  constructor(
    memory: KeeperMemory,
    requests: RequestsInFlight,
    life: OrderLife,
    missing: MissingFills,
    finder: OrderFinder,
    absences: AbsentOrders,
  ) {
    this.memory = memory;
    this.requests = requests;
    this.life = life;
    this.missing = missing;
    this.finder = finder;
    this.absences = absences;
  }

  /** The venue's picture of an order; `begunAtEvent`: log event at which the reconciliation that brings it began, 0 for none. */
  onOrder(report: OrderReport, begunAtEvent: number): void {
    const { orders, now } = this.memory;
    const sinceEvent = report.source() !== ReportSource.QUERY ? 0 : begunAtEvent || this.finder.askedAtEvent(report);
    const slot = this.finder.slotOf(report);
    if (slot < 0) return;
    const { ints, numbers } = orders;
    const at = slot * OrderInt.SIZE;
    const number = slot * OrderNumber.SIZE;
    if (report.reconcile() !== 0) ints[at + OrderInt.MENTIONED] = report.reconcile();
    if (report.state() === VenueOrderState.NOT_FOUND) {
      this.absences.absent(slot, sinceEvent);
      return;
    }
    ints[at + OrderInt.SEEN] = 1;
    ints[at + OrderInt.ABSENT] = 0;
    numbers[number + OrderNumber.PICTURED_AT_EVENT] = now[1]!;
    const filled = report.filled();
    if (filled > numbers[number + OrderNumber.VENUE_FILLED]!) {
      numbers[number + OrderNumber.VENUE_FILLED] = filled;
      numbers[number + OrderNumber.VENUE_AVERAGE] = report.averagePrice();
    }
    const event = EVENT_OF_STATE[report.state()] ?? OrderEvent.SHOWN_OPEN;
    if (report.updated() >= numbers[number + OrderNumber.VENUE_UPDATED]!) {
      numbers[number + OrderNumber.VENUE_UPDATED] = report.updated();
      numbers[number + OrderNumber.PRICE] = report.price();
      numbers[number + OrderNumber.AMOUNT] = report.amount();
      ints[at + OrderInt.FLAGS] = (ints[at + OrderInt.FLAGS]! & ~SHOWN_FLAGS) | (report.flags() & SHOWN_FLAGS);
      if (report.cancelReason() !== 0) ints[at + OrderInt.REASON] = report.cancelReason();
      if (event === OrderEvent.SHOWN_OPEN && this.isLargerThanFilled(slot)) this.life.revive(slot);
    }
    this.missing.note(slot);
    this.life.transit(slot, event);
    if (sinceEvent > 0 || !orders.isLive(slot)) this.requests.resolve(slot, sinceEvent);
    if (report.source() === ReportSource.QUERY) {
      ints[at + OrderInt.QUERIES] = 0;
      if (numbers[number + OrderNumber.MISSING_SINCE] === 0) numbers[number + OrderNumber.QUERY_DUE] = 0;
    }
    this.life.tell(slot, event);
  }

  /** Whether an order that was taken for filled has a rest: an amendment made it larger before the fill that was told first. */
  private isLargerThanFilled(slot: number): boolean {
    const { ints, numbers } = this.memory.orders;
    const at = slot * OrderNumber.SIZE;
    const rest = numbers[at + OrderNumber.AMOUNT]! - numbers[at + OrderNumber.VENUE_FILLED]!;
    return ints[slot * OrderInt.SIZE + OrderInt.STATUS] === OrderStatus.FILLED && rest > DUST;
  }
}

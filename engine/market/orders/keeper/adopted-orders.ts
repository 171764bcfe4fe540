import type { FillReport } from '../../../../schemas/generated/fill-report.js';
import type { OrderReport } from '../../../../schemas/generated/order-report.js';
import { VenueId } from '../../../../schemas/generated/venue-id.js';
import { NO_QUOTE_SET, OrderFlag, Strategy } from '../codes.js';
import { OrderInt, OrderNumber } from '../order-table.js';
import { loadVenueId } from '../venue-id.js';
import { KeeperCount, type KeeperMemory, NO_CONNECTION } from './keeper-memory.js';
import type { OrderLife } from './order-life.js';
import { viewOf } from './view-of.js';

/**
 * Orders that this engine did not place, or not in this run: a person's, another program's, those of an earlier run. They trade on our account, so
 * they are kept like any other, and left alone.
 */
export class AdoptedOrders {
  private readonly memory: KeeperMemory;
  private readonly life: OrderLife;
  private readonly id = new VenueId();

  constructor(memory: KeeperMemory, life: OrderLife) {
    this.memory = memory;
    this.life = life;
  }

  /** Adopts an order that the venue shows; its slot, -1 where there is no room. `named`: the venue's id stands in the table's `venueId`. */
  adopt(report: OrderReport, named: boolean): number {
    const { memory } = this;
    const { orders, now } = memory;
    const ours = (report.flags() & OrderFlag.OURS) !== 0;
    const ourQuote = (report.flags() & OrderFlag.QUOTE) !== 0 && report.quoteSet() !== NO_QUOTE_SET;
    if (ours) memory.loadIdentity(report.run(), report.orderSeq(), report.index());
    else this.loadNextIdentity();
    const slot = this.life.create();
    if (slot < 0) return -1;
    const at = slot * OrderInt.SIZE;
    const { ints } = orders;
    ints[at + OrderInt.INSTRUMENT] = report.instrument();
    ints[at + OrderInt.SIDE] = report.side();
    ints[at + OrderInt.TIME_IN_FORCE] = report.timeInForce();
    ints[at + OrderInt.GROUP] = report.group();
    ints[at + OrderInt.QUOTE_SET] = report.quoteSet();
    ints[at + OrderInt.STRATEGY] = ours || ourQuote ? Strategy.ENGINE : Strategy.FOREIGN;
    ints[at + OrderInt.FLAGS] = ours || ourQuote ? OrderFlag.EARLIER_RUN : OrderFlag.FOREIGN;
    ints[at + OrderInt.CONNECTION] = NO_CONNECTION;
    if ((report.flags() & OrderFlag.QUOTE) !== 0) {
      orders.place[0] = report.group();
      orders.place[1] = report.quoteSet() | 0;
      orders.place[2] = report.instrument();
      orders.place[3] = report.side();
      if (orders.findByPlace() < 0) orders.holdPlace(slot);
      else ints[at + OrderInt.FLAGS]! |= OrderFlag.QUOTE;
    }
    if (named) orders.name(slot);
    memory.countWorking(slot, 1);
    if (!ours && !ourQuote) memory.counts[KeeperCount.FOREIGN]! += 1;
    orders.numbers[slot * OrderNumber.SIZE + OrderNumber.WANTED_PRICE] = report.price();
    orders.numbers[slot * OrderNumber.SIZE + OrderNumber.WANTED_AMOUNT] = report.amount();
    // The time by the venue's clock: whether its fills lie before our counting.
    if (report.created() < now[2]!) orders.numbers[slot * OrderNumber.SIZE + OrderNumber.CREATED] = report.created();
    return slot;
  }

  /** Adopts the order of a fill that was told before any picture of it; -1 where the venue does not name it, or there is no room. */
  adoptByFill(report: FillReport): number {
    const { memory } = this;
    const { orders } = memory;
    const named = loadVenueId(viewOf(report), report.venueOrderId(this.id)!.bb_pos, orders.venueId, 0);
    if (!named) return -1;
    const ours = (report.flags() & OrderFlag.OURS) !== 0;
    if (ours) memory.loadIdentity(report.run(), report.orderSeq(), report.index());
    else this.loadNextIdentity();
    const slot = this.life.create();
    if (slot < 0) return -1;
    const at = slot * OrderInt.SIZE;
    orders.ints[at + OrderInt.INSTRUMENT] = report.instrument();
    orders.ints[at + OrderInt.SIDE] = report.side();
    orders.ints[at + OrderInt.STRATEGY] = ours ? Strategy.ENGINE : Strategy.FOREIGN;
    orders.ints[at + OrderInt.FLAGS] = ours ? OrderFlag.EARLIER_RUN : OrderFlag.FOREIGN;
    orders.ints[at + OrderInt.CONNECTION] = NO_CONNECTION;
    orders.numbers[slot * OrderNumber.SIZE + OrderNumber.AMOUNT] = report.amount();
    orders.numbers[slot * OrderNumber.SIZE + OrderNumber.PRICE] = report.price();
    orders.name(slot);
    memory.countWorking(slot, 1);
    if (!ours) memory.counts[KeeperCount.FOREIGN]! += 1;
    return slot;
  }

  /** An order without a name of ours is called after the log event that showed it, and its place among those of the event: the same on every run. */
  private loadNextIdentity(): void {
    const { adopted, now } = this.memory;
    if (adopted[0] !== now[1]) {
      adopted[0] = now[1]!;
      adopted[1] = 0;
    }
    this.memory.loadIdentity(0, now[1]!, adopted[1]!);
    adopted[1]! += 1;
  }
}

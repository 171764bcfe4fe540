import type { FillReport } from '../../../../schemas/generated/fill-report.js';
import { VenueId } from '../../../../schemas/generated/venue-id.js';
import { ReportSource, Side } from '../codes.js';
import { OrderInt, OrderNumber } from '../order-table.js';
import { TradeVerdict } from '../seen-trades.js';
import { OrderEvent } from '../transitions.js';
import { loadVenueId, VENUE_ID_WORDS } from '../venue-id.js';
import type { AdoptedOrders } from './adopted-orders.js';
import { DUST, KeeperCount, type KeeperMemory } from './keeper-memory.js';
import type { MissingFills } from './missing-fills.js';
import type { OrderFinder } from './order-finder.js';
import type { OrderLife } from './order-life.js';
import type { OrderQueries } from './order-queries.js';
import type { RequestsInFlight } from './requests-in-flight.js';
import { viewOf } from './view-of.js';

/** Trades that the venue tells: each counts once, however often it is told and of whichever order it is. */
export class CountedFills {
  private readonly memory: KeeperMemory;
  private readonly requests: RequestsInFlight;
  private readonly life: OrderLife;
  private readonly queries: OrderQueries;
  private readonly missing: MissingFills;
  private readonly finder: OrderFinder;
  private readonly adopted: AdoptedOrders;
  private readonly id = new VenueId();
  private readonly time = new Float64Array(1);
  private readonly tradeId = new Int32Array(VENUE_ID_WORDS);

  constructor(
    memory: KeeperMemory,
    requests: RequestsInFlight,
    life: OrderLife,
    queries: OrderQueries,
    missing: MissingFills,
    finder: OrderFinder,
    adopted: AdoptedOrders,
  ) {
    this.memory = memory;
    this.requests = requests;
    this.life = life;
    this.queries = queries;
    this.missing = missing;
    this.finder = finder;
    this.adopted = adopted;
  }

  /** A trade is told: counted unless it was. */
  onFill(report: FillReport): void {
    const { counts, sink } = this.memory;
    let slot = this.finder.slotOfFill(report);
    const verdict = this.admit(report, slot);
    if (verdict !== TradeVerdict.NEW) {
      counts[verdict === TradeVerdict.SEEN ? KeeperCount.DUPLICATES : KeeperCount.OLD]! += 1;
      return;
    }
    const isNew = slot < 0;
    if (isNew) slot = this.adopted.adoptByFill(report);
    if (slot < 0) {
      this.count(report);
      sink.fillTold(-1, report);
      return;
    }
    this.missing.takeBack(slot, report.amount());
    this.count(report);
    this.fillOrder(slot, report);
    const { numbers } = this.memory.orders;
    const at = slot * OrderNumber.SIZE;
    const filled = numbers[at + OrderNumber.FILLED]! + numbers[at + OrderNumber.BEFORE_US]!;
    // How large an order is that was first seen by its fill, nobody has said yet.
    const isWhole = !isNew && filled >= numbers[at + OrderNumber.AMOUNT]! - DUST;
    const event = isWhole ? OrderEvent.FULLY_FILLED : OrderEvent.PART_FILLED;
    this.life.transit(slot, event);
    if (!this.memory.orders.isLive(slot)) this.requests.resolve(slot, 0);
    this.life.refresh(slot);
    sink.fillTold(slot, report);
    sink.orderChanged(slot, event);
    if (isNew) this.queries.later(slot);
  }

  private admit(report: FillReport, slot: number): number {
    const { orders, now, seen } = this.memory;
    loadVenueId(viewOf(report), report.tradeId(this.id)!.bb_pos, this.tradeId, 0);
    this.time[0] = report.tradeTime();
    // A query goes back further than our counting: what traded before is in the positions that we found.
    const isOld =
      report.source() === ReportSource.QUERY &&
      this.time[0]! < now[2]! &&
      (slot < 0 || orders.ints[slot * OrderInt.SIZE + OrderInt.RUN] !== now[3]);
    return isOld ? TradeVerdict.TOO_OLD : seen.admit(report.instrument(), this.tradeId, this.time);
  }

  private count(report: FillReport): void {
    const { positions, counts } = this.memory;
    const instrument = report.instrument();
    const amount = report.amount();
    if (instrument < positions.length) positions[instrument]! += report.side() === Side.BUY ? amount : -amount;
    counts[KeeperCount.FILLS]! += 1;
  }

  /** What the order has filled now, and what of it the venue told before. */
  private fillOrder(slot: number, report: FillReport): void {
    const { numbers, ints } = this.memory.orders;
    const at = slot * OrderNumber.SIZE;
    const amount = report.amount();
    numbers[at + OrderNumber.FILLED]! += amount;
    numbers[at + OrderNumber.NOTIONAL]! += amount * report.price();
    ints[slot * OrderInt.SIZE + OrderInt.FILLS]! += 1;
    ints[slot * OrderInt.SIZE + OrderInt.SEEN] = 1;
    const known = numbers[at + OrderNumber.VENUE_FILLED]!;
    const total = numbers[at + OrderNumber.FILLED]! + numbers[at + OrderNumber.BEFORE_US]!;
    // Told after all, so it was not before our time.
    if (total > known + DUST && numbers[at + OrderNumber.BEFORE_US]! > 0) {
      numbers[at + OrderNumber.BEFORE_US] = Math.max(0, known - numbers[at + OrderNumber.FILLED]!);
    }
    const filled = numbers[at + OrderNumber.FILLED]! + numbers[at + OrderNumber.BEFORE_US]!;
    if (filled > known) numbers[at + OrderNumber.VENUE_FILLED] = filled;
    this.missing.note(slot);
  }
}

import { Hold } from '../../engine/market/analytics/attribution-book.js';
import { Liquidity, Side } from '../../engine/market/orders/codes.js';
import { Found, type FoundMarkout, MARKOUT_SECONDS } from '../../engine/market/quoting/markouts.js';
import { DELTA_BUCKETS, deltaBucket, tenorBucket } from '../../engine/market/quoting/settings.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import type { Fill } from '../../schemas/generated/fill.js';
import { Markout } from '../../schemas/generated/markout.js';
import { MessageType } from '../../schemas/message-type.js';
import { showLatest } from '../stage-parts/show-latest.js';
import type { AnalyticsConfig, AnalyticsMemory } from './analytics-memory.js';
import { Own } from './analytics-rows.js';
import { SHOWN } from './shown-edges.js';

/** What became of the price after each fill of an option, told at each horizon with the mean of its bucket. */
export class FillMarkouts implements FoundMarkout {
  private readonly context: CoreContext<AnalyticsConfig>;
  private readonly memory: AnalyticsMemory;
  private readonly markout = new Markout();

  constructor(context: CoreContext<AnalyticsConfig>, memory: AnalyticsMemory) {
    this.context = context;
    this.memory = memory;
  }

  watch(id: number, fill: Fill): void {
    const { book, own, markouts } = this.memory;
    const { input } = markouts;
    input[0] = fill.price();
    input[1] = own[id * Own.SIZE + Own.VEGA]!;
    input[2] = this.context.event.time;
    input[3] = fill.amount();
    input[4] = fill.number();
    const tenor = tenorBucket(book.holds[id * Hold.FIELDS + Hold.YEARS_NOW]!);
    const delta = deltaBucket(Math.abs(own[id * Own.SIZE + Own.DELTA]!));
    const taker = fill.liquidity() === Liquidity.TAKER ? 1 : 0;
    markouts.add(id, fill.side() === Side.BUY, 2 * (tenor * DELTA_BUCKETS + delta) + taker);
  }

  /** Tells of every horizon that has passed. @param now `now[0]`, event time */
  look(now: Float64Array): void {
    const { markouts, book } = this.memory;
    markouts.look(now, book.holds, Hold.FIELDS, Hold.VALUE_NOW, this);
  }

  onMarkout(): void {
    const { memory, markout } = this;
    const { out } = this.context;
    const { found } = memory.markouts;
    const bucket = found[Found.BUCKET]!;
    const at = 2 * (bucket * MARKOUT_SECONDS.length + found[Found.HORIZON]!);
    memory.means[at + 1]! += 1;
    memory.means[at]! += (found[Found.VOL]! - memory.means[at]!) / memory.means[at + 1]!;
    const body = out.emit(MessageType.MARKOUT, Markout.sizeOf());
    markout.__init(body, out.buffer);
    markout.mutate_instrument(found[Found.INSTRUMENT]!);
    markout.mutate_side(found[Found.SIGN]! > 0 ? Side.BUY : Side.SELL);
    const half = Math.floor(bucket / 2);
    markout.mutate_bucket(Math.floor(half / DELTA_BUCKETS) * 10 + (half % DELTA_BUCKETS) * 2 + (bucket % 2));
    markout.mutate_seconds(MARKOUT_SECONDS[found[Found.HORIZON]!]!);
    markout.mutate_price(found[Found.PRICE]!);
    markout.mutate_vol(found[Found.VOL]!);
    markout.mutate_amount(found[Found.AMOUNT]!);
    markout.mutate_number(found[Found.NUMBER]!);
    markout.mutate_bucketMean(memory.means[at]!);
    markout.mutate_bucketFills(memory.means[at + 1]!);
    const key = bucket * MARKOUT_SECONDS.length + found[Found.HORIZON]!;
    showLatest(this.context, SHOWN.MARKOUTS, key, MessageType.MARKOUT, body, Markout.sizeOf());
  }
}

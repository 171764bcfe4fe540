import { Hold } from '../../engine/market/analytics/attribution-book.js';
import { InstrumentKind, LifeCycle } from '../../engine/market/instrument.js';
import { OrderStatus, Side, Strategy } from '../../engine/market/orders/codes.js';
import { InstrumentState } from '../../schemas/generated/instrument-state.js';
import { OrderUpdate } from '../../schemas/generated/order-update.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import type { AnalyticsConfig, AnalyticsMemory } from './analytics-memory.js';
import { Own, Pot } from './analytics-rows.js';

/** Places of the duty's settings in an array: a double read from an object's field may be boxed. */
const Duty = { WIDTH: 0, TICKS: 1, AMOUNT: 2, DELTA_LEAST: 3, DELTA_MOST: 4, STOP_BEFORE: 5 } as const;
/** Part of a lot that may be missing. */
const NOTHING = 1e-9;

/** Whether the duty to quote is met: which options have both quotes at the venue, near enough and large enough. */
export class QuotingDuty {
  /** Options of the underlying that was counted last: that are quoted as the duty asks, and that it asks for. */
  quoted = 0;
  wanted = 0;
  private readonly memory: AnalyticsMemory;
  private readonly duty: Float64Array;
  private readonly update = new OrderUpdate();
  private readonly state = new InstrumentState();

  constructor(config: AnalyticsConfig, memory: AnalyticsMemory) {
    this.memory = memory;
    // biome-ignore format: in the order of Duty
    this.duty = Float64Array.of(
      config.dutyWidth, config.dutyTicks, config.dutyAmount, config.dutyDeltaLeast,
      Math.min(config.dutyDeltaMost, config.deltaMost), config.stopBeforeExpirySeconds * 1e6,
    );
  }

  /** Our own quotes as they stand at the venue. */
  takeOrder(buffer: ViewBuffer, body: number): void {
    const { update, memory } = this;
    update.__init(body, buffer);
    const id = update.instrument();
    if (update.strategy() !== Strategy.QUOTER || !memory.has(id)) return;
    const at = id * Own.SIZE + (update.side() === Side.BUY ? Own.BID : Own.ASK);
    const rests = update.status() === OrderStatus.OPEN || update.status() === OrderStatus.PARTLY_FILLED;
    memory.own[at] = update.price();
    memory.own[at + 1] = rests ? update.remaining() : 0;
  }

  takeState(buffer: ViewBuffer, body: number): void {
    const { state, memory } = this;
    state.__init(body, buffer);
    const id = state.instrument();
    if (memory.has(id)) memory.own[id * Own.SIZE + Own.OPEN] = state.state() === LifeCycle.OPEN ? 1 : 0;
  }

  /** Counts an underlying. @param now `now[0]`, event time */
  count(underlying: number, now: Float64Array): void {
    const { memory } = this;
    const { shelf, pots } = memory;
    let quoted = 0;
    let wanted = 0;
    for (let id = 0; id < shelf.end; id++) {
      if (shelf.kind(id) !== InstrumentKind.OPTION || memory.underlyings.of(id) !== underlying) continue;
      if (!this.isAsked(id, now)) continue;
      wanted++;
      if (this.isMet(id)) quoted++;
    }
    const at = underlying * Pot.SIZE;
    pots[at + Pot.QUOTED]! += quoted;
    pots[at + Pot.WANTED]! += wanted;
    pots[at + Pot.LOOKS]! += wanted > 0 ? 1 : 0;
    pots[at + Pot.COVERED]! += wanted > 0 && quoted === wanted ? 1 : 0;
    this.quoted = quoted;
    this.wanted = wanted;
  }

  private isAsked(id: number, now: Float64Array): boolean {
    const { duty } = this;
    const { own, book, shelf } = this.memory;
    const row = id * Own.SIZE;
    const delta = Math.abs(own[row + Own.DELTA]!);
    const value = book.holds[id * Hold.FIELDS + Hold.VALUE_NOW]!;
    if (own[row + Own.OPEN] === 0 || !(value > 0)) return false;
    if (delta < duty[Duty.DELTA_LEAST]! || delta > duty[Duty.DELTA_MOST]!) return false;
    return now[0]! < shelf.expiry(id) - duty[Duty.STOP_BEFORE]!;
  }

  private isMet(id: number): boolean {
    const { duty } = this;
    const { own, book, shelf } = this.memory;
    const row = id * Own.SIZE;
    const least = duty[Duty.AMOUNT]! * shelf.minimum(id) - NOTHING;
    if (!(own[row + Own.BID_AMOUNT]! >= least && own[row + Own.ASK_AMOUNT]! >= least)) return false;
    const value = book.holds[id * Hold.FIELDS + Hold.VALUE_NOW]!;
    const width = own[row + Own.ASK]! - own[row + Own.BID]!;
    // What is near enough whatever the tick is need not ask for it.
    if (width <= duty[Duty.WIDTH]! * value) return true;
    const tick = shelf.ticks(id)?.gridAt(value).step ?? 0;
    const widest = Math.max(duty[Duty.WIDTH]! * value, duty[Duty.TICKS]! * tick);
    // Each side was rounded outwards by up to a tick.
    return width <= widest + 2 * tick;
  }
}

import { QuoteInput } from '../../engine/market/quoting/quote-cells.js';
import { type CalendarEvent, deltaBucket } from '../../engine/market/quoting/settings.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { Pot, Row } from './quote-rows.js';
import type { OptionsQuoterConfig, QuoterMemory } from './quoter-memory.js';

/** Greatest fee of an option as a part of its price. */
const FEE_CAP = 0.125;

/** Puts what is known of an option into the model's input. */
export class QuoteInputs {
  private readonly memory: QuoterMemory;
  /** `now[0]`, event time. */
  private readonly now: Float64Array;
  private readonly input: Float64Array;
  private readonly events: readonly CalendarEvent[];
  /** Times of the events, and width multipliers by delta bucket: doubles read from objects may be boxed. */
  private readonly eventTimes: Float64Array;
  private readonly deltaWidths: Float64Array;

  /** @param input of the model */
  constructor(
    { config }: CoreContext<OptionsQuoterConfig>,
    memory: QuoterMemory,
    now: Float64Array,
    input: Float64Array,
  ) {
    const { events, deltaWidths } = config.quoting;
    this.memory = memory;
    this.now = now;
    this.input = input;
    this.events = events;
    this.eventTimes = Float64Array.from(events, ({ time }) => time);
    this.deltaWidths = Float64Array.from(deltaWidths);
  }

  /** Whether quotes change with time alone. */
  get hasEvents(): boolean {
    return this.events.length > 0;
  }

  gather(id: number): void {
    const { memory, input } = this;
    const { rows, pots, losses, controls, toxicity, shelf } = memory;
    const row = id * Row.SIZE;
    const underlying = memory.underlyings.of(id);
    const expiry = memory.expiries.of(id);
    const pot = underlying * Pot.SIZE;
    const forward = rows[row + Row.FORWARD]!;
    const isInverse = shelf.isInverse(id);
    const theo = rows[row + Row.THEO]!;
    const fee = rows[row + Row.FEE]! * (isInverse ? 1 : forward);
    const cap = FEE_CAP * theo;
    const delta = Math.abs(rows[row + Row.DELTA]!);
    input[QuoteInput.THEO] = theo;
    input[QuoteInput.UNCERTAINTY] = rows[row + Row.UNCERTAINTY]!;
    input[QuoteInput.DELTA] = rows[row + Row.NET_DELTA]!;
    input[QuoteInput.VEGA] = rows[row + Row.VEGA]!;
    input[QuoteInput.YEARS] = rows[row + Row.YEARS]!;
    input[QuoteInput.FORWARD] = forward;
    input[QuoteInput.MONEY] = isInverse ? forward : 1;
    input[QuoteInput.MARKET_BID] = rows[row + Row.MARKET_BID]!;
    input[QuoteInput.MARKET_ASK] = rows[row + Row.MARKET_ASK]!;
    input[QuoteInput.POSITION] = rows[row + Row.POSITION]!;
    input[QuoteInput.INVENTORY] = pots[pot + Pot.INVENTORY]!;
    input[QuoteInput.NET_DELTA] = pots[pot + Pot.NET_DELTA]!;
    input[QuoteInput.LOT] = shelf.minimum(id);
    input[QuoteInput.FEE] = fee < cap ? fee : cap;
    input[QuoteInput.MARKOUT_LOSS] = losses[2 * memory.bucketOf(id)]!;
    input[QuoteInput.VPIN] = toxicity.vpin(underlying);
    input[QuoteInput.FLOW] = toxicity.imbalance(underlying);
    input[QuoteInput.EVENT] = this.eventWidening();
    input[QuoteInput.WIDTH] = (1 + rows[row + Row.WIDTH]!) * this.deltaWidths[deltaBucket(delta)]!;
    input[QuoteInput.AMOUNT] = 1 + rows[row + Row.AMOUNT]!;
    input[QuoteInput.LAST_BID] = rows[row + Row.BID]!;
    input[QuoteInput.LAST_ASK] = rows[row + Row.ASK]!;
    input[QuoteInput.BLACK_DELTA] = rows[row + Row.DELTA]!;
    input[QuoteInput.GAMMA] = rows[row + Row.GAMMA]!;
    input[QuoteInput.VOL] = rows[row + Row.VOL]!;
    input[QuoteInput.INVENTORY_GAMMA] = pots[pot + Pot.GAMMA]!;
    input[QuoteInput.TRADER_WIDTH] = controls.multiplier(0, id, expiry, underlying);
    input[QuoteInput.TRADER_AMOUNT] = controls.multiplier(1, id, expiry, underlying);
  }

  private eventWidening(): number {
    const { eventTimes } = this;
    let widening = 0;
    for (let place = 0; place < eventTimes.length; place++) {
      const { beforeSeconds, afterSeconds, widening: one } = this.events[place]!;
      const ahead = (eventTimes[place]! - this.now[0]!) / 1e6;
      if (ahead <= beforeSeconds && -ahead <= afterSeconds) widening += one;
    }
    return widening;
  }
}

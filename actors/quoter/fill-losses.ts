import { InstrumentKind } from '../../engine/market/instrument.js';
import { Liquidity, Side } from '../../engine/market/orders/codes.js';
import { Found, type FoundMarkout } from '../../engine/market/quoting/markouts.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { Fill } from '../../schemas/generated/fill.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { Row } from './quote-rows.js';
import type { OptionsQuoterConfig, QuoterMemory } from './quoter-memory.js';

/** The horizon that widens: 10 seconds. */
const WIDENING_HORIZON = 1;

/** What our fills lose by time to expiry and delta: bad ones widen their bucket. */
export class FillLosses implements FoundMarkout {
  private readonly context: CoreContext<OptionsQuoterConfig>;
  private readonly memory: QuoterMemory;
  /** [least weight of a markout in its bucket's mean]: a double read from an object's field may be boxed. */
  private readonly leastWeight: Float64Array;
  private readonly fill = new Fill();

  constructor(context: CoreContext<OptionsQuoterConfig>, memory: QuoterMemory) {
    this.context = context;
    this.memory = memory;
    this.leastWeight = Float64Array.of(1 / context.config.quoting.markoutMemory);
  }

  takeFill(buffer: ViewBuffer, body: number): void {
    const { fill, memory } = this;
    fill.__init(body, buffer);
    const id = fill.instrument();
    if (id >= this.context.config.instruments || memory.shelf.kind(id) !== InstrumentKind.OPTION) return;
    if (fill.liquidity() === Liquidity.TAKER || !(fill.amount() > 0)) return;
    const { rows, markouts } = memory;
    const row = id * Row.SIZE;
    const money = memory.shelf.isInverse(id) ? rows[row + Row.FORWARD]! : 1;
    const { input } = markouts;
    input[0] = fill.price();
    input[1] = rows[row + Row.VEGA]! / money;
    input[2] = this.context.event.time;
    input[3] = fill.amount();
    input[4] = fill.number();
    markouts.add(id, fill.side() === Side.BUY, memory.bucketOf(id));
  }

  /** Looks at what became of the fills that are watched. @param now `now[0]`, event time */
  look(now: Float64Array): void {
    const { markouts, rows } = this.memory;
    markouts.look(now, rows, Row.SIZE, Row.THEO, this);
  }

  onMarkout(): void {
    const { markouts, losses } = this.memory;
    const { found } = markouts;
    if (found[Found.HORIZON] !== WIDENING_HORIZON) return;
    const at = 2 * found[Found.BUCKET]!;
    losses[at + 1]! += 1;
    const weight = Math.max(this.leastWeight[0]!, 1 / losses[at + 1]!);
    losses[at]! += weight * (-found[Found.VOL]! - losses[at]!);
  }
}

import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { Position } from '../../schemas/generated/position.js';
import { UnderlyingExposure } from '../../schemas/generated/underlying-exposure.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { Pot, Row } from './quote-rows.js';
import type { OptionsQuoterConfig, QuoterMemory } from './quoter-memory.js';
import type { TouchedInstruments } from './touched-instruments.js';

/** Part of the vega limit, and units of the underlying, by which the inventory may move before the chain is looked at again. */
const INVENTORY_STEP = 0.004;
const DELTA_STEP = 0.5;

/** What the portfolio holds: of an instrument, and the Greeks of an underlying. */
export class HoldingsIntake {
  private readonly context: CoreContext<OptionsQuoterConfig>;
  private readonly memory: QuoterMemory;
  private readonly touched: TouchedInstruments;
  /** [vega that asks for new quotes]: a double read from an object's field may be boxed. */
  private readonly step: Float64Array;
  private readonly position = new Position();
  private readonly exposure = new UnderlyingExposure();

  constructor(context: CoreContext<OptionsQuoterConfig>, memory: QuoterMemory, touched: TouchedInstruments) {
    this.context = context;
    this.memory = memory;
    this.touched = touched;
    this.step = Float64Array.of(INVENTORY_STEP * context.config.quoting.vegaLimit);
  }

  takePosition(buffer: ViewBuffer, body: number): void {
    const { position, memory } = this;
    position.__init(body, buffer);
    const id = position.instrument();
    if (id >= this.context.config.instruments) return;
    memory.rows[id * Row.SIZE + Row.POSITION] = position.size();
    this.touched.addValued(id);
  }

  takeExposure(buffer: ViewBuffer, body: number): void {
    const { exposure, touched } = this;
    exposure.__init(body, buffer);
    const underlying = exposure.underlying();
    if (underlying >= this.context.config.underlyings) return;
    const { pots } = this.memory;
    const at = underlying * Pot.SIZE;
    pots[at + Pot.INVENTORY] = exposure.weightedVega();
    pots[at + Pot.NET_DELTA] = exposure.netDelta();
    pots[at + Pot.GAMMA] = exposure.gamma();
    const moved = Math.abs(pots[at + Pot.INVENTORY]! - pots[at + Pot.USED]!);
    const movedDelta = Math.abs(pots[at + Pot.NET_DELTA]! - pots[at + Pot.USED_DELTA]!);
    if (moved < this.step[0]! && movedDelta < DELTA_STEP) return;
    touched.addPerpetual(underlying);
    pots[at + Pot.USED] = pots[at + Pot.INVENTORY]!;
    pots[at + Pot.USED_DELTA] = pots[at + Pot.NET_DELTA]!;
    touched.addOptions(underlying);
  }
}

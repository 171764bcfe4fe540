import { LifeCycle } from '../../engine/market/instrument.js';
import { NO_INSTRUMENT } from '../../engine/market/orders/codes.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { InstrumentState } from '../../schemas/generated/instrument-state.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { readDefinition } from '../stage-parts/read-definition.js';
import type { CheapestHedge } from './cheapest-hedge.js';
import { Row } from './hedge-rows.js';
import type { HedgerConfig, HedgerMemory } from './hedger-memory.js';
import type { TouchedUnderlyings } from './touched-underlyings.js';

/** What the venue lists, at which fees, and whether it trades. */
export class ListingIntake {
  private readonly context: CoreContext<HedgerConfig>;
  private readonly memory: HedgerMemory;
  private readonly touched: TouchedUnderlyings;
  private readonly cheapest: CheapestHedge;
  private readonly state = new InstrumentState();

  constructor(
    context: CoreContext<HedgerConfig>,
    memory: HedgerMemory,
    touched: TouchedUnderlyings,
    cheapest: CheapestHedge,
  ) {
    this.context = context;
    this.memory = memory;
    this.touched = touched;
    this.cheapest = cheapest;
  }

  takeDefinition(buffer: ViewBuffer, body: number): void {
    const { memory } = this;
    const { id, instrument } = readDefinition(buffer, body);
    memory.underlyings.define(id, instrument.venue, instrument.priceIndex);
    if (id >= this.context.config.instruments) return;
    const wasHedge = memory.isHedge(id);
    memory.shelf.define(id, instrument);
    if (memory.isHedge(id) !== wasHedge) this.cheapest.list();
    const { rows } = memory;
    const row = id * Row.SIZE;
    rows[row + Row.OPEN] = instrument.state === LifeCycle.OPEN ? 1 : 0;
    rows[row + Row.MAKER_FEE] = Number.isFinite(instrument.makerFee) ? instrument.makerFee : 0;
    rows[row + Row.TAKER_FEE] = Number.isFinite(instrument.takerFee) ? instrument.takerFee : 0;
    if (rows[row + Row.TOP_TIME] === 0) {
      rows[row + Row.BID] = Number.NaN;
      rows[row + Row.ASK] = Number.NaN;
    }
  }

  takeState(buffer: ViewBuffer, body: number): void {
    const { state, memory } = this;
    state.__init(body, buffer);
    const isOpen = state.state() === LifeCycle.OPEN;
    const id = state.instrument();
    const { instruments } = this.context.config;
    const isOfAll = id === NO_INSTRUMENT;
    // A venue that opens again opens no instrument that stands still for a reason of its own.
    if (isOfAll) memory.venueClosed[0] = isOpen ? 0 : 1;
    else if (id < instruments) memory.rows[id * Row.SIZE + Row.OPEN] = isOpen ? 1 : 0;
    const end = isOfAll ? instruments : Math.min(instruments, id + 1);
    for (let each = isOfAll ? 0 : id; each < end; each++) {
      if (memory.isHedge(each)) this.touched.add(memory.underlyings.of(each));
    }
  }
}

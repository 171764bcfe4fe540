import { type Instrument, LifeCycle } from '../../engine/market/instrument.js';
import { NO_INSTRUMENT } from '../../engine/market/orders/codes.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { InstrumentState } from '../../schemas/generated/instrument-state.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { readDefinition } from '../stage-parts/read-definition.js';
import { Row } from './quote-rows.js';
import type { OptionsQuoterConfig, QuoterMemory } from './quoter-memory.js';
import type { TouchedInstruments } from './touched-instruments.js';

/** What the venue lists, and whether it trades. */
export class ListingIntake {
  private readonly context: CoreContext<OptionsQuoterConfig>;
  private readonly memory: QuoterMemory;
  private readonly touched: TouchedInstruments;
  private readonly state = new InstrumentState();

  constructor(context: CoreContext<OptionsQuoterConfig>, memory: QuoterMemory, touched: TouchedInstruments) {
    this.context = context;
    this.memory = memory;
    this.touched = touched;
  }

  takeDefinition(buffer: ViewBuffer, body: number): void {
    const { memory } = this;
    const { rows } = memory;
    const { id, instrument } = readDefinition(buffer, body);
    const underlying = memory.underlyings.define(id, instrument.venue, instrument.priceIndex);
    if (id >= this.context.config.instruments) return;
    memory.shelf.define(id, instrument);
    memory.expiries.define(id, underlying, instrument.expiry);
    const row = id * Row.SIZE;
    rows[row + Row.STRIKE] = instrument.strike > 0 ? instrument.strike : 0;
    rows[row + Row.FEE] = instrument.makerFee > 0 ? instrument.makerFee : 0;
    rows[row + Row.OPEN] = instrument.state === LifeCycle.OPEN ? 1 : 0;
    rows[row + Row.MARKET_BID] = Number.NaN;
    rows[row + Row.MARKET_ASK] = Number.NaN;
    rows[row + Row.TOP_BID] = Number.NaN;
    rows[row + Row.TOP_ASK] = Number.NaN;
    this.override(row, instrument);
    this.touched.addValued(id);
  }

  /** What the settings want otherwise of its expiry and strike. */
  private override(row: number, { expiry, strike }: Instrument): void {
    const { rows } = this.memory;
    let width = 1;
    let amount = 1;
    for (const override of this.context.config.quoting.overrides) {
      if (override.expiry !== undefined && override.expiry !== expiry) continue;
      if (override.strike !== undefined && override.strike !== strike) continue;
      width *= override.width;
      amount *= override.size;
    }
    rows[row + Row.WIDTH] = width - 1;
    rows[row + Row.AMOUNT] = amount - 1;
  }

  takeState(buffer: ViewBuffer, body: number): void {
    const { state, memory } = this;
    state.__init(body, buffer);
    const isOpen = state.state() === LifeCycle.OPEN;
    const { instruments } = this.context.config;
    const id = state.instrument();
    const isOfAll = id === NO_INSTRUMENT;
    // A venue that opens again opens no instrument that stands still for a reason of its own.
    if (isOfAll) memory.venueClosed[0] = isOpen ? 0 : 1;
    else if (id < instruments) memory.rows[id * Row.SIZE + Row.OPEN] = isOpen ? 1 : 0;
    const end = isOfAll ? instruments : Math.min(instruments, id + 1);
    for (let each = isOfAll ? 0 : id; each < end; each++) this.touched.addValued(each);
  }
}

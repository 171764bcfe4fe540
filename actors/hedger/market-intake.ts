import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { EVENT_SEQ, EVENT_TIME } from '../../engine/runtime/actor/event.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { Ticker } from '../../schemas/generated/ticker.js';
import { UnderlyingExposure } from '../../schemas/generated/underlying-exposure.js';
import { UnderlyingState } from '../../schemas/generated/underlying-state.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { BookState } from '../book/book.js';
import type { GreekHedges } from './greek-hedges.js';
import { Pot, Row } from './hedge-rows.js';
import type { HedgerConfig, HedgerMemory } from './hedger-memory.js';
import type { TouchedUnderlyings } from './touched-underlyings.js';

/** Touch and funding of what is hedged on, and what the portfolio and the filter tell of each underlying. */
export class MarketIntake {
  private readonly context: CoreContext<HedgerConfig>;
  private readonly memory: HedgerMemory;
  private readonly touched: TouchedUnderlyings;
  private readonly greeks: GreekHedges;
  private readonly top = new BookTop();
  private readonly ticker = new Ticker();
  private readonly exposure = new UnderlyingExposure();
  private readonly state = new UnderlyingState();

  constructor(
    context: CoreContext<HedgerConfig>,
    memory: HedgerMemory,
    touched: TouchedUnderlyings,
    greeks: GreekHedges,
  ) {
    this.context = context;
    this.memory = memory;
    this.touched = touched;
    this.greeks = greeks;
  }

  takeTop(buffer: ViewBuffer, body: number): void {
    const { top, memory } = this;
    top.__init(body, buffer);
    const id = top.instrument();
    if (id >= this.context.config.instruments) return;
    if (!memory.isHedge(id)) {
      if (this.greeks.isUsed) this.greeks.noteOffer(id, top);
      return;
    }
    const { rows } = memory;
    const row = id * Row.SIZE;
    const isLive = top.state() === BookState.LIVE;
    rows[row + Row.BID] = isLive ? top.bidPrice() : Number.NaN;
    rows[row + Row.ASK] = isLive ? top.askPrice() : Number.NaN;
    rows[row + Row.TOP_TIME] = this.context.event.moment[EVENT_TIME]!;
    const underlying = memory.underlyings.of(id);
    // The touch matters to what is at work there; a book that died matters to all.
    if (!isLive || memory.pots[underlying * Pot.SIZE + Pot.INSTRUMENT] === id + 1) this.touched.add(underlying);
  }

  takeTicker(buffer: ViewBuffer, body: number): void {
    const { ticker, memory } = this;
    ticker.__init(body, buffer);
    const id = ticker.instrument();
    if (id >= this.context.config.instruments || !memory.isHedge(id)) return;
    const funding = ticker.currentFunding();
    memory.rows[id * Row.SIZE + Row.FUNDING] = Number.isNaN(funding) ? 0 : funding;
  }

  takeExposure(buffer: ViewBuffer, body: number): void {
    const { exposure } = this;
    exposure.__init(body, buffer);
    const underlying = exposure.underlying();
    if (!this.touched.has(underlying)) return;
    const { pots } = this.memory;
    const at = underlying * Pot.SIZE;
    pots[at + Pot.NET_DELTA] = exposure.netDelta();
    pots[at + Pot.GAMMA] = exposure.gamma();
    pots[at + Pot.VEGA] = exposure.weightedVega();
    pots[at + Pot.INDEX] = exposure.index();
    pots[at + Pot.EXPOSURE_SEQ] = this.context.event.moment[EVENT_SEQ]!;
    pots[at + Pot.KNOWN] = 1;
    this.touched.add(underlying);
  }

  takeState(buffer: ViewBuffer, body: number): void {
    const { state, memory } = this;
    state.__init(body, buffer);
    const underlying = memory.underlyings.of(state.option());
    if (!this.touched.has(underlying)) return;
    memory.pots[underlying * Pot.SIZE + Pot.FLAGS] = state.flags();
    memory.pots[underlying * Pot.SIZE + Pot.VOL] = state.vol1h();
    // Where nothing was ever held the portfolio has told none.
    if (memory.pots[underlying * Pot.SIZE + Pot.EXPOSURE_SEQ] === 0)
      memory.pots[underlying * Pot.SIZE + Pot.INDEX] = state.index();
    this.touched.add(underlying);
  }
}

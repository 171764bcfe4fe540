import { InstrumentKind } from '../../engine/market/instrument.js';
import { Side } from '../../engine/market/orders/codes.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { EVENT_TIME } from '../../engine/runtime/actor/event.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { Trade } from '../../schemas/generated/trade.js';
import { TradeRun } from '../../schemas/generated/trade-run.js';
import { UnderlyingState } from '../../schemas/generated/underlying-state.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { UNUSABLE } from '../filter/filter-flags.js';
import { Pot } from './quote-rows.js';
import type { OptionsQuoterConfig, QuoterMemory } from './quoter-memory.js';
import type { TouchedInstruments } from './touched-instruments.js';

/** The vol that the perpetual's quotes were made for serves while the vol now is within these parts of it. */
const VOL_LEAST = 0.9;
const VOL_MOST = 1.1;
const TRADE_BYTES = Trade.sizeOf();
const TRADE_AMOUNT = fieldOffset(Trade, 'amount');
const TRADE_PRICE = fieldOffset(Trade, 'price');
const TRADE_FLAGS = fieldOffset(Trade, 'flags');

/** The underlying's condition as the filter tells it, and the flow on what follows it. */
export class UnderlyingIntake {
  private readonly context: CoreContext<OptionsQuoterConfig>;
  private readonly memory: QuoterMemory;
  private readonly touched: TouchedInstruments;
  private readonly told = new UnderlyingState();
  private readonly trades = new TradeRun();

  constructor(context: CoreContext<OptionsQuoterConfig>, memory: QuoterMemory, touched: TouchedInstruments) {
    this.context = context;
    this.memory = memory;
    this.touched = touched;
  }

  takeState(buffer: ViewBuffer, body: number): void {
    const { told, memory, touched } = this;
    told.__init(body, buffer);
    const underlying = memory.underlyings.of(told.option());
    if (underlying < 0 || underlying >= this.context.config.underlyings) return;
    const { pots } = memory;
    const at = underlying * Pot.SIZE;
    const isUsable = (told.flags() & UNUSABLE) === 0;
    const wasUsable = (pots[at + Pot.FLAGS]! & UNUSABLE) === 0;
    const changed = pots[at + Pot.REGIME] !== told.regime() || isUsable !== wasUsable;
    pots[at + Pot.REGIME] = told.regime();
    pots[at + Pot.FLAGS] = told.flags();
    pots[at + Pot.HEARD] = this.context.event.moment[EVENT_TIME]!;
    pots[at + Pot.VOL] = told.vol1h();
    // The table is solved again when the vol is another, not for every tick of it.
    const off = pots[at + Pot.VOL]! / pots[at + Pot.USED_VOL]!;
    if (pots[at + Pot.VOL]! > 0 && !(off > VOL_LEAST && off < VOL_MOST)) {
      pots[at + Pot.USED_VOL] = pots[at + Pot.VOL]!;
      touched.addPerpetual(underlying);
    }
    if (!changed) return;
    touched.addPerpetual(underlying);
    touched.addOptions(underlying);
  }

  /** Flow on the perpetual and the futures is what options makers are run over by. */
  takeTrades(buffer: ViewBuffer, body: number): void {
    const { toxicity, shelf, underlyings } = this.memory;
    const { view } = buffer;
    this.trades.__init(body, buffer);
    let at = body + TradeRun.sizeOf();
    for (let left = this.trades.count(); left > 0; left--, at += TRADE_BYTES) {
      const id = view.getUint32(at, true);
      if (id >= this.context.config.instruments) continue;
      const kind = shelf.kind(id);
      if (kind !== InstrumentKind.PERPETUAL && kind !== InstrumentKind.FUTURE) continue;
      const aggressor = view.getUint32(at + TRADE_FLAGS, true) & 3;
      const amount = view.getFloat64(at + TRADE_AMOUNT, true);
      toxicity.input[0] = shelf.isInverse(id) ? amount : amount * view.getFloat64(at + TRADE_PRICE, true);
      toxicity.input[1] = this.context.event.moment[EVENT_TIME]!;
      const underlying = underlyings.of(id);
      if (underlying >= 0 && underlying < this.context.config.underlyings)
        toxicity.trade(underlying, aggressor === Side.BUY);
    }
  }
}

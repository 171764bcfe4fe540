import { InstrumentKind } from '../../engine/market/instrument.js';
import { Side, Strategy } from '../../engine/market/orders/codes.js';
import { isFinished } from '../../engine/market/orders/transitions.js';
import { QuoteLimit, QuoteModelCode } from '../../engine/market/quoting/codes.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { OrderUpdate } from '../../schemas/generated/order-update.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { BookState } from '../book/book.js';
import { Row } from './quote-rows.js';
import type { OptionsQuoterConfig, QuoterMemory } from './quoter-memory.js';
import { isSame } from './same-number.js';
import type { TouchedInstruments } from './touched-instruments.js';

/** Amounts that differ by less than this part are one. */
const SAME_AMOUNT = 1e-9;

/** The touch of each quoted instrument without our own quotes, and whether its move asks for another quote. */
export class MarketOfOthers {
  private readonly context: CoreContext<OptionsQuoterConfig>;
  private readonly memory: QuoterMemory;
  private readonly touched: TouchedInstruments;
  /** Whether quotes follow the touch of others. */
  private readonly leads: boolean;
  private readonly topsHoldOwn: boolean;
  private readonly quotesPerpetual: boolean;
  private readonly quotesMid: boolean;
  private readonly top = new BookTop();
  private readonly update = new OrderUpdate();

  constructor(context: CoreContext<OptionsQuoterConfig>, memory: QuoterMemory, touched: TouchedInstruments) {
    const { quoting, topsHoldOwn = true } = context.config;
    this.context = context;
    this.memory = memory;
    this.touched = touched;
    this.leads = quoting.model === QuoteModelCode.OPTIONS && quoting.leadTicks > 0;
    this.topsHoldOwn = topsHoldOwn;
    this.quotesPerpetual = quoting.perpetual !== undefined;
    this.quotesMid = quoting.model === QuoteModelCode.MID_SKEW;
  }

  takeTop(buffer: ViewBuffer, body: number): void {
    const { top, memory } = this;
    top.__init(body, buffer);
    const id = top.instrument();
    if (id >= this.context.config.instruments || !this.isQuoted(id)) return;
    const row = id * Row.SIZE;
    const { rows } = memory;
    const isLive = top.state() === BookState.LIVE;
    rows[row + Row.TOP_BID] = isLive ? top.bidPrice() : Number.NaN;
    rows[row + Row.TOP_BID_AMOUNT] = top.bidAmount();
    rows[row + Row.TOP_ASK] = isLive ? top.askPrice() : Number.NaN;
    rows[row + Row.TOP_ASK_AMOUNT] = top.askAmount();
    this.seeOthers(id);
  }

  /** Our own quotes at the venue: the market is what is left without them. */
  takeOrder(buffer: ViewBuffer, body: number): void {
    const { update, memory } = this;
    update.__init(body, buffer);
    const id = update.instrument();
    if (update.strategy() !== Strategy.QUOTER || id >= this.context.config.instruments) return;
    const { rows } = memory;
    const at = id * Row.SIZE + (update.side() === Side.BUY ? Row.OWN_BID : Row.OWN_ASK);
    const ends = isFinished(update.status());
    // A new order stands before the end of the one that it replaces is told.
    if (ends && rows[at] !== update.price() && rows[at + 1] !== update.wantedPrice()) return;
    rows[at] = update.price();
    rows[at + 1] = update.wantedPrice();
    rows[at + 2] = ends ? 0 : update.worstRemaining();
    if (this.isQuoted(id)) this.seeOthers(id);
  }

  private isQuoted(id: number): boolean {
    const kind = this.memory.shelf.kind(id);
    return kind === InstrumentKind.OPTION || (kind === InstrumentKind.PERPETUAL && this.quotesPerpetual);
  }

  /**
   * Takes our own quotes out of the touch. Where nobody else stands there, the last that was seen of others holds as long as it may still
   * be there: the touch tells nothing of what is behind it.
   */
  private seeOthers(id: number): void {
    const { memory, topsHoldOwn } = this;
    const { rows } = memory;
    const row = id * Row.SIZE;
    const marketBid = rows[row + Row.MARKET_BID]!;
    const marketAsk = rows[row + Row.MARKET_ASK]!;
    if (!topsHoldOwn || !isOurs(rows, row + Row.TOP_BID, row + Row.OWN_BID))
      rows[row + Row.MARKET_BID] = rows[row + Row.TOP_BID]!;
    else if (rows[row + Row.MARKET_BID]! > rows[row + Row.TOP_BID]!) rows[row + Row.MARKET_BID] = Number.NaN;
    if (!topsHoldOwn || !isOurs(rows, row + Row.TOP_ASK, row + Row.OWN_ASK))
      rows[row + Row.MARKET_ASK] = rows[row + Row.TOP_ASK]!;
    else if (rows[row + Row.MARKET_ASK]! < rows[row + Row.TOP_ASK]!) rows[row + Row.MARKET_ASK] = Number.NaN;
    if (memory.isPerpetual(id)) {
      this.touched.add(id);
      return;
    }
    if (!memory.isValued(id)) return;
    const moved = !isSame(marketBid, rows[row + Row.MARKET_BID]!) || !isSame(marketAsk, rows[row + Row.MARKET_ASK]!);
    if ((this.leads && moved) || this.quotesMid || this.crosses(row)) this.touched.add(id);
  }

  /** Whether the quote stands across the market, or was kept from it: who follows nobody looks at others for nothing else. */
  private crosses(row: number): boolean {
    const { rows } = this.memory;
    const crossesAsk = rows[row + Row.BID]! >= rows[row + Row.MARKET_ASK]!;
    const crossesBid = rows[row + Row.ASK]! <= rows[row + Row.MARKET_BID]!;
    return crossesAsk || crossesBid || rows[row + Row.BOUND] === QuoteLimit.CROSSING;
  }
}

/** Whether all of a side of the touch is one order of ours: cells [price, amount] against [price, price asked for, amount]. */
function isOurs(rows: Float64Array, top: number, own: number): boolean {
  const price = rows[top]!;
  if (price !== rows[own] && price !== rows[own + 1]) return false;
  return rows[top + 1]! <= rows[own + 2]! * (1 + SAME_AMOUNT);
}

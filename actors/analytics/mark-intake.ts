import { Hold, Sum, Term } from '../../engine/market/analytics/attribution-book.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { ProfitLoss } from '../../schemas/generated/profit-loss.js';
import { Theo } from '../../schemas/generated/theo.js';
import { TheoRun } from '../../schemas/generated/theo-run.js';
import { Ticker } from '../../schemas/generated/ticker.js';
import { UnderlyingExposure } from '../../schemas/generated/underlying-exposure.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { BookState } from '../book/book.js';
import type { AnalyticsConfig, AnalyticsMemory } from './analytics-memory.js';
import { Own, Pot } from './analytics-rows.js';

const THEO_BYTES = Theo.sizeOf();
const THEO_PRICE = fieldOffset(Theo, 'price');
const THEO_VOL = fieldOffset(Theo, 'volatility');
const THEO_DELTA = fieldOffset(Theo, 'delta');
const THEO_VEGA = fieldOffset(Theo, 'vega');

/** What everything is worth now: values of options, mids of futures, the index; and the portfolio's risks and funding. */
export class MarkIntake {
  private readonly context: CoreContext<AnalyticsConfig>;
  private readonly memory: AnalyticsMemory;
  private readonly run = new TheoRun();
  private readonly top = new BookTop();
  private readonly ticker = new Ticker();
  private readonly exposure = new UnderlyingExposure();
  private readonly profit = new ProfitLoss();

  constructor(context: CoreContext<AnalyticsConfig>, memory: AnalyticsMemory) {
    this.context = context;
    this.memory = memory;
  }

  takeValues(buffer: ViewBuffer, body: number): void {
    const { run, memory } = this;
    const { view } = buffer;
    const { own, book, shelf } = memory;
    const { holds } = book;
    run.__init(body, buffer);
    const forward = run.forward();
    const years = run.years();
    let at = body + TheoRun.sizeOf();
    for (let left = run.count(); left > 0; left--, at += THEO_BYTES) {
      const id = view.getUint32(at, true);
      if (id >= this.context.config.instruments) continue;
      const row = id * Hold.FIELDS;
      holds[row + Hold.VALUE_NOW] = view.getFloat64(at + THEO_PRICE, true);
      holds[row + Hold.VOL_NOW] = view.getFloat64(at + THEO_VOL, true);
      holds[row + Hold.FORWARD_NOW] = forward;
      holds[row + Hold.YEARS_NOW] = years;
      own[id * Own.SIZE + Own.DELTA] = view.getFloat64(at + THEO_DELTA, true);
      const money = shelf.isInverse(id) ? forward : 1;
      own[id * Own.SIZE + Own.VEGA] = view.getFloat64(at + THEO_VEGA, true) / money;
      book.moved(id);
    }
  }

  takeTop(buffer: ViewBuffer, body: number): void {
    const { top, memory } = this;
    top.__init(body, buffer);
    const id = top.instrument();
    if (!memory.has(id) || top.state() !== BookState.LIVE || !memory.isFuture(id)) return;
    const mid = (top.bidPrice() + top.askPrice()) / 2;
    if (!(mid > 0)) return;
    memory.book.holds[id * Hold.FIELDS + Hold.VALUE_NOW] = mid;
    memory.book.moved(id);
  }

  takeTicker(buffer: ViewBuffer, body: number): void {
    const { ticker, memory } = this;
    ticker.__init(body, buffer);
    const underlying = memory.underlyingOf(ticker.instrument());
    if (underlying < 0) return;
    if (ticker.indexPrice() > 0) memory.pots[underlying * Pot.SIZE + Pot.INDEX] = ticker.indexPrice();
  }

  takeExposure(buffer: ViewBuffer, body: number): void {
    const { exposure, memory } = this;
    exposure.__init(body, buffer);
    if (exposure.underlying() >= this.context.config.underlyings) return;
    const at = exposure.underlying() * Pot.SIZE;
    memory.pots[at + Pot.VEGA] = exposure.weightedVega();
    memory.pots[at + Pot.DELTA] = exposure.netDelta();
  }

  takeProfit(buffer: ViewBuffer, body: number): void {
    const { profit, memory } = this;
    profit.__init(body, buffer);
    if (profit.underlying() >= this.context.config.underlyings) return;
    memory.book.sums[profit.underlying() * Sum.SIZE + Term.FUNDING] = profit.funding();
  }
}

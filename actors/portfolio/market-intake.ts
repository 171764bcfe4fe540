import { Contract, isOption } from '../../engine/market/portfolio/contract.js';
import {
  DELTA,
  GAMMA,
  NET_DELTA,
  THETA,
  UNIT_FIELDS,
  VANNA,
  VEGA,
  VOLATILITY,
  VOLGA,
} from '../../engine/market/portfolio/exposure-book.js';
import { FUNDING, POSITION_FIELDS } from '../../engine/market/portfolio/position-book.js';
import { PROFIT, PROFIT_FIELDS } from '../../engine/market/portfolio/profit-book.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { Theo } from '../../schemas/generated/theo.js';
import { TheoRun } from '../../schemas/generated/theo-run.js';
import { Ticker } from '../../schemas/generated/ticker.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { MARK, MARK_FIELDS, type PortfolioBook } from './portfolio-book.js';

const FUNDING_HOURS_MICROS = 8 * 3600e6;
/** Greeks that a ticker gives, in the venue's units, to ours. */
const POINTS_OF_VOL = 100;
const DAYS_OF_YEAR = 365;

/** Byte offsets of a Theo's numbers, in the order of the unit's row. */
const THEO_FIELDS = (['delta', 'netDelta', 'gamma', 'vega', 'theta', 'vanna', 'volga', 'volatility'] as const).map(
  (name) => fieldOffset(Theo, name),
);
const THEO_PRICE = fieldOffset(Theo, 'price');
const THEO_BYTES = Theo.sizeOf();
const FORWARD = fieldOffset(TheoRun, 'forward');
const INDEX = fieldOffset(TheoRun, 'index');

/** What the market says of what is held: theoretical values, marks, Greeks, funding. */
export class MarketIntake {
  private readonly context: CoreContext<unknown>;
  private readonly book: PortfolioBook;
  private readonly ticker = new Ticker();
  private readonly run = new TheoRun();

  constructor(context: CoreContext<unknown>, book: PortfolioBook) {
    this.context = context;
    this.book = book;
  }

  /** Theoretical values of one expiry: the Greeks of what is held change with them. */
  onTheos(buffer: ViewBuffer, body: number): void {
    const { run, book } = this;
    const { exposures: exposure, marks } = book;
    const { view } = buffer;
    run.__init(body, buffer);
    let at = body + TheoRun.sizeOf();
    for (let left = run.count(); left > 0; left--, at += THEO_BYTES) {
      const id = view.getUint32(at, true);
      if (id >= book.capacity) continue;
      const row = id * UNIT_FIELDS;
      for (let field = 0; field < UNIT_FIELDS; field++) {
        exposure.units[row + field] = view.getFloat64(at + THEO_FIELDS[field]!, true);
      }
      marks[id * MARK_FIELDS + MARK.THEO] = view.getFloat64(at + THEO_PRICE, true);
      const place = exposure.places.of(id);
      if (place < 0) continue;
      exposure.forwards[place] = view.getFloat64(body + FORWARD, true);
      book.valueUnit(id);
      if (book.sizeOf(id) !== 0) exposure.touch(place);
      const underlying = book.underlyingOf(id);
      if (view.getFloat64(body + INDEX, true) > 0) book.indexes[underlying] = view.getFloat64(body + INDEX, true);
    }
  }

  onTicker(buffer: ViewBuffer, body: number): void {
    const { ticker, book } = this;
    ticker.__init(body, buffer);
    const id = ticker.instrument();
    if (id >= book.capacity || book.kinds[id] === 0) return;
    const { marks } = book;
    const row = id * MARK_FIELDS;
    if (ticker.markPrice() > 0) marks[row + MARK.VENUE] = ticker.markPrice();
    const isTwoSided = ticker.bestBidAmount() > 0 && ticker.bestAskAmount() > 0;
    marks[row + MARK.MID] = isTwoSided ? (ticker.bestBidPrice() + ticker.bestAskPrice()) / 2 : Number.NaN;
    if (ticker.deliveryPrice() > 0) book.deliveryEstimates[id] = ticker.deliveryPrice();
    const underlying = book.underlyingOf(id);
    if (underlying >= 0 && ticker.indexPrice() > 0) book.indexes[underlying] = ticker.indexPrice();
    if (isOption(book.positions.contracts[id]!)) this.takeVenueGreeks(id);
    else book.markFuture(id);
    book.valueUnit(id);
    if (book.isPerpetual(id)) this.accrueFunding(id);
    if (book.sizeOf(id) !== 0 && Number.isNaN(marks[row + MARK.THEO]!))
      book.exposures.touch(book.exposures.places.of(id));
  }

  /** While there is no theoretical value of its own an option counts by the venue's Greeks. */
  private takeVenueGreeks(id: number): void {
    const { ticker, book } = this;
    if (!Number.isNaN(book.marks[id * MARK_FIELDS + MARK.THEO]!) || Number.isNaN(ticker.delta())) return;
    const row = id * UNIT_FIELDS;
    const { units } = book.exposures;
    const isInverse = book.positions.contracts[id] === Contract.OPTION_INVERSE;
    units[row + DELTA] = ticker.delta();
    units[row + NET_DELTA] = isInverse ? ticker.delta() - ticker.markPrice() : ticker.delta();
    units[row + GAMMA] = ticker.gamma();
    units[row + VEGA] = ticker.vega() * POINTS_OF_VOL;
    units[row + THETA] = ticker.theta() * DAYS_OF_YEAR;
    units[row + VANNA] = 0;
    units[row + VOLGA] = 0;
    units[row + VOLATILITY] = ticker.markIv();
    const place = book.exposures.places.of(id);
    if (place >= 0 && ticker.underlyingPrice() > 0) book.exposures.forwards[place] = ticker.underlyingPrice();
  }

  /** A perpetual pays its rate for every moment that it is held, by the rate of the last ticker. */
  private accrueFunding(id: number): void {
    const { book, ticker } = this;
    const { fundings, positions, profits } = book;
    const { time } = this.context.event;
    const since = fundings[id * 2]!;
    const rate = fundings[id * 2 + 1]!;
    const size = book.sizeOf(id);
    const price = book.marks[id * MARK_FIELDS + MARK.VENUE]!;
    if (size !== 0 && since > 0 && time > since && price > 0) {
      const notional = positions.contracts[id] === Contract.FUTURE_INVERSE ? size / price : size * price;
      const received = (-notional * rate * (time - since)) / FUNDING_HOURS_MICROS;
      positions.cells[id * POSITION_FIELDS + FUNDING]! += received;
      profits.cells[book.underlyingOf(id) * PROFIT_FIELDS + PROFIT.FUNDING]! += received;
    }
    fundings[id * 2] = time;
    fundings[id * 2 + 1] = Number.isNaN(ticker.currentFunding()) ? 0 : ticker.currentFunding();
  }
}

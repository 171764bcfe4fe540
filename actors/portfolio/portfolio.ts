import { LifeCycle } from '../../engine/market/instrument.js';
import { decodeInstrument } from '../../engine/market/instrument-codec.js';
import { bytesOf, type Cells } from '../../engine/market/orders/cells.js';
import { Side } from '../../engine/market/orders/codes.js';
import { Contract, isOption, payoffAt } from '../../engine/market/portfolio/contract.js';
import { deliveryFee } from '../../engine/market/portfolio/delivery-fee.js';
import {
  DELTA,
  GAMMA,
  NET_DELTA,
  SUM,
  SUM_FIELDS,
  THETA,
  UNIT_FIELDS,
  VANNA,
  VEGA,
  VOLATILITY,
  VOLGA,
} from '../../engine/market/portfolio/exposure-book.js';
import { FUNDING, POSITION_FIELDS } from '../../engine/market/portfolio/position-book.js';
import { PROFIT, PROFIT_FIELDS } from '../../engine/market/portfolio/profit-book.js';
import { TieOutBook, TieState } from '../../engine/market/portfolio/tie-out.js';
import { MOST_UNDERLYINGS } from '../../engine/market/underlyings.js';
import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import { EVENT_TIME } from '../../engine/runtime/actor/event.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { AccountReport } from '../../schemas/generated/account-report.js';
import { BookedTrade } from '../../schemas/generated/booked-trade.js';
import { Fill } from '../../schemas/generated/fill.js';
import { InstrumentState } from '../../schemas/generated/instrument-state.js';
import { PositionReport } from '../../schemas/generated/position-report.js';
import { ReconcileReport } from '../../schemas/generated/reconcile-report.js';
import { Theo } from '../../schemas/generated/theo.js';
import { TheoRun } from '../../schemas/generated/theo-run.js';
import { Ticker } from '../../schemas/generated/ticker.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import {
  exposures,
  log,
  orderStates,
  shownExposures,
  shownPositions,
  shownProfits,
  shownTieOuts,
  theos,
} from '../streams.js';
import { MARK, MARK_FIELDS, PortfolioBook } from './portfolio-book.js';
import { PortfolioWriter, PositionMove } from './portfolio-writer.js';

export interface PortfolioConfig {
  instruments: number;
  /** Expiries, of all underlyings together, that there is room for. */
  expiries: number;
  /** Underlyings that there is room for. */
  underlyings: number;
  /** Seconds of event time between two looks at profit and loss. */
  profitEverySeconds: number;
}

const PROFIT_TIMER = 0;
const RECONCILE_ENDS = 2;
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

/** Places of the stage's few single numbers. */
const FILLS = 0;
/** 1 once the first reconciliation has ended: from then on only fills move positions. */
const OPENED = 1;
/** Positions that are still to be told once more. */
const TO_TELL_AGAIN = 2;
/** At each report of profits. */
const TOLD_AT_ONCE = 32;

/** What is held, what it is worth, what it risks: every fill, every mark and every theoretical value passes here. */
class Portfolio implements CoreActor {
  private readonly context: CoreContext<PortfolioConfig>;
  private readonly book: PortfolioBook;
  private readonly tieOut: TieOutBook;
  private readonly writer: PortfolioWriter;
  private readonly scalars: Float64Array;
  /** [event time], for callees: a number handed to a call may be boxed. */
  private readonly now = new Float64Array(1);
  private readonly fill = new Fill();
  private readonly report = new PositionReport();
  private readonly reconcile = new ReconcileReport();
  private readonly account = new AccountReport();
  private readonly booked = new BookedTrade();
  private readonly state = new InstrumentState();
  private readonly ticker = new Ticker();
  private readonly run = new TheoRun();

  constructor(context: CoreContext<PortfolioConfig>) {
    this.context = context;
    const memory = memoryOf(context.state, context.config);
    this.book = memory.book;
    this.tieOut = memory.tieOut;
    this.scalars = memory.scalars;
    this.writer = new PortfolioWriter(context, this.book);
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    switch (type) {
      case MessageType.THEO_RUN:
        this.onTheos(buffer, offset + HEADER_BYTES);
        break;
      case MessageType.TICKER:
        this.onTicker(buffer, offset + HEADER_BYTES);
        break;
      case MessageType.FILL:
        this.onFill(buffer, offset + HEADER_BYTES);
        break;
      default:
        this.onRare(type, buffer, offset);
    }
  }

  onTimer(timer: number): void {
    if (timer !== PROFIT_TIMER) return;
    this.now[0] = this.context.event.moment[EVENT_TIME]!;
    this.tellProfits();
    this.touchNearExpiries();
    this.tellAgain();
    this.context.schedule(PROFIT_TIMER, this.context.event.time + this.context.config.profitEverySeconds * 1e6);
  }

  endOfEvent(): void {
    const { book, writer } = this;
    const { exposures } = book;
    if (!exposures.isAnyTouched) return;
    exposures.isAnyTouched = false;
    this.now[0] = this.context.event.moment[EVENT_TIME]!;
    exposures.sum(this.now);
    writer.tellExposures();
  }

  private onRare(type: number, buffer: ViewBuffer, offset: number): void {
    const body = offset + HEADER_BYTES;
    if (type === MessageType.INSTRUMENT_DEFINITION) this.onDefinition(buffer, offset);
    else if (type === MessageType.INSTRUMENT_STATE) this.onState(buffer, body);
    else if (type === MessageType.POSITION_REPORT) this.onPositionReport(buffer, body);
    else if (type === MessageType.RECONCILE_REPORT) this.onReconcile(buffer, body);
    else if (type === MessageType.ACCOUNT_REPORT) this.onAccount(buffer, body);
    else if (type === MessageType.BOOKED_TRADE) this.onBooked(buffer, body);
    else if (type === MessageType.RUN_STARTED) this.scalars[TO_TELL_AGAIN] = this.book.positions.held;
  }

  /** Whoever looks since this start has seen no position that did not move: what is held is told once more, some at a time. */
  private tellAgain(): void {
    const { scalars, book, writer } = this;
    for (let told = 0; told < TOLD_AT_ONCE && scalars[TO_TELL_AGAIN]! > 0; told++) {
      scalars[TO_TELL_AGAIN]! -= 1;
      const place = scalars[TO_TELL_AGAIN]!;
      if (place < book.positions.held) writer.tellPosition(book.positions.heldIds[place]!, PositionMove.MARK);
    }
  }

  private onDefinition(buffer: ViewBuffer, offset: number): void {
    const length = buffer.view.getUint32(offset + HeaderOffset.LENGTH, true);
    const bytes = new Uint8Array(length - HEADER_BYTES);
    for (let index = 0; index < bytes.length; index++) bytes[index] = buffer.readUint8(offset + HEADER_BYTES + index);
    const { id, instrument } = decodeInstrument(bytes);
    // The first definition of all starts the clock of the profit reports.
    if (this.book.underlyings.size === 0) {
      this.context.schedule(PROFIT_TIMER, this.context.event.time + this.context.config.profitEverySeconds * 1e6);
    }
    this.book.define(id, instrument);
    if (instrument.state === LifeCycle.EXPIRED) this.deliver(id);
  }

  /** Theoretical values of one expiry: the Greeks of what is held change with them. */
  private onTheos(buffer: ViewBuffer, body: number): void {
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
      this.valueUnit(id);
      if (book.sizeOf(id) !== 0) exposure.touch(place);
      const underlying = book.underlyingOf(id);
      if (view.getFloat64(body + INDEX, true) > 0) book.indexes[underlying] = view.getFloat64(body + INDEX, true);
    }
  }

  private onTicker(buffer: ViewBuffer, body: number): void {
    const { ticker, book } = this;
    ticker.__init(body, buffer);
    const id = ticker.instrument();
    if (id >= book.capacity || book.kinds[id] === 0) return;
    const { marks } = book;
    const row = id * MARK_FIELDS;
    if (ticker.markPrice() > 0) marks[row + MARK.VENUE] = ticker.markPrice();
    const isTwoSided = ticker.bestBidAmount() > 0 && ticker.bestAskAmount() > 0;
    marks[row + MARK.MID] = isTwoSided ? (ticker.bestBidPrice() + ticker.bestAskPrice()) / 2 : Number.NaN;
    if (ticker.deliveryPrice() > 0) book.deliveries[id] = ticker.deliveryPrice();
    const underlying = book.underlyingOf(id);
    if (underlying >= 0 && ticker.indexPrice() > 0) book.indexes[underlying] = ticker.indexPrice();
    if (isOption(book.positions.contracts[id]!)) this.takeVenueGreeks(id);
    else book.markFuture(id);
    this.valueUnit(id);
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

  /** What one unit is worth in USD: options at their mark; a future holds no value of its own. */
  private valueUnit(id: number): void {
    const { book } = this;
    const contract = book.positions.contracts[id]!;
    if (!isOption(contract)) return;
    const price = book.marks[book.bestMark(id, MARK.THEO)]!;
    const index = contract === Contract.OPTION_INVERSE ? book.indexes[book.underlyingOf(id)]! : 1;
    book.exposures.usd[id] = Number.isNaN(price) ? 0 : price * index;
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

  private onFill(buffer: ViewBuffer, body: number): void {
    const { fill, book } = this;
    fill.__init(body, buffer);
    const amount = fill.side() === Side.BUY ? fill.amount() : -fill.amount();
    this.scalars[FILLS] = fill.number();
    const { trade } = book.positions;
    trade[0] = amount;
    trade[1] = fill.price();
    // An inferred fill of an order without a price may have none: profit without an end would be no number ever after.
    if (!(trade[1]! > 0) && fill.instrument() < book.capacity) {
      trade[1] = book.marks[book.bestMark(fill.instrument(), MARK.VENUE)]!;
    }
    trade[2] = fill.fee();
    this.bookTrade(fill.instrument(), PositionMove.FILL);
  }

  private onBooked(buffer: ViewBuffer, body: number): void {
    const { booked, book } = this;
    booked.__init(body, buffer);
    const { trade } = book.positions;
    trade[0] = booked.side() === Side.BUY ? booked.amount() : -booked.amount();
    trade[1] = booked.price();
    trade[2] = booked.fee();
    if (Number.isFinite(trade[0]!) && trade[1]! > 0 && Number.isFinite(trade[2]!)) {
      this.bookTrade(booked.instrument(), PositionMove.BOOKED);
    }
  }

  /** Books what stands in the position book's `trade`. */
  private bookTrade(id: number, why: number): void {
    const { book, writer } = this;
    const { positions, profits } = book;
    const underlying = book.underlyingOf(id);
    const row = underlying * PROFIT_FIELDS;
    const amount = positions.trade[0]!;
    const price = positions.trade[1]!;
    const fee = positions.trade[2]!;
    if (underlying < 0 || !positions.add(id)) {
      writer.tellUnknown(id);
      return;
    }
    const { cells } = profits;
    cells[row + PROFIT.REALISED]! += positions.result[0]!;
    cells[row + PROFIT.FEES]! += fee;
    cells[row + PROFIT.FILLS]! += 1;
    const { contracts } = positions;
    const index = book.indexes[underlying]!;
    const isInverseFuture = contracts[id] === Contract.FUTURE_INVERSE;
    const notional = Math.abs(amount);
    cells[row + PROFIT.VOLUME_USD]! += isInverseFuture ? notional : notional * index;
    const theo = book.marks[book.bestMark(id, isOption(contracts[id]!) ? MARK.THEO : MARK.MID)]!;
    const edge = isInverseFuture ? amount * (1 / price - 1 / theo) : amount * (theo - price);
    if (!Number.isNaN(edge)) cells[row + PROFIT.EDGE]! += edge;
    book.marks[id * MARK_FIELDS + MARK.LAST_FILL] = price;
    if (Number.isNaN(book.marks[id * MARK_FIELDS + MARK.VENUE]!)) this.markAtFill(id, price);
    book.exposures.touch(book.exposures.places.of(id));
    writer.tellPosition(id, why);
    // A trade that was told after the end: nobody will say again that the instrument is gone.
    if (book.expired[id] === 1) this.deliver(id);
  }

  /** Before the first mark of a future its own fill must tell its delta. */
  private markAtFill(id: number, price: number): void {
    if (isOption(this.book.positions.contracts[id]!)) return;
    this.book.marks[id * MARK_FIELDS + MARK.VENUE] = price;
    this.book.markFuture(id);
  }

  /** On a first start without a journal the venue's positions are ours to begin with; later ones only tie out. */
  private onPositionReport(buffer: ViewBuffer, body: number): void {
    const { report, book } = this;
    report.__init(body, buffer);
    if (this.scalars[OPENED] !== 0 || report.reconcile() === 0) return;
    const id = report.instrument();
    if (id >= book.capacity || book.sizeOf(id) === report.size()) return;
    const { trade } = book.positions;
    // What others have traded on the account since we listen is part of it, and is counted already.
    trade[0] = report.size() - book.sizeOf(id);
    trade[1] = report.averagePrice() > 0 ? report.averagePrice() : report.markPrice();
    trade[2] = 0;
    if (!book.positions.add(id)) return;
    if (report.markPrice() > 0) book.marks[id * MARK_FIELDS + MARK.VENUE] = report.markPrice();
    book.markFuture(id);
    this.valueUnit(id);
    book.exposures.touch(book.exposures.places.of(id));
    this.writer.tellPosition(id, PositionMove.OPENING);
  }

  private onReconcile(buffer: ViewBuffer, body: number): void {
    this.reconcile.__init(body, buffer);
    if (this.reconcile.phase() === RECONCILE_ENDS) this.scalars[OPENED] = 1;
  }

  private onState(buffer: ViewBuffer, body: number): void {
    this.state.__init(body, buffer);
    if (this.state.state() === LifeCycle.EXPIRED) this.deliver(this.state.instrument());
  }

  /** An instrument is gone: what is held of it is paid out at the delivery price. */
  private deliver(id: number): void {
    const { book, writer } = this;
    if (id >= book.capacity || book.kinds[id] === 0) return;
    book.expired[id] = 1;
    if (book.sizeOf(id) === 0) return;
    const { exposures: exposure, positions, profits } = book;
    const contract = positions.contracts[id]!;
    const underlying = book.underlyingOf(id);
    const delivery = book.deliveries[id]! > 0 ? book.deliveries[id]! : book.indexes[underlying]!;
    if (!(delivery > 0)) {
      writer.tellUnknown(id);
      return;
    }
    const payoff = payoffAt(contract, delivery, exposure.strikes[id]!, exposure.calls[id] === 1);
    const size = book.sizeOf(id);
    const fee = deliveryFee(contract, Math.abs(size), delivery, payoff, book.lifetimes[id]!);
    positions.deliver(id, payoff, fee);
    const row = underlying * PROFIT_FIELDS;
    profits.cells[row + PROFIT.FEES]! += fee;
    profits.cells[row + PROFIT.REALISED]! += positions.result[0]!;
    profits.cells[row + PROFIT.SETTLED]! += positions.result[0]!;
    exposure.touch(exposure.places.of(id));
    writer.tellSettlement(id, size, delivery, payoff, positions.result[0]!, fee);
    writer.tellPosition(id, PositionMove.SETTLEMENT);
  }

  private onAccount(buffer: ViewBuffer, body: number): void {
    const { account, tieOut, book } = this;
    account.__init(body, buffer);
    if (account.reconcile() === 0 || this.scalars[OPENED] === 0) return;
    const currency = account.currency()!;
    const word0 = currency.word0() | 0;
    const word1 = currency.word1() | 0;
    const place = tieOut.placeOf(word0, word1);
    if (place < 0) return;
    book.markProfits();
    const { look } = tieOut;
    look.fill(0);
    look[0] = account.equity();
    for (let underlying = 0; underlying < book.underlyings.size; underlying++) {
      if (book.currencies[underlying * 2] !== word0 || book.currencies[underlying * 2 + 1] !== word1) continue;
      const row = underlying * PROFIT_FIELDS;
      book.profits.total(underlying);
      look[1]! += book.profits.totals[1]!;
      look[2]! += book.profits.cells[row + PROFIT.FEES]!;
      look[3]! += book.profits.cells[row + PROFIT.FUNDING]!;
      look[4]! += book.profits.cells[row + PROFIT.REALISED]!;
    }
    look[5] = Math.abs(account.optionsValue()) + Math.abs(account.deltaTotal());
    look[6] = this.context.event.time;
    const state = tieOut.compare(place);
    this.writer.tellTieOut(tieOut, place, state, account.reconcile());
    if (state === TieState.DAY_TIES || state === TieState.DAY_DIFFERS) tieOut.begin(place);
  }

  private tellProfits(): void {
    const { book, writer } = this;
    book.markProfits();
    for (let underlying = 0; underlying < book.underlyings.size; underlying++) {
      if (underlying >= book.indexes.length) break;
      book.profits.follow(underlying, this.now);
      writer.tellProfit(underlying);
    }
  }

  /** Vega's weight and the fading of delta move with time alone. */
  private touchNearExpiries(): void {
    const { exposures: exposure } = this.book;
    for (let place = 0; place < exposure.size; place++) {
      if (exposure.sums[place * SUM_FIELDS + SUM.POSITIONS]! > 0) exposure.touch(place);
    }
  }
}

interface Memory {
  book: PortfolioBook;
  tieOut: TieOutBook;
  scalars: Float64Array;
}

function memoryOf(cells: Cells, config: PortfolioConfig): Memory {
  const underlyings = Math.min(config.underlyings, MOST_UNDERLYINGS);
  return {
    book: new PortfolioBook(cells, config.instruments, config.expiries, underlyings),
    tieOut: new TieOutBook(cells),
    scalars: cells.float64(4),
  };
}

export function portfolio(config: PortfolioConfig): CoreDefinition {
  const { instruments, expiries, underlyings } = config;
  // An underlying tick moves every expiry; a profit report tells every underlying and, after a start, some positions; a fill one.
  const records = expiries + 2 * underlyings + 4 + TOLD_AT_ONCE;
  return defineStage<PortfolioConfig>({
    name: 'portfolio',
    reads: [log, theos, orderStates],
    writes: exposures,
    ignores: [
      MessageType.BOOK_UPDATE,
      MessageType.QUOTE,
      MessageType.TRADE_RUN,
      MessageType.ORDER_REPORT,
      MessageType.SEND_REPORT,
      MessageType.REQUEST_REPORT,
      MessageType.EXPIRY_STATE,
      MessageType.ORDER_UPDATE,
      MessageType.REQUEST_UPDATE,
      MessageType.CREDIT_STATE,
    ],
    config,
    shows: [shownPositions(instruments), shownExposures(underlyings), shownProfits(underlyings), shownTieOuts()],
    burst: { records, bodyBytes: records * PortfolioWriter.LARGEST },
    stateBytes: bytesOf((cells) => memoryOf(cells, config)),
    timers: 1,
    create: (context) => new Portfolio(context),
  });
}

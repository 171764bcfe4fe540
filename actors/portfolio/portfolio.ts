import { LifeCycle } from '../../engine/market/instrument.js';
import { memoryOf } from '../../engine/market/orders/cells.js';
import { SUM, SUM_FIELDS } from '../../engine/market/portfolio/exposure-book.js';
import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import { EVENT_TIME } from '../../engine/runtime/actor/event.js';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { readDefinition } from '../stage-parts/read-definition.js';
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
import { AccountTieOut } from './account-tie-out.js';
import { MarketIntake } from './market-intake.js';
import type { PortfolioBook } from './portfolio-book.js';
import { type PortfolioConfig, portfolioMemory, SCALAR } from './portfolio-memory.js';
import { PortfolioWriter, PositionMove } from './portfolio-writer.js';
import { PAID_AT_ONCE, PositionIntake } from './position-intake.js';

const PROFIT_TIMER = 0;
/** At each report of profits. */
const TOLD_AT_ONCE = 32;

/** What is held, what it is worth, what it risks: every fill, every mark and every theoretical value passes here. */
class Portfolio implements CoreActor {
  private readonly context: CoreContext<PortfolioConfig>;
  private readonly book: PortfolioBook;
  private readonly writer: PortfolioWriter;
  private readonly market: MarketIntake;
  private readonly positions: PositionIntake;
  private readonly tieOut: AccountTieOut;
  private readonly scalars: Float64Array;
  /** [event time], for callees: a number handed to a call may be boxed. */
  private readonly now = new Float64Array(1);

  constructor(context: CoreContext<PortfolioConfig>) {
    this.context = context;
    const memory = portfolioMemory(context.state, context.config);
    this.book = memory.book;
    this.scalars = memory.scalars;
    this.writer = new PortfolioWriter(context, this.book);
    this.market = new MarketIntake(context, this.book);
    this.positions = new PositionIntake(memory, this.writer);
    this.tieOut = new AccountTieOut(context, memory, this.writer);
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    switch (type) {
      case MessageType.THEO_RUN:
        this.market.onTheos(buffer, offset + HEADER_BYTES);
        break;
      case MessageType.TICKER:
        this.market.onTicker(buffer, offset + HEADER_BYTES);
        break;
      case MessageType.FILL:
        this.positions.onFill(buffer, offset + HEADER_BYTES);
        break;
      default:
        this.onRare(type, buffer, offset);
    }
  }

  onTimer(timer: number): void {
    if (timer !== PROFIT_TIMER) return;
    this.now[0] = this.context.event.moment[EVENT_TIME]!;
    this.positions.deliverWaiting();
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
    else if (type === MessageType.INSTRUMENT_STATE) this.positions.onState(buffer, body);
    else if (type === MessageType.POSITION_REPORT) this.positions.onPositionReport(buffer, body);
    else if (type === MessageType.DELIVERY_REPORT) this.positions.onDeliveryReport(buffer, body);
    else if (type === MessageType.RECONCILE_REPORT) this.positions.onReconcile(buffer, body);
    else if (type === MessageType.ACCOUNT_REPORT) this.tieOut.onAccount(buffer, body);
    else if (type === MessageType.BOOKED_TRADE) this.positions.onBooked(buffer, body);
    else if (type === MessageType.RUN_STARTED) this.scalars[SCALAR.TO_TELL_AGAIN] = this.book.positions.held;
  }

  /** Whoever looks since this start has seen no position that did not move: what is held is told once more, some at a time. */
  private tellAgain(): void {
    const { scalars, book, writer } = this;
    for (let told = 0; told < TOLD_AT_ONCE && scalars[SCALAR.TO_TELL_AGAIN]! > 0; told++) {
      scalars[SCALAR.TO_TELL_AGAIN]! -= 1;
      const place = scalars[SCALAR.TO_TELL_AGAIN]!;
      if (place < book.positions.held) writer.tellPosition(book.positions.heldIds[place]!, PositionMove.MARK);
    }
  }

  private onDefinition(buffer: ViewBuffer, offset: number): void {
    const { id, instrument } = readDefinition(buffer, offset + HEADER_BYTES);
    // The first definition of all starts the clock of the profit reports.
    if (this.book.underlyings.size === 0) {
      this.context.schedule(PROFIT_TIMER, this.context.event.time + this.context.config.profitEverySeconds * 1e6);
    }
    this.book.define(id, instrument);
    if (instrument.state === LifeCycle.EXPIRED) this.positions.deliver(id);
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

export function portfolio(config: PortfolioConfig): CoreDefinition {
  const { instruments, expiries, underlyings } = config;
  // An underlying tick moves every expiry; a profit report tells every underlying, after a start some positions, and what is paid out late; a fill one.
  const records = expiries + 2 * underlyings + 4 + TOLD_AT_ONCE + 2 * PAID_AT_ONCE;
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
    ...memoryOf((cells) => portfolioMemory(cells, config)),
    timers: 1,
    create: (context) => new Portfolio(context),
  });
}

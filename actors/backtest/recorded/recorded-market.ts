import type { QueueRuleCode } from '../../../engine/market/fills/index.js';
import { type Instrument, InstrumentKind, LifeCycle } from '../../../engine/market/instrument.js';
import { OrderBook } from '../../../engine/market/order-book.js';
import { HEADER_BYTES } from '../../../engine/runtime/edge/record.js';
import { Bar } from '../../../schemas/generated/bar.js';
import { BookUpdate } from '../../../schemas/generated/book-update.js';
import { ChainRow } from '../../../schemas/generated/chain-row.js';
import { InstrumentState } from '../../../schemas/generated/instrument-state.js';
import { Ticker } from '../../../schemas/generated/ticker.js';
import { TopOfBook } from '../../../schemas/generated/top-of-book.js';
import { Trade } from '../../../schemas/generated/trade.js';
import { TradeRun } from '../../../schemas/generated/trade-run.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { MarginModel, OrderState, OrderType, SelfMatch, Side, TimeInForce } from '../../venue-sim/exchange/codes.js';
import { defaultConfig, type ExchangeConfig } from '../../venue-sim/exchange/config.js';
import { instrumentOf } from '../../venue-sim/exchange/contracts.js';
import { Exchange } from '../../venue-sim/exchange/exchange.js';
import { ExchangeTeller } from '../../virtual-run/exchange-teller.js';
import type { MarketTape } from '../../virtual-run/market-tape.js';
import type { RunMarket } from '../../virtual-run/run-market.js';
import { ASSUMED_FUTURES, type AssumedFutures, CarriedQuotes } from './carried-quotes.js';
import { MirroredSide } from './mirrored-side.js';
import { OwnQueues } from './own-queues.js';
import { UnderlyingBars } from './underlying-bars.js';

/** One record of market data, in the order of time. */
export interface RecordedRow {
  type: number;
  /** Microseconds since the Unix epoch. */
  eventTime: number;
  /** Bytes of the record, which begins at 0 of `buffer`. */
  length: number;
  buffer: ViewBuffer;
}

/** Recorded market data, row by row: journals, histories, imported files. */
export interface RecordedSource {
  /** What an id in the records means. */
  instrument(id: number): Instrument | undefined;
  /** The next row, which is good until the one after it is asked for; undefined at the end. */
  next(): RecordedRow | undefined;
}

export interface RecordedMarketOptions {
  source: RecordedSource;
  /** Underlying whose instruments are traded, such as BTC. */
  currency: string;
  /** Instruments that there is room for. */
  instruments: number;
  rule: QueueRuleCode;
  exponent: number;
  /** Of which only marks or bars were recorded. */
  futures?: AssumedFutures;
  config?: Partial<Omit<ExchangeConfig, 'startTime'>>;
}

/** Orders of the recording do not have to obey a band that was another one then. */
const NO_BANDS = {
  future: 100,
  optionAbove: { constant: 100, perDelta: 0, perVega: 0 },
  optionBelow: { constant: 100, perDelta: 0, perVega: 0 },
};
/** Levels of the recorded book that stand in the exchange on each side: what the core sees and can take. */
const LEVELS = 5;
/** Levels of the recorded book that are followed. */
const OPTION_DEPTH = 256;
const FUTURE_DEPTH = 4096;
const BUYER = 1;

/**
 * An exchange that relives a recording. The best levels of each recorded book stand in it as orders of one account; recorded trades reach our orders,
 * through their queues by a model, as orders of another. So everything that the exchange does to orders holds: priority, post-only, market maker protection,
 * mass quotes, fees, margin, funding, settlement, and what comes to us comes by its own matching. The recorded market does not react to us.
 *
 * A recorded price that comes through an order of ours fills it, by as much as came; what we take from a level is gone until the recording changes
 * that level. Time is that of the recorder: what it received late is as late here.
 *
 * Where tickers were not recorded, what snapshots of a chain said goes on by bars of the underlying (`CarriedQuotes`), and a bar of a future fills what
 * stood in its way from its beginning. A bar is known when it has closed.
 */
export class RecordedMarket extends ExchangeTeller implements RunMarket {
  readonly exchange: Exchange;
  readonly account: number;
  readonly bases: readonly string[];
  /** What the run drives. */
  readonly world = this;
  /** When the next row is due, milliseconds since the Unix epoch; Infinity at the end. */
  next: number;
  /** Rows played, those that were left out (other underlyings, what cannot be traded), and breaks in books. */
  rows = 0;
  leftOut = 0;
  breaks = 0;
  readonly #source: RecordedSource;
  readonly #options: RecordedMarketOptions;
  readonly #recorded: number;
  readonly #takers: number;
  #row: RecordedRow | undefined;
  /** By id of the recording: id at the exchange, -1 where it is not traded. */
  readonly #ids: number[] = [];
  /** By id at the exchange. */
  readonly #books: (OrderBook | undefined)[] = [];
  readonly #bids: MirroredSide[] = [];
  readonly #asks: MirroredSide[] = [];
  readonly #queues: OwnQueues;
  readonly #carried: CarriedQuotes;
  readonly #bars: UnderlyingBars;
  /** Whether its tickers say all that bars could. */
  #hasTickers = false;
  #tape: MarketTape | undefined;
  readonly #ticker = new Ticker();
  readonly #chainRow = new ChainRow();
  readonly #top = new TopOfBook();
  readonly #state = new InstrumentState();
  readonly #trade = new Trade();
  readonly #barRow = new Bar();
  readonly #update = new BookUpdate();

  /** @throws RangeError where the source is empty */
  constructor(options: RecordedMarketOptions) {
    super();
    const { source, currency, config } = options;
    this.#options = options;
    this.#source = source;
    this.#row = source.next();
    if (this.#row === undefined)
      throw new RangeError('the recording holds no market data: expected at least one record');
    this.next = this.#row.eventTime / 1000;
    this.bases = [currency];
    const settled = { ...defaultConfig, ...config, bands: NO_BANDS, startTime: Math.floor(this.next) };
    const known = settled.indices.some(({ base }) => base === currency);
    this.exchange = new Exchange(
      known
        ? settled
        : {
            ...settled,
            currencies: [...settled.currencies, { name: currency, decimals: 8 }],
            indices: [...settled.indices, { name: `${currency.toLowerCase()}_usd`, base: currency, price: 1 }],
          },
      this,
    );
    const open = (name: string): number =>
      this.exchange.openAccount({ name, margin: MarginModel.NONE, selfMatch: SelfMatch.CANCEL_MAKER });
    this.#recorded = open('recorded');
    this.#takers = open('recorded-takers');
    this.account = this.exchange.openAccount({
      name: 'engine',
      margin: MarginModel.NONE,
      selfMatch: SelfMatch.REJECT_TAKER,
    });
    this.#queues = new OwnQueues({
      exchange: this.exchange,
      account: this.account,
      rule: options.rule,
      exponent: options.exponent,
      levelOf: (id, side, ticks) => this.#levelOf(id, side, ticks),
    });
    this.#carried = new CarriedQuotes(this.exchange, options.futures ?? ASSUMED_FUTURES, (...touch) =>
      this.#touch(...touch),
    );
    this.#bars = new UnderlyingBars(this.exchange, currency, this.#carried);
  }

  /** Recorded trades are told through this tape. */
  tellBy(tape: MarketTape): void {
    this.#tape = tape;
  }

  /** The next row happens. */
  step(): void {
    const row = this.#row;
    if (row === undefined) return;
    this.exchange.advance(this.next);
    this.rows++;
    this.#play(row);
    this.#row = this.#source.next();
    // A recorder's clock may be set back: time here is not.
    this.next = this.#row === undefined ? Number.POSITIVE_INFINITY : Math.max(this.next, this.#row.eventTime / 1000);
  }

  override orderChanged(order: number): void {
    this.#queues.follow(order);
    super.orderChanged(order);
  }
  override traded(trade: number): void {
    // The market has heard of its trades by the recording.
    for (const listener of this.listeners) if (listener !== this.#tape) listener.traded?.(trade);
  }

  #play({ type, buffer, length }: RecordedRow): void {
    switch (type) {
      case MessageType.BOOK_UPDATE:
        this.#bookUpdate(buffer);
        return;
      case MessageType.TICKER:
        this.#tickerRow(buffer);
        return;
      case MessageType.TRADE_RUN:
        this.#trades(buffer, length);
        return;
      case MessageType.CHAIN_ROW:
        this.#chain(buffer);
        return;
      case MessageType.TOP_OF_BOOK: {
        const top = this.#top.__init(HEADER_BYTES, buffer);
        const id = this.#idOf(top.instrument());
        if (id >= 0) this.#touch(id, top.bestBidPrice(), top.bestBidAmount(), top.bestAskPrice(), top.bestAskAmount());
        return;
      }
      case MessageType.INSTRUMENT_STATE: {
        const told = this.#state.__init(HEADER_BYTES, buffer);
        const id = this.#idOf(told.instrument());
        if (id >= 0) this.#become(id, told.state());
        return;
      }
      case MessageType.BAR:
        this.#bar(buffer);
        return;
      default:
        // Index levels: tickers and chains bring the index that the venue settles on.
        this.leftOut++;
    }
  }

  #bookUpdate(buffer: ViewBuffer): void {
    const id = this.#idOf(this.#update.__init(HEADER_BYTES, buffer).instrument());
    if (id < 0) return;
    const { instruments } = this.exchange;
    let book = this.#books[id];
    if (book === undefined) {
      const depth = instruments.isFuture[id] === 1 ? FUTURE_DEPTH : OPTION_DEPTH;
      book = new OrderBook({ tick: instruments.ticks[id]!, lot: instruments.lots[id]!, depth, reserve: 1 });
      this.#books[id] = book;
    }
    const wasLive = book.live;
    book.apply(buffer.view, 0);
    if (wasLive && !book.live) this.breaks++;
    this.#showBook(id);
    this.#queues.bookChanged(id);
  }

  /** The best levels of the recorded book stand in the exchange; none of a book that is broken. */
  #showBook(id: number): void {
    const book = this.#books[id]!;
    const bids = this.#bids[id]!;
    const asks = this.#asks[id]!;
    bids.begin();
    asks.begin();
    if (book.live && !book.crossed) {
      bids.want(book.bids, 1, LEVELS);
      asks.want(book.asks, -1, LEVELS);
    }
    // What goes first makes room: a bid must not meet an offer that is not there any more.
    bids.withdraw();
    asks.withdraw();
    bids.place();
    asks.place();
  }

  /** A ticker's touch, for instruments whose book is not recorded. */
  #touch(id: number, bid: number, bidAmount: number, ask: number, askAmount: number): void {
    if (this.#books[id] !== undefined) return;
    const { instruments } = this.exchange;
    const grid = instruments.ticks[id]!;
    const lots = (amount: number): number => Math.max(1, instruments.lots[id]!.nearest(amount > 0 ? amount : 0));
    const bids = this.#bids[id]!;
    const asks = this.#asks[id]!;
    bids.begin();
    asks.begin();
    const isCrossed = bid > 0 && ask > 0 && bid >= ask;
    if (bid > 0 && !isCrossed) bids.wantOne(grid.nearest(bid), lots(bidAmount));
    if (ask > 0 && !isCrossed) asks.wantOne(grid.nearest(ask), lots(askAmount));
    bids.withdraw();
    asks.withdraw();
    bids.place();
    asks.place();
    this.#queues.bookChanged(id);
  }

  #tickerRow(buffer: ViewBuffer): void {
    const ticker = this.#ticker.__init(HEADER_BYTES, buffer);
    const id = this.#idOf(ticker.instrument());
    if (id < 0) return;
    const { exchange } = this;
    const { instruments } = exchange;
    this.#hasTickers = true;
    this.#index(id, ticker.indexPrice());
    const mark = ticker.markPrice();
    if (instruments.isFuture[id] === 1) {
      if (mark > 0) exchange.setFutureMark(id, mark);
      if (instruments.kind[id] === InstrumentKind.PERPETUAL && Number.isFinite(ticker.funding8h()))
        exchange.setFundingRate(id, ticker.funding8h());
    } else if (ticker.underlyingPrice() > 0 && ticker.markIv() > 0) {
      exchange.setOptionMark(id, ticker.underlyingPrice(), ticker.markIv());
    }
    this.#become(id, ticker.state());
    const state = ticker.state();
    if (state === LifeCycle.OPEN || state === LifeCycle.UNKNOWN)
      this.#touch(id, ticker.bestBidPrice(), ticker.bestBidAmount(), ticker.bestAskPrice(), ticker.bestAskAmount());
  }

  #chain(buffer: ViewBuffer): void {
    const row = this.#chainRow.__init(HEADER_BYTES, buffer);
    const id = this.#idOf(row.instrument());
    if (id < 0) return;
    this.#index(id, row.indexPrice());
    if (this.exchange.instruments.isFuture[id] === 1) {
      const isQuoted = row.bidPrice() > 0 || row.askPrice() > 0;
      if (row.markPrice() > 0) {
        if (isQuoted) this.exchange.setFutureMark(id, row.markPrice());
        else this.#carried.future(id, row.markPrice());
      }
      if (isQuoted) this.#touch(id, row.bidPrice(), row.bidAmount(), row.askPrice(), row.askAmount());
      return;
    }
    if (row.underlyingPrice() > 0 && row.markIv() > 0)
      this.exchange.setOptionMark(id, row.underlyingPrice(), row.markIv());
    this.#carried.option(id, row.bidPrice(), row.bidAmount(), row.askPrice(), row.askAmount());
  }

  /** A bar has closed. Where tickers are recorded they have said it already, and better. */
  #bar(buffer: ViewBuffer): void {
    const bar = this.#barRow.__init(HEADER_BYTES, buffer);
    const recorded = bar.instrument();
    const instrument = this.#source.instrument(recorded);
    const isHeard = this.#bars.isHeard(recorded, instrument, bar.resolution());
    if (!isHeard || this.#hasTickers) {
      this.leftOut++;
      return;
    }
    const isTraded = this.#ids[recorded] !== undefined || this.#tradable(instrument!) !== undefined;
    const id = isTraded ? this.#idOf(recorded) : -1;
    if (id >= 0) {
      this.#passThrough(id, bar.low(), bar.high(), bar.openTime() / 1000);
      this.#carried.future(id, bar.close());
    }
    this.#bars.move(recorded, id, bar.close());
  }

  /** A bar of a future has been to two extremes: what stood between them from its beginning was in the way. */
  #passThrough(id: number, low: number, high: number, opened: number): void {
    const { orders, instruments } = this.exchange;
    const lowest = instruments.ticks[id]!.nearest(low);
    const highest = instruments.ticks[id]!.nearest(high);
    for (let slot = this.#queues.first(id); slot >= 0; ) {
      const after = orders.after[slot]!;
      const isBuy = orders.side[slot] === Side.BUY;
      const isPassed = isBuy ? orders.ticks[slot]! > lowest : orders.ticks[slot]! < highest;
      if (isPassed && orders.state[slot] === OrderState.OPEN && this.#queues.since(slot) <= opened)
        this.#fill(id, slot, orders.lots[slot]!, isBuy ? Side.SELL : Side.BUY);
      slot = after;
    }
  }

  #index(id: number, price: number): void {
    if (!(price > 0)) return;
    this.#bars.isIndexTold = true;
    this.exchange.setIndex(this.exchange.instruments.index[id]!, price);
  }

  /** Halts and openings are the recording's; the end of an instrument is the exchange's own doing. */
  #become(id: number, state: number): void {
    if (state !== LifeCycle.OPEN && state !== LifeCycle.HALTED) return;
    const { instruments } = this.exchange;
    const now = instruments.state[id]!;
    if (now === state || (now !== LifeCycle.OPEN && now !== LifeCycle.HALTED)) return;
    this.exchange.setInstrumentState(id, state);
  }

  #trades(buffer: ViewBuffer, length: number): void {
    const count = buffer.view.getUint32(HEADER_BYTES, true);
    const first = HEADER_BYTES + TradeRun.sizeOf();
    for (let place = 0; place < count && first + (place + 1) * Trade.sizeOf() <= length; place++) {
      const trade = this.#trade.__init(first + place * Trade.sizeOf(), buffer);
      const id = this.#idOf(trade.instrument());
      if (id < 0) continue;
      const { instruments } = this.exchange;
      const ticks = instruments.ticks[id]!.nearest(trade.price());
      const lots = Math.max(1, instruments.lots[id]!.nearest(trade.amount()));
      const isBuy = (trade.flags() & 3) === BUYER;
      this.#tell(id, buffer, first + place * Trade.sizeOf());
      this.#reach(id, ticks, lots, isBuy ? Side.BUY : Side.SELL);
    }
  }

  /** The market hears of a recorded trade. */
  #tell(id: number, buffer: ViewBuffer, at: number): void {
    const tape = this.#tape;
    if (tape === undefined) return;
    const body = tape.openTrade();
    const { view } = tape.lane.buffer;
    for (let byte = 0; byte < Trade.sizeOf(); byte += 4)
      view.setUint32(body + byte, buffer.view.getUint32(at + byte, true), true);
    view.setUint32(body, id, true);
    tape.sendTrade();
  }

  /** A recorded trade reaches what of ours stands at its price, behind the queue, or at a worse price for it. */
  #reach(id: number, ticks: number, lots: number, takerSide: number): void {
    const { orders } = this.exchange;
    const side = takerSide === Side.BUY ? Side.SELL : Side.BUY;
    for (let slot = this.#queues.first(id); slot >= 0; ) {
      const after = orders.after[slot]!;
      if (orders.side[slot] === side && orders.state[slot] === OrderState.OPEN) {
        const own = orders.ticks[slot]!;
        if (side === Side.BUY ? ticks < own : ticks > own) this.#fill(id, slot, orders.lots[slot]!, takerSide);
        else if (ticks === own) {
          const whole = this.#queues.reached(slot, lots);
          if (whole > 0) this.#fill(id, slot, whole, takerSide);
        }
      }
      slot = after;
    }
  }

  /** Lots of an order of ours are taken: what of the recording stands before it gives way for the moment. */
  #fill(id: number, slot: number, lots: number, takerSide: number): void {
    const mirrored = takerSide === Side.BUY ? this.#asks[id]! : this.#bids[id]!;
    const ticks = this.exchange.orders.ticks[slot]!;
    mirrored.giveWay(ticks);
    this.exchange.place(
      this.#takers,
      id,
      takerSide,
      OrderType.LIMIT,
      ticks,
      lots,
      TimeInForce.IMMEDIATE_OR_CANCEL,
      0,
      0,
    );
    mirrored.place();
  }

  /** Lots of others at a price, by the recording. */
  #levelOf(id: number, side: number, ticks: number): number {
    const book = this.#books[id];
    if (book !== undefined) return side === Side.BUY ? book.bids.at(ticks) : book.asks.at(-ticks);
    return (side === Side.BUY ? this.#bids[id]! : this.#asks[id]!).recordedAt(ticks);
  }

  /** The exchange's id of an instrument of the recording, which is listed where it is first heard of; -1 where it is not traded. */
  #idOf(recorded: number): number {
    const known = this.#ids[recorded];
    if (known !== undefined) {
      if (known < 0) this.leftOut++;
      else if (this.exchange.instruments.state[known] === LifeCycle.EXPIRED) return -1;
      return known;
    }
    const instrument = this.#source.instrument(recorded);
    const definition = instrument === undefined ? undefined : this.#tradable(instrument);
    if (definition === undefined) {
      this.#ids[recorded] = -1;
      this.leftOut++;
      return -1;
    }
    const { exchange } = this;
    const id = exchange.list(definition);
    this.#ids[recorded] = id;
    this.#bids[id] = new MirroredSide(exchange, this.#recorded, id, Side.BUY, LEVELS);
    this.#asks[id] = new MirroredSide(exchange, this.#recorded, id, Side.SELL, LEVELS);
    return id;
  }

  /** What an instrument is to be traded as; undefined for what is not: other underlyings, combinations, what has expired. */
  #tradable(instrument: Instrument): Instrument | undefined {
    const { kind, baseCurrency, inverse, expiry, name } = instrument;
    const { currency, instruments } = this.#options;
    const isKnown =
      kind === InstrumentKind.OPTION || kind === InstrumentKind.FUTURE || kind === InstrumentKind.PERPETUAL;
    if (!isKnown || baseCurrency !== currency || !inverse || expiry / 1000 <= this.exchange.now) return undefined;
    // The last ids are the indices'.
    if (this.exchange.instruments.size >= instruments - this.exchange.config.indices.length) return undefined;
    const usual = instrumentOf(name);
    const isComplete = Number.isFinite(instrument.makerFee) && Number.isFinite(instrument.takerFee);
    // Of files only the name is known; the venue's usual terms stand for the rest.
    return isComplete
      ? { ...instrument, priceIndex: usual.priceIndex, state: LifeCycle.OPEN }
      : { ...usual, created: this.exchange.now * 1000 };
  }
}

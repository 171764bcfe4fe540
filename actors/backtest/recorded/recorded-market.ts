import type { QueueRuleCode } from '../../../engine/market/fills/index.js';
import { InstrumentKind, LifeCycle } from '../../../engine/market/instrument.js';
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
import { MarginModel, SelfMatch, Side } from '../../venue-sim/exchange/codes.js';
import { defaultConfig, type ExchangeConfig } from '../../venue-sim/exchange/config.js';
import { Exchange } from '../../venue-sim/exchange/exchange.js';
import { ExchangeTeller } from '../../virtual-run/exchange-teller.js';
import type { MarketTape } from '../../virtual-run/market-tape.js';
import type { RunMarket } from '../../virtual-run/run-market.js';
import { ASSUMED_FUTURES, type AssumedFutures, CarriedQuotes } from './carried-quotes.js';
import { MirroredBooks } from './mirrored-books.js';
import { OwnFills } from './own-fills.js';
import { OwnQueues } from './own-queues.js';
import { RecordedListing } from './recorded-listing.js';
import type { RecordedRow, RecordedSource } from './recorded-source.js';
import { UnderlyingBars } from './underlying-bars.js';

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
  /** Rows played. */
  rows = 0;
  readonly #source: RecordedSource;
  /** Rows of what nobody needs. */
  #unused = 0;
  #row: RecordedRow | undefined;
  readonly #listing: RecordedListing;
  readonly #books: MirroredBooks;
  readonly #fills: OwnFills;
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
    const recorded = open('recorded');
    const takers = open('recorded-takers');
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
      levelOf: (id, side, ticks) => this.#books.levelOf(id, side, ticks),
    });
    this.#books = new MirroredBooks(this.exchange, recorded, (id) => this.#queues.bookChanged(id));
    this.#fills = new OwnFills(this.exchange, takers, this.#queues, this.#books);
    this.#listing = new RecordedListing({
      exchange: this.exchange,
      source,
      currency,
      instruments: options.instruments,
      listed: (id) => this.#books.list(id),
    });
    this.#carried = new CarriedQuotes(this.exchange, options.futures ?? ASSUMED_FUTURES, (...touch) =>
      this.#books.touch(...touch),
    );
    this.#bars = new UnderlyingBars(this.exchange, currency, this.#carried);
  }

  /** Rows that were left out: other underlyings, what cannot be traded. */
  get leftOut(): number {
    return this.#unused + this.#listing.leftOut;
  }

  /** Breaks in books. */
  get breaks(): number {
    return this.#books.breaks;
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
        const id = this.#listing.idOf(top.instrument());
        if (id >= 0)
          this.#books.touch(id, top.bestBidPrice(), top.bestBidAmount(), top.bestAskPrice(), top.bestAskAmount());
        return;
      }
      case MessageType.INSTRUMENT_STATE: {
        const told = this.#state.__init(HEADER_BYTES, buffer);
        const id = this.#listing.idOf(told.instrument());
        if (id >= 0) this.#become(id, told.state());
        return;
      }
      case MessageType.BAR:
        this.#bar(buffer);
        return;
      default:
        // Index levels: tickers and chains bring the index that the venue settles on.
        this.#unused++;
    }
  }

  #bookUpdate(buffer: ViewBuffer): void {
    const id = this.#listing.idOf(this.#update.__init(HEADER_BYTES, buffer).instrument());
    if (id >= 0) this.#books.update(id, buffer.view);
  }

  #tickerRow(buffer: ViewBuffer): void {
    const ticker = this.#ticker.__init(HEADER_BYTES, buffer);
    const id = this.#listing.idOf(ticker.instrument());
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
      this.#books.touch(
        id,
        ticker.bestBidPrice(),
        ticker.bestBidAmount(),
        ticker.bestAskPrice(),
        ticker.bestAskAmount(),
      );
  }

  #chain(buffer: ViewBuffer): void {
    const row = this.#chainRow.__init(HEADER_BYTES, buffer);
    const id = this.#listing.idOf(row.instrument());
    if (id < 0) return;
    this.#index(id, row.indexPrice());
    if (this.exchange.instruments.isFuture[id] === 1) {
      const isQuoted = row.bidPrice() > 0 || row.askPrice() > 0;
      if (row.markPrice() > 0) {
        if (isQuoted) this.exchange.setFutureMark(id, row.markPrice());
        else this.#carried.future(id, row.markPrice());
      }
      if (isQuoted) this.#books.touch(id, row.bidPrice(), row.bidAmount(), row.askPrice(), row.askAmount());
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
      this.#unused++;
      return;
    }
    const id = this.#listing.isTraded(recorded, instrument!) ? this.#listing.idOf(recorded) : -1;
    if (id >= 0) {
      this.#fills.passThrough(id, bar.low(), bar.high(), bar.openTime() / 1000);
      this.#carried.future(id, bar.close());
    }
    this.#bars.move(recorded, id, bar.close());
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
      const id = this.#listing.idOf(trade.instrument());
      if (id < 0) continue;
      const { instruments } = this.exchange;
      const ticks = instruments.ticks[id]!.nearest(trade.price());
      const lots = Math.max(1, instruments.lots[id]!.nearest(trade.amount()));
      const isBuy = (trade.flags() & 3) === BUYER;
      this.#tell(id, buffer, first + place * Trade.sizeOf());
      this.#fills.reach(id, ticks, lots, isBuy ? Side.BUY : Side.SELL);
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
}

import { type Instrument, InstrumentKind, LifeCycle } from '../../engine/market/instrument.js';
import { encodeInstrument } from '../../engine/market/instrument-codec.js';
import { inverseImpliedVol } from '../../engine/quant/implied-vol/index.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { BookUpdate } from '../../schemas/generated/book-update.js';
import { IndexLevel } from '../../schemas/generated/index-level.js';
import { InstrumentState } from '../../schemas/generated/instrument-state.js';
import { Level } from '../../schemas/generated/level.js';
import { Ticker } from '../../schemas/generated/ticker.js';
import { Trade } from '../../schemas/generated/trade.js';
import { TradeRun } from '../../schemas/generated/trade-run.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { DefinitionMemory } from '../feed/entry/definition-memory.js';
import { rounded } from '../venue-sim/api/encode/number.js';
import { type Chaos, MessageFate, MessageKind } from '../venue-sim/chaos/chaos.js';
import { Side } from '../venue-sim/exchange/codes.js';
import type { Exchange } from '../venue-sim/exchange/exchange.js';
import type { LatencySource } from '../venue-sim/latency.js';
import { RecordLane } from './record-lane.js';

/** How often each kind of instrument's ticker is told, milliseconds: the venue's own pace would drown a core in marks. */
export interface TickerPace {
  option: number;
  /** Futures and perpetuals, and the indices. */
  future: number;
}

export interface MarketTapeOptions {
  /** Ids that there is room for: the venue's instruments from 0 on, the indices at the end. */
  instruments: number;
  pace: TickerPace;
  latency: LatencySource;
  chaos: Chaos;
}

const SNAPSHOT = 1;
const CHANGE = 2;
const VENUE = 1;
const MS_PER_YEAR = 365 * 86_400_000;
/** A feed that has lost a change asks for the whole book, and has it after this long, milliseconds. */
const RENEWAL_MS = 200;
/** Codes of `underlying` in tickers. */
const LISTED_FUTURE = 1;
const SYNTHETIC = 2;
/** Index levels are prices, not volatilities. */
const INDEX_PRICE = 1;
const BUYER = 1;
const SELLER = 2;

/**
 * The venue's market data as a feed would put it into the log, written straight from the exchange as it happens: no socket, no JSON. What
 * costs much and no stage of the core reads (the venue's Greeks but delta, statistics of the day) is left out, as NaN.
 */
export class MarketTape {
  readonly lane = new RecordLane();
  /** What execution and others know instruments by. */
  readonly definitions: DefinitionMemory;
  readonly #exchange: Exchange;
  readonly #instruments: number;
  readonly #pace: TickerPace;
  readonly #latency: LatencySource;
  readonly #chaos: Chaos;
  /** Ids whose tickers are told, by their pace, and whose turn is next. */
  readonly #options: number[] = [];
  readonly #futures: number[] = [];
  #option = 0;
  #future = 0;
  /** When the next ticker of an option, of a future, and the next index are due; milliseconds. */
  readonly #due = new Float64Array(3);
  /** Instruments whose book is asked for anew, and when it comes. */
  #renewals: { instrument: number; due: number }[] = [];
  readonly #indexKnown: boolean[] = [];
  readonly #update = new BookUpdate();
  readonly #level = new Level();
  readonly #ticker = new Ticker();
  readonly #trade = new Trade();
  /** 1 where the expiry's future is listed, 2 where it is not, 0 unknown; by instrument. */
  readonly #underlying: Uint8Array;
  #isOn = false;

  constructor(exchange: Exchange, { instruments, pace, latency, chaos }: MarketTapeOptions) {
    this.#exchange = exchange;
    this.#instruments = instruments;
    this.#pace = pace;
    this.#latency = latency;
    this.#chaos = chaos;
    this.#underlying = new Uint8Array(instruments);
    this.definitions = DefinitionMemory.create(instruments);
  }

  /** When the tape next has something to say by itself, milliseconds. */
  get next(): number {
    const due = this.#due;
    let next = due[0]! < due[1]! ? due[0]! : due[1]!;
    if (due[2]! < next) next = due[2]!;
    for (let index = 0; index < this.#renewals.length; index++) {
      if (this.#renewals[index]!.due < next) next = this.#renewals[index]!.due;
    }
    return next;
  }

  /** Begins to tell of the market, its instruments and their books first; after a restart of the engine again. */
  begin(): void {
    const { instruments, now } = this.#exchange;
    this.lane.clear();
    this.#renewals = [];
    this.#isOn = true;
    this.#due.fill(now);
    for (let id = 0; id < instruments.size; id++) {
      if (instruments.state[id] === LifeCycle.EXPIRED) continue;
      this.#define(id);
      this.#snapshot(id);
      this.#tell(id);
    }
  }

  /** The engine is gone: nobody listens. */
  end(): void {
    this.#isOn = false;
    this.lane.clear();
    this.#due.fill(Number.POSITIVE_INFINITY);
    this.#renewals = [];
  }

  /** Says what is due. */
  act(): void {
    const now = this.#exchange.now;
    const due = this.#due;
    if (due[0]! <= now) due[0] = now + this.#nextTicker(this.#options, this.#option++, this.#pace.option);
    if (due[1]! <= now) due[1] = now + this.#nextTicker(this.#futures, this.#future++, this.#pace.future);
    if (due[2]! <= now) {
      due[2] = now + this.#pace.future;
      for (let index = 0; index < this.#indexKnown.length; index++) if (this.#indexKnown[index]) this.#tellIndex(index);
    }
    if (this.#renewals.length === 0) return;
    for (const { instrument, due: at } of this.#renewals) if (at <= now) this.#snapshot(instrument);
    this.#renewals = this.#renewals.filter(({ due: at }) => at > now);
  }

  instrumentChanged(id: number): void {
    const { instruments } = this.#exchange;
    if (!this.#isOn || instruments.isCombo[id] === 1) return;
    const state = instruments.state[id]!;
    if (!this.#options.includes(id) && !this.#futures.includes(id) && state !== LifeCycle.EXPIRED) {
      this.#define(id);
      this.#snapshot(id);
    }
    // The delivery price first: whoever settles needs it.
    this.#tell(id);
    const { lane } = this;
    const at = this.#open(MessageType.INSTRUMENT_STATE, InstrumentState.sizeOf());
    const told = new InstrumentState().__init(at, lane.buffer);
    told.mutate_instrument(id);
    told.mutate_state(state);
    told.mutate_venueTime(this.#exchange.now * 1000);
    this.#send();
    if (state !== LifeCycle.EXPIRED) return;
    for (const list of [this.#options, this.#futures]) {
      const place = list.indexOf(id);
      if (place >= 0) list.splice(place, 1);
    }
  }

  bookChanged(id: number, count: number): void {
    const exchange = this.#exchange;
    if (!this.#isOn || exchange.instruments.isCombo[id] === 1) return;
    if (this.#chaos.isOn && this.#chaos.message(MessageKind.BOOK_CHANGE) === MessageFate.DROP) {
      this.#renewals.push({ instrument: id, due: exchange.now + RENEWAL_MS });
      return;
    }
    const { changes, books, instruments } = exchange;
    const body = this.#open(MessageType.BOOK_UPDATE, BookUpdate.sizeOf() + count * Level.sizeOf());
    const { buffer } = this.lane;
    let bids = 0;
    for (let index = 0; index < count; index++) if (changes.side[index] === Side.BUY) bids++;
    this.#head(buffer, body, id, CHANGE, bids, count - bids, books.previousChangeId(id));
    let bid = 0;
    let ask = bids;
    for (let index = 0; index < count; index++) {
      const place = changes.side[index] === Side.BUY ? bid++ : ask++;
      const level = this.#level.__init(body + BookUpdate.sizeOf() + place * Level.sizeOf(), buffer);
      level.mutate_price(instruments.priceOf(id, changes.ticks[index]!));
      level.mutate_amount(instruments.amountOf(id, changes.after[index]!));
    }
    this.#send();
  }

  traded(trade: number): void {
    const { trades, instruments } = this.#exchange;
    const slot = trades.slotOf(trade);
    const id = trades.instrument[slot]!;
    if (!this.#isOn || instruments.isCombo[id] === 1) return;
    const body = this.#open(MessageType.TRADE_RUN, TradeRun.sizeOf() + Trade.sizeOf());
    const { buffer } = this.lane;
    new TradeRun().__init(body, buffer).mutate_count(1);
    const told = this.#trade.__init(body + TradeRun.sizeOf(), buffer);
    told.mutate_instrument(id);
    told.mutate_flags((trades.takerSide[slot] === Side.BUY ? BUYER : SELLER) | (trades.tickDirection[slot]! << 6));
    told.mutate_price(trades.price[slot]!);
    told.mutate_amount(instruments.amountOf(id, trades.lots[slot]!));
    told.mutate_tradeId(trade);
    told.mutate_tradeSeq(trades.sequence[slot]!);
    told.mutate_exchangeTime(Math.floor(trades.time[slot]!) * 1000);
    told.mutate_indexPrice(rounded(trades.indexPrice[slot]!, 2));
    told.mutate_markPrice(trades.markPrice[slot]!);
    told.mutate_iv(Number.NaN);
    this.#send();
  }

  /** Room for a trade that did not happen on the exchange: where its Trade begins in the lane's buffer. `sendTrade` tells it. */
  openTrade(): number {
    const body = this.#open(MessageType.TRADE_RUN, TradeRun.sizeOf() + Trade.sizeOf());
    new TradeRun().__init(body, this.lane.buffer).mutate_count(1);
    return body + TradeRun.sizeOf();
  }

  sendTrade(): void {
    this.#send();
  }

  #nextTicker(ids: readonly number[], turn: number, pace: number): number {
    if (ids.length === 0) return pace;
    this.#tell(ids[turn % ids.length]!);
    return pace / ids.length;
  }

  #define(id: number): void {
    const { instruments } = this.#exchange;
    const definition = instruments.definitions[id]!;
    if (instruments.isCombo[id] === 1) return;
    this.#write(id, definition);
    const list = definition.kind === InstrumentKind.OPTION ? this.#options : this.#futures;
    if (!list.includes(id)) {
      list.push(id);
      this.definitions.add(id, definition);
    }
    const index = instruments.index[id]!;
    if (this.#indexKnown[index] === true) return;
    this.#indexKnown[index] = true;
    this.#write(this.#indexId(index), indexDefinition(definition));
  }

  #write(id: number, definition: Instrument): void {
    if (id >= this.#instruments) {
      throw new RangeError(
        `there is room for ${this.#instruments} instruments, found '${definition.name}' with id ${id}`,
      );
    }
    const bytes = encodeInstrument(id, definition);
    const body = this.#open(MessageType.INSTRUMENT_DEFINITION, bytes.length);
    const { view } = this.lane.buffer;
    bytes.forEach((byte, place) => {
      view.setUint8(body + place, byte);
    });
    this.#send();
  }

  #snapshot(id: number): void {
    const { books, instruments } = this.#exchange;
    if (instruments.isCombo[id] === 1) return;
    const bids = books.depth(id, Side.BUY);
    const asks = books.depth(id, Side.SELL);
    const body = this.#open(MessageType.BOOK_UPDATE, BookUpdate.sizeOf() + (bids + asks) * Level.sizeOf());
    const { buffer } = this.lane;
    this.#head(buffer, body, id, SNAPSHOT, bids, asks, Number.NaN);
    for (let place = 0; place < bids + asks; place++) {
      const side = place < bids ? Side.BUY : Side.SELL;
      const from = books.level(id, side, place < bids ? place : place - bids);
      const level = this.#level.__init(body + BookUpdate.sizeOf() + place * Level.sizeOf(), buffer);
      level.mutate_price(instruments.priceOf(id, books.levelTicks[from]!));
      level.mutate_amount(instruments.amountOf(id, books.levelLots[from]!));
    }
    this.#send();
  }

  #head(
    buffer: ViewBuffer,
    body: number,
    id: number,
    kind: number,
    bids: number,
    asks: number,
    previousChangeId: number,
  ): void {
    const update = this.#update.__init(body, buffer);
    update.mutate_instrument(id);
    update.mutate_kind(kind);
    update.mutate_changeId(this.#exchange.books.changeId(id));
    update.mutate_firstChangeId(Number.NaN);
    update.mutate_previousChangeId(previousChangeId);
    update.mutate_bidCount(bids);
    update.mutate_askCount(asks);
  }

  /** The ticker of an instrument as it stands. */
  #tell(id: number): void {
    const { instruments, books, indices, now } = this.#exchange;
    if (instruments.isCombo[id] === 1) return;
    const body = this.#open(MessageType.TICKER, Ticker.sizeOf());
    const { view } = this.lane.buffer;
    for (let field = 8; field < Ticker.sizeOf(); field += 8) view.setFloat64(body + field, Number.NaN, true);
    const told = this.#ticker.__init(body, this.lane.buffer);
    told.mutate_instrument(id);
    told.mutate_state(instruments.state[id]!);
    const bid = books.best(id, Side.BUY);
    const ask = books.best(id, Side.SELL);
    const bidPrice = bid < 0 ? 0 : instruments.priceOf(id, books.levelTicks[bid]!);
    const askPrice = ask < 0 ? 0 : instruments.priceOf(id, books.levelTicks[ask]!);
    told.mutate_bestBidPrice(bidPrice);
    told.mutate_bestBidAmount(bid < 0 ? 0 : instruments.amountOf(id, books.levelLots[bid]!));
    told.mutate_bestAskPrice(askPrice);
    told.mutate_bestAskAmount(ask < 0 ? 0 : instruments.amountOf(id, books.levelLots[ask]!));
    told.mutate_lastPrice(instruments.lastPrice[id]!);
    told.mutate_indexPrice(rounded(indices.prices[instruments.index[id]!]!, 2));
    told.mutate_openInterest(instruments.amountOf(id, instruments.openInterest[id]!));
    told.mutate_settlementPrice(instruments.settlementPrice[id]!);
    const delivery = instruments.deliveryPrice[id]!;
    told.mutate_deliveryPrice(
      Number.isNaN(delivery) ? rounded(indices.estimatedDelivery(instruments.index[id]!), 2) : delivery,
    );
    told.mutate_minPrice(instruments.priceOf(id, instruments.lowestAsk(id, now)));
    told.mutate_maxPrice(instruments.priceOf(id, instruments.highestBid(id, now)));
    const mark = instruments.mark(id, now);
    if (instruments.isFuture[id] === 1) {
      told.mutate_markPrice(rounded(mark, 2));
      if (instruments.kind[id] === InstrumentKind.PERPETUAL) {
        told.mutate_currentFunding(rounded(instruments.fundingRate[id]!, 8));
        told.mutate_funding8h(rounded(instruments.fundingRate[id]!, 8));
      }
    } else this.#tellOption(told, id, mark, bidPrice, askPrice);
    this.#send();
  }

  #tellOption(told: Ticker, id: number, mark: number, bid: number, ask: number): void {
    const { instruments, now } = this.#exchange;
    const forward = instruments.forward[id]!;
    const strike = instruments.strike[id]!;
    const years = Math.max(0, instruments.expiry[id]! - now) / MS_PER_YEAR;
    const isCall = instruments.isCall[id] === 1;
    const isInverse = instruments.inverse[id] === 1;
    told.mutate_underlying(this.#underlyingOf(id));
    told.mutate_markPrice(rounded(mark, isInverse ? 6 : 4));
    told.mutate_markIv(rounded(100 * instruments.volatility[id]!, 2) / 100);
    told.mutate_underlyingPrice(rounded(forward, 4));
    told.mutate_interestRate(0);
    told.mutate_delta(rounded(instruments.delta(id, now), 5));
    if (!isInverse) return;
    told.mutate_bidIv(bid > 0 ? volOr0(inverseImpliedVol(bid, forward, strike, years, isCall)) : 0);
    told.mutate_askIv(ask > 0 ? volOr0(inverseImpliedVol(ask, forward, strike, years, isCall)) : 0);
  }

  /** What the forward of an option's expiry is: that of a listed future, or one that the venue makes. */
  #underlyingOf(id: number): number {
    const known = this.#underlying[id]!;
    if (known > 0) return known;
    const { instruments } = this.#exchange;
    const future = instruments.idOf(instruments.definitions[id]!.name.split('-').slice(0, 2).join('-'));
    const isListed = future >= 0 && instruments.state[future] !== LifeCycle.EXPIRED;
    this.#underlying[id] = isListed ? LISTED_FUTURE : SYNTHETIC;
    return this.#underlying[id]!;
  }

  #tellIndex(index: number): void {
    const body = this.#open(MessageType.INDEX_LEVEL, IndexLevel.sizeOf());
    const level = new IndexLevel().__init(body, this.lane.buffer);
    level.mutate_index(this.#indexId(index));
    level.mutate_kind(INDEX_PRICE);
    level.mutate_value(rounded(this.#exchange.indices.prices[index]!, 2));
    this.#send();
  }

  #indexId(index: number): number {
    return this.#instruments - 1 - index;
  }

  #open(type: number, bytes: number): number {
    const { lane } = this;
    const at = lane.open(type, bytes);
    const { view } = lane.buffer;
    view.setFloat64(at + HeaderOffset.EXCHANGE_TIME, this.#exchange.now * 1000, true);
    view.setUint16(at + HeaderOffset.VENUE, VENUE, true);
    return at + HEADER_BYTES;
  }

  #send(): void {
    this.lane.send(this.#exchange.now + this.#latency.next());
  }
}

function volOr0(vol: number): number {
  return vol > 0 && vol < Number.POSITIVE_INFINITY ? vol : 0;
}

function indexDefinition(of: Instrument): Instrument {
  const { right: _, ...rest } = of;
  return {
    ...rest,
    kind: InstrumentKind.INDEX,
    name: of.priceIndex,
    strike: Number.NaN,
    expiry: Number.POSITIVE_INFINITY,
    tickSteps: [],
    legs: [],
  };
}

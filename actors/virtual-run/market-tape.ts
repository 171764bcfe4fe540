import { type Instrument, InstrumentKind, LifeCycle } from '../../engine/market/instrument.js';
import { encodeInstrument } from '../../engine/market/instrument-codec.js';
import { HEADER_BYTES, type RecordHandler } from '../../engine/runtime/edge/record.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { IndexLevel } from '../../schemas/generated/index-level.js';
import { InstrumentState } from '../../schemas/generated/instrument-state.js';
import { Trade } from '../../schemas/generated/trade.js';
import { TradeRun } from '../../schemas/generated/trade-run.js';
import { MessageType } from '../../schemas/message-type.js';
import { BookState } from '../book/book.js';
import { DefinitionMemory } from '../feed/entry/definition-memory.js';
import { rounded } from '../venue-sim/api/encode/number.js';
import { type Chaos, MessageFate, MessageKind } from '../venue-sim/chaos/chaos.js';
import { Side } from '../venue-sim/exchange/codes.js';
import type { Exchange } from '../venue-sim/exchange/exchange.js';
import type { LatencySource } from '../venue-sim/latency.js';
import { BookTape } from './book-tape.js';
import type { RecordLane } from './record-lane.js';
import { TapeWriter } from './tape-writer.js';
import { TickerTape } from './ticker-tape.js';

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

/** A feed whose book is not to be used any more asks for the whole one, and has it after this long, milliseconds. */
const RENEWAL_MS = 200;
/** Index levels are prices, not volatilities. */
const INDEX_PRICE = 1;
const BUYER = 1;
const SELLER = 2;

/**
 * The venue's market data as a feed would put it into the log, written straight from the exchange as it happens: no socket, no JSON. What
 * costs much and no stage of the core reads (the venue's Greeks but delta, statistics of the day) is left out, as NaN.
 */
export class MarketTape {
  readonly lane: RecordLane;
  /** What execution and others know instruments by. */
  readonly definitions: DefinitionMemory;
  readonly #exchange: Exchange;
  readonly #instruments: number;
  readonly #pace: TickerPace;
  readonly #tape: TapeWriter;
  readonly #tickers: TickerTape;
  readonly #books: BookTape;
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
  readonly #trade = new Trade();
  readonly #top = new BookTop();
  #isOn = false;

  constructor(exchange: Exchange, { instruments, pace, latency, chaos }: MarketTapeOptions) {
    this.#exchange = exchange;
    this.#instruments = instruments;
    this.#pace = pace;
    this.#tape = new TapeWriter(exchange, latency);
    this.lane = this.#tape.lane;
    this.#tickers = new TickerTape(exchange, this.#tape, instruments);
    this.#books = new BookTape(exchange, this.#tape);
    this.#chaos = chaos;
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
    // What ended while nobody listened: a feed says so once it has seen that the venue lists it no more.
    for (const id of [...this.#options, ...this.#futures]) {
      if (instruments.state[id] === LifeCycle.EXPIRED) this.#tellState(id, LifeCycle.EXPIRED);
    }
    for (let id = 0; id < instruments.size; id++) {
      if (instruments.state[id] === LifeCycle.EXPIRED) continue;
      this.#define(id);
      this.#books.snapshot(id);
      this.#tickers.tell(id);
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
    for (const { instrument, due: at } of this.#renewals) if (at <= now) this.#books.snapshot(instrument);
    this.#renewals = this.#renewals.filter(({ due: at }) => at > now);
  }

  instrumentChanged(id: number): void {
    const { instruments } = this.#exchange;
    if (!this.#isOn || instruments.isCombo[id] === 1) return;
    const state = instruments.state[id]!;
    if (!this.#options.includes(id) && !this.#futures.includes(id) && state !== LifeCycle.EXPIRED) {
      this.#define(id);
      this.#books.snapshot(id);
    }
    // The delivery price first: whoever settles needs it.
    this.#tickers.tell(id);
    this.#tellState(id, state);
  }

  #tellState(id: number, state: number): void {
    const { lane } = this;
    const at = this.#tape.open(MessageType.INSTRUMENT_STATE, InstrumentState.sizeOf());
    const told = new InstrumentState().__init(at, lane.buffer);
    told.mutate_instrument(id);
    told.mutate_state(state);
    told.mutate_venueTime(this.#exchange.now * 1000);
    this.#tape.send();
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
      this.#renew(id);
      return;
    }
    this.#books.change(id, count);
  }

  /** Hears the tops of the core's books: of one that has lost a change, or has used up the levels that it keeps, the whole book is asked for, as a feed does it. */
  readonly hearTop: RecordHandler = (type, buffer, offset) => {
    if (type !== MessageType.BOOK_TOP || !this.#isOn) return;
    const top = this.#top.__init(offset + HEADER_BYTES, buffer);
    if (top.state() === BookState.STALE && top.instrument() < this.#exchange.instruments.size)
      this.#renew(top.instrument());
  };

  #renew(instrument: number): void {
    if (this.#renewals.some((renewal) => renewal.instrument === instrument)) return;
    this.#renewals.push({ instrument, due: this.#exchange.now + RENEWAL_MS });
  }

  traded(trade: number): void {
    const { trades, instruments } = this.#exchange;
    const slot = trades.slotOf(trade);
    const id = trades.instrument[slot]!;
    if (!this.#isOn || instruments.isCombo[id] === 1) return;
    const body = this.#tape.open(MessageType.TRADE_RUN, TradeRun.sizeOf() + Trade.sizeOf());
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
    this.#tape.send();
  }

  /** Room for a trade that did not happen on the exchange: where its Trade begins in the lane's buffer. `sendTrade` tells it. */
  openTrade(): number {
    const body = this.#tape.open(MessageType.TRADE_RUN, TradeRun.sizeOf() + Trade.sizeOf());
    new TradeRun().__init(body, this.lane.buffer).mutate_count(1);
    return body + TradeRun.sizeOf();
  }

  sendTrade(): void {
    this.#tape.send();
  }

  #nextTicker(ids: readonly number[], turn: number, pace: number): number {
    if (ids.length === 0) return pace;
    this.#tickers.tell(ids[turn % ids.length]!);
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
    const body = this.#tape.open(MessageType.INSTRUMENT_DEFINITION, bytes.length);
    const { view } = this.lane.buffer;
    bytes.forEach((byte, place) => {
      view.setUint8(body + place, byte);
    });
    this.#tape.send();
  }

  #tellIndex(index: number): void {
    const body = this.#tape.open(MessageType.INDEX_LEVEL, IndexLevel.sizeOf());
    const level = new IndexLevel().__init(body, this.lane.buffer);
    level.mutate_index(this.#indexId(index));
    level.mutate_kind(INDEX_PRICE);
    level.mutate_value(rounded(this.#exchange.indices.prices[index]!, 2));
    this.#tape.send();
  }

  #indexId(index: number): number {
    return this.#instruments - 1 - index;
  }
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

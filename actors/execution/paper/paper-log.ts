import { type Instrument, LifeCycle } from '../../../engine/market/instrument.js';
import { NO_INSTRUMENT } from '../../../engine/market/orders/codes.js';
import { HEADER_BYTES } from '../../../engine/runtime/edge/record.js';
import { InstrumentState } from '../../../schemas/generated/instrument-state.js';
import { Quote } from '../../../schemas/generated/quote.js';
import { Ticker } from '../../../schemas/generated/ticker.js';
import { TopOfBook } from '../../../schemas/generated/top-of-book.js';
import { Trade } from '../../../schemas/generated/trade.js';
import { TradeRun } from '../../../schemas/generated/trade-run.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { readDefinition } from '../../stage-parts/read-definition.js';
import type { PaperFills } from './paper-fills.js';
import type { PaperMarket } from './paper-market.js';

const AGGRESSOR = 3;
const BUYER = 1;
const SELLER = 2;
const TRADE_BYTES = Trade.sizeOf();

/** Reads the market's records of the log into the market on paper, where orders meet what moved. */
export class PaperLog {
  /** Underlying of each instrument, by its id. */
  readonly underlyings: number[] = [];
  readonly #market: PaperMarket;
  readonly #fills: PaperFills;
  /** An instrument is traded no more. */
  readonly #onClosed: (instrument: number) => void;
  readonly #underlyingNumbers = new Map<string, number>();
  readonly #ticker = new Ticker();
  readonly #top = new TopOfBook();
  readonly #quote = new Quote();
  readonly #state = new InstrumentState();
  readonly #trade = new Trade();

  constructor(market: PaperMarket, fills: PaperFills, onClosed: (instrument: number) => void) {
    this.#market = market;
    this.#fills = fills;
    this.#onClosed = onClosed;
  }

  /** A record of the log. */
  read(type: number, buffer: ViewBuffer, offset: number): void {
    const body = offset + HEADER_BYTES;
    switch (type) {
      case MessageType.BOOK_UPDATE: {
        const id = this.#market.onBook(buffer, offset, buffer.view.getUint32(body, true));
        if (id >= 0) this.#fills.meet(id);
        break;
      }
      case MessageType.TRADE_RUN:
        this.#onTrades(buffer, body);
        break;
      case MessageType.TICKER: {
        const told = this.#ticker.__init(body, buffer);
        this.#market.indices[told.instrument()] = told.indexPrice();
        this.#onTouch(
          told.instrument(),
          told.bestBidPrice(),
          told.bestBidAmount(),
          told.bestAskPrice(),
          told.bestAskAmount(),
        );
        break;
      }
      case MessageType.TOP_OF_BOOK: {
        const told = this.#top.__init(body, buffer);
        this.#onTouch(
          told.instrument(),
          told.bestBidPrice(),
          told.bestBidAmount(),
          told.bestAskPrice(),
          told.bestAskAmount(),
        );
        break;
      }
      case MessageType.QUOTE: {
        const told = this.#quote.__init(body, buffer);
        this.#onTouch(told.instrument(), told.bidPrice(), told.bidAmount(), told.askPrice(), told.askAmount());
        break;
      }
      case MessageType.INSTRUMENT_DEFINITION:
        this.#onDefinition(buffer, offset);
        break;
      case MessageType.INSTRUMENT_STATE:
        this.#onState(buffer, body);
        break;
    }
  }

  #onDefinition(buffer: ViewBuffer, offset: number): void {
    const { id, instrument } = readDefinition(buffer, offset + HEADER_BYTES);
    this.#market.define(id, instrument);
    // As everywhere in the core: underlyings have their numbers in the order in which the log defines their first instrument.
    const name = `${instrument.venue} ${instrument.priceIndex}`;
    let number = this.#underlyingNumbers.get(name);
    if (number === undefined) {
      number = this.#underlyingNumbers.size;
      this.#underlyingNumbers.set(name, number);
    }
    this.underlyings[id] = number;
  }

  #onState(buffer: ViewBuffer, body: number): void {
    const told = this.#state.__init(body, buffer);
    const isOpen = told.state() === LifeCycle.OPEN;
    const { definitions } = this.#market;
    for (let id = 0; id < definitions.length; id++) {
      const instrument = definitions[id];
      if (instrument === undefined || (told.instrument() !== NO_INSTRUMENT && told.instrument() !== id)) continue;
      definitions[id] = { ...instrument, state: told.state() as Instrument['state'] };
      if (!isOpen) this.#onClosed(id);
    }
  }

  #onTouch(id: number, bid: number, bidAmount: number, ask: number, askAmount: number): void {
    this.#market.onTouch(id, bid, bidAmount, ask, askAmount);
    this.#fills.meet(id);
  }

  #onTrades(buffer: ViewBuffer, body: number): void {
    let at = body + TradeRun.sizeOf();
    for (let left = buffer.view.getUint32(body, true); left > 0; left--, at += TRADE_BYTES) {
      const told = this.#trade.__init(at, buffer);
      const aggressor = told.flags() & AGGRESSOR;
      if (aggressor !== BUYER && aggressor !== SELLER) continue;
      this.#fills.traded(told.instrument(), aggressor === SELLER, told.price(), told.amount());
    }
  }
}

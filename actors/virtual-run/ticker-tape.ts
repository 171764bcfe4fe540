import { InstrumentKind, LifeCycle } from '../../engine/market/instrument.js';
import { inverseImpliedVol } from '../../engine/quant/implied-vol/index.js';
import { Ticker } from '../../schemas/generated/ticker.js';
import { MessageType } from '../../schemas/message-type.js';
import { rounded } from '../venue-sim/api/encode/number.js';
import { Side } from '../venue-sim/exchange/codes.js';
import type { Exchange } from '../venue-sim/exchange/exchange.js';
import type { TapeWriter } from './tape-writer.js';

const MS_PER_YEAR = 365 * 86_400_000;
/** Codes of `underlying` in tickers. */
const LISTED_FUTURE = 1;
const SYNTHETIC = 2;

/** Tickers as a feed would tell them, without what no stage of the core reads. */
export class TickerTape {
  readonly #exchange: Exchange;
  readonly #tape: TapeWriter;
  readonly #ticker = new Ticker();
  /** 1 where the expiry's future is listed, 2 where it is not, 0 unknown; by instrument. */
  readonly #underlying: Uint8Array;

  constructor(exchange: Exchange, tape: TapeWriter, instruments: number) {
    this.#exchange = exchange;
    this.#tape = tape;
    this.#underlying = new Uint8Array(instruments);
  }

  /** The ticker of an instrument as it stands. */
  tell(id: number): void {
    const { instruments, books, indices, now } = this.#exchange;
    if (instruments.isCombo[id] === 1) return;
    const body = this.#tape.open(MessageType.TICKER, Ticker.sizeOf());
    const { view } = this.#tape.lane.buffer;
    for (let field = 8; field < Ticker.sizeOf(); field += 8) view.setFloat64(body + field, Number.NaN, true);
    const told = this.#ticker.__init(body, this.#tape.lane.buffer);
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
    this.#tape.send();
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
}

function volOr0(vol: number): number {
  return vol > 0 && vol < Number.POSITIVE_INFINITY ? vol : 0;
}

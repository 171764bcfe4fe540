import type { Exchange } from '../exchange/exchange.js';
import { rowAt } from './market.js';
import type { MarketPath } from './market-path.js';
import type { WorldParameters } from './parameters.js';
import type { Participants } from './participants.js';

/** Trading in the dated futures of a currency: a ladder of orders on each, looked after in turn, and takers now and then. */
export class FuturesTrading {
  readonly #exchange: Exchange;
  readonly #path: MarketPath;
  readonly #parameters: WorldParameters['futures'];
  readonly #taker: number;

  /** @param taker account of the takers */
  constructor(exchange: Exchange, path: MarketPath, parameters: WorldParameters['futures'], taker: number) {
    this.#exchange = exchange;
    this.#path = path;
    this.#parameters = parameters;
    this.#taker = taker;
  }

  /** Brings the ladder of the next future to its forward; returns when the one after it is due. */
  follow(participants: Participants, now: number): number {
    const { market, futures } = participants;
    const { surface } = market.chain;
    const { latencyMs, futureLookMs } = this.#parameters;
    for (let tried = 0; tried < surface.count; tried++) {
      const expiry = participants.nextFuture++ % surface.count;
      const maker = futures[expiry];
      if (maker === undefined) continue;
      const row = rowAt(market, now, latencyMs);
      maker.follow(Math.exp(surface.logForward(this.#path.values, row, expiry, now)));
      break;
    }
    return now + futureLookMs;
  }

  /** A taker comes; returns when the next does. */
  take({ market, random }: Participants, now: number): number {
    const { chain } = market;
    const future = chain.futures[random.below(chain.surface.count)]!;
    const { futureTakerRate, takerAmount, takerAmountDeviation } = this.#parameters;
    const side = random.below(2);
    const usd = random.logNormal(takerAmount, takerAmountDeviation);
    if (future >= 0) {
      const { instruments, books } = this.#exchange;
      const level = books.best(future, 1 - side);
      const lots = Math.max(1, Math.round(usd / instruments.lotSize[future]!));
      const ticks = level < 0 ? 0 : books.levelTicks[level]!;
      if (ticks > 0) this.#exchange.place(this.#taker, future, side, 0, ticks, lots, 2, 0, 0);
    }
    return now + (1000 * random.exponential()) / futureTakerRate;
  }
}

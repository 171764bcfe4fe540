import type { Exchange } from '../exchange/exchange.js';
import { fairPerpetual, type Market } from './market.js';
import { Column, type MarketPath } from './market-path.js';
import type { Participants } from './participants.js';

/** The marks of each expiry go along with its forward this often. */
const FORWARDS_MS = 1000;

/** Steps of the path from one funding rate to the next. */
const FUNDING_STEPS = 40;

/** Funding is the premium beyond this part of the price, as the venue's rule has it. */
const FUNDING_DEADBAND = 0.000_25;
const FUNDING_MOST = 0.005;

/** Tells the exchange where the path of the market stands: indices, perpetuals, funding, and the forwards of expiries in turn. */
export class Publication {
  readonly #exchange: Exchange;
  readonly #path: MarketPath;
  readonly #markets: readonly Market[];
  /** By currency: its indices on the exchange. */
  readonly #indices: number[][];

  constructor(exchange: Exchange, path: MarketPath, markets: readonly Market[]) {
    this.#exchange = exchange;
    this.#path = path;
    this.#markets = markets;
    this.#indices = markets.map(({ parameters: { name } }) =>
      exchange.config.indices.flatMap(({ base }, index) => (base === name ? [index] : [])),
    );
  }

  /** Where indices and perpetuals stand. @param steps of the path since its beginning */
  publish(steps: number): void {
    const exchange = this.#exchange;
    const path = this.#path;
    const { values } = path;
    for (let currency = 0; currency < this.#markets.length; currency++) {
      const market = this.#markets[currency]!;
      const { chain } = market;
      const row = path.at(currency, 0);
      const index = Math.exp(values[row + Column.LOG_INDEX]!);
      const indices = this.#indices[currency]!;
      for (let place = 0; place < indices.length; place++) exchange.setIndex(indices[place]!, index);
      exchange.setFutureMark(chain.perpetual, fairPerpetual(market, row));
      if (steps % FUNDING_STEPS === 0) {
        exchange.setFundingRate(chain.perpetual, fundingRate(values[row + Column.PREMIUM]!));
      }
    }
  }

  /** Lets the marks of one expiry go along with its forward, of each in turn; returns when the next is due. */
  publishForward(participants: Participants, now: number): number {
    const exchange = this.#exchange;
    const path = this.#path;
    const { surface, instrument, vol, members, futures } = participants.market.chain;
    const expiry = participants.nextForward++ % surface.count;
    const row = path.at(participants.market.currency, 0);
    const forward = Math.exp(surface.logForward(path.values, row, expiry, now));
    const options = members[expiry]!;
    for (let index = 0; index < options.length; index++) {
      const place = options[index]!;
      exchange.setOptionMark(instrument[place]!, forward, vol[place]!);
    }
    const future = futures[expiry]!;
    if (future >= 0) exchange.setFutureMark(future, forward);
    return now + FORWARDS_MS / surface.count;
  }
}

/** Part of the value that longs pay in eight hours at a premium: what of it lies beyond the dead band. */
function fundingRate(premium: number): number {
  const beyond = Math.max(FUNDING_DEADBAND, premium) + Math.min(-FUNDING_DEADBAND, premium);
  return Math.max(-FUNDING_MOST, Math.min(FUNDING_MOST, beyond));
}

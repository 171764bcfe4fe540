import type { Exchange } from '../exchange/exchange.js';
import type { Chain } from './chain.js';
import { Column, type MarketPath } from './market-path.js';
import type { CurrencyParameters } from './parameters.js';
import type { Season } from './season.js';

/** What every participant in one currency's market works with. */
export interface Market {
  exchange: Exchange;
  path: MarketPath;
  season: Season;
  chain: Chain;
  /** Place in the world's parameters. */
  currency: number;
  parameters: CurrencyParameters;
}

/** Where the row of the path begins that was the present so long before a time, milliseconds; or so long after, where negative. */
export function rowAt({ path, currency }: Market, now: number, ageMs: number): number {
  const steps = Math.floor((now - ageMs - path.time) / path.stepMs);
  return path.at(currency, Math.max(-path.kept, Math.min(path.ahead, steps)));
}

/** Fair price of the perpetual on a row of the path, USD. */
export function fairPerpetual({ path }: Market, row: number): number {
  return Math.exp(path.values[row + Column.LOG_INDEX]!) * (1 + path.values[row + Column.PREMIUM]!);
}

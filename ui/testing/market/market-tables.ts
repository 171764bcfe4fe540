import * as first from '../../topics/first.js';
import * as more from '../../topics/pages.js';
import { coins, DAY, dayName, options, START, tick, worth } from './options.js';
import { of, type Tables } from './told.js';

/** What the venue tells. */
export const marketTables: Tables = {
  instruments: () =>
    of(first.instruments, [
      ...coins.map(({ name }, coin) => ({
        key: 2 + coin,
        text: `${name}-PERPETUAL\t${name}\tUSD\t${name}\tUSD\t${name.toLowerCase()}_usd`,
        fill(row: import('../../../schemas/generated/instrument-row.js').InstrumentRow) {
          row.mutate_instrument(2 + coin);
          row.mutate_underlying(coin);
          row.mutate_kind(3);
          row.mutate_state(2);
          row.mutate_strike(Number.NaN);
          row.mutate_expiry(Number.POSITIVE_INFINITY);
        },
      })),
      ...options.map((option) => ({
        key: option.id,
        text: `${coins[option.coin]!.name}-${dayName(option.day)}-${option.strike}-${option.isCall ? 'C' : 'P'}\t${coins[option.coin]!.name}\t${coins[option.coin]!.name}\t${coins[option.coin]!.name}\tUSD\t${coins[option.coin]!.name.toLowerCase()}_usd`,
        fill(row: import('../../../schemas/generated/instrument-row.js').InstrumentRow) {
          row.mutate_instrument(option.id);
          row.mutate_underlying(option.coin);
          row.mutate_kind(1);
          row.mutate_state(2);
          row.mutate_flags(1 | (option.isCall ? 2 : 4));
          row.mutate_strike(option.strike);
          row.mutate_expiry(START + option.day * DAY + 8 * 3600e6);
          row.mutate_tickSize(0.0001);
        },
      })),
    ]),
  tops: (step) =>
    of(
      first.tops,
      options.map((option) => ({
        key: option.id,
        fill(row) {
          const { price, forward } = worth(option, step);
          const mid = price / forward;
          row.mutate_instrument(option.id);
          row.mutate_state(1);
          row.mutate_bidPrice(tick(mid * 0.985 - 0.0003));
          row.mutate_bidAmount(5 + ((option.id * 7 + step) % 40));
          row.mutate_askPrice(tick(mid * 1.015 + 0.0003));
          row.mutate_askAmount(5 + ((option.id * 11 + step) % 40));
          row.mutate_microprice(mid);
          row.mutate_imbalance(Math.sin(option.id + step / 9) / 2);
          row.mutate_bidDepth(120);
          row.mutate_askDepth(110);
          row.mutate_bidLevels(8);
          row.mutate_askLevels(9);
          row.mutate_changeId(1e6 + step);
          row.mutate_staleSince(Number.NaN);
        },
      })),
    ),
  tickers: (step) =>
    of(first.tickers, [
      ...coins.map(({ index }, coin) => ({
        key: 2 + coin,
        fill(row: import('../../../schemas/generated/ticker.js').Ticker) {
          row.mutate_instrument(2 + coin);
          row.mutate_markPrice(index * (1 + 0.0004 * Math.sin(step / 7)));
          row.mutate_indexPrice(index);
          row.mutate_funding8h(0.000085);
        },
      })),
      ...options.map((option) => ({
        key: option.id,
        fill(row: import('../../../schemas/generated/ticker.js').Ticker) {
          const { price, forward, vol } = worth(option, step);
          row.mutate_instrument(option.id);
          row.mutate_bidIv(vol - 0.012);
          row.mutate_askIv(vol + 0.012);
          row.mutate_markIv(vol + 0.001);
          row.mutate_markPrice(price / forward);
          row.mutate_underlyingPrice(forward);
        },
      })),
    ]),
  trades: (step) =>
    of(
      more.trades,
      Array.from({ length: 40 }, (_, place) => ({
        key: place,
        fill(row) {
          const option = options[(place * 23) % options.length]!;
          const { price, forward, vol } = worth(option, step);
          row.mutate_instrument(option.id);
          row.mutate_flags(1 + (place % 2));
          row.mutate_price(tick((price / forward) * (place % 2 === 0 ? 1.01 : 0.99)));
          row.mutate_amount(1 + (place % 7));
          row.mutate_tradeId(1000 + place);
          row.mutate_exchangeTime(START + place * 1.5e6);
          row.mutate_indexPrice(coins[option.coin]!.index);
          row.mutate_markPrice(price / forward);
          row.mutate_iv(vol);
        },
      })),
    ),
  levels: (step) =>
    of(
      more.levels,
      options.flatMap((option) =>
        Array.from({ length: 20 }, (_, place) => ({
          key: option.id * 20 + place,
          fill(row: import('../../../schemas/generated/book-level.js').BookLevel) {
            const { price, forward } = worth(option, step);
            const mid = price / forward;
            const isBid = place < 10;
            const touch = tick(isBid ? mid * 0.985 - 0.0003 : mid * 1.015 + 0.0003);
            const at = isBid ? touch - (place % 10) * 0.0005 : touch + (place % 10) * 0.0005;
            row.mutate_instrument(option.id);
            row.mutate_side(isBid ? 1 : 2);
            row.mutate_level(place % 10);
            row.mutate_state(1);
            row.mutate_price(at > 0 ? at : Number.NaN);
            row.mutate_amount(at > 0 ? 5 + ((option.id * 7 + place * 3 + step) % 40) : 0);
          },
        })),
      ),
    ),
};

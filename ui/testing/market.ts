import type { Placed } from '../net/frame.js';
import { black } from '../pages/black.js';
import type { Topic } from '../store/channel.js';
import * as first from '../topics/first.js';
import * as more from '../topics/pages.js';
import type { Row } from './frames.js';

/** Where the invented market begins: 2026-01-02 00:00 UTC, microseconds since the Unix epoch. */
export const START = 1_767_312_000_000_000;
const DAY = 86_400e6;
const coins = [
  { name: 'BTC', index: 98_000, step: 2000 },
  { name: 'ETH', index: 3400, step: 100 },
];
const days = [1, 7, 28, 91];
const STRIKES = 21;

interface Option {
  id: number;
  coin: number;
  day: number;
  strike: number;
  isCall: boolean;
}

/** Every option of the market; ids count from 10. */
export const options: readonly Option[] = coins.flatMap((coin, place) =>
  days.flatMap((day, d) =>
    Array.from({ length: STRIKES }, (_, s) => coin.index + (s - (STRIKES - 1) / 2) * coin.step).flatMap((strike, s) =>
      [true, false].map((isCall, right) => ({
        id: 10 + ((place * days.length + d) * STRIKES + s) * 2 + right,
        coin: place,
        day,
        strike,
        isCall,
      })),
    ),
  ),
);

/** What an option is worth in a step, of which numbers follow alone: no clock, no chance. */
function worth({ coin, day, strike, isCall }: Option, step: number) {
  const { index } = coins[coin]!;
  const forward = index * (1 + 0.0004 * Math.sin(step / 7) + 0.02 * (day / 365));
  const years = day / 365;
  const k = Math.log(strike / forward) / Math.sqrt(years);
  const vol =
    0.46 +
    0.03 * Math.sqrt(years) -
    0.04 * Math.tanh(k) +
    (0.06 * k * k) / (1 + 0.5 * Math.abs(k)) +
    0.002 * Math.sin(step / 11);
  return { forward, years, vol, ...black(forward, strike, years, vol, isCall) };
}

const tick = (price: number) => Math.max(0.0001, Math.round(price / 0.0001) * 0.0001);
const months = ['JAN', 'FEB', 'MAR', 'APR'];
const dayName = (day: number) => {
  const date = new Date(START / 1000 + day * 86_400_000);
  return `${date.getUTCDate()}${months[date.getUTCMonth()]}${String(date.getUTCFullYear()).slice(2)}`;
};

/** Rows of a topic as they are in a step; undefined for a topic that this market does not tell. */
export function rowsOf(topic: string, step: number): { topic: Topic<Placed>; rows: Row<Placed>[] } | undefined {
  const made = tables[topic]?.(step);
  return made as { topic: Topic<Placed>; rows: Row<Placed>[] } | undefined;
}

function of<T extends Placed>(topic: Topic<T>, rows: Row<T>[]) {
  return { topic, rows };
}

const tables: Record<string, (step: number) => unknown> = {
  engine: () => of(first.engine, [{ key: 0, text: '', fill: (row) => void row.mutate_state(1) }]),
  instruments: () =>
    of(first.instruments, [
      ...coins.map(({ name }, coin) => ({
        key: 2 + coin,
        text: `${name}-PERPETUAL\t${name}\tUSD\t${name}\tUSD\t${name.toLowerCase()}_usd`,
        fill(row: import('../../schemas/generated/instrument-row.js').InstrumentRow) {
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
        fill(row: import('../../schemas/generated/instrument-row.js').InstrumentRow) {
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
        fill(row: import('../../schemas/generated/ticker.js').Ticker) {
          row.mutate_instrument(2 + coin);
          row.mutate_markPrice(index * (1 + 0.0004 * Math.sin(step / 7)));
          row.mutate_indexPrice(index);
          row.mutate_funding8h(0.000085);
        },
      })),
      ...options.map((option) => ({
        key: option.id,
        fill(row: import('../../schemas/generated/ticker.js').Ticker) {
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
  theos: (step) =>
    of(
      more.theos,
      options.map((option) => ({
        key: option.id,
        fill(row) {
          const { price, forward, vol, delta, gamma, vega, theta } = worth(option, step);
          row.mutate_instrument(option.id);
          row.mutate_confidence(100);
          row.mutate_price(price / forward);
          row.mutate_volatility(vol);
          row.mutate_delta(delta);
          row.mutate_gamma(gamma);
          row.mutate_vega(vega * 100);
          row.mutate_theta(theta * 365);
        },
      })),
    ),
  expiries: (step) =>
    of(
      first.expiries,
      coins.flatMap((_, coin) =>
        days.map((day, place) => ({
          key: coin * days.length + place,
          fill(row) {
            const option = options.find((one) => one.coin === coin && one.day === day)!;
            const { forward, years } = worth(option, step);
            const money = worth({ ...option, strike: forward }, step);
            row.mutate_expiry(coin * days.length + place);
            row.mutate_underlying(coin);
            row.mutate_option(option.id);
            row.mutate_options(2 * STRIKES);
            row.mutate_twoSided(2 * STRIKES);
            row.mutate_expiryTime(START + day * DAY + 8 * 3600e6);
            row.mutate_years(years);
            row.mutate_forward(forward);
            row.mutate_atmVol(money.vol);
            row.mutate_atmUncertainty(0.002);
            row.mutate_riskReversal25(-0.018 - 0.004 * place);
            row.mutate_butterfly25(0.006);
            row.mutate_forecastVol(0.44);
            row.mutate_fitError(0.0024);
            row.mutate_insideShare(0.98);
            row.mutate_fitAge(1.5);
          },
        })),
      ),
    ),
  underlyings: (step) =>
    of(
      first.underlyings,
      coins.map(({ index }, coin) => ({
        key: coin,
        fill(row) {
          row.mutate_underlying(coin);
          row.mutate_regime(2);
          row.mutate_option(options.find((one) => one.coin === coin)!.id);
          row.mutate_index(index * (1 + 0.0004 * Math.sin(step / 7)));
          row.mutate_reference(index * (1 + 0.0004 * Math.sin(step / 7) + 0.0002));
          row.mutate_vol1s(0.41);
          row.mutate_vol1m(0.42 + 0.01 * Math.sin(step / 5));
          row.mutate_vol15m(0.43);
          row.mutate_vol1h(0.44);
          row.mutate_realised1h(0.428);
          row.mutate_forecast30d(0.45);
          row.mutate_implied30d(0.468);
          row.mutate_riskPremium(0.018);
          row.mutate_percentile(0.61);
        },
      })),
    ),
  quotes: (step) =>
    of(
      first.quotes,
      options
        .filter(({ day }) => day <= 28)
        .map((option, place) => ({
          key: place,
          fill(row) {
            const { price, forward, vol, delta } = worth(option, step);
            const theo = price / forward;
            row.mutate_instrument(option.id);
            row.mutate_strategy(1);
            row.mutate_theo(theo);
            row.mutate_volatility(vol);
            row.mutate_delta(delta);
            row.mutate_bidPrice(tick(theo * 0.99 - 0.0002));
            row.mutate_askPrice(tick(theo * 1.01 + 0.0002));
            row.mutate_bidAmount(10);
            row.mutate_askAmount(10);
            row.mutate_marketBid(tick(theo * 0.985 - 0.0003));
            row.mutate_marketAsk(tick(theo * 1.015 + 0.0003));
            row.mutate_bidEdge(theo - tick(theo * 0.99 - 0.0002));
            row.mutate_askEdge(tick(theo * 1.01 + 0.0002) - theo);
            row.mutate_widthBase(0.00012);
            row.mutate_widthUncertainty(0.00006);
            row.mutate_skewVega(-0.00002);
            row.mutate_inventory(option.id % 5 === 0 ? 3 : 0);
          },
        })),
    ),
  positions: (step) =>
    of(
      first.positions,
      options
        .filter(({ id }) => id % 9 === 0)
        .map((option) => ({
          key: option.id,
          fill(row) {
            const { price, forward, delta, gamma, vega, theta } = worth(option, step);
            const size = ((option.id * 13) % 41) - 20;
            row.mutate_instrument(option.id);
            row.mutate_underlying(option.coin);
            row.mutate_kind(1);
            row.mutate_size(size);
            row.mutate_averagePrice(tick((price / forward) * 0.98));
            row.mutate_mark(price / forward);
            row.mutate_markKind(1);
            row.mutate_unrealised((size * price * 0.02) / forward);
            row.mutate_delta(size * delta);
            row.mutate_gamma(size * gamma);
            row.mutate_vega(size * vega * 100);
            row.mutate_theta(size * theta * 365);
          },
        })),
    ),
  exposures: (step) =>
    of(
      first.exposures,
      coins.map(({ index }, coin) => ({
        key: coin,
        fill(row) {
          row.mutate_underlying(coin);
          row.mutate_positions(19);
          row.mutate_index(index);
          row.mutate_delta(1.42 - 0.3 * coin + 0.05 * Math.sin(step / 6));
          row.mutate_deltaUsd(1.42 * index);
          row.mutate_gamma(-0.00041);
          row.mutate_dollarGamma(-38_000);
          row.mutate_vega(-412_000);
          row.mutate_theta(1_640_000);
          row.mutate_vanna(3.1);
          row.mutate_volga(-12_000);
        },
      })),
    ),
  profits: (step) =>
    of(
      first.profits,
      coins.map(({ name, index }, coin) => ({
        key: coin,
        fill(row) {
          const letters = [...name].map((letter) => letter.charCodeAt(0));
          const total = 0.31 + 0.002 * step + 0.01 * Math.sin(step / 4);
          row.mutate_underlying(coin);
          row.mutate_currency0(letters[0]! | (letters[1]! << 8) | (letters[2]! << 16));
          row.mutate_realised(0.22);
          row.mutate_unrealised(total - 0.22);
          row.mutate_total(total);
          row.mutate_dayTotal(total);
          row.mutate_totalUsd(total * index);
          row.mutate_edge(0.36);
          row.mutate_fees(0.021);
          row.mutate_peak(total);
          row.mutate_fills(184);
          row.mutate_volumeUsd(18_400_000);
        },
      })),
    ),
  fills: (step) =>
    of(
      more.fills,
      Array.from({ length: 30 }, (_, place) => ({
        key: place,
        fill(row) {
          const option = options[(place * 17) % options.length]!;
          const { price, forward, vol } = worth(option, step);
          row.mutate_kind(1);
          row.mutate_instrument(option.id);
          row.mutate_side(1 + (place % 2));
          row.mutate_liquidity(1);
          row.mutate_strategy(1);
          row.mutate_price(tick((price / forward) * (place % 2 === 0 ? 0.985 : 1.015)));
          row.mutate_amount(2);
          row.mutate_markPrice(price / forward);
          row.mutate_iv(vol);
          row.mutate_fee(-0.00003);
          row.mutate_tradeTime(START + place * 2.5e6);
          row.mutate_number(place + 1);
        },
      })),
    ),
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
          fill(row: import('../../schemas/generated/book-level.js').BookLevel) {
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
  slices: (step) =>
    of(
      more.slices,
      coins.flatMap((_, coin) =>
        days.map((day, place) => ({
          key: coin * days.length + place,
          fill(row: import('../../schemas/generated/slice-fit.js').SliceFit) {
            const option = options.find((one) => one.coin === coin && one.day === day)!;
            const { forward, years } = worth(option, step);
            const money = worth({ ...option, strike: forward }, step);
            const theta = money.vol * money.vol * years;
            row.mutate_expiry(coin * days.length + place);
            row.mutate_years(years);
            row.mutate_forward(forward);
            row.mutate_fitError(0.001);
            row.mutate_theta(theta);
            row.mutate_right(0.5 * Math.sqrt(theta));
            row.mutate_left(0.9 * Math.sqrt(theta));
            row.mutate_scale(0.1);
            row.mutate_start(-4);
            row.mutate_step(0.4);
          },
        })),
      ),
    ),
  'filter-rules': (step) =>
    of(
      more.filterRules,
      coins.flatMap((_, coin) =>
        [1, 2].map((measure, rule) => ({
          key: rule * 8 + coin,
          fill(row) {
            const [value, threshold] = measure === 1 ? [0.42 + 0.01 * Math.sin(step / 5), 0.61] : [1.3, 6];
            const isActive = rule === 0 && coin === 1;
            row.mutate_rule(rule);
            row.mutate_underlying(coin);
            row.mutate_measure(measure);
            row.mutate_mode(measure === 1 ? 3 : 0);
            row.mutate_active(isActive ? 1 : 0);
            row.mutate_cause(isActive ? 3 : 1);
            row.mutate_level(measure === 1 ? 4 : 6);
            row.mutate_release(measure === 1 ? 0.8 : 0.6);
            row.mutate_window(measure === 1 ? 2160 : 0);
            row.mutate_lag(measure === 1 ? 12 : 0);
            row.mutate_value(isActive ? 0.74 : value!);
            row.mutate_threshold(threshold!);
            row.mutate_excess((isActive ? 0.74 : value!) / threshold!);
            row.mutate_since(START + 4e6);
            row.mutate_events(3);
            row.mutate_bars(17 + step);
            row.mutate_trades(41);
            row.mutate_barSeconds(5);
          },
        })),
      ),
    ),
  'filter-events': () =>
    of(
      more.filterEvents,
      Array.from({ length: 9 }, (_, place) => ({
        key: place,
        fill(row) {
          row.mutate_rule(place % 2);
          row.mutate_underlying(place % 2);
          // The last one is still under way; all others are told twice, begun and ended.
          row.mutate_phase(place === 8 ? 1 : 1 + (place % 2));
          row.mutate_cause(1 + (place % 4));
          row.mutate_measure(1 + (place % 2));
          row.mutate_mode(3);
          row.mutate_value(place % 2 === 0 ? 0.74 : 7.3);
          row.mutate_threshold(place % 2 === 0 ? 0.61 : 6);
          row.mutate_excess(1.2 + 0.1 * place);
          row.mutate_duration(30 + 5 * place);
          row.mutate_since(START + place * 20e6);
          row.mutate_firstSeq(10_000 + 137 * place);
          row.mutate_trades(3 * place);
          row.mutate_bars(6 + place);
        },
      })),
    ),
  'filtered-bars': (step) =>
    of(
      more.filteredBars,
      Array.from({ length: 4 }, (_, place) => ({
        key: place,
        fill(row) {
          row.mutate_underlying(0);
          row.mutate_rules(1);
          row.mutate_time(START + (step - (step % 5) + place) * 1e6);
          row.mutate_seconds(1);
          row.mutate_close(coins[0]!.index);
        },
      })),
    ),
  statistics: (step) =>
    of(
      more.statistics,
      coins.map(({ index }, coin) => ({
        key: coin,
        fill(row) {
          row.mutate_underlying(coin);
          row.mutate_bars(720 + step);
          row.mutate_price(index);
          row.mutate_mean(1.2e-7);
          row.mutate_deviation(1.8e-4);
          row.mutate_skewness(-0.31);
          row.mutate_kurtosis(5.8);
          row.mutate_autocorrelation(-0.021);
          row.mutate_absoluteAutocorrelation(0.24);
          row.mutate_realised(0.44);
          row.mutate_implied(0.49);
          row.mutate_realisedOverImplied(0.44 / 0.49);
          row.mutate_correlation(coin === 0 ? 1 : 0.86);
          row.mutate_jump(0.7);
          row.mutate_volume(81_000);
          row.mutate_spread(0.031);
          row.mutate_quotes(164);
          row.mutate_anomalies(7);
          row.mutate_filtered(17);
          row.mutate_basis(0.0008);
        },
      })),
    ),
  anomalies: () =>
    of(
      more.anomalies,
      [1, 4, 7, 9, 11, 12, 14, 11].map((kind, place) => ({
        key: place,
        fill(row) {
          row.mutate_kind(kind);
          row.mutate_severity(1 + (place % 3));
          row.mutate_instrument(kind === 12 || kind === 14 ? 0xffffffff : options[(place * 31) % options.length]!.id);
          row.mutate_underlying(place % 2);
          row.mutate_second(0xffffffff);
          row.mutate_third(0xffffffff);
          row.mutate_found(0.52);
          row.mutate_expected(0.47);
          row.mutate_score(9.4);
          row.mutate_sizeUsd(kind === 7 || kind === 9 ? 41 : Number.NaN);
          row.mutate_evidence(1);
          row.mutate_suppressed(place);
          row.mutate_firstSeq(5000 + place);
        },
      })),
    ),
  'hedge-costs': () =>
    of(
      more.hedgeCosts,
      Array.from({ length: 6 }, (_, place) => ({
        key: place,
        fill(row: import('../../schemas/generated/hedge-cost.js').HedgeCost) {
          row.mutate_instrument(2 + (place % 2));
          row.mutate_underlying(place % 2);
          row.mutate_side(1 + (place % 2));
          row.mutate_liquidity(1 + (place % 2));
          row.mutate_price(coins[place % 2]!.index);
          row.mutate_mid(coins[place % 2]!.index + (place % 2 === 0 ? 0.5 : -0.5));
          row.mutate_amount(10 * (1 + place));
          row.mutate_slippageUsd(place % 2 === 0 ? -0.3 : 0.4);
          row.mutate_feeUsd(0.1);
          row.mutate_deltaTraded(0.01 * (1 + place));
          row.mutate_costUsd(0.2 * (1 + place));
        },
      })),
    ),
  attributions: (step) =>
    of(
      more.attributions,
      coins.map(({ index }, coin) => ({
        key: coin,
        fill(row) {
          const total = 0.31 + 0.002 * step + 0.01 * Math.sin(step / 4);
          row.mutate_underlying(coin);
          row.mutate_fills(184);
          row.mutate_delta(0.012);
          row.mutate_hedge(-0.009);
          row.mutate_gamma(-0.031);
          row.mutate_vega(0.018);
          row.mutate_theta(0.044);
          row.mutate_edge(0.36);
          row.mutate_hedgeCost(-0.014);
          row.mutate_fees(-0.021);
          row.mutate_residual(total - 0.359);
          row.mutate_total(total);
          row.mutate_totalUsd(total * index);
        },
      })),
    ),
  performances: (step) =>
    of(
      more.performances,
      coins.map((_, coin) => ({
        key: coin,
        fill(row) {
          row.mutate_underlying(coin);
          row.mutate_quotes(160);
          row.mutate_wanted(164);
          row.mutate_seconds(3600 + step);
          row.mutate_uptime(0.994);
          row.mutate_covered(0.981);
          row.mutate_updates(41_200);
          row.mutate_fills(184);
          row.mutate_spreadUsd(9400);
          row.mutate_hitRate(0.57);
        },
      })),
    ),
  trading: () =>
    of(first.trading, [
      {
        key: 0,
        fill: (row) => {
          row.mutate_state(3);
          row.mutate_openOrders(42);
        },
      },
    ]),
  'risk-states': () =>
    of(first.riskStates, [
      {
        key: 0,
        fill: (row) => {
          row.mutate_scope(1);
          row.mutate_state(1);
          row.mutate_armed(1);
        },
      },
    ]),
  'worst-cases': () =>
    of(
      first.worstCases,
      coins.map(({ index }, coin) => ({
        key: coin,
        fill: (row) => {
          row.mutate_underlying(coin);
          row.mutate_deltaUp(12);
          row.mutate_deltaDown(-9);
          row.mutate_index(index);
          row.mutate_scenarioLoss(120_000);
        },
      })),
    ),
  limits: () =>
    of(
      first.limits,
      [2_000_000, 1_000_000, 0.05, 0.01, 5e6, 5e7, 1e7, 2e5, 2e7].map((value, limit) => ({
        key: limit,
        fill: (row) => {
          row.mutate_limit(limit);
          row.mutate_outcome(1);
          row.mutate_value(value);
        },
      })),
    ),
  alerts: () =>
    of(first.alerts, [
      {
        key: 0,
        text: 'feed-stale\twhen feed.age > 5 s\tfeed.age',
        fill: (row) => {
          row.mutate_rule(0);
          row.mutate_severity(2);
          row.mutate_state(1);
        },
      },
    ]),
  protections: () =>
    of(
      more.protections,
      coins.map((_, coin) => ({
        key: coin,
        fill(row) {
          row.mutate_underlying(coin);
          row.mutate_group(coin + 1);
          row.mutate_state(1);
          row.mutate_frozenUntil(Number.NaN);
          row.mutate_interval(5);
          row.mutate_frozenTime(10);
          row.mutate_quantityLimit(coin === 0 ? 5 : 50);
          row.mutate_deltaLimit(Number.NaN);
          row.mutate_vegaLimit(Number.NaN);
          row.mutate_maxQuoteQuantity(coin === 0 ? 5 : 50);
        },
      })),
    ),
  'latency-buckets': (step) =>
    of(
      more.latencyBuckets,
      Array.from({ length: 10 * 12 }, (_, at) => {
        const actor = Math.floor(at / 12);
        const bucket = 8 + (at % 12);
        return {
          key: actor * 64 + bucket,
          fill(row) {
            row.mutate_actor(actor);
            row.mutate_bucket(bucket);
            row.mutate_count(step * Math.round(4000 / (1 + (bucket - 10) * (bucket - 10))));
          },
        };
      }),
    ),
  latency: () =>
    of(
      more.latency,
      ['feed', 'sequencer', 'book', 'filter', 'orders', 'portfolio', 'quoter', 'risk', 'execution', 'recorder'].map(
        (name, place) => ({
          key: place,
          text: name,
          fill(row) {
            row.mutate_actor(place);
            row.mutate_records(1e6 * (10 - place));
            for (const [at, set] of [
              row.mutate_waitingP50,
              row.mutate_waitingP99,
              row.mutate_waitingP999,
              row.mutate_waitingMax,
            ].entries())
              set.call(row, 900 * (place + 1) * 10 ** at);
            for (const [at, set] of [
              row.mutate_serviceP50,
              row.mutate_serviceP99,
              row.mutate_serviceP999,
              row.mutate_serviceMax,
            ].entries())
              set.call(row, 400 * (place + 1) * 8 ** at);
          },
        }),
      ),
    ),
};

import * as first from '../../topics/first.js';
import * as more from '../../topics/pages.js';
import { coins, options, START, tick, worth } from './options.js';
import { of, type Tables } from './told.js';

/** What the desk wants, holds and earns. */
export const deskTables: Tables = {
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
  'hedge-costs': () =>
    of(
      more.hedgeCosts,
      Array.from({ length: 6 }, (_, place) => ({
        key: place,
        fill(row: import('../../../schemas/generated/hedge-cost.js').HedgeCost) {
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
      first.attributions,
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
};

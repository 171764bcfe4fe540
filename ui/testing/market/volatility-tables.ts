import * as charts from '../../topics/charts.js';
import * as first from '../../topics/first.js';
import * as more from '../../topics/pages.js';
import { coins, DAY, days, options, START, STRIKES, worth } from './options.js';
import { of, type Tables } from './told.js';

/** What the filter and the calibrator make of it. */
export const volatilityTables: Tables = {
  theos: (step) =>
    of(
      first.theos,
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
  slices: (step) =>
    of(
      charts.slices,
      coins.flatMap((_, coin) =>
        days.map((day, place) => ({
          key: coin * days.length + place,
          fill(row: import('../../../schemas/generated/slice-fit.js').SliceFit) {
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
      charts.filterRules,
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
      charts.filterEvents,
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
      charts.filteredBars,
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
};

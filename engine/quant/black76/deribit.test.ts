import { describe, expect, test } from 'vitest';
import { readRows } from '../../testing/csv.js';
import { sharedData } from '../../testing/shared-data.js';
import {
  black76Greeks,
  DERIBIT_GREEK,
  DERIBIT_GREEK_COUNT,
  deribitGreeks,
  GREEK,
  GREEK_COUNT,
  inversePrice,
} from './index.js';

const MILLISECONDS_PER_YEAR = 365 * 86_400_000;
const out = new Float64Array(DERIBIT_GREEK_COUNT);
const dollar = new Float64Array(GREEK_COUNT);

interface Ticker {
  F: number;
  K: number;
  T: number;
  sigma: number;
  isCall: boolean;
  greeks: { delta: number; gamma: number; vega: number; theta: number; rho: number };
}

type Name = keyof Ticker['greeks'];

/** The error that a share of the tickers stays within, absolute for delta and gamma, relative for the others. */
function errorsOf(tickers: readonly Ticker[]): (name: Name, share: number) => number {
  const errors: Record<Name, number[]> = { delta: [], gamma: [], vega: [], theta: [], rho: [] };
  for (const { F, K, T, sigma, isCall, greeks } of tickers) {
    deribitGreeks(out, F, K, T, sigma, isCall);
    for (const name of Object.keys(errors) as Name[]) {
      const scale = name === 'delta' || name === 'gamma' ? 1 : Math.abs(greeks[name]) + 0.01;
      errors[name].push(Math.abs(out[DERIBIT_GREEK[name]]! - greeks[name]) / scale);
    }
  }
  for (const list of Object.values(errors)) list.sort((a, b) => a - b);
  return (name, share) => errors[name][Math.floor(share * (errors[name].length - 1))]!;
}

// The recorded inputs are themselves rounded: mark_iv to 0.01 points, and the time to when the ticker was sent.
const dailyTickers = sharedData('deribit/tickers-daily-2026-01');
test.skipIf(dailyTickers === undefined)('the Greeks of every BTC option recorded on five days of January 2026', () => {
  for (const day of ['14', '15', '16', '17', '18']) {
    const tickers = readRows(`${dailyTickers}/BTC_202601${day}_options_raw.csv.gz`)
      .filter((row) => Number(row.mark_iv) > 0)
      .map((row) => ({
        F: Number(row.underlying_price),
        K: Number(row.strike),
        T: (Number(row.expiration_timestamp) - Number(row.timestamp)) / MILLISECONDS_PER_YEAR,
        sigma: Number(row.mark_iv) / 100,
        isCall: row.option_type === 'call',
        greeks: {
          delta: Number(row.greeks_delta),
          gamma: Number(row.greeks_gamma),
          vega: Number(row.greeks_vega),
          theta: Number(row.greeks_theta),
          rho: Number(row.greeks_rho),
        },
      }));
    expect(tickers.length).toBeGreaterThan(600);
    const error = errorsOf(tickers);
    expect(error('gamma', 1)).toBe(0);
    expect(error('delta', 0.5)).toBeLessThan(1.5e-5);
    expect(error('delta', 1)).toBeLessThan(1.1e-4);
    expect(error('vega', 0.5)).toBeLessThan(1e-4);
    expect(error('vega', 1)).toBeLessThan(5e-3);
    expect(error('theta', 0.5)).toBeLessThan(2e-4);
    expect(error('theta', 1)).toBeLessThan(1.5e-2);
    expect(error('rho', 0.5)).toBeLessThan(5e-5);
    expect(error('rho', 1)).toBeLessThan(2e-3);
  }
});

const intraday = sharedData('deribit/intraday-2024-09/market_collection_cleaned.csv.gz');
test.skipIf(intraday === undefined)('the Greeks of BTC calls polled every three minutes on 2 September 2024', () => {
  const tickers = readRows(intraday!)
    .filter((row) => Number(row.mark_iv) > 0)
    .map((row) => {
      // The recording's clock is an hour ahead of UTC; options expire at 08:00 UTC.
      const time = Date.parse(`${row.timestamp!.replace(' ', 'T')}Z`) - 3_600_000;
      return {
        F: Number(row.Coin_Price),
        K: Number(row.Strike_Price),
        T: (Date.parse(`${row.Expiry_Date}T08:00:00Z`) - time) / MILLISECONDS_PER_YEAR,
        sigma: Number(row.mark_iv) / 100,
        isCall: true,
        greeks: {
          delta: Number(row.delta),
          gamma: Number(row.gamma),
          vega: Number(row.vega),
          theta: Number(row.theta),
          rho: Number(row.rho),
        },
      };
    });
  expect(tickers.length).toBeGreaterThan(15_000);
  const error = errorsOf(tickers);
  expect(error('gamma', 0.999)).toBe(0);
  expect(error('delta', 0.9)).toBeLessThan(3e-5);
  expect(error('vega', 0.9)).toBeLessThan(1e-3);
  expect(error('theta', 0.9)).toBeLessThan(1e-3);
  expect(error('rho', 0.9)).toBeLessThan(1e-3);
});

const chains = sharedData('deribit/chains-2026/chain_2026-01.csv.gz');
test.skipIf(chains === undefined)('the marks of a month of BTC and ETH chains are inverse prices', () => {
  const errors: number[] = [];
  for (const row of readRows(chains!)) {
    const [, day, month, year, strike, type] = /^\w+-(\d+)([A-Z]{3})(\d+)-(\d+)-([CP])$/.exec(row.instrument!) ?? [];
    if (!(Number(row.mark_iv) > 0) || day === undefined) continue;
    const T = (Date.parse(`${day} ${month} 20${year} 08:00 UTC`) - Number(row.ts_ms)) / MILLISECONDS_PER_YEAR;
    if (T <= 0) continue;
    const mark = inversePrice(Number(row.underlying), Number(strike), T, Number(row.mark_iv), type === 'C');
    errors.push(Math.abs(mark - Number(row.mark)));
  }
  errors.sort((a, b) => a - b);
  expect(errors.length).toBeGreaterThan(160_000);
  // In coin; the recorded underlying is the mean over an expiry, which tells on deep in-the-money options only.
  expect(errors[errors.length >> 1]).toBeLessThan(5e-6);
  expect(errors[Math.floor(0.9 * errors.length)]).toBeLessThan(6e-5);
});

describe('conventions', () => {
  test('five decimals, theta over the lifetime, and at most the value', () => {
    deribitGreeks(out, 95_550.7627, 100_000, 0.8125 / 365, 0.4631, true);
    expect(out[DERIBIT_GREEK.delta]).toBe(0.01913);
    black76Greeks(dollar, 95_550.7627, 100_000, 0.8125 / 365, 0.4631, true);
    expect(out[DERIBIT_GREEK.theta]).toBeCloseTo(-dollar[GREEK.price]!, 4);
    deribitGreeks(out, 100, 120, 0, 0.5, true);
    expect([...out]).toEqual([0, 0, 0, 0, 0]);
    deribitGreeks(out, 100, Number.NaN, 1, 0.5, true);
    expect([...out]).toEqual(Array(DERIBIT_GREEK_COUNT).fill(Number.NaN));
  });
});

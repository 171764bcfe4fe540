import { returnMoments } from '../../engine/quant/statistics/index.js';

/** A fill of a backtest. */
export interface OutcomeFill {
  /** Milliseconds since the Unix epoch. */
  time: number;
  instrument: string;
  side: 'buy' | 'sell';
  /** The venue's price and amount units. */
  price: number;
  amount: number;
  /** In the instrument's fee currency; negative for a rebate. */
  fee: number;
  maker: boolean;
}

/** Series of one look after another, all as long as `time`. */
export interface OutcomeSeries {
  /** Milliseconds since the Unix epoch. */
  time: number[];
  /** Profit since the beginning, by the venue's books at its marks, after fees; USD. */
  profitUsd: number[];
  /** Units of the underlying, hedges included; all underlyings together are in USD. */
  deltaUsd: number[];
  /** Change of delta in USD for a move of one per cent. */
  gammaUsd: number[];
  /** USD per 1.00 of volatility, weighted to 30 days. */
  vegaUsd: number[];
  /** USD a day. */
  thetaUsd: number[];
}

/** What became of the market after fills: positive is good for us. */
export interface OutcomeMarkout {
  /** After the fill. */
  seconds: number;
  fills: number;
  /** Mean, in the venue's price unit, and in volatility where there is one. */
  price: number;
  vol: number;
}

export interface OutcomeTotals {
  profitUsd: number;
  /** Greatest fall from the highest profit, USD. */
  drawdownUsd: number;
  feesUsd: number;
  volumeUsd: number;
  fills: number;
  makerFills: number;
  /** Requests that reached the venue. */
  requests: number;
  /** Of one look, and for a year of such looks. */
  sharpeOfLooks: number;
  sharpe: number;
  sortino: number;
  /** Share of looks with a profit among those with a change. */
  hitRate: number;
}

/** All that one backtest found: plain data, the same for the same configuration and data. */
export interface BacktestOutcome {
  seed: number;
  /** Milliseconds since the Unix epoch: what was measured, without what warmed up. */
  from: number;
  to: number;
  lookSeconds: number;
  series: OutcomeSeries;
  totals: OutcomeTotals;
  /** Terms of the profit by where it came from, USD. */
  attribution: Record<string, number>;
  markouts: OutcomeMarkout[];
  /** The first of them; `totals.fills` counts all. */
  fills: OutcomeFill[];
  /** Anything else that was measured, by its name. */
  measures: Record<string, number>;
  /** Log events, or rows of data, that were played. */
  events: number;
  /** Of every order that was sent and every fill: two backtests with the same digest did the same. */
  digest: string;
}

/** Fills that an outcome keeps whole. */
export const MOST_FILLS = 10_000;
const SECONDS_A_YEAR = 365 * 86_400;

export function emptySeries(): OutcomeSeries {
  return { time: [], profitUsd: [], deltaUsd: [], gammaUsd: [], vegaUsd: [], thetaUsd: [] };
}

/** Profits from one look to the next. */
export function profitsByLook(profit: readonly number[]): number[] {
  return profit.map((value, place) => value - (place === 0 ? 0 : profit[place - 1]!));
}

/** What is derived from the profits of the looks. */
export function ratios(
  profit: readonly number[],
  lookSeconds: number,
): Pick<OutcomeTotals, 'profitUsd' | 'drawdownUsd' | 'sharpeOfLooks' | 'sharpe' | 'sortino' | 'hitRate'> {
  const changes = profitsByLook(profit);
  const { sharpe, mean } = returnMoments(changes);
  let peak = 0;
  let drawdownUsd = 0;
  let downside = 0;
  let wins = 0;
  let moved = 0;
  profit.forEach((value, place) => {
    peak = Math.max(peak, value);
    drawdownUsd = Math.max(drawdownUsd, peak - value);
    const change = changes[place]!;
    if (change < 0) downside += change * change;
    if (change > 0) wins++;
    if (change !== 0) moved++;
  });
  const year = Math.sqrt(SECONDS_A_YEAR / lookSeconds);
  return {
    profitUsd: profit.at(-1) ?? 0,
    drawdownUsd,
    sharpeOfLooks: sharpe,
    sharpe: sharpe * year,
    sortino: downside > 0 ? (mean / Math.sqrt(downside / changes.length)) * year : 0,
    hitRate: moved === 0 ? 0 : wins / moved,
  };
}

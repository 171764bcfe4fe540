import { type BacktestOutcome, profitsByLook } from '../../../actors/backtest/outcome.js';
import { returnMoments } from '../../quant/statistics/index.js';

const SECONDS_A_YEAR = 365 * 86_400;

/** What of several runs together is looked at. */
export interface Summary {
  profitUsd: number;
  /** Deviation of the profit from segment to segment; 0 for one. */
  profitDeviation: number;
  sharpe: number;
  sortino: number;
  drawdownUsd: number;
  fills: number;
  feesUsd: number;
  /** Markout 10 s after fills, the venue's price unit. */
  markout10: number;
}

/** What a deviation or Sharpe ratio from look to look is multiplied by for one a year. */
export function lookToYear(lookSeconds: number): number {
  return Math.sqrt(SECONDS_A_YEAR / lookSeconds);
}

/** Profits of all looks, one segment after the other. */
export function returnsOf(outcomes: readonly BacktestOutcome[]): number[] {
  return outcomes.flatMap(({ series }) => profitsByLook(series.profitUsd));
}

export function summaryOf(outcomes: readonly BacktestOutcome[]): Summary {
  const mean = (pick: (outcome: BacktestOutcome) => number): number =>
    outcomes.reduce((sum, outcome) => sum + pick(outcome), 0) / Math.max(1, outcomes.length);
  const profits = outcomes.map(({ totals }) => totals.profitUsd);
  const at10 = outcomes.flatMap(({ markouts }) => markouts.filter(({ seconds }) => seconds === 10));
  const filled = at10.reduce((sum, { fills }) => sum + fills, 0);
  const lookSeconds = outcomes[0]?.lookSeconds ?? 1;
  return {
    profitUsd: mean(({ totals }) => totals.profitUsd),
    profitDeviation: returnMoments(profits).deviation,
    sharpe: returnMoments(returnsOf(outcomes)).sharpe * lookToYear(lookSeconds),
    sortino: mean(({ totals }) => totals.sortino),
    drawdownUsd: outcomes.reduce((most, { totals }) => Math.max(most, totals.drawdownUsd), 0),
    fills: mean(({ totals }) => totals.fills),
    feesUsd: mean(({ totals }) => totals.feesUsd),
    markout10: filled === 0 ? 0 : at10.reduce((sum, { price, fills }) => sum + price * fills, 0) / filled,
  };
}

import type { BacktestOutcome } from '../../../actors/backtest/outcome.js';
import type { BacktestConfig } from './config.js';
import type { SettingsPoint } from './search.js';
import type { SensitivityRow } from './sensitivity.js';
import type { Summary } from './summary.js';
import type { SweepRow, WalkRow } from './sweep.js';

/** Everything that a backtest found, as JSON has it. */
export interface BacktestReport {
  name: string;
  version: string;
  /** SHA-256 of the configuration as it was understood, and of the data. */
  configHash: string;
  dataHash: string;
  data: string;
  config: BacktestConfig;
  /** What is believed of fills and of the market, in words. */
  assumptions: string[];
  segments: string[];
  /** Settings that the sweep chose; empty without one. */
  chosen: SettingsPoint;
  summary: Summary;
  /** Probability that the true Sharpe ratio is above 0, and above what the best of as many trials without skill shows. */
  probabilisticSharpe: number;
  deflatedSharpe: number;
  /** Trials that the latter counts, and the Sharpe ratio, annualised, that it asks for. */
  trials: number;
  expectedGreatestSharpe: number;
  outcomes: BacktestOutcome[];
  sweep: SweepRow[];
  walkForward: WalkRow[];
  sensitivity: SensitivityRow[];
  /**
   * Runs that were made now and that were kept from before; seconds that making them took, and the share of the threads' time in which they had
   * one; CPU seconds that it took meanwhile, and those of all CPUs that nobody did.
   */
  runs: { made: number; reused: number; seconds: number; busy: number; cpuSeconds: number; idleSeconds: number };
}

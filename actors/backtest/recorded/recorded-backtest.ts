import type { QueueRuleCode } from '../../../engine/market/fills/index.js';
import { MARKET_MAKER_LIMITS } from '../../venue-sim/api/session/rate-limits.js';
import { defaultConfig } from '../../venue-sim/exchange/config.js';
import type { TickerPace } from '../../virtual-run/market-tape.js';
import { VirtualRun } from '../../virtual-run/virtual-run.js';
import { measured, scaleFees } from '../measured-run.js';
import type { BacktestOutcome } from '../outcome.js';
import { coreSettings, type StrategySettings, type VenueAssumptions } from '../simulated-backtest.js';
import type { AssumedFutures } from './carried-quotes.js';
import { RecordedMarket } from './recorded-market.js';
import type { RecordedSource } from './recorded-source.js';

export interface RecordedSettings extends StrategySettings, VenueAssumptions {
  seed: number;
  /** Underlying that is traded, such as BTC. */
  currency: string;
  queue: QueueRuleCode;
  exponent: number;
  /** Seconds at the beginning that are not measured. */
  warmUpSeconds: number;
  lookSeconds: number;
  /** Coins. */
  deposit: number;
  /** Of which only marks or bars were recorded. */
  futures?: AssumedFutures;
  /** How often the core is told tickers. */
  pace?: TickerPace;
  /** When the recording is over, milliseconds since the Unix epoch. */
  end: number;
}

/**
 * Runs the core on a recording, on the virtual clock: its orders stand in the recorded books.
 *
 * @throws RangeError where the recording is empty, or shorter than what warms up
 */
export function runRecorded(settings: RecordedSettings, source: RecordedSource): BacktestOutcome {
  const { seed, currency, queue, exponent, paths, speedBump, limits = MARKET_MAKER_LIMITS, protection } = settings;
  const { deposit, warmUpSeconds, lookSeconds, end, feeScale } = settings;
  const { futures, pace } = settings;
  const core = coreSettings(settings);
  const market = new RecordedMarket({
    source,
    currency,
    instruments: core.instruments,
    rule: queue,
    exponent,
    ...(futures === undefined ? {} : { futures }),
    config: { speedBump: { ...defaultConfig.speedBump, ...speedBump } },
  });
  const seconds = (end - market.exchange.now) / 1000 - warmUpSeconds;
  if (!(seconds >= lookSeconds)) {
    throw new RangeError(
      `the recording lasts ${((end - market.exchange.now) / 1000).toFixed(1)} s: expected more than warmUpSeconds (${warmUpSeconds}) and lookSeconds (${lookSeconds}) together`,
    );
  }
  const run = new VirtualRun({
    seed,
    core,
    market,
    paths,
    ...(pace === undefined ? {} : { pace }),
    limits,
    ...(protection === undefined ? {} : { protection }),
    deposit: { [currency]: deposit },
  });
  market.tellBy(run.tape);
  scaleFees(run, feeScale);
  const outcome = measured(run, { seed, currencies: [currency], seconds, warmUpSeconds, lookSeconds });
  const { rows, leftOut, breaks } = market;
  return {
    ...outcome,
    measures: { ...outcome.measures, rows, leftOut, bookBreaks: breaks, instruments: market.exchange.instruments.size },
  };
}

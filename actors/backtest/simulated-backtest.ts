import type { HedgingSettings } from '../../engine/market/hedging/settings.js';
import type { QuotingSettings } from '../../engine/market/quoting/settings.js';
import { type CoreSettings, DERIBIT_BOOK_DEPTH, OPTION_TRADING } from '../core-settings.js';
import type { ProtectionSettings } from '../execution/deribit/config.js';
import type { RateLimits } from '../venue-sim/api/session/rate-limits.js';
import { MARKET_MAKER_LIMITS } from '../venue-sim/api/session/rate-limits.js';
import { defaultConfig } from '../venue-sim/exchange/config.js';
import { WORLD } from '../venue-sim/world/parameters.js';
import type { Paths } from '../virtual-run/paths.js';
import { VirtualRun } from '../virtual-run/virtual-run.js';
import { measured, scaleFees } from './measured-run.js';
import type { BacktestOutcome } from './outcome.js';

/** How the core trades in a backtest: plain data. */
export interface StrategySettings {
  quoting: Partial<QuotingSettings>;
  /** Absent: not hedged. */
  hedging?: Partial<HedgingSettings>;
}

/** What the venue does to orders, beside matching them: plain data. */
export interface VenueAssumptions {
  paths: Partial<Paths>;
  /** Fees are so many times what the instruments' definitions say: what the core believes stays as it is. */
  feeScale: number;
  /** Milliseconds that an order which would take waits, by kind of instrument. */
  speedBump: { option: number; future: number; perpetual: number };
  limits?: RateLimits;
  protection?: readonly ProtectionSettings[];
}

export interface SimulatedSettings extends StrategySettings, VenueAssumptions {
  seed: number;
  /** Underlyings of the world, such as BTC. */
  currencies: readonly string[];
  /** Strikes of each expiry. */
  strikes: number;
  seconds: number;
  warmUpSeconds: number;
  lookSeconds: number;
  /** Coins of each currency. */
  deposit: number;
}

/** Ids that there is room for: 16 strikes of two currencies take about 800, and their successors. */
const INSTRUMENTS = 2048;

/** The core that a backtest runs: the live one. */
export function coreSettings({ quoting, hedging }: StrategySettings): CoreSettings {
  return {
    instruments: INSTRUMENTS,
    bookDepth: DERIBIT_BOOK_DEPTH,
    trading: { ...OPTION_TRADING, needsMmp: true },
    quoting,
    ...(hedging === undefined ? {} : { hedging }),
  };
}

/** Names of the underlyings that the simulated world has. */
export const SIMULATED_CURRENCIES: readonly string[] = WORLD.currencies.map(({ name }) => name);

/** A virtual run set up as a backtest is. */
function simulatedRun(settings: SimulatedSettings): VirtualRun {
  const { seed, currencies, strikes, paths, speedBump, limits = MARKET_MAKER_LIMITS, protection, deposit } = settings;
  const run = new VirtualRun({
    seed,
    core: coreSettings(settings),
    world: {
      ...WORLD,
      strikes,
      currencies: WORLD.currencies.filter(({ name }) => currencies.includes(name)),
    },
    exchange: { speedBump: { ...defaultConfig.speedBump, ...speedBump } },
    paths,
    limits,
    ...(protection === undefined ? {} : { protection }),
    deposit: Object.fromEntries(currencies.map((name) => [name, deposit])),
  });
  scaleFees(run, settings.feeScale);
  return run;
}

/** Runs the core on the simulated world and venue, on the virtual clock. @param progress told virtual seconds that are done */
export function runSimulated(
  settings: SimulatedSettings,
  progress: (seconds: number) => void = () => {},
): BacktestOutcome {
  const { seed, currencies, seconds, warmUpSeconds, lookSeconds } = settings;
  const run = simulatedRun(settings);
  return measured(run, { seed, currencies, seconds, warmUpSeconds, lookSeconds }, progress);
}

import type { HedgingSettings } from '../../engine/market/hedging/settings.js';
import type { QuotingSettings } from '../../engine/market/quoting/settings.js';
import { type CoreSettings, OPTION_TRADING } from '../core.js';
import type { ProtectionSettings } from '../execution/deribit/config.js';
import type { RateLimits } from '../venue-sim/api/session/rate-limits.js';
import { MARKET_MAKER_LIMITS } from '../venue-sim/api/session/rate-limits.js';
import { defaultConfig } from '../venue-sim/exchange/config.js';
import { WORLD } from '../venue-sim/world/parameters.js';
import type { Paths } from '../virtual-run/paths.js';
import { VirtualRun } from '../virtual-run/virtual-run.js';
import { CoreObserver } from './core-observer.js';
import { type BacktestOutcome, emptySeries, ratios } from './outcome.js';

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
    bookDepth: 4,
    trading: { ...OPTION_TRADING, needsMmp: true },
    quoting,
    ...(hedging === undefined ? {} : { hedging }),
  };
}

/** Names of the underlyings that the simulated world has. */
export const SIMULATED_CURRENCIES: readonly string[] = WORLD.currencies.map(({ name }) => name);

/** A virtual run set up as a backtest is. */
export function simulatedRun(settings: SimulatedSettings): VirtualRun {
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
  const { exchange } = run;
  const { instruments } = exchange;
  const observer = new CoreObserver(run, {
    nameOf: (id) => instruments.definitions[id]?.name ?? `#${id}`,
    kindOf: (id) => instruments.kind[id]!,
  });
  run.advance(warmUpSeconds);
  observer.begin();
  const from = run.now;
  const firstRequest = run.session.requests;
  const indices = currencies.map((name) => exchange.config.indices.findIndex(({ base }) => base === name));
  const equity = (): number[] => currencies.map((name) => run.equity(name));
  const start = equity();
  const series = emptySeries();
  const looks = Math.max(1, Math.round(seconds / lookSeconds));
  for (let look = 1; look <= looks; look++) {
    run.advanceTo(from + look * lookSeconds * 1000);
    const { delta, gamma, vega, theta } = observer.greeks();
    series.time.push(run.now);
    series.profitUsd.push(
      equity().reduce(
        (sum, coins, place) => sum + (coins - start[place]!) * exchange.indices.prices[indices[place]!]!,
        0,
      ),
    );
    series.deltaUsd.push(delta);
    series.gammaUsd.push(gamma);
    series.vegaUsd.push(vega);
    series.thetaUsd.push(theta);
    progress(look * lookSeconds);
  }
  return {
    seed,
    from,
    to: run.now,
    lookSeconds,
    series,
    totals: {
      ...ratios(series.profitUsd, lookSeconds),
      ...observer.paid(),
      fills: observer.fillCount,
      makerFills: observer.makerFills,
      requests: run.session.requests - firstRequest,
    },
    attribution: observer.attribution(),
    markouts: observer.markouts(),
    fills: observer.fills,
    measures: { ...observer.measures(), rateRefusals: run.session.rateRefusals, breaks: run.session.breaks },
    events: run.log.seq,
    digest: observer.digest.text(),
  };
}

/** The venue charges other fees than its instruments' definitions say, on those to come as well. */
function scaleFees(run: VirtualRun, scale: number): void {
  if (scale === 1) return;
  const { instruments } = run.exchange;
  let done = 0;
  const scaleNew = (): void => {
    for (; done < instruments.size; done++) {
      instruments.makerFee[done]! *= scale;
      instruments.takerFee[done]! *= scale;
    }
  };
  scaleNew();
  run.market.listeners.unshift({ instrumentChanged: scaleNew });
}

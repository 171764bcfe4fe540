import type { VirtualRun } from '../virtual-run/virtual-run.js';
import { CoreObserver } from './core-observer.js';
import { type BacktestOutcome, emptySeries, ratios } from './outcome.js';

export interface Measurement {
  seed: number;
  /** Underlyings whose equity counts. */
  currencies: readonly string[];
  /** Virtual seconds that are measured, after those in which it warms up. */
  seconds: number;
  warmUpSeconds: number;
  lookSeconds: number;
}

/** Lets a run go on and measures it. @param progress told virtual seconds that are done */
export function measured(
  run: VirtualRun,
  { seed, currencies, seconds, warmUpSeconds, lookSeconds }: Measurement,
  progress: (seconds: number) => void = () => {},
): BacktestOutcome {
  const { exchange } = run;
  const { instruments } = exchange;
  const observer = new CoreObserver(run, {
    nameOf: (id) => instruments.definitions[id]?.name ?? `#${id}`,
    kindOf: (id) => instruments.kind[id]!,
  });
  const begin = run.now;
  run.advance(warmUpSeconds);
  observer.begin();
  const from = begin + warmUpSeconds * 1000;
  const firstRequest = run.session.requests;
  const indices = currencies.map((name) => exchange.config.indices.findIndex(({ base }) => base === name));
  const equity = (): number[] => currencies.map((name) => run.equity(name));
  const start = equity();
  const series = emptySeries();
  const looks = Math.max(1, Math.floor(seconds / lookSeconds));
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
export function scaleFees(run: VirtualRun, scale: number): void {
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

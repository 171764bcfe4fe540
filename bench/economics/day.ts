import { DERIBIT_BOOK_DEPTH, OPTION_TRADING } from '../../actors/core-settings.js';
import { analytics, exposures } from '../../actors/streams.js';
import { MARKET_MAKER_LIMITS } from '../../actors/venue-sim/api/session/rate-limits.js';
import { WORLD } from '../../actors/venue-sim/world/parameters.js';
import { VirtualRun } from '../../actors/virtual-run/virtual-run.js';
import type { HedgingSettings } from '../../engine/market/hedging/settings.js';
import type { QuotingSettings } from '../../engine/market/quoting/settings.js';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { Attribution } from '../../schemas/generated/attribution.js';
import { Performance } from '../../schemas/generated/performance.js';
import { UnderlyingExposure } from '../../schemas/generated/underlying-exposure.js';
import { MessageType } from '../../schemas/message-type.js';
import { deviation } from './statistics.js';

/** One simulated day of one model. */
export interface Day {
  seed: number;
  hours: number;
  /** By the venue's own books, at its marks, USD. */
  profitUsd: number;
  fills: number;
  /** USD per 1.00 of vol, weighted to 30 days: mean of the absolute inventory, and the deviation over time. */
  vegaDeviation: number;
  deltaDeviation: number;
  /** Deviation of the profit from minute to minute, USD. */
  minuteDeviation: number;
  drawdownUsd: number;
  uptime: number;
  residualShare: number;
  /** Terms of the profit, coin. */
  terms: Record<string, number>;
}

const DEPOSIT = 1000;
const WARM_UP_SECONDS = 120;
const MINUTE = 60;

/** Runs one model on the simulated venue, with the hedger, on one underlying with eight strikes an expiry. */
export function runDay(
  seed: number,
  hours: number,
  quoting: Partial<QuotingSettings>,
  hedging: Partial<HedgingSettings> = {},
): Day {
  const currency = WORLD.currencies[0]!;
  const run = new VirtualRun({
    seed,
    core: {
      instruments: 512,
      bookDepth: DERIBIT_BOOK_DEPTH,
      trading: { ...OPTION_TRADING, needsMmp: true },
      quoting,
      hedging,
    },
    world: { ...WORLD, strikes: 8, currencies: [currency] },
    limits: MARKET_MAKER_LIMITS,
    deposit: { [currency.name]: DEPOSIT },
  });
  const performance = new Performance();
  const attribution = new Attribution();
  const exposure = new UnderlyingExposure();
  let uptime = 0;
  let fills = 0;
  let vega = 0;
  let delta = 0;
  let residualShare = 0;
  let index = 0;
  let terms: Record<string, number> = {};
  run.hear(exposures, (type, buffer, offset) => {
    if (type !== MessageType.UNDERLYING_EXPOSURE) return;
    exposure.__init(offset + HEADER_BYTES, buffer);
    vega = exposure.weightedVega();
    delta = exposure.netDelta();
  });
  run.hear(analytics, (type, buffer, offset) => {
    if (type === MessageType.PERFORMANCE) {
      performance.__init(offset + HEADER_BYTES, buffer);
      uptime = performance.uptime();
      fills = performance.fills();
    } else if (type === MessageType.ATTRIBUTION) {
      attribution.__init(offset + HEADER_BYTES, buffer);
      index = attribution.index();
      residualShare = attribution.absolute() > 0 ? attribution.absoluteResidual() / attribution.absolute() : 0;
      terms = {
        delta: attribution.delta(),
        hedge: attribution.hedge(),
        gamma: attribution.gamma(),
        vega: attribution.vega(),
        theta: attribution.theta(),
        vanna: attribution.vanna(),
        volga: attribution.volga(),
        edge: attribution.edge(),
        hedgeCost: attribution.hedgeCost(),
        fees: attribution.fees(),
        funding: attribution.funding(),
        settled: attribution.settled(),
        residual: attribution.residual(),
        total: attribution.total(),
      };
    }
  });
  run.advance(WARM_UP_SECONDS);
  const start = run.equity(currency.name);
  const profits: number[] = [];
  const vegas: number[] = [];
  const deltas: number[] = [];
  for (let minute = 0; minute < hours * 60; minute++) {
    run.advance(MINUTE);
    profits.push((run.equity(currency.name) - start) * index);
    vegas.push(vega);
    deltas.push(delta);
  }
  const changes = profits.map((profit, place) => profit - (profits[place - 1] ?? 0));
  let peak = 0;
  let drawdownUsd = 0;
  for (const profit of profits) {
    peak = Math.max(peak, profit);
    drawdownUsd = Math.max(drawdownUsd, peak - profit);
  }
  return {
    seed,
    hours,
    profitUsd: profits.at(-1) ?? 0,
    fills,
    vegaDeviation: deviation(vegas),
    deltaDeviation: deviation(deltas),
    minuteDeviation: deviation(changes),
    drawdownUsd,
    uptime,
    residualShare,
    terms,
  };
}

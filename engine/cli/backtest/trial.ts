import { createHash } from 'node:crypto';
import type { BacktestOutcome } from '../../../actors/backtest/outcome.js';
import { type BarsPath, EXTREMES } from '../../../actors/backtest/perpetual/bars-tape.js';
import type { DepthTape } from '../../../actors/backtest/perpetual/depth-tape.js';
import { PerpetualRun } from '../../../actors/backtest/perpetual/perpetual-run.js';
import type { PerpetualSettings } from '../../../actors/backtest/perpetual/perpetual-settings.js';
import { type RecordedSettings, runRecorded } from '../../../actors/backtest/recorded/recorded-backtest.js';
import { runSimulated, type SimulatedSettings } from '../../../actors/backtest/simulated-backtest.js';
import { MARKET_MAKER_LIMITS } from '../../../actors/venue-sim/api/session/rate-limits.js';
import type { Latency } from '../../../actors/venue-sim/latency.js';
import { QUEUE_RULES, QueueRule } from '../../market/fills/index.js';
import { packageVersion } from '../package-version.js';
import type { BacktestConfig, LatencySetting } from './config.js';
import { type JournalData, JournalSource } from './journal-data.js';

/** One run, whole: plain data that a worker can be handed. */
export type Trial =
  | { kind: 'simulated'; settings: SimulatedSettings }
  | { kind: 'binance-depth'; settings: PerpetualSettings }
  | { kind: 'bars'; path: BarsPath; settings: PerpetualSettings }
  | { kind: 'journal'; folder: string; from: number; to: number; settings: RecordedSettings };

/** A piece of the data that runs are made on: a seed of the world, or a part of the recording. */
export interface Segment {
  name: string;
  seed: number;
  part: readonly [from: number, to: number];
}

function seedsOf({ seeds }: BacktestConfig): number[] {
  return Array.isArray(seeds) ? seeds : Array.from({ length: seeds.count }, (_, place) => seeds.first + place);
}

/** In the order in which a walk goes through them. */
export function segmentsOf(config: BacktestConfig): Segment[] {
  const { parts, data } = config;
  return Array.from({ length: parts }, (_, part) => [part / parts, (part + 1) / parts] as const).flatMap(
    (part, place) =>
      seedsOf(config).map((seed) => ({
        name:
          data.kind === 'simulated' ? `seed ${seed}` : parts === 1 ? `seed ${seed}` : `part ${place + 1}, seed ${seed}`,
        seed,
        part,
      })),
  );
}

/** What a run assumes beside its configuration, for tests of sensitivity. */
export interface Assumptions {
  /** Times the configured latencies. */
  latency: number;
  /** Name of another rule of queues. */
  queue?: string;
  /** Times the configured scale of fees. */
  fees: number;
  /** Another way of the price inside bars. */
  path?: Partial<BarsPath>;
}

export const AS_CONFIGURED: Assumptions = { latency: 1, fees: 1 };

/** The run of a configuration on a segment. */
export function trialOf(
  config: BacktestConfig,
  { seed, part }: Segment,
  assumed: Assumptions = AS_CONFIGURED,
  journal?: JournalData,
): Trial {
  const { venue, data } = config;
  const path = (setting: LatencySetting): Latency => scaled(latencyOf(setting), assumed.latency);
  const feeScale = venue.fees.scale * assumed.fees;
  if (data.kind === 'simulated' || data.kind === 'journal') {
    const { data: market, decision, order, answer, calibration } = venue.latency;
    // What a recorder heard was late by as much as an engine's data: nothing is added unless it is asked for.
    const usual = data.kind === 'journal' ? 0 : 1;
    const shared = {
      seed,
      warmUpSeconds: config.warmUpSeconds,
      lookSeconds: config.lookSeconds,
      deposit: config.deposit,
      quoting: config.quoting,
      ...(config.hedging === false ? {} : { hedging: config.hedging }),
      paths: {
        data: path(market === undefined || market === 'recording' ? usual : market),
        decision: path(decision ?? 0.05),
        order: path(order),
        answer: path(answer),
        // A calibration takes its time wherever the venue is.
        ...(calibration === undefined ? {} : { calibration: latencyOf(calibration) }),
      },
      feeScale,
      speedBump: venue.speedBumpMs,
      limits: {
        ...MARKET_MAKER_LIMITS,
        ...(venue.credits.matching === undefined ? {} : { matching: venue.credits.matching }),
        ...(venue.credits.massQuotes === undefined ? {} : { massQuotes: venue.credits.massQuotes }),
      },
      ...(venue.protection === undefined ? {} : { protection: protectionOf(config) }),
    };
    if (data.kind === 'simulated') {
      const { currencies, strikes } = data;
      return { kind: 'simulated', settings: { ...shared, currencies, strikes, seconds: config.seconds } };
    }
    if (journal === undefined) throw new Error('a backtest on a journal needs to know what it holds');
    const at = (share: number): number => Math.floor(journal.from + share * (journal.to - journal.from));
    return {
      kind: 'journal',
      folder: journal.folder,
      from: at(part[0]),
      to: at(part[1]),
      settings: {
        ...shared,
        currency: data.currency,
        queue: QUEUE_RULES[assumed.queue ?? venue.queue.rule]!,
        exponent: venue.queue.exponent,
        futures: data.futures,
        pace: data.tickers,
        end: at(part[1]) / 1000,
      },
    };
  }
  const { data: market = 'recording', order, answer, decision } = venue.latency;
  const decided = decision === undefined ? 0 : decision;
  const { intervalSeconds, frozenSeconds, quantityLimit } = venue.protection ?? {};
  const settings: PerpetualSettings = {
    seed,
    maker: config.maker,
    // Bars have no queues: what they have gone through is filled, and nothing else.
    queue: data.kind === 'bars' ? QueueRule.TRADE_THROUGH : QUEUE_RULES[assumed.queue ?? venue.queue.rule]!,
    exponent: venue.queue.exponent,
    data: market === 'recording' ? { kind: 'recording', floorMs: RECORDING_FLOOR_MS * assumed.latency } : path(market),
    order: typeof decided === 'number' ? later(path(order), decided * assumed.latency) : path(order),
    answer: path(answer),
    makerFee: venue.fees.maker,
    takerFee: venue.fees.taker,
    feeScale,
    fundingRate: venue.fees.funding,
    speedBumpMs: venue.speedBumpMs.perpetual,
    credits: venue.credits.matching ?? { capacity: 300, refillPerSecond: 30 },
    ...(intervalSeconds === undefined
      ? {}
      : {
          protection: {
            intervalMs: intervalSeconds * 1000,
            frozenMs: frozenSeconds! * 1000,
            quantityLimit: quantityLimit!,
          },
        }),
    lookSeconds: config.lookSeconds,
    part,
  };
  if (data.kind === 'binance-depth') return { kind: 'binance-depth', settings };
  return { kind: 'bars', path: { ...barsPathOf(data), ...assumed.path }, settings };
}

/** What a configuration believes of the way inside bars. */
function barsPathOf({ extremes, steps, spreadTicks, touchAmount }: BarsPath): BarsPath {
  return { extremes, steps, spreadTicks, touchAmount };
}

/** Other ways of the price inside bars, which one figure would hide. */
export function otherPaths({ extremes, steps }: BarsPath): { value: string; path: Partial<BarsPath> }[] {
  return [
    ...EXTREMES.filter((order) => order !== extremes).map((order) => ({
      value: `extremes ${order}`,
      path: { extremes: order },
    })),
    ...[1, 4, 8]
      .filter((count) => count !== steps)
      .map((count) => ({ value: `${count} ${count === 1 ? 'step' : 'steps'} a line`, path: { steps: count } })),
  ];
}

/** A recorder's clock is not the exchange's: the quickest message counts as so old. */
const RECORDING_FLOOR_MS = 1;

function latencyOf(setting: LatencySetting): Latency {
  if (typeof setting === 'number') return { kind: 'constant', ms: setting };
  if ('recorded' in setting) return { kind: 'recorded', ms: setting.recorded };
  return { kind: 'drawn', ...setting };
}

function scaled(latency: Latency, by: number): Latency {
  switch (latency.kind) {
    case 'constant':
      return { kind: 'constant', ms: latency.ms * by };
    case 'recorded':
      return { kind: 'recorded', ms: latency.ms.map((ms) => ms * by) };
    case 'drawn':
      return { ...latency, floorMs: latency.floorMs * by, medianMs: latency.medianMs * by };
  }
}

function later(latency: Latency, ms: number): Latency {
  switch (latency.kind) {
    case 'constant':
      return { kind: 'constant', ms: latency.ms + ms };
    case 'recorded':
      return { kind: 'recorded', ms: latency.ms.map((own) => own + ms) };
    case 'drawn':
      return { ...latency, floorMs: latency.floorMs + ms };
  }
}

function protectionOf({ venue: { protection }, data }: BacktestConfig) {
  const { deltaLimit, vegaLimit, maxQuoteQuantity, ...rest } = protection!;
  const currencies = data.kind === 'simulated' ? data.currencies : data.kind === 'journal' ? [data.currency] : [];
  return currencies.map((name) => ({
    index: `${name.toLowerCase()}_usd`,
    ...rest,
    ...(deltaLimit === undefined ? {} : { deltaLimit }),
    ...(vegaLimit === undefined ? {} : { vegaLimit }),
    maxQuoteQuantity: maxQuoteQuantity ?? rest.quantityLimit / 2,
  }));
}

/** The name under which a run's outcome is kept: the same settings on the same data by the same program have it. */
export function keyOf(trial: Trial, dataHash: string): string {
  return createHash('sha256')
    .update(JSON.stringify([packageVersion(), dataHash, trial]))
    .digest('hex')
    .slice(0, 32);
}

/** Runs a trial here. @param tape of recorded depth, or of bars that went so */
export function runTrial(
  trial: Trial,
  tape: DepthTape | undefined,
  tapeOfBars?: (path: BarsPath) => DepthTape,
): BacktestOutcome {
  switch (trial.kind) {
    case 'bars':
      if (tapeOfBars === undefined) throw new Error('a backtest on bars needs them');
      return new PerpetualRun(tapeOfBars(trial.path), trial.settings).run();
    case 'simulated':
      return runSimulated(trial.settings);
    case 'binance-depth':
      if (tape === undefined) throw new Error('a backtest on recorded depth needs its tape');
      return new PerpetualRun(tape, trial.settings).run();
    case 'journal': {
      const source = new JournalSource(trial.folder, trial.from, trial.to);
      try {
        return runRecorded(trial.settings, source);
      } finally {
        void source.close();
      }
    }
  }
}

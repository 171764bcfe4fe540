import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { EXTREMES } from '../../../actors/backtest/perpetual/bars-tape.js';
import { MAKER_DEFAULTS } from '../../../actors/backtest/perpetual/glft-maker.js';
import { ASSUMED_FUTURES } from '../../../actors/backtest/recorded/carried-quotes.js';
import { SIMULATED_CURRENCIES } from '../../../actors/backtest/simulated-backtest.js';
import { QUEUE_RULES } from '../../market/fills/index.js';
import { HEDGING_DEFAULTS, hedgingSettings } from '../../market/hedging/settings.js';
import { QUOTING_DEFAULTS, quotingSettings } from '../../market/quoting/settings.js';
import { venueIds } from '../../market/venue.js';
import { parseResolution } from '../history/bars-format.js';
import { UserError } from '../user-error.js';

const ms = z.number().min(0).max(600_000);
const queueNames = Object.keys(QUEUE_RULES) as [string, ...string[]];

/** Milliseconds: always the same, as they were measured one after another, or log-normal over a floor. */
const latency = z.union(
  [
    ms,
    z.strictObject({ recorded: z.array(ms).min(1) }),
    z.strictObject({ floorMs: ms, medianMs: ms, deviation: z.number().min(0).max(5) }),
  ],
  {
    error:
      'expected milliseconds from 0 to 600000, {"recorded": [ms, ...]}, or {"floorMs", "medianMs", "deviation"} of a log-normal over a floor',
  },
);

const simulated = z.strictObject({
  kind: z.literal('simulated'),
  currencies: z
    .array(z.enum(SIMULATED_CURRENCIES as [string, ...string[]]))
    .min(1)
    .default(['BTC']),
  strikes: z.int().min(2).max(32).default(8),
});

const binanceDepth = z.strictObject({
  kind: z.literal('binance-depth'),
  file: z.string().min(1),
  tick: z.number().positive().default(0.1),
  lot: z.number().positive().default(0.001),
});

/** ISO times; without them the whole. */
const range = { from: z.iso.datetime().optional(), to: z.iso.datetime().optional() };

const bars = z.strictObject({
  kind: z.literal('bars'),
  file: z.string().min(1),
  ...range,
  /** Whose bars they are and how long, where the name of the file does not say. */
  instrument: z.string().min(1).optional(),
  venue: z.enum([...venueIds.keys()] as [string, ...string[]]).default('binance'),
  resolution: z
    .string()
    .refine((text) => parseResolution(text) !== undefined, { error: 'expected a length such as 1m, 15m or 1h' })
    .optional(),
  tick: z.number().positive().default(0.1),
  lot: z.number().positive().default(0.001),
  /** Inside a bar: which extreme came first, prices on each of its three lines, and the touch around the price. */
  extremes: z.enum(EXTREMES).default('nearest-first'),
  steps: z.int().min(1).max(64).default(4),
  spreadTicks: z.int().min(1).max(10_000).default(1),
  touchAmount: z.number().positive().max(1e9).default(1),
});

const journal = z.strictObject({
  kind: z.literal('journal'),
  folder: z.string().min(1),
  ...range,
  /** Of the underlying that is traded, as instruments name it. */
  currency: z.string().min(1).default('BTC'),
  /** The touch of futures of which only marks or bars were recorded: part of the price to either side, and USD at each. */
  futures: z
    .strictObject({
      halfSpread: z.number().min(0).max(0.1).default(ASSUMED_FUTURES.halfSpread),
      amountUsd: z.number().positive().max(1e9).default(ASSUMED_FUTURES.amountUsd),
    })
    .prefault({}),
  /** How often the core is told the ticker of an option, and of a future and the index; milliseconds. */
  tickers: z
    .strictObject({
      option: z.number().min(100).max(3_600_000).default(10_000),
      future: z.number().min(100).max(3_600_000).default(1000),
    })
    .prefault({}),
});

/** What a setting is searched in: listed values, or a range. */
const searched = z.union(
  [
    z.array(z.number()).min(1),
    z
      .strictObject({ from: z.number(), to: z.number(), log: z.boolean().default(false) })
      .refine(({ from, to, log }) => from < to && (!log || from > 0)),
  ],
  { error: 'expected a list of numbers, or {"from", "to", "log"?} with from below to, and above 0 where log' },
);

const protection = z.strictObject({
  intervalSeconds: z.number().positive().max(3600),
  frozenSeconds: z.number().min(0).max(3600),
  quantityLimit: z.number().positive(),
  deltaLimit: z.number().positive().optional(),
  vegaLimit: z.number().positive().optional(),
  maxQuoteQuantity: z.number().positive().optional(),
});

const credits = z.strictObject({
  capacity: z.number().min(1).max(1e9),
  refillPerSecond: z.number().positive().max(1e9),
});

const maker = z.strictObject({
  fillRate: z.number().positive().max(1e6).default(MAKER_DEFAULTS.fillRate),
  fillDecay: z.number().positive().max(1e6).default(MAKER_DEFAULTS.fillDecay),
  aversion: z.number().positive().max(1e3).default(MAKER_DEFAULTS.aversion),
  amount: z.number().positive().max(1e9).default(MAKER_DEFAULTS.amount),
  positionLimit: z.number().min(1).max(1e6).default(MAKER_DEFAULTS.positionLimit),
  flattenBeyond: z.number().min(0).max(1e6).default(MAKER_DEFAULTS.flattenBeyond),
  leastTicks: z.number().min(0).max(1e6).default(MAKER_DEFAULTS.leastTicks),
  lookMs: z.number().min(1).max(60_000).default(MAKER_DEFAULTS.lookMs),
  volatilityLooks: z.int().min(2).max(1e6).default(MAKER_DEFAULTS.volatilityLooks),
  toleranceTicks: z.number().min(0).max(1e6).default(MAKER_DEFAULTS.toleranceTicks),
});

const venue = z.strictObject({
  latency: z
    .strictObject({
      /** Market data to the engine; on recordings `recording` takes the recorder's own. */
      data: z.union([latency, z.literal('recording')]).optional(),
      decision: latency.optional(),
      order: latency.default(1.5),
      answer: latency.default(1),
      calibration: latency.optional(),
    })
    .prefault({}),
  fees: z
    .strictObject({
      /** Times what the venue's rules say. */
      scale: z.number().min(0).max(100).default(1),
      /** Of the perpetual on recorded depth: parts of the value. */
      maker: z.number().min(-0.01).max(0.01).default(0.0002),
      taker: z.number().min(-0.01).max(0.01).default(0.0005),
      funding: z.number().min(-0.01).max(0.01).default(0.0001),
    })
    .prefault({}),
  queue: z
    .strictObject({
      rule: z.enum(queueNames).default('power'),
      exponent: z.number().min(0.1).max(10).default(3),
    })
    .prefault({}),
  speedBumpMs: z.strictObject({ option: ms.default(0), future: ms.default(0), perpetual: ms.default(0) }).prefault({}),
  credits: z.strictObject({ matching: credits.optional(), massQuotes: credits.optional() }).prefault({}),
  protection: protection.optional(),
});

const sweep = z.strictObject({
  method: z.enum(['grid', 'random', 'bayesian']),
  /** Settings by their paths, such as `quoting.beta`. */
  parameters: z.record(z.string(), searched).refine((given) => Object.keys(given).length > 0, {
    error: 'expected at least one setting by its path, such as "quoting.beta"',
  }),
  /** Sets of settings that are tried, where the method is not a grid. */
  trials: z.int().min(1).max(100_000).default(32),
  objective: z.enum(['sharpe', 'profitUsd', 'sortino']).default('sharpe'),
  searchSeed: z.int().default(1),
  /** Segments (seeds, or parts of the recording in time) are walked through, each judged by what was best before it. */
  walkForward: z.boolean().default(false),
});

const sensitivity = z.strictObject({
  latency: z.array(z.number().min(0).max(1000)).default([0, 0.5, 2, 5]),
  queue: z.array(z.enum(queueNames)).default(['risk-averse', 'log', 'trade-through', 'first']),
  fees: z.array(z.number().min(0).max(100)).default([0, 0.5, 1.5, 2]),
});

/** Names a setting within its group in a message such as `quoting.beta: expected ...`. */
const NAMED = /^\w+\.([\w[\]]+(?:\.\w+)*): (.*)$/;

/** Settings of the core, judged by the very check that the core makes. */
const settingsOf = (defaults: object, check: (given: Record<string, unknown>) => unknown) =>
  z.unknown().transform((given, context): Record<string, unknown> => {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      context.addIssue({ code: 'custom', message: `expected settings by their names, found ${JSON.stringify(given)}` });
      return z.NEVER;
    }
    const settings = { ...given } as Record<string, unknown>;
    for (const key of Object.keys(settings)) {
      if (key in defaults) continue;
      const message = `there is no such setting; there are: ${Object.keys(defaults).join(', ')}`;
      context.addIssue({ code: 'custom', path: [key], message });
    }
    try {
      check(settings);
    } catch (error) {
      const { message } = error as Error;
      const [, key, rest] = NAMED.exec(message) ?? [];
      if (key === undefined) context.addIssue({ code: 'custom', message });
      else context.addIssue({ code: 'custom', path: [key], message: rest! });
    }
    return settings;
  });

/** The same, or false for none. */
const settingsOrNone = (settings: ReturnType<typeof settingsOf>) =>
  z.unknown().transform((given, context): Record<string, unknown> | false => {
    if (given === false) return false;
    const parsed = settings.safeParse(given);
    if (parsed.success) return parsed.data;
    for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', path: [...path], message });
    return z.NEVER;
  });

const configSchema = z
  .strictObject({
    name: z.string().max(200).default('backtest'),
    data: z.discriminatedUnion('kind', [simulated, binanceDepth, bars, journal]),
    /** Each is a run of its own. */
    seeds: z
      .union([z.array(z.int()).min(1), z.strictObject({ first: z.int(), count: z.int().min(1).max(100_000) })], {
        error: 'expected a list of whole numbers, or {"first", "count"}',
      })
      .default([1]),
    /** Measured, and before that warmed up; recordings are played whole. */
    seconds: z.number().min(1).max(31_536_000).default(1800),
    warmUpSeconds: z.number().min(0).max(86_400).default(120),
    /** Between two looks at the profit. */
    lookSeconds: z.number().min(0.1).max(86_400).default(10),
    /** Coins that each currency's account begins with. */
    deposit: z.number().positive().max(1e9).default(1000),
    quoting: settingsOf(QUOTING_DEFAULTS, quotingSettings).prefault({}),
    /** false: not hedged. */
    hedging: settingsOrNone(settingsOf(HEDGING_DEFAULTS, hedgingSettings)).prefault({}),
    maker: maker.prefault({}),
    venue: venue.prefault({}),
    sweep: sweep.optional(),
    /** false: one figure, which flatters. */
    sensitivity: z.union([sensitivity, z.literal(false)]).prefault({}),
    /** Parts in time that a recording is cut into, each a run of its own. */
    parts: z.int().min(1).max(1000).default(1),
  })
  .superRefine((config, context) => {
    if (config.lookSeconds > config.seconds && config.data.kind === 'simulated')
      context.addIssue({
        code: 'custom',
        path: ['lookSeconds'],
        message: `expected no more than seconds (${config.seconds}), found ${config.lookSeconds}`,
      });
    if (config.parts > 1 && config.data.kind === 'simulated')
      context.addIssue({
        code: 'custom',
        path: ['parts'],
        message: `a recording is cut into parts, a simulated world has seeds: expected 1, found ${config.parts}`,
      });
    if (config.data.kind === 'simulated' && config.venue.latency.data === 'recording')
      context.addIssue({
        code: 'custom',
        path: ['venue', 'latency', 'data'],
        message: 'a simulated world has no recording: give milliseconds',
      });
  });

export type BacktestConfig = z.output<typeof configSchema>;
export type LatencySetting = z.output<typeof latency>;
export type SweepConfig = z.output<typeof sweep>;

/** The configuration in a file. @throws UserError that names the file and the key */
export function readConfig(path: string): BacktestConfig {
  let text: unknown;
  try {
    text = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UserError(`cannot read the configuration ${path}: ${(error as Error).message}`);
  }
  return checkConfig(text, path);
}

/** @param where it is from, for errors */
export function checkConfig(given: unknown, where: string): BacktestConfig {
  const parsed = configSchema.safeParse(given);
  if (parsed.success) {
    checkSweep(parsed.data, given, where);
    return parsed.data;
  }
  throw new UserError(`${where}: ${problems(parsed.error).join('; ')}`);
}

/** A configuration with other values of some settings, by their paths. @throws UserError that names the setting */
export function withSettings(
  given: unknown,
  settings: Readonly<Record<string, unknown>>,
  where: string,
): BacktestConfig {
  const { sweep: _, ...rest } = structuredClone(given) as Record<string, unknown>;
  for (const [path, value] of Object.entries(settings)) setAt(rest, path.split('.'), value);
  const parsed = configSchema.safeParse(rest);
  if (!parsed.success) throw new UserError(`${where}: ${problems(parsed.error).join('; ')}`);
  return parsed.data;
}

function checkSweep({ sweep: swept }: BacktestConfig, given: unknown, where: string): void {
  if (swept === undefined) return;
  for (const [path, values] of Object.entries(swept.parameters)) {
    if (swept.method === 'grid' && !Array.isArray(values))
      throw new UserError(`${where}: sweep.parameters.${path}: a grid needs a list of values, found a range`);
    const ends = Array.isArray(values) ? values : [values.from, values.to];
    for (const value of ends) withSettings(given, { [path]: value }, `${where}: sweep.parameters.${path} = ${value}`);
  }
}

function setAt(into: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path as [string, ...string[]];
  if (rest.length === 0) {
    into[key] = value;
    return;
  }
  const inner = into[key];
  const next = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? { ...inner } : {};
  into[key] = next;
  setAt(next as Record<string, unknown>, rest, value);
}

function problems({ issues }: z.ZodError): string[] {
  return issues.map(({ path, message, ...issue }) => {
    const unknown = (issue as { keys?: string[] }).keys;
    const key = [...path.map(String), ...(unknown ?? []).slice(0, 1)].join('.');
    return `${key === '' ? 'the whole' : key}: ${unknown === undefined ? message : 'there is no such setting'}`;
  });
}

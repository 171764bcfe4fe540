import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { AnomalyConfig } from '../../../actors/anomaly/anomaly.js';
import { FilterMeasure, type FilterMeasureName, MOST_RULES } from '../../../actors/anomaly/filter-rules.js';
import type { CoreSettings } from '../../../actors/core-settings.js';
import type { FilterConfig } from '../../../actors/filter/filter-config.js';
import {
  checkedRule,
  RULE_DEFAULTS,
  type ThresholdRule,
  thresholdModes,
} from '../../market/volatility-filter/index.js';
import { UserError } from '../user-error.js';

const EXIT_USAGE = 2;
const measures = Object.keys(FilterMeasure) as FilterMeasureName[];
const positive = z.number().positive();

const rule = z.strictObject({
  measure: z.enum(measures),
  mode: z.enum([...thresholdModes] as [string, ...string[]]),
  level: z.number(),
  window: z.number().optional(),
  lag: z.number().optional(),
  release: z.number().optional(),
  hold: z.number().optional(),
});

const filterFile = z.strictObject({
  /** Model of realised volatility. */
  model: z.enum(['combination', 'log-har', 'two-factor', 'ewma']).optional(),
  /** Seconds between two fits of the surface at most, and the move of the index (a log return) that asks for another. */
  refitSeconds: positive.optional(),
  refitMove: positive.optional(),
  /** Changes of a theoretical value that are worth telling: ticks of its price, a fraction of vol. */
  publishTicks: positive.optional(),
  publishVol: positive.optional(),
  /** Length of the bars that rules and statistics go by, seconds. */
  barSeconds: z.number().int().min(1).max(86_400).optional(),
  /** Seconds for which the same anomaly of the same instrument is not told again. */
  coolDownSeconds: positive.optional(),
  /** Smallest arbitrage that is told, USD after fees. */
  leastArbitrageUsd: positive.optional(),
  /** Thresholds; they take the place of the usual ones. */
  rules: z.array(rule).max(MOST_RULES).optional(),
});

/** What a file says of the volatility filter and of the watch over the market. */
export interface FilterSettings {
  filter: Partial<FilterConfig>;
  anomaly: Partial<Omit<AnomalyConfig, 'instruments' | 'readsTheos'>>;
}

/** Reads the file; throws a UserError that names it, and each thing in it that is wrong, with what is allowed. */
export function readFilterFile(path: string): FilterSettings {
  if (!existsSync(path))
    throw new UserError(`there is no file '${path}': 'volfilter tune --out' writes one`, EXIT_USAGE);
  try {
    return parseFilterFile(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UserError(`${path}: ${(error as Error).message}`, EXIT_USAGE);
  }
}

/** The core with the volatility filter as a file has it: what the file does not say stays. */
export function withFilter(core: CoreSettings, chosen: FilterSettings | undefined): CoreSettings {
  if (chosen === undefined) return core;
  return { ...core, filter: { ...core.filter, ...chosen.filter }, anomaly: { ...core.anomaly, ...chosen.anomaly } };
}

/** The settings that JSON text holds. Throws an Error that names each thing that is wrong. */
export function parseFilterFile(text: string): FilterSettings {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new Error(`expected JSON: ${(error as Error).message}`);
  }
  const parsed = filterFile.safeParse(data);
  if (!parsed.success) {
    throw new Error(parsed.error.issues.map(({ path, message }) => `${placeOf(path)}${message}`).join('\n'));
  }
  const { model, refitSeconds, refitMove, publishTicks, publishVol, rules, ...anomaly } = parsed.data;
  const filter = known({ model, refitSeconds, refitMove, publishTicks, publishVol });
  const checked = rules?.map(({ measure, ...given }, place) => ({ measure, rule: ruleOf(given, place) }));
  return { filter, anomaly: { ...known(anomaly), ...(checked === undefined ? {} : { rules: checked }) } };
}

/** The rules of a configuration as such a file holds them. */
export function filterFileText(
  barSeconds: number,
  rules: readonly { measure: FilterMeasureName; rule: Readonly<ThresholdRule> }[],
): string {
  const told = rules.map(({ measure, rule: one }) => ({ measure, ...one }));
  return `${JSON.stringify({ barSeconds, rules: told }, null, 2)}\n`;
}

/** The measures of `volfilter tune` that the engine keeps while it runs, under its own names for them. */
export function liveMeasure(measure: string): FilterMeasureName | undefined {
  return measures.find((name) => name === measure);
}

type GivenRule = Omit<z.infer<typeof rule>, 'measure'>;

function ruleOf({ mode, level, window, lag, release, hold }: GivenRule, place: number): ThresholdRule {
  const isAbsolute = mode === 'absolute';
  try {
    return checkedRule({
      mode: mode as ThresholdRule['mode'],
      level,
      window: window ?? (isAbsolute ? 0 : RULE_DEFAULTS.window),
      lag: lag ?? (isAbsolute ? 0 : RULE_DEFAULTS.lag),
      release: release ?? RULE_DEFAULTS.release,
      hold: hold ?? RULE_DEFAULTS.hold,
    });
  } catch (error) {
    throw new Error(`rules[${place}]: ${(error as Error).message}`);
  }
}

function placeOf(path: readonly PropertyKey[]): string {
  const place = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return place === '' ? '' : `${place.replace(/^\./, '')}: `;
}

/** What is there of an object's values. */
function known<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

import { refuse, requireBetween, requireInteger } from '../domain.js';
import { normalCdf } from '../normal/index.js';
import { chiSquareSurvival } from './chi-square.js';

/** Outcome of a test of a value-at-risk model. Reject the model at 95 % where `pValue` < 0.05. */
export interface BacktestResult {
  /** Likelihood ratio (or the z score of `binomialTest`). */
  statistic: number;
  /** Probability of a statistic as extreme if the model is right. */
  pValue: number;
  /** Of the chi-square distribution; 0 for the normal one. */
  degreesOfFreedom: number;
}

/** What the tests need of a record of failures: days on which the loss exceeded the value at risk. */
export interface FailureRecord {
  observations: number;
  failures: number;
  /** 1-based places of the failures. */
  places: readonly number[];
  /** How often state `to` (1: failure) followed state `from`. */
  transitions: { from0to0: number; from0to1: number; from1to0: number; from1to1: number };
}

/**
 * Reads a record of failures.
 *
 * @param failed by day, true or non-zero where the loss exceeded the value at risk
 * @throws RangeError when empty or for a NaN
 */
export function failureRecord(failed: ArrayLike<boolean | number>): FailureRecord {
  if (failed.length === 0) refuse('failureRecord', 'failed', 'at least one day', 'none');
  const places: number[] = [];
  const counts = [0, 0, 0, 0];
  for (let day = 0; day < failed.length; day++) {
    if (Number.isNaN(failed[day])) refuse('failureRecord', `failed[${day}]`, 'true, false or a number', 'NaN');
    if (failed[day]) places.push(day + 1);
    if (day > 0) counts[(failed[day - 1] ? 2 : 0) + (failed[day] ? 1 : 0)]!++;
  }
  const [from0to0, from0to1, from1to0, from1to1] = counts as [number, number, number, number];
  return {
    observations: failed.length,
    failures: places.length,
    places,
    transitions: { from0to0, from0to1, from1to0, from1to1 },
  };
}

/** Compares results (positive: gains) with value at risk (positive: a loss): a failure is a result below -VaR. */
export function failuresOf(results: ArrayLike<number>, valueAtRisk: ArrayLike<number>): FailureRecord {
  if (results.length !== valueAtRisk.length) {
    refuse('failuresOf', 'valueAtRisk', `as long as results (${results.length})`, valueAtRisk.length);
  }
  return failureRecord(
    Array.from(results, (result, day) => {
      const limit = valueAtRisk[day]!;
      if (Number.isNaN(result) || Number.isNaN(limit)) return Number.NaN;
      return result < -limit;
    }),
  );
}

/** count ln p, with 0 ln 0 = 0. */
function logLikelihood(count: number, p: number): number {
  return count === 0 ? 0 : count * Math.log(p);
}

function binomialLogLikelihood(failures: number, others: number, p: number): number {
  return logLikelihood(failures, p) + (others === 0 ? 0 : others * Math.log1p(-p));
}

function likelihoodRatio(restricted: number, free: number, degreesOfFreedom: number): BacktestResult {
  // Rounding may leave a perfect fit a hair below 0.
  const statistic = Math.max(0, 2 * (free - restricted));
  return { statistic, pValue: chiSquareSurvival(statistic, degreesOfFreedom), degreesOfFreedom };
}

function sumOf(first: BacktestResult, second: BacktestResult): BacktestResult {
  const statistic = first.statistic + second.statistic;
  const degreesOfFreedom = first.degreesOfFreedom + second.degreesOfFreedom;
  return { statistic, pValue: chiSquareSurvival(statistic, degreesOfFreedom), degreesOfFreedom };
}

/**
 * Kupiec's test of the proportion of failures (POF): are there as many as the level says? Chi-square with 1 degree.
 *
 * @param failures 0 to observations
 * @param observations >= 1
 * @param p probability of a failure under the model, between 0 and 1: 0.01 for 99 % value at risk
 * Source: Kupiec, "Techniques for verifying the accuracy of risk measurement models", Journal of Derivatives 3 (1995).
 */
export function kupiecProportionOfFailures(failures: number, observations: number, p: number): BacktestResult {
  requireCounts('kupiecProportionOfFailures', failures, observations, p);
  const others = observations - failures;
  const restricted = binomialLogLikelihood(failures, others, p);
  return likelihoodRatio(restricted, binomialLogLikelihood(failures, others, failures / observations), 1);
}

/**
 * Kupiec's test of the time until the first failure (TUFF). Chi-square with 1 degree.
 *
 * @param firstFailure 1-based day of the first failure
 */
export function kupiecTimeUntilFirstFailure(firstFailure: number, p: number): BacktestResult {
  requireInteger('kupiecTimeUntilFirstFailure', 'firstFailure', firstFailure, 1);
  requireProbability('kupiecTimeUntilFirstFailure', p);
  const restricted = binomialLogLikelihood(1, firstFailure - 1, p);
  return likelihoodRatio(restricted, binomialLogLikelihood(1, firstFailure - 1, 1 / firstFailure), 1);
}

/** Whole numbers around `centre` that a test accepts, while its p-value falls away from there. */
function acceptedAround(centre: number, low: number, high: number, accepts: (count: number) => boolean) {
  const start = accepts(centre) ? centre : Math.min(high, centre + 1);
  if (!accepts(start)) return { least: 0, most: -1 };
  let least = start;
  let most = start;
  while (least > low && accepts(least - 1)) least--;
  while (most < high && accepts(most + 1)) most++;
  return { least, most };
}

/**
 * Fewest and most failures that the POF test accepts, both ends included; most is -1 where it accepts none.
 *
 * @param testLevel confidence of the test, default 0.95
 */
export function kupiecAcceptedFailures(
  observations: number,
  p: number,
  testLevel = 0.95,
): { fewest: number; most: number } {
  requireCounts('kupiecAcceptedFailures', 0, observations, p);
  if (!(testLevel > 0 && testLevel < 1)) refuse('kupiecAcceptedFailures', 'testLevel', 'between 0 and 1', testLevel);
  const { least, most } = acceptedAround(
    Math.floor(observations * p),
    0,
    observations,
    (failures) => kupiecProportionOfFailures(failures, observations, p).pValue >= 1 - testLevel,
  );
  return { fewest: least, most };
}

/**
 * Earliest and latest day of a first failure that the TUFF test accepts, both ends included.
 *
 * @param testLevel confidence of the test, default 0.95
 */
export function kupiecAcceptedFirstFailure(p: number, testLevel = 0.95): { earliest: number; latest: number } {
  requireProbability('kupiecAcceptedFirstFailure', p);
  if (!(testLevel > 0 && testLevel < 1))
    refuse('kupiecAcceptedFirstFailure', 'testLevel', 'between 0 and 1', testLevel);
  const { least, most } = acceptedAround(
    Math.floor(1 / p),
    1,
    Number.MAX_SAFE_INTEGER,
    (day) => kupiecTimeUntilFirstFailure(day, p).pValue >= 1 - testLevel,
  );
  return { earliest: least, latest: most };
}

/**
 * Christoffersen's test of independence (CCI): does a failure make another the next day more likely? Chi-square with 1 degree.
 *
 * Source: Christoffersen, "Evaluating interval forecasts", International Economic Review 39 (1998).
 */
export function christoffersenIndependence({ transitions }: FailureRecord): BacktestResult {
  const { from0to0, from0to1, from1to0, from1to1 } = transitions;
  const quiet = from0to0 + from1to0;
  const failing = from0to1 + from1to1;
  const share = (failures: number, others: number): number => (failures === 0 ? 0 : failures / (failures + others));
  const restricted = binomialLogLikelihood(failing, quiet, share(failing, quiet));
  const free =
    binomialLogLikelihood(from0to1, from0to0, share(from0to1, from0to0)) +
    binomialLogLikelihood(from1to1, from1to0, share(from1to1, from1to0));
  return likelihoodRatio(restricted, free, 1);
}

/** Christoffersen's test of conditional coverage (CC): POF and independence together. Chi-square with 2 degrees. */
export function christoffersenConditionalCoverage(record: FailureRecord, p: number): BacktestResult {
  return sumOf(kupiecProportionOfFailures(record.failures, record.observations, p), christoffersenIndependence(record));
}

/**
 * Haas's test of the times between failures (TBFI): the TUFF ratio of each, chi-square with one degree per failure. NaN statistic
 * and p-value without failures.
 *
 * Source: Haas, "New methods in backtesting", research center caesar (2001).
 */
export function timeBetweenFailures({ places }: FailureRecord, p: number): BacktestResult {
  requireProbability('timeBetweenFailures', p);
  if (places.length === 0) return { statistic: Number.NaN, pValue: Number.NaN, degreesOfFreedom: 0 };
  return places
    .map((place, i) => kupiecTimeUntilFirstFailure(place - (places[i - 1] ?? 0), p))
    .reduce((sum, ratio) => sumOf(sum, ratio));
}

/** Haas's mixed Kupiec test (TBF): POF and times between failures together. NaN without failures. */
export function mixedKupiec(record: FailureRecord, p: number): BacktestResult {
  return sumOf(kupiecProportionOfFailures(record.failures, record.observations, p), timeBetweenFailures(record, p));
}

/** Two-sided binomial test by the normal approximation; the statistic is a z score. */
export function binomialTest(failures: number, observations: number, p: number): BacktestResult {
  requireCounts('binomialTest', failures, observations, p);
  const statistic = (failures - observations * p) / Math.sqrt(observations * p * (1 - p));
  return { statistic, pValue: 2 * normalCdf(-Math.abs(statistic)), degreesOfFreedom: 0 };
}

export interface TrafficLight {
  zone: 'green' | 'yellow' | 'red';
  /** Probability of so many failures or fewer if the model is right; yellow from 0.95, red from 0.9999. */
  cumulative: number;
  /** Probability of so many failures or more: of rejecting a model that is right. */
  typeOne: number;
}

/**
 * The Basel Committee's traffic light. Source: "Supervisory framework for the use of backtesting in conjunction with the
 * internal models approach to market risk capital requirements" (1996): 250 days at p = 0.01 are yellow from 5, red from 10.
 */
export function trafficLight(failures: number, observations: number, p: number): TrafficLight {
  requireCounts('trafficLight', failures, observations, p);
  let logTerm = observations * Math.log1p(-p);
  let cumulative = Math.exp(logTerm);
  let before = 0;
  for (let count = 1; count <= failures; count++) {
    logTerm += Math.log(((observations - count + 1) * p) / (count * (1 - p)));
    before = cumulative;
    cumulative += Math.exp(logTerm);
  }
  cumulative = Math.min(1, cumulative);
  const zone = cumulative < 0.95 ? 'green' : cumulative < 0.9999 ? 'yellow' : 'red';
  return { zone, cumulative, typeOne: 1 - before };
}

function requireProbability(owner: string, p: number): void {
  if (!(p > 0 && p < 1)) refuse(owner, 'p', 'a probability between 0 and 1', p);
}

function requireCounts(owner: string, failures: number, observations: number, p: number): void {
  requireInteger(owner, 'observations', observations, 1);
  requireInteger(owner, 'failures', failures, 0);
  requireBetween(owner, 'failures', failures, 0, observations);
  requireProbability(owner, p);
}

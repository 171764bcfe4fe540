import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { uniform as seededUniform } from '../../testing/random.js';
import {
  binomialTest,
  chiSquareSurvival,
  christoffersenConditionalCoverage,
  christoffersenIndependence,
  failureRecord,
  failuresOf,
  kupiecAcceptedFailures,
  kupiecAcceptedFirstFailure,
  kupiecProportionOfFailures,
  kupiecTimeUntilFirstFailure,
  mixedKupiec,
  timeBetweenFailures,
  trafficLight,
} from '../index.js';

describe('the chi-square distribution', () => {
  test('has its tabulated 95 % points', () => {
    const points = [3.841458820694124, 5.991464547107979, 7.814727903251179, 9.487729036781154, 11.070497693516351];
    for (const [i, point] of points.entries()) expect(chiSquareSurvival(point, i + 1)).toBeCloseTo(0.05, 13);
    expect(chiSquareSurvival(0, 3)).toBe(1);
    expect(chiSquareSurvival(Number.NaN, 3)).toBeNaN();
  });

  test('falls in x and grows with the degrees', () => {
    const x = fc.double({ min: 0.01, max: 200, noNaN: true });
    fc.assert(
      fc.property(x, fc.integer({ min: 1, max: 80 }), (at, degrees) => {
        const here = chiSquareSurvival(at, degrees);
        expect(here).toBeLessThanOrEqual(chiSquareSurvival(at * 0.9, degrees) + 1e-13);
        expect(here).toBeLessThanOrEqual(chiSquareSurvival(at, degrees + 1) + 1e-13);
        expect(here).toBeGreaterThanOrEqual(0);
        expect(here).toBeLessThanOrEqual(1 + 1e-13);
      }),
    );
  });
});

describe('figures that MATLAB prints for its example (57 failures in 1,043 days at 95 %)', () => {
  test('proportion of failures, time until the first one, binomial', () => {
    const pof = kupiecProportionOfFailures(57, 1043, 0.05);
    expect(pof.statistic).toBeCloseTo(0.46147, 5);
    expect(pof.pValue).toBeCloseTo(0.49694, 5);
    const tuff = kupiecTimeUntilFirstFailure(58, 0.05);
    expect(tuff.statistic).toBeCloseTo(1.7354, 4);
    expect(tuff.pValue).toBeCloseTo(0.18773, 5);
    const binomial = binomialTest(57, 1043, 0.05);
    expect(binomial.statistic).toBeCloseTo(0.68905, 5);
    expect(binomial.pValue).toBeCloseTo(0.49079, 5);
  });

  test('p-values of its tests of the times between failures', () => {
    expect(chiSquareSurvival(88.491, 57)).toBeCloseTo(0.0047475, 6);
    expect(chiSquareSurvival(88.952, 58)).toBeCloseTo(0.0055565, 6);
  });
});

// Kupiec's and Jorion's tables print the open intervals, and 'N < 7' for 255 days at 0.01, where 0 is rejected as too few.
test.each([
  [255, 0.01, 1, 6],
  [510, 0.01, 2, 10],
  [1000, 0.01, 5, 16],
  [255, 0.05, 7, 20],
  [510, 0.05, 17, 35],
  [1000, 0.05, 38, 64],
  [255, 0.025, 3, 11],
  [1000, 0.025, 16, 35],
])('of %d days at p = %d Kupiec accepts %d to %d failures', (observations, p, fewest, most) => {
  expect(kupiecAcceptedFailures(observations, p)).toEqual({ fewest, most });
});

test('of a 99 % value at risk Kupiec accepts a first failure on days 7 to 438', () => {
  expect(kupiecAcceptedFirstFailure(0.01)).toEqual({ earliest: 7, latest: 438 });
  for (const p of [0.005, 0.02, 0.05]) {
    const { earliest, latest } = kupiecAcceptedFirstFailure(p);
    expect(kupiecTimeUntilFirstFailure(latest, p).pValue).toBeGreaterThanOrEqual(0.05);
    expect(kupiecTimeUntilFirstFailure(latest + 1, p).pValue).toBeLessThan(0.05);
    if (earliest > 1) expect(kupiecTimeUntilFirstFailure(earliest - 1, p).pValue).toBeLessThan(0.05);
  }
});

test('the traffic light of the Basel Committee: 250 days at 99 %', () => {
  const cumulative = [0.0811, 0.2858, 0.5432, 0.7581, 0.8922, 0.9588, 0.9863, 0.996, 0.9989, 0.9997, 0.9999];
  for (const [failures, expected] of cumulative.entries()) {
    const light = trafficLight(failures, 250, 0.01);
    expect(light.cumulative).toBeCloseTo(expected, 4);
    expect(light.zone).toBe(failures < 5 ? 'green' : failures < 10 ? 'yellow' : 'red');
  }
  expect(trafficLight(0, 250, 0.01).typeOne).toBe(1);
  expect(trafficLight(5, 250, 0.01).typeOne).toBeCloseTo(0.1078, 4);
});

/** Failures that are independent, or that make the next day's failure likelier. */
function days(count: number, p: number, afterFailure: number, seed: number): boolean[] {
  const uniform = seededUniform(seed);
  let failed = false;
  return Array.from({ length: count }, () => {
    failed = uniform() < (failed ? afterFailure : p);
    return failed;
  });
}

describe('as tests', () => {
  test('they reject a right model about one time in twenty', () => {
    const worlds = 1500;
    let pof = 0;
    let coverage = 0;
    for (let seed = 1; seed <= worlds; seed++) {
      const record = failureRecord(days(2000, 0.05, 0.05, seed));
      if (kupiecProportionOfFailures(record.failures, record.observations, 0.05).pValue < 0.05) pof++;
      if (christoffersenConditionalCoverage(record, 0.05).pValue < 0.05) coverage++;
    }
    for (const rejected of [pof, coverage]) {
      expect(rejected / worlds).toBeGreaterThan(0.03);
      expect(rejected / worlds).toBeLessThan(0.07);
    }
  });

  test('independence sees clusters that the proportion does not', () => {
    const record = failureRecord(days(2000, 0.0395, 0.25, 3));
    expect(kupiecProportionOfFailures(record.failures, record.observations, 0.05).pValue).toBeGreaterThan(0.05);
    expect(christoffersenIndependence(record).pValue).toBeLessThan(1e-4);
    expect(christoffersenConditionalCoverage(record, 0.05).pValue).toBeLessThan(1e-3);
    expect(mixedKupiec(record, 0.05).pValue).toBeLessThan(0.05);
  });

  test('the mixed statistics are the sums of their parts', () => {
    const record = failureRecord(days(500, 0.05, 0.05, 9));
    const pof = kupiecProportionOfFailures(record.failures, 500, 0.05);
    const between = timeBetweenFailures(record, 0.05);
    expect(between.degreesOfFreedom).toBe(record.failures);
    expect(mixedKupiec(record, 0.05).statistic).toBeCloseTo(pof.statistic + between.statistic, 12);
    expect(mixedKupiec(record, 0.05).degreesOfFreedom).toBe(record.failures + 1);
    const independence = christoffersenIndependence(record);
    expect(christoffersenConditionalCoverage(record, 0.05).statistic).toBeCloseTo(
      pof.statistic + independence.statistic,
      12,
    );
  });
});

test('a record counts failures, their days and what followed what', () => {
  const record = failureRecord([0, 1, 1, 0, 0, 1]);
  expect(record).toEqual({
    observations: 6,
    failures: 3,
    places: [2, 3, 6],
    transitions: { from0to0: 1, from0to1: 2, from1to0: 1, from1to1: 1 },
  });
  expect(failuresOf([1, -3, -2], [2, 2, 2]).places).toEqual([2]);
});

test('at the edges: no failure, only failures, none yet', () => {
  const none = failureRecord(new Array(100).fill(false));
  expect(kupiecProportionOfFailures(0, 100, 0.01).statistic).toBeCloseTo(-200 * Math.log1p(-0.01), 12);
  expect(christoffersenIndependence(none).statistic).toBe(0);
  expect(timeBetweenFailures(none, 0.01).pValue).toBeNaN();
  expect(kupiecProportionOfFailures(100, 100, 0.01).statistic).toBeCloseTo(-200 * Math.log(0.01), 10);
  expect(christoffersenIndependence(failureRecord([1, 1, 1])).statistic).toBe(0);
});

test('refuse what is no record', () => {
  expect(() => kupiecProportionOfFailures(5, 4, 0.01)).toThrow('failures must be a number from 0 to 4, not 5');
  expect(() => kupiecProportionOfFailures(1, 4, 0)).toThrow('p must be a probability between 0 and 1, not 0');
  expect(() => failureRecord([])).toThrow('failed must be at least one day, not none');
  expect(() => failuresOf([1, Number.NaN], [1, 1])).toThrow('failed[1] must be true, false or a number, not NaN');
  expect(() => failuresOf([1], [1, 1])).toThrow('valueAtRisk must be as long as results (1), not 2');
});

import { VarianceClock, weekendProfile } from './variance-clock.js';

/** What the term structure of at-the-money variance says about the clock. */
export interface ClockFit {
  /** Variance of a weekend day relative to a weekday. */
  weekendWeight: number;
  /** Extra variance of each event in ordinary days, in the order given. */
  eventDays: number[];
  /** Root mean square error of the explained vols, a fraction. */
  rmse: number;
}

/** Decay of the short end of the forward variance curve, years. */
const DECAY = 0.1;
const LEAST_WEEKEND = 0.05;
const MOST_WEEKEND = 1.5;
const GOLDEN = 0.6180339887498949;
/** Events of no consequence stay at zero rather than fit noise: relative ridge on their coefficients. */
const EVENT_RIDGE = 1e-3;

/**
 * Weekend weight and event sizes from the total variances at the money of one moment.
 *
 * On the right clock the forward variance is a smooth curve: level, slope and hump (Nelson-Siegel, decay 0.1 years). For a given
 * weekend weight that curve and the jumps at the events are a linear least squares fit to average variances; the weekend
 * weight is found by golden section on its error.
 *
 * @param now ms
 * @param expiries ms, ascending
 * @param totalVariances sigma^2 T at the money, T in calendar years of 365 days
 * @param events times in ms of announcements
 * @throws RangeError for fewer than 5 expiries plus one for each event, or bad numbers
 */
export function fitClock(
  now: number,
  expiries: ArrayLike<number>,
  totalVariances: ArrayLike<number>,
  events: readonly number[] = [],
): ClockFit {
  const count = expiries.length;
  if (count !== totalVariances.length || count < 5 + events.length) {
    throw new RangeError(
      `fitClock: expected ${5 + events.length} or more expiries, each with its total variance, found ${count} and ${totalVariances.length}`,
    );
  }
  for (let i = 0; i < count; i++) {
    if (!(expiries[i]! > (i === 0 ? now : expiries[i - 1]!) && totalVariances[i]! > 0)) {
      throw new RangeError(
        `fitClock: expiries must ascend from now and total variances be positive, found ${expiries[i]} and ${totalVariances[i]} at ${i}`,
      );
    }
  }
  const evaluate = (weight: number) => explain(now, expiries, totalVariances, events, weight);
  let low = LEAST_WEEKEND;
  let high = MOST_WEEKEND;
  while (high - low > 1e-4) {
    const left = high - GOLDEN * (high - low);
    const right = low + GOLDEN * (high - low);
    if (evaluate(left).rmse < evaluate(right).rmse) high = right;
    else low = left;
  }
  return evaluate(0.5 * (low + high));
}

function explain(
  now: number,
  expiries: ArrayLike<number>,
  totalVariances: ArrayLike<number>,
  events: readonly number[],
  weekendWeight: number,
): ClockFit {
  const clock = new VarianceClock({ week: weekendProfile(weekendWeight) });
  const size = 3 + events.length;
  const count = expiries.length;
  const rows = Array.from({ length: count }, (_, i) => {
    const years = clock.years(now, expiries[i]!);
    const x = years / DECAY;
    const fading = -Math.expm1(-x) / x;
    const row = [
      1,
      fading,
      fading - Math.exp(-x),
      ...events.map((time) => (expiries[i]! > time && time > now ? 1 / years : 0)),
    ];
    return { row, average: totalVariances[i]! / years, years };
  });
  const level = rows.reduce((sum, { average }) => sum + average, 0) / count;
  const free = new Array<boolean>(size).fill(true);
  let solution = leastSquares(rows, free, level);
  // A negative event is noise: it is taken out and the rest solved again.
  for (let event = 3; event < size; event++) {
    if (solution[event]! >= 0) continue;
    free[event] = false;
    solution = leastSquares(rows, free, level);
  }
  let squares = 0;
  rows.forEach(({ row, years }, i) => {
    const average = row.reduce((sum, value, j) => sum + value * solution[j]!, 0);
    const calendar = (expiries[i]! - now) / (365 * 86_400_000);
    const error = Math.sqrt(Math.max(average * years, 0) / calendar) - Math.sqrt(totalVariances[i]! / calendar);
    squares += error * error;
  });
  return {
    weekendWeight,
    eventDays: solution.slice(3).map((variance) => (Math.max(variance, 0) * 365) / level),
    rmse: Math.sqrt(squares / count),
  };
}

/** Normal equations with a light ridge, by Gaussian elimination: at most a handful of unknowns. */
function leastSquares(
  rows: readonly { row: number[]; average: number }[],
  free: readonly boolean[],
  level: number,
): number[] {
  const size = free.length;
  const matrix = Array.from({ length: size }, () => new Float64Array(size + 1));
  for (const { row, average } of rows) {
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) matrix[i]![j]! += row[i]! * row[j]!;
      matrix[i]![size]! += row[i]! * average;
    }
  }
  for (let i = 0; i < size; i++) {
    matrix[i]![i]! *= 1 + (i >= 3 ? EVENT_RIDGE : 1e-9);
    if (free[i]) continue;
    for (let j = 0; j <= size; j++) matrix[i]![j] = 0;
    matrix[i]![i] = level;
  }
  for (let pivot = 0; pivot < size; pivot++) {
    let best = pivot;
    for (let i = pivot + 1; i < size; i++) if (Math.abs(matrix[i]![pivot]!) > Math.abs(matrix[best]![pivot]!)) best = i;
    [matrix[pivot], matrix[best]] = [matrix[best]!, matrix[pivot]!];
    const divisor = matrix[pivot]![pivot]!;
    if (divisor === 0) continue;
    for (let i = 0; i < size; i++) {
      if (i === pivot) continue;
      const factor = matrix[i]![pivot]! / divisor;
      for (let j = pivot; j <= size; j++) matrix[i]![j]! -= factor * matrix[pivot]![j]!;
    }
  }
  return matrix.map((row, i) => (row[i] === 0 ? 0 : row[size]! / row[i]!));
}

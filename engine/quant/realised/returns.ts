/**
 * Realised measures of a window of equally spaced log returns, all in units of the window's variance (not annualised)
 * unless said. Returns are taken as they are: no zero is put before the first, as some packages do. Empty windows give
 * 0 for sums and NaN where an estimator needs more returns; NaN returns make NaN.
 *
 * None of these allocates.
 */

/** Realised variance: sum of squared returns. Counts jumps. */
export function realisedVariance(returns: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < returns.length; i++) sum += returns[i]! * returns[i]!;
  return sum;
}

/** Realised semivariances (Barndorff-Nielsen, Kinnebrock & Shephard 2010): the part of losses, of gains. */
export function downsideSemivariance(returns: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < returns.length; i++) sum += returns[i]! > 0 ? 0 : returns[i]! * returns[i]!;
  return sum;
}

export function upsideSemivariance(returns: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < returns.length; i++) sum += returns[i]! < 0 ? 0 : returns[i]! * returns[i]!;
  return sum;
}

/** Signed jump variation: upside less downside semivariance (Patton & Sheppard 2015); the diffusive parts cancel. */
export function signedJumpVariation(returns: ArrayLike<number>): number {
  return upsideSemivariance(returns) - downsideSemivariance(returns);
}

/** Bipower variation pi/2 sum |r_i| |r_i-1| (Barndorff-Nielsen & Shephard 2004): consistent although prices jump. */
export function bipowerVariation(returns: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 1; i < returns.length; i++) sum += Math.abs(returns[i]! * returns[i - 1]!);
  return (Math.PI / 2) * sum;
}

/** MinRV (Andersen, Dobrev & Schaumburg 2012): squares of the smaller of two neighbours. Needs two returns. */
export function minRv(returns: ArrayLike<number>): number {
  const n = returns.length;
  if (n < 2) return Number.NaN;
  let sum = 0;
  for (let i = 1; i < n; i++) {
    const smaller = Math.min(Math.abs(returns[i - 1]!), Math.abs(returns[i]!));
    sum += smaller * smaller;
  }
  return (Math.PI / (Math.PI - 2)) * (n / (n - 1)) * sum;
}

/** MedRV (Andersen, Dobrev & Schaumburg 2012): squares of the median of three neighbours. Needs three returns. */
export function medRv(returns: ArrayLike<number>): number {
  const n = returns.length;
  if (n < 3) return Number.NaN;
  let sum = 0;
  for (let i = 2; i < n; i++) {
    const middle = medianAbsolute(returns[i - 2]!, returns[i - 1]!, returns[i]!);
    sum += middle * middle;
  }
  return (Math.PI / (6 - 4 * Math.sqrt(3) + Math.PI)) * (n / (n - 2)) * sum;
}

/** Median quarticity (same paper): the jump-robust estimate of integrated quarticity. Needs three returns. */
export function medRq(returns: ArrayLike<number>): number {
  const n = returns.length;
  if (n < 3) return Number.NaN;
  let sum = 0;
  for (let i = 2; i < n; i++) {
    const middle = medianAbsolute(returns[i - 2]!, returns[i - 1]!, returns[i]!);
    sum += middle * middle * middle * middle;
  }
  return ((3 * Math.PI * n) / (9 * Math.PI + 72 - 52 * Math.sqrt(3))) * (n / (n - 2)) * sum;
}

function medianAbsolute(a: number, b: number, c: number): number {
  const x = Math.abs(a);
  const y = Math.abs(b);
  const z = Math.abs(c);
  return Math.max(Math.min(x, y), Math.min(Math.max(x, y), z));
}

/** Realised quarticity n/3 sum r^4, in squared variance: twice it over n is the variance of realised variance. */
export function realisedQuarticity(returns: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < returns.length; i++) {
    const square = returns[i]! * returns[i]!;
    sum += square * square;
  }
  return (returns.length / 3) * sum;
}

/** Tri-power quarticity (Barndorff-Nielsen & Shephard 2006): integrated quarticity although prices jump. */
export function tripowerQuarticity(returns: ArrayLike<number>): number {
  const n = returns.length;
  if (n < 3) return Number.NaN;
  let sum = 0;
  for (let i = 2; i < n; i++)
    sum += fourThirds(returns[i]!) * fourThirds(returns[i - 1]!) * fourThirds(returns[i - 2]!);
  return n * (n / (n - 2)) * sum * TRIPOWER_SCALE;
}

/** E[|z|^(4/3)]^-3 of a standard normal z: (2^(2/3) Gamma(7/6) / Gamma(1/2))^-3. */
const TRIPOWER_SCALE = 1 / (0.8308609250295592 * 0.8308609250295592 * 0.8308609250295592);

function fourThirds(value: number): number {
  const root = Math.cbrt(value);
  return root * root * root * root;
}

/** Realised skewness sqrt(n) sum r^3 / RV^(3/2) (Amaya, Christoffersen, Jacobs & Vasquez 2015); no unit. */
export function realisedSkewness(returns: ArrayLike<number>): number {
  let cubes = 0;
  for (let i = 0; i < returns.length; i++) cubes += returns[i]! * returns[i]! * returns[i]!;
  const variance = realisedVariance(returns);
  return (Math.sqrt(returns.length) * cubes) / (variance * Math.sqrt(variance));
}

/** Realised kurtosis n sum r^4 / RV^2, 3 for a diffusion; no unit. */
export function realisedKurtosis(returns: ArrayLike<number>): number {
  const variance = realisedVariance(returns);
  return (3 * realisedQuarticity(returns)) / (variance * variance);
}

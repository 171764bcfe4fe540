/**
 * Integrated variance from prices that carry microstructure noise: at high frequency the plain sum of squared returns
 * measures the bid-ask bounce. Both take log returns of one window, as finely as they were observed.
 */

/**
 * Realised kernel with Parzen weights (Barndorff-Nielsen, Hansen, Lunde & Shephard 2009): autocovariances up to
 * `bandwidth` enough to let the noise cancel. Non-negative up to rounding. NaN when the window is not longer than
 * the bandwidth.
 */
export function realisedKernel(returns: ArrayLike<number>, bandwidth = kernelBandwidth(returns)): number {
  const n = returns.length;
  if (!(Number.isInteger(bandwidth) && bandwidth >= 0 && bandwidth < n)) return Number.NaN;
  let sum = autocovariance(returns, 0);
  for (let lag = 1; lag <= bandwidth; lag++) sum += 2 * parzen(lag / (bandwidth + 1)) * autocovariance(returns, lag);
  return sum;
}

/**
 * The bandwidth that balances noise against variance for Parzen weights: 3.51 (omega^2 / IV)^(2/5) n^(3/5), the noise
 * omega^2 = RV / 2n as if returns were nothing but noise, IV from returns over about a fiftieth of the window.
 */
export function kernelBandwidth(returns: ArrayLike<number>): number {
  const n = returns.length;
  if (n < 2) return 0;
  const noise = autocovariance(returns, 0) / (2 * n);
  const stride = Math.max(1, Math.floor(n / 50));
  let sparse = 0;
  for (let start = 0; start < stride; start++) {
    let block = 0;
    for (let i = start; i < n; i++) {
      block += returns[i]!;
      if ((i - start) % stride === stride - 1) {
        sparse += block * block;
        block = 0;
      }
    }
  }
  const integrated = sparse / stride;
  if (!(integrated > 0)) return 0;
  const bandwidth = 3.51 * Math.exp(0.4 * Math.log(noise / integrated) + 0.6 * Math.log(n));
  return Math.min(n - 1, Math.max(0, Math.round(bandwidth)));
}

function autocovariance(returns: ArrayLike<number>, lag: number): number {
  let sum = 0;
  for (let i = lag; i < returns.length; i++) sum += returns[i]! * returns[i - lag]!;
  return sum;
}

function parzen(x: number): number {
  return x <= 0.5 ? 1 - 6 * x * x * (1 - x) : 2 * (1 - x) * (1 - x) * (1 - x);
}

/**
 * Pre-averaged variance (Jacod, Li, Mykland, Podolskij & Vetter 2009): returns averaged with triangular weights over a
 * window of theta sqrt(n), theta 1/3 by default, less what remains of the noise. May be slightly negative in quiet
 * windows. NaN with fewer than 9 returns.
 */
export function preAveragedVariance(returns: ArrayLike<number>, theta = 1 / 3): number {
  const n = returns.length;
  if (n < 9) return Number.NaN;
  const window = Math.max(2, Math.round(theta * Math.sqrt(n)));
  // Sums over the discrete weights g(j/k) = min(j/k, 1 - j/k): exact for short windows, where the integrals are not.
  let psi1 = 0;
  let psi2 = 0;
  for (let j = 1; j <= window; j++) {
    const weight = triangle(j / window);
    const slope = weight - triangle((j - 1) / window);
    psi1 += slope * slope;
    psi2 += weight * weight;
  }
  let squares = 0;
  for (let i = 0; i + window - 1 <= n; i++) {
    let average = 0;
    for (let j = 1; j < window; j++) average += triangle(j / window) * returns[i + j - 1]!;
    squares += average * average;
  }
  const blocks = n - window + 2;
  const noise = autocovariance(returns, 0) / (2 * n);
  return (n / blocks) * (squares / psi2) - (n * noise * psi1) / psi2;
}

function triangle(x: number): number {
  return Math.min(x, 1 - x);
}

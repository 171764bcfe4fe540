/**
 * The straight line through points by least squares: what a memory grows by.
 * @returns its slope, units of y for one of x, and the standard error of that
 */
export function slope(xs: readonly number[], ys: readonly number[]): { slope: number; error: number } {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(xs), mean(ys)];
  const spread = xs.reduce((sum, x) => sum + (x - meanX) ** 2, 0);
  const found = xs.reduce((sum, x, at) => sum + (x - meanX) * (ys[at]! - meanY), 0) / spread;
  const rest = xs.reduce((sum, x, at) => sum + (ys[at]! - meanY - found * (x - meanX)) ** 2, 0);
  return { slope: found, error: Math.sqrt(rest / (xs.length - 2) / spread) };
}

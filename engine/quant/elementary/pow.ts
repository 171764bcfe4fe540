/** x to the power y for x > 0, the same bits on every Node version. */
export function pow(x: number, y: number): number {
  return Math.exp(y * Math.log(x));
}

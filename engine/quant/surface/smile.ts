/**
 * One expiry's smile: an eSSVI carrier plus a residual spline.
 *
 *   w(k) = 1/2 (theta + d k + sqrt(psi^2 k^2 + 2 d theta k + theta^2)) + theta * sum_j c_j B_j(x)
 *   psi = (right + left) / 2,  d = rho psi = (right - left) / 2,  x = asinh(k / scale)
 *
 * `right` and `left` are psi(1 + rho) and psi(1 - rho), twice the slopes of the two wings: in them eSSVI's calendar
 * conditions are plain orderings (Hendriks & Martini 2019). B_j are uniform cubic B-splines in x, all zero outside
 * `[start, start + (SPLINE_SIZE + 3) step]`: beyond the quotes the smile is its carrier, for which the absence of arbitrage is a
 * theorem. asinh makes the knots dense at the money and sparse in the wings, as the quotes are.
 *
 * Slices lie one after the other in Float64Arrays of `SMILE_STRIDE` numbers, so that kernels read numbers, not objects.
 */
export const SPLINE_SIZE = 18;
export const SMILE = { theta: 0, right: 1, left: 2, scale: 3, start: 4, step: 5, residual: 6 } as const;
export const SMILE_STRIDE = SMILE.residual + SPLINE_SIZE;

/** Hyperbolic sine from exp, whose bits agree between platforms; for grids, where its rounding near 0 does not matter. */
export function sinh(x: number): number {
  const e = Math.exp(x);
  return 0.5 * (e - 1 / e);
}

/** Inverse hyperbolic sine from log1p, whose bits agree between platforms; odd to the last bit. */
export function asinh(z: number): number {
  const a = Math.abs(z);
  const x = Math.log1p(a + (a * a) / (1 + Math.sqrt(a * a + 1)));
  return z < 0 ? -x : x;
}

/**
 * Where {@link evaluateVariance} finds k and leaves w. Numbers that cross a call which the compiler does not inline are boxed on the
 * heap; through a typed array they are not.
 */
export const cell = new Float64Array(2);

/** Total variance at log-moneyness `k = ln(K/F)` of the smile stored at `offset`. */
export function smileTotalVariance(smiles: Float64Array, offset: number, k: number): number {
  cell[0] = k;
  evaluateVariance(smiles, offset);
  return cell[1]!;
}

/** The carrier's part of {@link smileTotalVariance}. */
export function carrierVariance(smiles: Float64Array, offset: number, k: number): number {
  const theta = smiles[offset]!;
  const right = smiles[offset + SMILE.right]!;
  const left = smiles[offset + SMILE.left]!;
  const psi = 0.5 * (right + left);
  const drift = 0.5 * (right - left) * k;
  return 0.5 * (theta + drift + Math.sqrt(psi * psi * k * k + 2 * theta * drift + theta * theta));
}

/** {@link smileTotalVariance} by way of {@link cell}. */
export function evaluateVariance(smiles: Float64Array, offset: number): void {
  const k = cell[0]!;
  const carrier = carrierVariance(smiles, offset, k);
  const position =
    (asinh(k / smiles[offset + SMILE.scale]!) - smiles[offset + SMILE.start]!) / smiles[offset + SMILE.step]!;
  const interval = Math.floor(position);
  if (!(position > 0) || interval > SPLINE_SIZE + 2) {
    cell[1] = carrier;
    return;
  }
  const t = position - interval;
  const s = 1 - t;
  const t2 = t * t;
  const t3 = t2 * t;
  const residual = offset + SMILE.residual + interval;
  // Interval q touches the splines q-3..q; those below 0 or beyond the last do not exist.
  let sum = 0;
  if (interval >= 3) sum += s * s * s * smiles[residual - 3]!;
  if (interval >= 2 && interval < SPLINE_SIZE + 2) sum += (3 * t3 - 6 * t2 + 4) * smiles[residual - 2]!;
  if (interval >= 1 && interval < SPLINE_SIZE + 1) sum += (3 * (t2 - t3 + t) + 1) * smiles[residual - 1]!;
  if (interval < SPLINE_SIZE) sum += t3 * smiles[residual]!;
  cell[1] = carrier + smiles[offset]! * sum * (1 / 6);
}

/**
 * Total variance and its first two derivatives in k, into `out[0..2]`.
 */
export function smileDerivatives(out: Float64Array, smiles: Float64Array, offset: number, k: number): void {
  carrierDerivatives(out, 0, smiles, offset, k);
  basisAt(BASIS, 0, smiles, offset, k);
  const at = offset + SMILE.residual + BASIS[0]!;
  for (let j = 0; j < 4; j++) {
    const c = smiles[at + j]!;
    out[0]! += c * BASIS[1 + j]!;
    out[1]! += c * BASIS[5 + j]!;
    out[2]! += c * BASIS[9 + j]!;
  }
}

/** Numbers that {@link basisAt} writes: index of the first spline, then 4 values, 4 first and 4 second derivatives. */
export const BASIS_STRIDE = 13;
const BASIS = new Float64Array(BASIS_STRIDE);

/** w, w' and w'' of the carrier into `out[at..at+2]`. */
export function carrierDerivatives(
  out: Float64Array,
  at: number,
  smiles: Float64Array,
  offset: number,
  k: number,
): void {
  const theta = smiles[offset]!;
  const right = smiles[offset + SMILE.right]!;
  const left = smiles[offset + SMILE.left]!;
  const psi = 0.5 * (right + left);
  const d = 0.5 * (right - left);
  const root = Math.sqrt(psi * psi * k * k + 2 * theta * d * k + theta * theta);
  const half = psi * psi * k + theta * d;
  out[at] = 0.5 * (theta + d * k + root);
  out[at + 1] = 0.5 * (d + half / root);
  // right * left = psi^2 - d^2, without the cancellation.
  out[at + 2] = (0.5 * theta * theta * right * left) / (root * root * root);
}

/**
 * The four splines that live at `k`, scaled by theta, and their derivatives in k: `out[at]` is the index of the first, in
 * `0..SPLINE_SIZE-4`; splines that do not exist have weight 0, so callers need no branch.
 */
export function basisAt(out: Float64Array, at: number, smiles: Float64Array, offset: number, k: number): void {
  const theta = smiles[offset]!;
  const scale = smiles[offset + SMILE.scale]!;
  const step = smiles[offset + SMILE.step]!;
  const z = k / scale;
  const position = (asinh(z) - smiles[offset + SMILE.start]!) / step;
  const interval = Math.floor(position);
  for (let j = 0; j < BASIS_STRIDE; j++) out[at + j] = 0;
  if (!(position > 0) || interval > SPLINE_SIZE + 2) return;
  const t = position - interval;
  const s = 1 - t;
  const c = 1 + z * z;
  const slope = 1 / (scale * step * Math.sqrt(c));
  const bend = (-z * slope) / (scale * c);
  const value = theta * (1 / 6);
  const first = theta * slope;
  const second = first * slope;
  const curve = theta * bend;
  // Splines interval - 3 .. interval, stored so that all four indices exist; those that do not exist keep their zeros.
  const stored = interval < 3 ? 0 : interval > SPLINE_SIZE - 1 ? SPLINE_SIZE - 4 : interval - 3;
  const to = at + 1 + interval - 3 - stored;
  out[at] = stored;
  if (interval >= 3) {
    const d = -0.5 * s * s;
    out[to] = value * s * s * s;
    out[to + 4] = first * d;
    out[to + 8] = second * s + curve * d;
  }
  if (interval >= 2 && interval < SPLINE_SIZE + 2) {
    const d = t * (1.5 * t - 2);
    out[to + 1] = value * (t * t * (3 * t - 6) + 4);
    out[to + 5] = first * d;
    out[to + 9] = second * (3 * t - 2) + curve * d;
  }
  if (interval >= 1 && interval < SPLINE_SIZE + 1) {
    const d = s * (2 - 1.5 * s);
    out[to + 2] = value * (s * s * (3 * s - 6) + 4);
    out[to + 6] = first * d;
    out[to + 10] = second * (3 * s - 2) + curve * d;
  }
  if (interval < SPLINE_SIZE) {
    const d = 0.5 * t * t;
    out[to + 3] = value * t * t * t;
    out[to + 7] = first * d;
    out[to + 11] = second * t + curve * d;
  }
}

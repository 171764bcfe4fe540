import type { SliceFit } from '../../schemas/generated/slice-fit.js';
import { normalCdf } from './black.js';

/** Coefficients of the residual's splines. */
const SPLINES = 18;
const HALVINGS = 40;

/** A fitted smile as the engine keeps it: a carrier and a residual of uniform cubic splines in asinh(k / scale). Its test holds it to the engine's own. */
export interface Smile {
  years: number;
  /** USD. */
  forward: number;
  theta: number;
  right: number;
  left: number;
  scale: number;
  start: number;
  step: number;
  residual: number[];
}

export function smileOf(row: SliceFit): Smile {
  const coefficients = row as unknown as Record<`residual${number}`, () => number>;
  return {
    years: row.years(),
    forward: row.forward(),
    theta: row.theta(),
    right: row.right(),
    left: row.left(),
    scale: row.scale(),
    start: row.start(),
    step: row.step(),
    residual: Array.from({ length: SPLINES }, (_, at) => coefficients[`residual${at}`]!()),
  };
}

/** Total variance at k = ln(K/F). */
export function totalVariance(smile: Smile, k: number): number {
  const { theta, right, left, scale, start, step, residual } = smile;
  const psi = (right + left) / 2;
  const drift = ((right - left) / 2) * k;
  const carrier = (theta + drift + Math.sqrt(psi * psi * k * k + 2 * theta * drift + theta * theta)) / 2;
  const position = (Math.asinh(k / scale) - start) / step;
  const interval = Math.floor(position);
  if (!(position > 0) || interval > SPLINES + 2) return carrier;
  const t = position - interval;
  const weights = [(1 - t) ** 3, 3 * t ** 3 - 6 * t ** 2 + 4, 3 * (t ** 2 - t ** 3 + t) + 1, t ** 3];
  // The four splines that live here; those before the first and behind the last do not exist.
  const sum = weights.reduce((total, weight, at) => total + weight * (residual[interval - 3 + at] ?? 0), 0);
  return carrier + (theta * sum) / 6;
}

/** Volatility, a fraction, of the option whose call has this delta; NaN where there is none. */
export function volAtDelta(smile: Smile, delta: number): number {
  const deviation = Math.sqrt(totalVariance(smile, 0));
  // The delta of calls falls with the strike.
  let low = -12 * deviation;
  let high = 12 * deviation;
  for (let step = 0; step < HALVINGS; step++) {
    const k = (low + high) / 2;
    const root = Math.sqrt(totalVariance(smile, k));
    if (normalCdf(-k / root + root / 2) > delta) low = k;
    else high = k;
  }
  return Math.sqrt(totalVariance(smile, (low + high) / 2) / smile.years);
}

import { logOnePlusOver } from './log-one-plus.js';

/** Half-spread at zero inventory of the closed form: c1 + delta sigma c2 / 2. Arguments as in `GlftParameters`. */
export function glftHalfSpread(sigma: number, A: number, k: number, gamma: number, xi: number, delta: number): number {
  return logOnePlusOver(xi * delta, k) + 0.5 * delta * glftSkew(sigma, A, k, gamma, xi, delta);
}

/**
 * How far both quotes move per unit of inventory in the closed form: sigma c2, with
 * c2 = sqrt(gamma / (2 A delta k) (1 + xi delta / k)^(1 + k / (xi delta))), whose power tends to e at xi = 0.
 */
export function glftSkew(sigma: number, A: number, k: number, gamma: number, xi: number, delta: number): number {
  return sigma * Math.sqrt((gamma / (2 * A * delta * k)) * Math.exp(logFillDiscount(k, xi, delta)));
}

/**
 * (1 + k / (xi delta)) ln(1 + xi delta / k): minus the logarithm of the share of A that fills at the best distance of a
 * maker without inventory, by a power that is never formed.
 */
export function logFillDiscount(k: number, xi: number, delta: number): number {
  return (xi * delta + k) * logOnePlusOver(xi * delta, k);
}

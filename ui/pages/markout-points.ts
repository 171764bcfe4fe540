import { signed } from '../format.js';

/**
 * A markout in points of volatility. Where an option has next to no vega, as on its last day, a cent is hundreds of points: that says
 * nothing, and its money says enough.
 * @param vol a fraction
 */
export function volPoints(vol: number): string {
  return Math.abs(vol) < 1 ? signed(vol * 100, 2) : '-';
}

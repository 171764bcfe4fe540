import { requireFinite, requirePositive } from '../../domain.js';
import { wrightOmega } from './wright-omega.js';

/**
 * How often a quote trades: requests for an option come lambda times a year on each side, and one quoted at `distance` from
 * the mid trades with probability 1 / (1 + exp(alpha + beta distance / vega)).
 */
export interface LogisticFills {
  /** ln of the odds against a fill at the mid. 0.7: one request in three trades at the mid. */
  alpha: number;
  /** How fast the odds fall with the distance in vol, > 0, per 1.00 of vol. */
  beta: number;
}

/** One option that is quoted, its vega frozen for the horizon. */
export interface QuotedOption {
  /** Derivative of the price by the vol, > 0, currency per contract and 1.00 of vol. */
  vega: number;
  /** Contracts per fill, > 0 (z in the paper). */
  size: number;
  /** Requests per year on each side, > 0. */
  lambda: number;
}

export function requireOptions(owner: string, options: readonly QuotedOption[], fills: LogisticFills): void {
  requireFinite(owner, 'alpha', fills.alpha);
  requirePositive(owner, 'beta', fills.beta);
  if (options.length === 0) throw new RangeError(`${owner}: options must hold at least one option, not none`);
  options.forEach(({ vega, size, lambda }, index) => {
    requirePositive(owner, `options[${index}].vega`, vega);
    requirePositive(owner, `options[${index}].size`, size);
    requirePositive(owner, `options[${index}].lambda`, lambda);
  });
}

/** Fills per year of a quote at `distance` from the mid. */
export function logisticFillRate(option: QuotedOption, fills: LogisticFills, distance: number): number {
  return option.lambda / (1 + Math.exp(fills.alpha + (fills.beta * distance) / option.vega));
}

const scratch = new Float64Array(1);

/**
 * The distance that maximises (distance - indifference) times its fill rate, where `indifference` is what one more contract
 * costs in value: d = p + (1 + omega) / k with k = beta / vega and omega = W(exp(-(1 + alpha + k p))).
 *
 * The first-order condition d = p + (1 + exp(-(alpha + k d))) / k is that of Baldacci, Bergault and Gueant; that Lambert's W solves
 * it is elementary. The maximum is the Hamiltonian H(p) = lambda omega / k.
 */
export function logisticDistance(option: QuotedOption, fills: LogisticFills, indifference: number): number {
  const k = fills.beta / option.vega;
  scratch[0] = -(1 + fills.alpha + k * indifference);
  wrightOmega(scratch, 1);
  return indifference + (1 + scratch[0]!) / k;
}

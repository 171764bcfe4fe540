import { evaluateGreeks } from './greeks.js';
import { evaluateInverseGreeks } from './inverse.js';
import { cell, FORWARD, SIGMA, STRIKE, YEARS } from './kernel.js';

/** The options of a chain in columns, one place per option; every column at least as long as the chain. */
export interface OptionChain {
  /** Forward of each option's expiry, > 0. */
  forward: Float64Array;
  /** Strike, > 0, in the forward's currency. */
  strike: Float64Array;
  /** Time to expiry in years, >= 0. */
  years: Float64Array;
  /** Volatility as a fraction, >= 0. */
  sigma: Float64Array;
  /** 1 for a call, 0 for a put. */
  isCall: Uint8Array;
}

/** Room for a chain of `capacity` options, filled with zeros. */
export function createOptionChain(capacity: number): OptionChain {
  if (!Number.isInteger(capacity) || capacity < 0) {
    throw new RangeError(`a chain's capacity is a whole number >= 0, got ${capacity}`);
  }
  return {
    forward: new Float64Array(capacity),
    strike: new Float64Array(capacity),
    years: new Float64Array(capacity),
    sigma: new Float64Array(capacity),
    isCall: new Uint8Array(capacity),
  };
}

/**
 * `black76Greeks` of the first `count` options of a chain, in columns: Greek g of option i is at `out[g * stride + i]`, g in
 * the order of `GREEK`. An option outside the domain has NaN and leaves the others alone.
 *
 * @param out at least `GREEK_COUNT * stride` long
 * @param stride length of a column of `out`, at least `count`
 */
export function black76ChainGreeks(out: Float64Array, chain: OptionChain, count: number, stride = count): void {
  const { forward, strike, years, sigma, isCall } = chain;
  for (let option = 0; option < count; option++) {
    cell[FORWARD] = forward[option]!;
    cell[STRIKE] = strike[option]!;
    cell[YEARS] = years[option]!;
    cell[SIGMA] = sigma[option]!;
    evaluateGreeks(out, isCall[option] === 1, option, stride);
  }
}

/** `inverseGreeks` of the first `count` options of a chain, laid out as `black76ChainGreeks` does. */
export function inverseChainGreeks(out: Float64Array, chain: OptionChain, count: number, stride = count): void {
  const { forward, strike, years, sigma, isCall } = chain;
  for (let option = 0; option < count; option++) {
    cell[FORWARD] = forward[option]!;
    cell[STRIKE] = strike[option]!;
    cell[YEARS] = years[option]!;
    cell[SIGMA] = sigma[option]!;
    evaluateInverseGreeks(out, isCall[option] === 1, option, stride);
  }
}

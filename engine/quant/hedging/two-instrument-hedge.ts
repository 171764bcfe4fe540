import { requireFinite, requireNonNegative } from '../domain.js';

/** Greeks of a book, or of one contract of an instrument: delta in units of the underlying, vega per 1.00 of vol. */
export interface HedgeGreeks {
  delta: number;
  gamma: number;
  vega: number;
}

export interface HedgeInstrument extends HedgeGreeks {
  /** Cost of trading one contract, half its spread and fee, >= 0, in the unit of the risk. Default 0. */
  cost?: number;
}

export interface TwoInstrumentHedgeParameters {
  book: HedgeGreeks;
  instruments: readonly [HedgeInstrument, HedgeInstrument];
  /** Price of gamma risk, >= 0: a gamma g left open costs gammaWeight g^2 / 2. Default 1. */
  gammaWeight?: number;
  /** Price of vega risk, likewise. Default 1. */
  vegaWeight?: number;
}

export interface TwoInstrumentHedge {
  /** Contracts to trade of each instrument, positive to buy. */
  contracts: [number, number];
  /** Underlying to trade so that no delta is left. */
  underlying: number;
  gammaLeft: number;
  vegaLeft: number;
  /** Risk left plus cost of trading. */
  objective: number;
}

/** Places in the array that `solveTwoInstrumentHedge` writes. */
export const HEDGE = { first: 0, second: 1, underlying: 2, gammaLeft: 3, vegaLeft: 4, objective: 5 } as const;

/**
 * Hedges gamma and vega with two options and delta with the underlying, weighing the risk left open against the cost of
 * trading: the least of gammaWeight (gamma left)^2 / 2 + vegaWeight (vega left)^2 / 2 + cost1 |x1| + cost2 |x2|.
 *
 * Without costs and with instruments that differ, nothing is left open. With costs small mismatches are not traded.
 * Allocation-free: `solveTwoInstrumentHedge`.
 *
 * @throws RangeError for a number that is not finite, a negative cost or a negative weight
 */
export function twoInstrumentHedge(parameters: TwoInstrumentHedgeParameters): TwoInstrumentHedge {
  const { book, instruments, gammaWeight = 1, vegaWeight = 1 } = parameters;
  const owner = 'twoInstrumentHedge';
  requireNonNegative(owner, 'gammaWeight', gammaWeight);
  requireNonNegative(owner, 'vegaWeight', vegaWeight);
  const rows = [book, ...instruments].map((row: HedgeInstrument, place) => {
    const name = place === 0 ? 'book' : `instruments[${place - 1}]`;
    for (const greek of ['delta', 'gamma', 'vega'] as const) requireFinite(owner, `${name}.${greek}`, row[greek]);
    const { delta, gamma, vega, cost = 0 } = row;
    requireNonNegative(owner, `${name}.cost`, cost);
    return Float64Array.of(delta, gamma, vega, cost);
  });
  const out = new Float64Array(6);
  solveTwoInstrumentHedge(out, rows[0]!, rows[1]!, rows[2]!, Float64Array.of(gammaWeight, vegaWeight));
  return {
    contracts: [out[HEDGE.first]!, out[HEDGE.second]!],
    underlying: out[HEDGE.underlying]!,
    gammaLeft: out[HEDGE.gammaLeft]!,
    vegaLeft: out[HEDGE.vegaLeft]!,
    objective: out[HEDGE.objective]!,
  };
}

/**
 * The kernel of `twoInstrumentHedge`: rows are [delta, gamma, vega, cost], weights [gammaWeight, vegaWeight]; `out` is written
 * in the order of `HEDGE`. NaN in, NaN out.
 *
 * The objective is convex and quadratic on each of nine faces (either instrument bought, sold or left alone), so the best of
 * the faces' stationary points is the optimum.
 */
export function solveTwoInstrumentHedge(
  out: Float64Array,
  book: Float64Array,
  first: Float64Array,
  second: Float64Array,
  weights: Float64Array,
): void {
  const wg = weights[0]!;
  const wv = weights[1]!;
  const gamma = book[1]!;
  const vega = book[2]!;
  const h11 = wg * first[1]! * first[1]! + wv * first[2]! * first[2]!;
  const h12 = wg * first[1]! * second[1]! + wv * first[2]! * second[2]!;
  const h22 = wg * second[1]! * second[1]! + wv * second[2]! * second[2]!;
  const g1 = wg * first[1]! * gamma + wv * first[2]! * vega;
  const g2 = wg * second[1]! * gamma + wv * second[2]! * vega;
  const determinant = h11 * h22 - h12 * h12;
  const singular = !(determinant > 1e-14 * h11 * h22);
  let best = Infinity;
  let best1 = Number.NaN;
  let best2 = Number.NaN;
  for (let sign1 = -1; sign1 <= 1; sign1++) {
    for (let sign2 = -1; sign2 <= 1; sign2++) {
      const r1 = -g1 - sign1 * first[3]!;
      const r2 = -g2 - sign2 * second[3]!;
      let x1 = 0;
      let x2 = 0;
      if (sign1 !== 0 && sign2 !== 0) {
        if (singular) continue;
        x1 = (h22 * r1 - h12 * r2) / determinant;
        x2 = (h11 * r2 - h12 * r1) / determinant;
      } else if (sign1 !== 0) {
        if (h11 === 0) continue;
        x1 = r1 / h11;
      } else if (sign2 !== 0) {
        if (h22 === 0) continue;
        x2 = r2 / h22;
      }
      const openGamma = gamma + x1 * first[1]! + x2 * second[1]!;
      const openVega = vega + x1 * first[2]! + x2 * second[2]!;
      const risk = 0.5 * (wg * openGamma * openGamma + wv * openVega * openVega);
      const objective = risk + first[3]! * Math.abs(x1) + second[3]! * Math.abs(x2);
      if (objective < best) {
        best = objective;
        best1 = x1;
        best2 = x2;
      }
    }
  }
  out[0] = best1;
  out[1] = best2;
  out[2] = -(book[0]! + best1 * first[0]! + best2 * second[0]!);
  out[3] = gamma + best1 * first[1]! + best2 * second[1]!;
  out[4] = vega + best1 * first[2]! + best2 * second[2]!;
  out[5] = best < Infinity ? best : Number.NaN;
}

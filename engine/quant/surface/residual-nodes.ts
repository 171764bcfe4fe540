import type { PreparedQuotes } from './quotes.js';
import {
  asinh,
  BASIS_STRIDE,
  basisAt,
  carrierDerivatives,
  carrierVariance,
  SMILE,
  SMILE_STRIDE,
  SPLINE_SIZE,
  sinh,
} from './smile.js';

/** Intervals between the knots of one slice. */
export const INTERVALS = SPLINE_SIZE + 3;
const NODES_PER_INTERVAL = 5;
/** Points a slice where its butterfly and calendar conditions are imposed. w'' is linear between knots, so the knots are among them. */
export const GRID_SIZE = INTERVALS * NODES_PER_INTERVAL;
/** Index of the first spline, then the weights of four. */
export const ROW = 5;
/** How far beyond the quotes, in x = asinh(k / scale), the residual has to fade out: too short a way bends the smile into arbitrage. */
const FADE = 2;
/** Standard deviations that a residual covers even without quotes, so that it can make room for its neighbours. */
const LEAST_REACH = 1.5;

const basis = new Float64Array(BASIS_STRIDE);

/** The knots of every slice, from the reach of its two-sided quotes and the carrier's standard deviation. */
export function placeKnots(quotes: PreparedQuotes, smiles: Float64Array): void {
  const { k, low, high, first } = quotes;
  for (let slice = 0; slice < quotes.slices; slice++) {
    const at = slice * SMILE_STRIDE;
    const scale = Math.sqrt(smiles[at]!);
    let lowest = -LEAST_REACH * scale;
    let highest = LEAST_REACH * scale;
    for (let q = first[slice]!; q < first[slice + 1]!; q++) {
      if (low[q] === 0 || high[q] === Number.POSITIVE_INFINITY) continue;
      lowest = Math.min(lowest, k[q]!);
      highest = Math.max(highest, k[q]!);
    }
    const start = asinh(lowest / scale) - FADE;
    smiles[at + SMILE.scale] = scale;
    smiles[at + SMILE.start] = start;
    smiles[at + SMILE.step] = (asinh(highest / scale) + FADE - start) / INTERVALS;
  }
}

/**
 * Everything the residual fit reads that does not change while it iterates: carrier and splines at every quote, at every grid
 * point, and of the neighbouring slices at every grid point. Arrays grow when a larger surface comes and are kept otherwise.
 */
export class ResidualNodes {
  quoteBasis = new Float64Array(0);
  quoteCarrier = new Float64Array(0);
  gridK = new Float64Array(0);
  gridBasis = new Float64Array(0);
  /** w, w', w'' of the carrier. */
  gridCarrier = new Float64Array(0);
  /** The slice before, at this slice's grid. */
  belowBasis = new Float64Array(0);
  belowCarrier = new Float64Array(0);
  /** The slice after, at this slice's grid. */
  aboveBasis = new Float64Array(0);
  aboveCarrier = new Float64Array(0);

  place(quotes: PreparedQuotes, smiles: Float64Array): void {
    this.reserve(quotes.slices, quotes.count);
    for (let slice = 0; slice < quotes.slices; slice++) {
      this.placeQuotes(quotes, smiles, slice);
      this.placeGrid(smiles, slice, quotes.slices);
    }
  }

  private reserve(slices: number, count: number): void {
    if (this.quoteCarrier.length < count) {
      this.quoteBasis = new Float64Array(count * ROW);
      this.quoteCarrier = new Float64Array(count);
    }
    const nodes = slices * GRID_SIZE;
    if (this.gridK.length >= nodes) return;
    this.gridK = new Float64Array(nodes);
    this.gridBasis = new Float64Array(nodes * BASIS_STRIDE);
    this.gridCarrier = new Float64Array(nodes * 3);
    this.belowBasis = new Float64Array(nodes * ROW);
    this.belowCarrier = new Float64Array(nodes);
    this.aboveBasis = new Float64Array(nodes * ROW);
    this.aboveCarrier = new Float64Array(nodes);
  }

  private placeQuotes(quotes: PreparedQuotes, smiles: Float64Array, slice: number): void {
    const at = slice * SMILE_STRIDE;
    for (let q = quotes.first[slice]!; q < quotes.first[slice + 1]!; q++) {
      const k = quotes.k[q]!;
      placeRow(this.quoteBasis, q * ROW, smiles, at, k);
      this.quoteCarrier[q] = carrierVariance(smiles, at, k);
    }
  }

  private placeGrid(smiles: Float64Array, slice: number, slices: number): void {
    const at = slice * SMILE_STRIDE;
    const scale = smiles[at + SMILE.scale]!;
    const start = smiles[at + SMILE.start]!;
    const stride = smiles[at + SMILE.step]! / NODES_PER_INTERVAL;
    for (let m = 0; m < GRID_SIZE; m++) {
      const node = slice * GRID_SIZE + m;
      const k = scale * sinh(start + m * stride);
      this.gridK[node] = k;
      basisAt(this.gridBasis, node * BASIS_STRIDE, smiles, at, k);
      carrierDerivatives(this.gridCarrier, node * 3, smiles, at, k);
      if (slice > 0) {
        placeRow(this.belowBasis, node * ROW, smiles, at - SMILE_STRIDE, k);
        this.belowCarrier[node] = carrierVariance(smiles, at - SMILE_STRIDE, k);
      }
      if (slice < slices - 1) {
        placeRow(this.aboveBasis, node * ROW, smiles, at + SMILE_STRIDE, k);
        this.aboveCarrier[node] = carrierVariance(smiles, at + SMILE_STRIDE, k);
      }
    }
  }
}

function placeRow(rows: Float64Array, row: number, smiles: Float64Array, offset: number, k: number): void {
  basisAt(basis, 0, smiles, offset, k);
  for (let j = 0; j < ROW; j++) rows[row + j] = basis[j]!;
}

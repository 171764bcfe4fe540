import type { EnvelopeSystem } from './envelope-cholesky.js';
import type { PreparedQuotes } from './quotes.js';
import { GRID_SIZE, type ResidualNodes, ROW } from './residual-nodes.js';
import { BASIS_STRIDE, SMILE, SMILE_STRIDE, SPLINE_SIZE } from './smile.js';

/** What the fit gives up and what it insists on. */
export interface ResidualWeights {
  /** Price of one unit of squared constraint violation. */
  penalty: number;
  /** Per slice, Durrleman's g is asked to be at least this, so that it is positive between the grid points too. */
  butterflyMargin: Float64Array;
  /** The same for (w_later - w_earlier) / w. */
  calendarMargin: Float64Array;
}

/** The hinge begins this part of the half-spread inside the bid and ask: a quote at the very edge is soon outside. */
const HINGE_INSET = 0.25;
/** Beyond this many half-spreads outside, a quote pulls with constant force: a stale quote cannot bend the smile. */
const HUBER = 0.3;
/** Pull of the mid, in hinges, fading one half-spread away: it decides where the spread leaves freedom. */
const MID_PULL = 0.5;
/** Half-spreads are at least this fraction of the variance, so that quotes without spread stay finite. */
const SPREAD_FLOOR = 4e-3;
/** A quote with one side only counts in units of this fraction of its variance. */
const ONE_SIDED_SCALE = 0.1;
/** Weight of the integral of (r''')^2 in x. */
const SMOOTHNESS = 2e-4;
/** The fall of d1 and d2 in k, in units of 1 / sqrt(w), is asked to be at least this. */
const MONOTONE_MARGIN = 0.02;
/** Third differences of uniform B-spline coefficients. */
const THIRD = Float64Array.of(-1, 3, -3, 1);

const n = SPLINE_SIZE;

/**
 * Gauss-Newton normal equations of the joint fit: every slice's residual spline against its quotes, smoothness, Durrleman's g at
 * the grid and the calendar gap to both neighbours. The unknowns of a slice are coupled to the slice before only where a
 * calendar constraint binds, and the envelope says so.
 */
export class ResidualSystem implements EnvelopeSystem {
  size = 0;
  readonly stride = 2 * n;
  matrix = new Float64Array(0);
  base = new Int32Array(0);
  first = new Int32Array(0);
  gradient = new Float64Array(0);
  private coupled = new Uint8Array(0);

  reserve(slices: number): void {
    this.size = slices * n;
    if (this.gradient.length >= this.size) return;
    this.matrix = new Float64Array(this.size * this.stride);
    this.base = Int32Array.from({ length: this.size }, (_, row) => Math.max(0, Math.floor(row / n) - 1) * n);
    this.first = new Int32Array(this.size);
    this.gradient = new Float64Array(this.size);
    this.coupled = new Uint8Array(slices);
  }

  /** Builds matrix and gradient at the coefficients `c`; returns the loss. */
  assemble(
    c: Float64Array,
    quotes: PreparedQuotes,
    smiles: Float64Array,
    nodes: ResidualNodes,
    weights: ResidualWeights,
  ): number {
    this.matrix.fill(0);
    this.gradient.fill(0);
    this.coupled.fill(0);
    let loss = 0;
    for (let slice = 0; slice < quotes.slices; slice++) {
      loss += this.addSmoothness(c, slice, smiles[slice * SMILE_STRIDE + SMILE.step]!);
      loss += this.addQuotes(c, slice, quotes, nodes);
      loss += this.addConstraints(c, slice, quotes.slices, smiles[slice * SMILE_STRIDE]!, nodes, weights);
    }
    const { first, coupled, size } = this;
    for (let row = 0; row < size; row++) {
      const slice = Math.floor(row / n);
      first[row] = coupled[slice] === 1 ? (slice - 1) * n : Math.max(slice * n, row - 3);
    }
    return loss;
  }

  private addSmoothness(c: Float64Array, slice: number, step: number): number {
    const { matrix, base, gradient, stride } = this;
    const s0 = slice * n;
    const lambda = SMOOTHNESS / (step * step * step * step * step);
    let loss = 0;
    for (let m = -3; m < n; m++) {
      const from = Math.max(0, -m);
      const to = Math.min(4, n - m);
      let bend = 0;
      for (let a = from; a < to; a++) bend += THIRD[a]! * c[s0 + m + a]!;
      loss += 0.5 * lambda * bend * bend;
      for (let a = from; a < to; a++) {
        const row = s0 + m + a;
        const weighted = lambda * THIRD[a]!;
        gradient[row]! += weighted * bend;
        const at = row * stride - base[row]! + s0 + m;
        for (let b = from; b <= a; b++) matrix[at + b]! += weighted * THIRD[b]!;
      }
    }
    return loss;
  }

  private addQuotes(c: Float64Array, slice: number, quotes: PreparedQuotes, nodes: ResidualNodes): number {
    const { gradient } = this;
    const { quoteBasis, quoteCarrier } = nodes;
    const { low, high } = quotes;
    const s0 = slice * n;
    const end = quotes.first[slice + 1]!;
    let loss = 0;
    for (let q = quotes.first[slice]!; q < end; q++) {
      const at = q * ROW;
      const j = s0 + quoteBasis[at]!;
      const b0 = quoteBasis[at + 1]!;
      const b1 = quoteBasis[at + 2]!;
      const b2 = quoteBasis[at + 3]!;
      const b3 = quoteBasis[at + 4]!;
      const w = quoteCarrier[q]! + b0 * c[j]! + b1 * c[j + 1]! + b2 * c[j + 2]! + b3 * c[j + 3]!;
      let bid = low[q]!;
      let ask = high[q]!;
      let unit: number;
      let slope = 0;
      let curvature = 0;
      if (bid > 0 && ask < Number.POSITIVE_INFINITY) {
        const mid = 0.5 * (bid + ask);
        const half = 0.5 * (ask - bid);
        unit = 1 / Math.max(half, SPREAD_FLOOR * mid);
        bid += HINGE_INSET * half;
        ask -= HINGE_INSET * half;
        const t = (w - mid) * unit;
        const pull = MID_PULL / (1 + t * t);
        loss += 0.5 * MID_PULL * Math.log1p(t * t);
        slope = pull * t;
        curvature = pull;
      } else unit = 1 / (ONE_SIDED_SCALE * (bid > 0 ? bid : ask));
      const t = w < bid ? (w - bid) * unit : w > ask ? (w - ask) * unit : 0;
      if (t !== 0) {
        const outside = Math.abs(t);
        const robust = outside <= HUBER ? 1 : HUBER / outside;
        loss += outside <= HUBER ? 0.5 * t * t : HUBER * (outside - 0.5 * HUBER);
        slope += robust * t;
        curvature += robust;
      } else if (curvature === 0) continue;
      slope *= unit;
      gradient[j]! += slope * b0;
      gradient[j + 1]! += slope * b1;
      gradient[j + 2]! += slope * b2;
      gradient[j + 3]! += slope * b3;
      this.addSquare(j, curvature * unit * unit, b0, b1, b2, b3);
    }
    return loss;
  }

  private addConstraints(
    c: Float64Array,
    slice: number,
    slices: number,
    theta: number,
    nodes: ResidualNodes,
    weights: ResidualWeights,
  ): number {
    const { gridK, gridBasis, gridCarrier, belowBasis, belowCarrier, aboveBasis, aboveCarrier } = nodes;
    const { penalty } = weights;
    const butterfly = weights.butterflyMargin[slice]!;
    const calendar = weights.calendarMargin[slice]!;
    const s0 = slice * n;
    let loss = 0;
    for (let m = 0; m < GRID_SIZE; m++) {
      const node = slice * GRID_SIZE + m;
      const at = node * BASIS_STRIDE;
      const j = s0 + gridBasis[at]!;
      const c0 = c[j]!;
      const c1 = c[j + 1]!;
      const c2 = c[j + 2]!;
      const c3 = c[j + 3]!;
      const b0 = gridBasis[at + 1]!;
      const b1 = gridBasis[at + 2]!;
      const b2 = gridBasis[at + 3]!;
      const b3 = gridBasis[at + 4]!;
      const d0 = gridBasis[at + 5]!;
      const d1 = gridBasis[at + 6]!;
      const d2 = gridBasis[at + 7]!;
      const d3 = gridBasis[at + 8]!;
      const e0 = gridBasis[at + 9]!;
      const e1 = gridBasis[at + 10]!;
      const e2 = gridBasis[at + 11]!;
      const e3 = gridBasis[at + 12]!;
      const k = gridK[node]!;
      const carrier = gridCarrier[node * 3]!;
      const value = carrier + b0 * c0 + b1 * c1 + b2 * c2 + b3 * c3;
      // On the way a trial may pass through a negative variance, where g means nothing.
      const w = Math.max(value, 0.02 * carrier);
      const w1 = gridCarrier[node * 3 + 1]! + d0 * c0 + d1 * c1 + d2 * c2 + d3 * c3;
      const w2 = gridCarrier[node * 3 + 2]! + e0 * c0 + e1 * c1 + e2 * c2 + e3 * c3;
      const inverse = 1 / w;
      const lean = 1 - 0.5 * k * w1 * inverse;
      const g = lean * lean - 0.25 * w1 * w1 * (inverse + 0.25) + 0.5 * w2;
      const miss = butterfly - g;
      if (miss > 0) {
        const byW = (lean * k * w1 + 0.25 * w1 * w1) * inverse * inverse;
        const byW1 = -lean * k * inverse - 0.5 * w1 * (inverse + 0.25);
        loss += 0.5 * penalty * miss * miss;
        this.addWall(j, penalty, miss, gridBasis, at, byW, byW1, 0.5);
      }
      // Fukasawa: without arbitrage d1 and d2 fall in k. This keeps Gauss-Newton off the branch where lean < 0, from which
      // raising g leads ever further away.
      const steep = MONOTONE_MARGIN + 0.25 * Math.abs(w1) - lean;
      if (steep > 0) {
        loss += 0.5 * penalty * steep * steep;
        this.addWall(
          j,
          penalty,
          steep,
          gridBasis,
          at,
          0.5 * k * w1 * inverse * inverse,
          -0.5 * k * inverse - 0.25 * Math.sign(w1),
          0,
        );
      }
      // Where the residual fades out carriers that all but touch cannot be parted: no more than half of their gap is asked.
      const strength = (b0 + b1 + b2 + b3) / theta;
      const movable = calendar * carrier * strength * strength;
      if (slice > 0) {
        const row = node * ROW;
        const i = s0 - n + belowBasis[row]!;
        const gap = value - carried(belowCarrier[node]!, belowBasis, row, c, i);
        const room = Math.min(calendar * carrier, Math.max(movable, 0.5 * (carrier - belowCarrier[node]!)));
        if (gap < room)
          loss += this.addCalendar(slice, j, gridBasis, at, i, belowBasis, row, room - gap, carrier, penalty);
      }
      if (slice < slices - 1) {
        const row = node * ROW;
        const i = s0 + n + aboveBasis[row]!;
        const gap = carried(aboveCarrier[node]!, aboveBasis, row, c, i) - value;
        const room = Math.min(calendar * carrier, Math.max(movable, 0.5 * (aboveCarrier[node]! - carrier)));
        if (gap < room)
          loss += this.addCalendar(slice + 1, i, aboveBasis, row, j, gridBasis, at, room - gap, carrier, penalty);
      }
    }
    return loss;
  }

  /** One binding condition on (w, w', w'') at a grid point, with its derivatives in the three; `miss` is how far it is from holding. */
  private addWall(
    j: number,
    penalty: number,
    miss: number,
    rows: Float64Array,
    at: number,
    byW: number,
    byW1: number,
    byW2: number,
  ): void {
    const { gradient } = this;
    const g0 = byW * rows[at + 1]! + byW1 * rows[at + 5]! + byW2 * rows[at + 9]!;
    const g1 = byW * rows[at + 2]! + byW1 * rows[at + 6]! + byW2 * rows[at + 10]!;
    const g2 = byW * rows[at + 3]! + byW1 * rows[at + 7]! + byW2 * rows[at + 11]!;
    const g3 = byW * rows[at + 4]! + byW1 * rows[at + 8]! + byW2 * rows[at + 12]!;
    const push = penalty * miss;
    gradient[j]! -= push * g0;
    gradient[j + 1]! -= push * g1;
    gradient[j + 2]! -= push * g2;
    gradient[j + 3]! -= push * g3;
    this.addSquare(j, penalty, g0, g1, g2, g3);
  }

  /** One binding calendar constraint: `later` and `earlier` are first unknowns, `shortfall` is in total variance. */
  private addCalendar(
    laterSlice: number,
    later: number,
    laterBasis: Float64Array,
    laterAt: number,
    earlier: number,
    earlierBasis: Float64Array,
    earlierAt: number,
    shortfall: number,
    unit: number,
    penalty: number,
  ): number {
    const { matrix, base, gradient, stride } = this;
    this.coupled[laterSlice] = 1;
    const a0 = laterBasis[laterAt + 1]! / unit;
    const a1 = laterBasis[laterAt + 2]! / unit;
    const a2 = laterBasis[laterAt + 3]! / unit;
    const a3 = laterBasis[laterAt + 4]! / unit;
    const b0 = -earlierBasis[earlierAt + 1]! / unit;
    const b1 = -earlierBasis[earlierAt + 2]! / unit;
    const b2 = -earlierBasis[earlierAt + 3]! / unit;
    const b3 = -earlierBasis[earlierAt + 4]! / unit;
    const miss = shortfall / unit;
    const push = penalty * miss;
    gradient[later]! -= push * a0;
    gradient[later + 1]! -= push * a1;
    gradient[later + 2]! -= push * a2;
    gradient[later + 3]! -= push * a3;
    gradient[earlier]! -= push * b0;
    gradient[earlier + 1]! -= push * b1;
    gradient[earlier + 2]! -= push * b2;
    gradient[earlier + 3]! -= push * b3;
    this.addSquare(later, penalty, a0, a1, a2, a3);
    this.addSquare(earlier, penalty, b0, b1, b2, b3);
    let at = later * stride - base[later]! + earlier;
    for (let m = 0; m < 4; m++) {
      const a = penalty * (m === 0 ? a0 : m === 1 ? a1 : m === 2 ? a2 : a3);
      matrix[at]! += a * b0;
      matrix[at + 1]! += a * b1;
      matrix[at + 2]! += a * b2;
      matrix[at + 3]! += a * b3;
      at += stride;
    }
    return 0.5 * push * miss;
  }

  /** Adds weight * b b' for four neighbouring unknowns of one slice, which share their base. */
  private addSquare(j: number, weight: number, b0: number, b1: number, b2: number, b3: number): void {
    const { matrix, stride } = this;
    const r0 = j * stride - this.base[j]! + j;
    const r1 = r0 + stride;
    const r2 = r1 + stride;
    const r3 = r2 + stride;
    const v1 = weight * b1;
    const v2 = weight * b2;
    const v3 = weight * b3;
    matrix[r0]! += weight * b0 * b0;
    matrix[r1]! += v1 * b0;
    matrix[r1 + 1]! += v1 * b1;
    matrix[r2]! += v2 * b0;
    matrix[r2 + 1]! += v2 * b1;
    matrix[r2 + 2]! += v2 * b2;
    matrix[r3]! += v3 * b0;
    matrix[r3 + 1]! += v3 * b1;
    matrix[r3 + 2]! += v3 * b2;
    matrix[r3 + 3]! += v3 * b3;
  }
}

/** Total variance from a stored row: carrier and four splines. */
function carried(carrier: number, rows: Float64Array, row: number, c: Float64Array, i: number): number {
  return (
    carrier +
    rows[row + 1]! * c[i]! +
    rows[row + 2]! * c[i + 1]! +
    rows[row + 3]! * c[i + 2]! +
    rows[row + 4]! * c[i + 3]!
  );
}

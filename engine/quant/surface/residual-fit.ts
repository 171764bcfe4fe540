import { factorEnvelope, solveEnvelope } from './envelope-cholesky.js';
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
} from './smile.js';

export const TUNE = {
  /** Points a slice at which its butterfly and calendar conditions are imposed. */
  gridSize: 64,
  edge: 0.9,
  shrink: 0.15,
  delta: 0.3,
  mid: 0.02,
  smooth: 1e-4,
  floor: 1e-3,
  gMargin: 0.01,
  calMargin: 1e-4,
  weight: 1e5,
  maxIter: 40,
  tol: 1e-5,
  redescend: 0,
};

/** Everything the joint fit of the residual splines needs: one row of numbers per node, laid out once. */
export interface ResidualProblem {
  quotes: PreparedQuotes;
  smiles: Float64Array;
  quoteBasis: Float64Array;
  quoteCarrier: Float64Array;
  gridK: Float64Array;
  gridBasis: Float64Array;
  gridCarrier: Float64Array;
  belowBasis: Float64Array;
  belowCarrier: Float64Array;
  aboveBasis: Float64Array;
  aboveCarrier: Float64Array;
}

const n = SPLINE_SIZE;

export function placeKnots(quotes: PreparedQuotes, smiles: Float64Array): void {
  for (let slice = 0; slice < quotes.slices; slice++) {
    const at = slice * SMILE_STRIDE;
    const scale = Math.sqrt(smiles[at]!);
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let q = quotes.first[slice]!; q < quotes.first[slice + 1]!; q++) {
      if (quotes.low[q] === 0 || quotes.high[q] === Number.POSITIVE_INFINITY) continue;
      low = Math.min(low, quotes.k[q]!);
      high = Math.max(high, quotes.k[q]!);
    }
    const start = asinh(low / scale) - TUNE.edge;
    const end = asinh(high / scale) + TUNE.edge;
    smiles[at + SMILE.scale] = scale;
    smiles[at + SMILE.start] = start;
    smiles[at + SMILE.step] = (end - start) / (n + 3);
  }
}

const ROW = 5;

function shortBasis(out: Float64Array, at: number, smiles: Float64Array, offset: number, k: number): void {
  basisAt(SCRATCH, 0, smiles, offset, k);
  for (let j = 0; j < ROW; j++) out[at + j] = SCRATCH[j]!;
}
const SCRATCH = new Float64Array(BASIS_STRIDE);

export function buildProblem(quotes: PreparedQuotes, smiles: Float64Array): ResidualProblem {
  const { slices, count } = quotes;
  const M = TUNE.gridSize;
  const p: ResidualProblem = {
    quotes,
    smiles,
    quoteBasis: new Float64Array(count * ROW),
    quoteCarrier: new Float64Array(count),
    gridK: new Float64Array(slices * M),
    gridBasis: new Float64Array(slices * M * BASIS_STRIDE),
    gridCarrier: new Float64Array(slices * M * 3),
    belowBasis: new Float64Array(slices * M * ROW),
    belowCarrier: new Float64Array(slices * M),
    aboveBasis: new Float64Array(slices * M * ROW),
    aboveCarrier: new Float64Array(slices * M),
  };
  for (let slice = 0; slice < slices; slice++) {
    const at = slice * SMILE_STRIDE;
    for (let q = quotes.first[slice]!; q < quotes.first[slice + 1]!; q++) {
      shortBasis(p.quoteBasis, q * ROW, smiles, at, quotes.k[q]!);
      p.quoteCarrier[q] = carrierVariance(smiles, at, quotes.k[q]!);
    }
    const scale = smiles[at + SMILE.scale]!;
    const start = smiles[at + SMILE.start]!;
    const stride = (smiles[at + SMILE.step]! * (n + 3)) / M;
    for (let m = 0; m < M; m++) {
      const node = slice * M + m;
      const x = start + (m + 0.5) * stride;
      const e = Math.exp(x);
      const k = 0.5 * scale * (e - 1 / e);
      p.gridK[node] = k;
      basisAt(p.gridBasis, node * BASIS_STRIDE, smiles, at, k);
      carrierDerivatives(p.gridCarrier, node * 3, smiles, at, k);
      if (slice > 0) {
        shortBasis(p.belowBasis, node * ROW, smiles, at - SMILE_STRIDE, k);
        p.belowCarrier[node] = carrierVariance(smiles, at - SMILE_STRIDE, k);
      }
      if (slice < slices - 1) {
        shortBasis(p.aboveBasis, node * ROW, smiles, at + SMILE_STRIDE, k);
        p.aboveCarrier[node] = carrierVariance(smiles, at + SMILE_STRIDE, k);
      }
    }
  }
  return p;
}

const THIRD = [-1, 3, -3, 1];

export class ResidualSolver {
  readonly size: number;
  readonly stride = 2 * n;
  readonly matrix: Float64Array;
  readonly base: Int32Array;
  readonly first: Int32Array;
  readonly gradient: Float64Array;
  readonly c: Float64Array;
  readonly trial: Float64Array;
  coupled: Uint8Array;
  weightScale = 1;
  iterations = 0;
  maxViolation = 0;
  readonly p: ResidualProblem;

  constructor(p: ResidualProblem) {
    this.p = p;
    const slices = p.quotes.slices;
    this.size = slices * n;
    this.matrix = new Float64Array(this.size * this.stride);
    this.base = new Int32Array(this.size);
    this.first = new Int32Array(this.size);
    this.gradient = new Float64Array(this.size);
    this.c = new Float64Array(this.size);
    this.trial = new Float64Array(this.size);
    this.coupled = new Uint8Array(slices);
    for (let i = 0; i < this.size; i++) this.base[i] = Math.max(0, (Math.floor(i / n) - 1) * n);
  }

  assemble(c: Float64Array, late: boolean): number {
    const { p, matrix, base, gradient, stride, coupled, size } = this;
    const { quotes, quoteBasis, quoteCarrier, gridK, gridBasis, gridCarrier } = p;
    const { belowBasis, belowCarrier, aboveBasis, aboveCarrier } = p;
    const slices = quotes.slices;
    const M = TUNE.gridSize;
    const W = TUNE.weight * this.weightScale;
    matrix.fill(0);
    gradient.fill(0);
    coupled.fill(0);
    let loss = 0;
    this.maxViolation = 0;
    for (let slice = 0; slice < slices; slice++) {
      const s0 = slice * n;
      // smoothness
      const step = p.smiles[slice * SMILE_STRIDE + SMILE.step]!;
      const lambda = TUNE.smooth / (step * step * step * step * step);
      for (let m = -3; m < n; m++) {
        let value = 0;
        for (let a = 0; a < 4; a++) if (m + a >= 0 && m + a < n) value += THIRD[a]! * c[s0 + m + a]!;
        loss += 0.5 * lambda * value * value;
        for (let a = 0; a < 4; a++) {
          if (m + a < 0 || m + a >= n) continue;
          const i = s0 + m + a;
          gradient[i]! += lambda * value * THIRD[a]!;
          for (let b = 0; b <= a; b++) if (m + b >= 0) matrix[i * stride + s0 + m + b - base[i]!]! += lambda * THIRD[a]! * THIRD[b]!;
        }
      }
      // quotes
      for (let q = quotes.first[slice]!; q < quotes.first[slice + 1]!; q++) {
        const at = q * ROW;
        const j = s0 + quoteBasis[at]!;
        const b0 = quoteBasis[at + 1]!;
        const b1 = quoteBasis[at + 2]!;
        const b2 = quoteBasis[at + 3]!;
        const b3 = quoteBasis[at + 4]!;
        const w = quoteCarrier[q]! + b0 * c[j]! + b1 * c[j + 1]! + b2 * c[j + 2]! + b3 * c[j + 3]!;
        const bid = quotes.low[q]!;
        const ask = quotes.high[q]!;
        let half: number;
        let curvature = 0;
        let slope = 0;
        let low = bid;
        let high = ask;
        if (bid > 0 && ask < Number.POSITIVE_INFINITY) {
          const mid = 0.5 * (bid + ask);
          const width = 0.5 * (ask - bid);
          half = 1 / Math.max(width, TUNE.floor * mid);
          low += TUNE.shrink * width;
          high -= TUNE.shrink * width;
          const t = (w - mid) * half;
          const robust = 1 / (1 + t * t);
          loss += 0.5 * TUNE.mid * Math.log1p(t * t);
          curvature = TUNE.mid * robust;
          slope = TUNE.mid * robust * t;
        } else {
          half = 10 / (bid > 0 ? bid : ask);
        }
        const t = w < low ? (w - low) * half : w > high ? (w - high) * half : 0;
        if (t !== 0) {
          const size = Math.abs(t);
          let robust = size <= TUNE.delta ? 1 : TUNE.delta / size;
          loss += size <= TUNE.delta ? 0.5 * t * t : TUNE.delta * (size - 0.5 * TUNE.delta);
          if (late && TUNE.redescend > 0) robust *= 1 / (1 + (t * t) / (TUNE.redescend * TUNE.redescend));
          curvature += robust;
          slope += robust * t;
        }
        if (curvature === 0) continue;
        slope *= half;
        curvature *= half * half;
        gradient[j]! += slope * b0;
        gradient[j + 1]! += slope * b1;
        gradient[j + 2]! += slope * b2;
        gradient[j + 3]! += slope * b3;
        this.addSquare(j, curvature, b0, b1, b2, b3);
      }
      // constraints
      for (let m = 0; m < M; m++) {
        const node = slice * M + m;
        const at = node * BASIS_STRIDE;
        const j = s0 + gridBasis[at]!;
        const c0 = c[j]!;
        const c1 = c[j + 1]!;
        const c2 = c[j + 2]!;
        const c3 = c[j + 3]!;
        const k = gridK[node]!;
        const carrier = gridCarrier[node * 3]!;
        const value =
          carrier + gridBasis[at + 1]! * c0 + gridBasis[at + 2]! * c1 + gridBasis[at + 3]! * c2 + gridBasis[at + 4]! * c3;
        const w = Math.max(value, 0.02 * carrier);
        const w1 =
          gridCarrier[node * 3 + 1]! +
          gridBasis[at + 5]! * c0 +
          gridBasis[at + 6]! * c1 +
          gridBasis[at + 7]! * c2 +
          gridBasis[at + 8]! * c3;
        const w2 =
          gridCarrier[node * 3 + 2]! +
          gridBasis[at + 9]! * c0 +
          gridBasis[at + 10]! * c1 +
          gridBasis[at + 11]! * c2 +
          gridBasis[at + 12]! * c3;
        const inverse = 1 / w;
        const lean = 1 - 0.5 * k * w1 * inverse;
        const g = lean * lean - 0.25 * w1 * w1 * (inverse + 0.25) + 0.5 * w2;
        const miss = TUNE.gMargin - g;
        if (miss > 0) {
          if (miss > this.maxViolation) this.maxViolation = miss;
          loss += 0.5 * W * miss * miss;
          const byW = lean * k * w1 * inverse * inverse + 0.25 * w1 * w1 * inverse * inverse;
          const byW1 = -lean * k * inverse - 0.5 * w1 * (inverse + 0.25);
          const r0 = byW * gridBasis[at + 1]! + byW1 * gridBasis[at + 5]! + 0.5 * gridBasis[at + 9]!;
          const r1 = byW * gridBasis[at + 2]! + byW1 * gridBasis[at + 6]! + 0.5 * gridBasis[at + 10]!;
          const r2 = byW * gridBasis[at + 3]! + byW1 * gridBasis[at + 7]! + 0.5 * gridBasis[at + 11]!;
          const r3 = byW * gridBasis[at + 4]! + byW1 * gridBasis[at + 8]! + 0.5 * gridBasis[at + 12]!;
          const push = -W * miss;
          gradient[j]! += push * r0;
          gradient[j + 1]! += push * r1;
          gradient[j + 2]! += push * r2;
          gradient[j + 3]! += push * r3;
          this.addSquare(j, W, r0, r1, r2, r3);
        }
        if (slice > 0) {
          const below = node * ROW;
          const j2 = s0 - n + belowBasis[below]!;
          const other =
            belowCarrier[node]! +
            belowBasis[below + 1]! * c[j2]! +
            belowBasis[below + 2]! * c[j2 + 1]! +
            belowBasis[below + 3]! * c[j2 + 2]! +
            belowBasis[below + 4]! * c[j2 + 3]!;
          const gap = (value - other) / carrier;
          const room = Math.min(TUNE.calMargin, (0.5 * (carrier - belowCarrier[node]!)) / carrier);
          if (gap < room) loss += this.addCalendar(slice, j, gridBasis, at, j2, belowBasis, below, room - gap, carrier, 1, W);
        }
        if (slice < slices - 1) {
          const above = node * ROW;
          const j2 = s0 + n + aboveBasis[above]!;
          const other =
            aboveCarrier[node]! +
            aboveBasis[above + 1]! * c[j2]! +
            aboveBasis[above + 2]! * c[j2 + 1]! +
            aboveBasis[above + 3]! * c[j2 + 2]! +
            aboveBasis[above + 4]! * c[j2 + 3]!;
          const gap = (other - value) / carrier;
          const room = Math.min(TUNE.calMargin, (0.5 * (aboveCarrier[node]! - carrier)) / carrier);
          if (gap < room)
            loss += this.addCalendar(slice + 1, j2, aboveBasis, above, j, gridBasis, at, room - gap, carrier, 1, W);
        }
      }
    }
    for (let i = 0; i < size; i++) {
      const slice = Math.floor(i / n);
      matrix[i * stride + i - base[i]!]! += 1e-6;
      this.first[i] = coupled[slice] === 1 ? (slice - 1) * n : Math.max(slice * n, i - 3);
    }
    return loss;
  }

  private addCalendar(
    slice: number,
    upper: number,
    upperBasis: Float64Array,
    upperAt: number,
    lower: number,
    lowerBasis: Float64Array,
    lowerAt: number,
    miss: number,
    carrier: number,
    _sign: number,
    W: number,
  ): number {
    const { matrix, base, gradient, stride } = this;
    if (miss > this.maxViolation) this.maxViolation = miss;
    this.coupled[slice] = 1;
    const f = 1 / carrier;
    const a0 = upperBasis[upperAt + 1]! * f;
    const a1 = upperBasis[upperAt + 2]! * f;
    const a2 = upperBasis[upperAt + 3]! * f;
    const a3 = upperBasis[upperAt + 4]! * f;
    const b0 = -lowerBasis[lowerAt + 1]! * f;
    const b1 = -lowerBasis[lowerAt + 2]! * f;
    const b2 = -lowerBasis[lowerAt + 3]! * f;
    const b3 = -lowerBasis[lowerAt + 4]! * f;
    const push = -W * miss;
    gradient[upper]! += push * a0;
    gradient[upper + 1]! += push * a1;
    gradient[upper + 2]! += push * a2;
    gradient[upper + 3]! += push * a3;
    gradient[lower]! += push * b0;
    gradient[lower + 1]! += push * b1;
    gradient[lower + 2]! += push * b2;
    gradient[lower + 3]! += push * b3;
    this.addSquare(upper, W, a0, a1, a2, a3);
    this.addSquare(lower, W, b0, b1, b2, b3);
    for (let m = 0; m < 4; m++) {
      const a = W * (m === 0 ? a0 : m === 1 ? a1 : m === 2 ? a2 : a3);
      const row = (upper + m) * stride - base[upper + m]! + lower;
      matrix[row]! += a * b0;
      matrix[row + 1]! += a * b1;
      matrix[row + 2]! += a * b2;
      matrix[row + 3]! += a * b3;
    }
    return 0.5 * W * miss * miss;
  }

  private addSquare(j: number, weight: number, b0: number, b1: number, b2: number, b3: number): void {
    const { matrix, base, stride } = this;
    // The four rows belong to one slice and so share their base.
    const r0 = j * stride - base[j]! + j;
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

  solve(): void {
    const { c, trial, gradient, size } = this;
    let loss = this.assemble(c, false);
    const previous = new Float64Array(size);
    const step = new Float64Array(size);
    for (let iteration = 0; iteration < TUNE.maxIter; iteration++) {
      this.iterations++;
      if (!factorEnvelope(this, size)) return;
      step.set(gradient);
      solveEnvelope(this, size, step);
      previous.set(c);
      let largest = 0;
      for (let i = 0; i < size; i++) {
        largest = Math.max(largest, Math.abs(step[i]!));
      }
      let alpha = 1;
      let next = Number.POSITIVE_INFINITY;
      for (let cut = 0; cut < 6; cut++) {
        for (let i = 0; i < size; i++) trial[i] = previous[i]! - alpha * step[i]!;
        next = this.assemble(trial, false);
        if (next <= loss + 1e-9 * Math.abs(loss)) break;
        alpha *= 0.4;
      }
      if (!(next <= loss + 1e-9 * Math.abs(loss))) {
        this.assemble(c, false);
        return;
      }
      c.set(trial);
      const gain = loss - next;
      loss = next;
      if (largest < TUNE.tol || gain < 1e-6 * loss) break;
    }
  }
}

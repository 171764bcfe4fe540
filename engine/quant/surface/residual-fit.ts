import { factorEnvelope, solveEnvelope } from './envelope-cholesky.js';
import type { PreparedQuotes } from './quotes.js';
import { placeKnots, ResidualNodes } from './residual-nodes.js';
import { ResidualSystem, type ResidualWeights } from './residual-system.js';
import { SMILE, SMILE_STRIDE, SPLINE_SIZE } from './smile.js';
import { findArbitrage } from './smile-arbitrage.js';

const PENALTY = 1e5;
/** Penalties that lead a cold start to the full one: a stiff wall met at once traps Gauss-Newton far from the quotes. */
const LEAD_IN = [1e3, 1e4];
const BUTTERFLY_MARGIN = 0.03;
const CALENDAR_MARGIN = 0.03;
/** Rounds of larger margins and penalties before the residual is shrunk instead. */
const TIGHTENINGS = 6;
/** A residual shrunk to less than this is dropped. */
const LEAST_PART = 0.02;
const MAX_STEPS = 40;
/** A step that moves no coefficient by more than this, relative to the variance, is the last one: 0.05 bp of a 100 % vol. */
const SETTLED = 1e-5;
/** So is one that gains less than this part of the loss. */
const NEGLIGIBLE_GAIN = 1e-5;

/** How the fit went. */
export interface ResidualOutcome {
  /** Gauss-Newton steps tried. */
  steps: number;
  /** Smallest part of a slice's residual that was kept: 1 unless even the tightest constraints left arbitrage between the grid points. */
  kept: number;
}

/** Fits the residual splines of a surface whose carriers stand in `smiles`. One instance keeps its memory from fit to fit. */
export class ResidualFitter {
  private readonly nodes = new ResidualNodes();
  private readonly system = new ResidualSystem();
  private c = new Float64Array(0);
  private trial = new Float64Array(0);
  private step = new Float64Array(0);
  private keptMatrix = new Float64Array(0);
  private keptGradient = new Float64Array(0);
  private keptFirst = new Int32Array(0);
  private guilty = new Uint8Array(0);
  private steps = 0;

  /** Writes knots and residuals into `smiles`; `warm` starts from the residuals that are there. */
  fit(quotes: PreparedQuotes, smiles: Float64Array, warm: boolean): ResidualOutcome {
    placeKnots(quotes, smiles);
    this.nodes.place(quotes, smiles);
    this.reserve(quotes.slices);
    this.steps = 0;
    if (warm) this.readResiduals(smiles, quotes.slices);
    else this.c.fill(0);
    const weights = {
      penalty: PENALTY,
      butterflyMargin: new Float64Array(quotes.slices).fill(BUTTERFLY_MARGIN),
      calendarMargin: new Float64Array(quotes.slices).fill(CALENDAR_MARGIN),
    };
    if (!warm) for (const penalty of LEAD_IN) this.descend(quotes, smiles, { ...weights, penalty });
    for (let round = 0; round < TIGHTENINGS; round++) {
      this.descend(quotes, smiles, weights);
      this.writeResiduals(smiles, quotes.slices);
      if (findArbitrage(smiles, quotes.slices, this.guilty) === 0) return { steps: this.steps, kept: 1 };
      weights.penalty *= 3;
      for (let slice = 0; slice < quotes.slices; slice++) {
        if (this.guilty[slice] === 0) continue;
        weights.butterflyMargin[slice]! *= 1.5;
        weights.calendarMargin[slice]! *= 2;
      }
    }
    return { steps: this.steps, kept: this.shrink(smiles, quotes.slices) };
  }

  private reserve(slices: number): void {
    const { system } = this;
    system.reserve(slices);
    if (this.guilty.length < slices) this.guilty = new Uint8Array(slices);
    if (this.c.length >= system.size) return;
    this.c = new Float64Array(system.size);
    this.trial = new Float64Array(system.size);
    this.step = new Float64Array(system.size);
    this.keptMatrix = new Float64Array(system.matrix.length);
    this.keptGradient = new Float64Array(system.size);
    this.keptFirst = new Int32Array(system.size);
  }

  /** Levenberg-Marquardt that damps only after a step that failed. */
  private descend(quotes: PreparedQuotes, smiles: Float64Array, weights: ResidualWeights): void {
    const { system, nodes, step, keptMatrix, keptGradient, keptFirst } = this;
    const { size, stride } = system;
    let loss = system.assemble(this.c, quotes, smiles, nodes, weights);
    let damping = 0;
    let failures = 0;
    keptMatrix.set(system.matrix);
    keptGradient.set(system.gradient);
    keptFirst.set(system.first);
    for (let iteration = 0; iteration < MAX_STEPS; iteration++) {
      this.steps++;
      const { matrix, base } = system;
      if (damping > 0) for (let i = 0; i < size; i++) matrix[i * stride + i - base[i]!]! *= 1 + damping;
      let next = Number.POSITIVE_INFINITY;
      let largest = Number.POSITIVE_INFINITY;
      if (factorEnvelope(system, size)) {
        step.set(keptGradient);
        solveEnvelope(system, size, step);
        largest = 0;
        for (let i = 0; i < size; i++) {
          this.trial[i] = this.c[i]! - step[i]!;
          largest = Math.max(largest, Math.abs(step[i]!));
        }
        next = system.assemble(this.trial, quotes, smiles, nodes, weights);
      }
      if (next <= loss) {
        const accepted = this.trial;
        this.trial = this.c;
        this.c = accepted;
        const gain = loss - next;
        loss = next;
        if (largest < SETTLED || gain < NEGLIGIBLE_GAIN * loss) return;
        keptMatrix.set(system.matrix);
        keptGradient.set(system.gradient);
        keptFirst.set(system.first);
        damping = damping < 1e-4 ? 0 : damping * 0.1;
        failures = 0;
      } else {
        failures++;
        if (largest < SETTLED || failures > 8) return;
        damping = Math.max(damping * 8, 1e-3);
        system.matrix.set(keptMatrix);
        system.first.set(keptFirst);
      }
    }
  }

  private readResiduals(smiles: Float64Array, slices: number): void {
    for (let slice = 0; slice < slices; slice++) {
      const at = slice * SMILE_STRIDE + SMILE.residual;
      for (let j = 0; j < SPLINE_SIZE; j++) this.c[slice * SPLINE_SIZE + j] = smiles[at + j]!;
    }
  }

  private writeResiduals(smiles: Float64Array, slices: number): void {
    for (let slice = 0; slice < slices; slice++) {
      const at = slice * SMILE_STRIDE + SMILE.residual;
      for (let j = 0; j < SPLINE_SIZE; j++) smiles[at + j] = this.c[slice * SPLINE_SIZE + j]!;
    }
  }

  /**
   * Shrinks the residuals of guilty slices until none is. It ends, since carriers alone are free of arbitrage by theorem. Returns the
   * smallest part kept of any slice's residual.
   */
  private shrink(smiles: Float64Array, slices: number): number {
    const { guilty } = this;
    const parts = new Float64Array(slices).fill(1);
    while (findArbitrage(smiles, slices, guilty) > 0) {
      for (let slice = 0; slice < slices; slice++) {
        if (guilty[slice] === 0) continue;
        parts[slice] = parts[slice]! > LEAST_PART ? parts[slice]! * 0.85 : 0;
        const at = slice * SMILE_STRIDE + SMILE.residual;
        for (let j = 0; j < SPLINE_SIZE; j++) smiles[at + j] = parts[slice]! * this.c[slice * SPLINE_SIZE + j]!;
      }
      if (parts.every((part) => part === 0)) break;
    }
    return Math.min(...parts);
  }
}

import { type LogisticFills, type QuotedOption, requireOptions } from './logistic-fills.js';
import { wrightOmega } from './wright-omega.js';

/** Values kept beyond each end of the inventory grid, so that one stencil serves every node. */
export const GHOSTS = 2;

/**
 * `accurate`: cubic interpolation between inventory nodes, and the inventory limit resolved within a cell (a node next to it
 * stands for its cell, of which a part may still trade): errors fall with the square of the spacing, 41 nodes suffice.
 * `monotone`: linear interpolation and a sharp limit, the published scheme, whose error falls as fast but is some 300 times greater.
 */
export type InventoryScheme = 'accurate' | 'monotone';

/**
 * The expected income from optimal quotes as a function of vega inventory: the nonlinear part of the Hamilton-Jacobi-Bellman
 * equation on the grid -Vmax ... Vmax,
 *
 *   sum over options and sides of z H((v(V) - v(V')) / z), V' = V +- z vega, no quote where |V'| > Vmax.
 *
 * With logistic fills z H(p) = (s lambda / beta) omega(-(1 + alpha + beta (v(V) - v(V')) / s)), s = z vega: an option
 * matters only by s and lambda.
 */
export class FillIncome {
  readonly nodes: number;
  readonly #scheme: InventoryScheme;
  readonly #count: number;
  /** By option: s in grid cells, beta / s, s lambda / beta. */
  readonly #cells: Float64Array;
  readonly #slopes: Float64Array;
  readonly #scales: Float64Array;
  readonly #offset: number;
  readonly #omegas: Float64Array;

  constructor(
    owner: string,
    options: readonly QuotedOption[],
    fills: LogisticFills,
    Vmax: number,
    nodes: number,
    scheme: InventoryScheme,
  ) {
    requireOptions(owner, options, fills);
    const spacing = (2 * Vmax) / (nodes - 1);
    this.nodes = nodes;
    this.#scheme = scheme;
    this.#count = options.length;
    this.#cells = Float64Array.from(options, ({ vega, size }) => (size * vega) / spacing);
    this.#slopes = Float64Array.from(options, ({ vega, size }) => fills.beta / (size * vega));
    this.#scales = Float64Array.from(options, ({ vega, size, lambda }) => (size * vega * lambda) / fills.beta);
    this.#offset = -(1 + fills.alpha);
    this.#omegas = new Float64Array(2 * nodes);
  }

  /** Adds the income at each node of the row whose first node is `values[at]` to `rates[into ...]`. Ghosts must be set. */
  add(rates: Float64Array, into: number, values: Float64Array, at: number): void {
    const nodes = this.nodes;
    const sharp = this.#scheme === 'monotone';
    const offset = this.#offset;
    const omegas = this.#omegas;
    for (let option = 0; option < this.#count; option++) {
      const cells = this.#cells[option]!;
      const slope = this.#slopes[option]!;
      const scale = this.#scales[option]!;
      const whole = Math.floor(cells);
      const f = cells - whole;
      const g = 1 - f;
      const w0 = sharp ? 0 : (-f * g * (1 + g)) / 6;
      const w1 = sharp ? g : ((1 + f) * g * (1 + g)) / 2;
      const w2 = sharp ? f : (f * (1 + f) * (1 + g)) / 2;
      const w3 = sharp ? 0 : (-f * g * (1 + f)) / 6;
      for (let j = 0; j < nodes; j++) {
        const value = values[at + j]!;
        let bid = Number.NEGATIVE_INFINITY;
        let ask = Number.NEGATIVE_INFINITY;
        // The pairing of the terms makes a mirrored inventory give the same bits.
        if (cover(nodes - 1 - j - cells, sharp) > 0) {
          const to = at + j + whole;
          const moved = w0 * values[to - 1]! + w3 * values[to + 2]! + (w1 * values[to]! + w2 * values[to + 1]!);
          bid = offset - slope * (value - moved);
        }
        if (cover(j - cells, sharp) > 0) {
          const to = at + j - whole;
          const moved = w0 * values[to + 1]! + w3 * values[to - 2]! + (w1 * values[to]! + w2 * values[to - 1]!);
          ask = offset - slope * (value - moved);
        }
        omegas[j] = bid;
        omegas[nodes + j] = ask;
      }
      wrightOmega(omegas, 2 * nodes);
      for (let j = 0; j < nodes; j++) {
        const bid = cover(nodes - 1 - j - cells, sharp) * omegas[j]!;
        const ask = cover(j - cells, sharp) * omegas[nodes + j]!;
        rates[into + j] = rates[into + j]! + scale * (bid + ask);
      }
    }
  }
}

/** Part of a node's cell that may trade, given how many cells the limit lies beyond the inventory after the fill. */
function cover(room: number, sharp: boolean): number {
  if (sharp) return room >= -1e-9 ? 1 : 0;
  return room >= 0.5 ? 1 : room > -0.5 ? room + 0.5 : 0;
}

/** Sets the ghosts of the row whose first node is `values[at]` by the cubic through its four outermost nodes. */
export function setGhosts(values: Float64Array, at: number, nodes: number): void {
  const last = at + nodes - 1;
  for (let ghost = 1; ghost <= GHOSTS; ghost++) {
    values[at - ghost] =
      4 * (values[at - ghost + 1]! + values[at - ghost + 3]!) - 6 * values[at - ghost + 2]! - values[at - ghost + 4]!;
    values[last + ghost] =
      4 * (values[last + ghost - 1]! + values[last + ghost - 3]!) -
      6 * values[last + ghost - 2]! -
      values[last + ghost - 4]!;
  }
}

/** The row's value at `place`, counted in cells from its first node, by the interpolation of the scheme. */
export function interpolateRow(values: Float64Array, at: number, nodes: number, place: number, sharp: boolean): number {
  const whole = Math.min(nodes - 2, Math.max(0, Math.floor(place)));
  const f = place - whole;
  const g = 1 - f;
  const to = at + whole;
  if (sharp) return g * values[to]! + f * values[to + 1]!;
  const outer = -f * g * ((1 + g) * values[to - 1]! + (1 + f) * values[to + 2]!);
  return outer / 6 + ((1 + f) * (1 + g) * (g * values[to]! + f * values[to + 1]!)) / 2;
}

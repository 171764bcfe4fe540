import { RandomStream } from '../../../actors/venue-sim/world/random.js';
import { expectedImprovement, GaussianProcess } from '../../quant/statistics/index.js';
import type { SweepConfig } from './config.js';

/** One set of settings, by their paths. */
export type SettingsPoint = Record<string, number>;

/** Points that are looked over for the one whose improvement is expected to be greatest. */
const CANDIDATES = 512;

/** Which settings are tried next. */
export interface Search {
  /** The next sets to be tried together; none when the search is over. */
  next(): SettingsPoint[];
  /** What became of them, in their order: the higher, the better. */
  told(scores: readonly number[]): void;
}

/** @param atOnce sets that a search which learns asks for at a time */
export function searchOf(sweep: SweepConfig, atOnce: number): Search {
  switch (sweep.method) {
    case 'grid':
      return listed(gridOf(sweep));
    case 'random': {
      const random = new RandomStream(sweep.searchSeed, 'random search');
      return listed(Array.from({ length: sweep.trials }, () => pointAt(sweep, drawn(sweep, random))));
    }
    case 'bayesian':
      return new BayesianSearch(sweep, atOnce);
  }
}

function listed(points: SettingsPoint[]): Search {
  let given = false;
  return {
    next: () => {
      if (given) return [];
      given = true;
      return points;
    },
    told: () => {},
  };
}

function gridOf({ parameters }: SweepConfig): SettingsPoint[] {
  let points: SettingsPoint[] = [{}];
  for (const [path, values] of Object.entries(parameters)) {
    if (!Array.isArray(values)) throw new RangeError(`${path}: a grid needs a list of values`);
    points = points.flatMap((point) => values.map((value) => ({ ...point, [path]: value })));
  }
  return points;
}

/** A place in the unit cube. */
function drawn({ parameters }: SweepConfig, random: RandomStream): number[] {
  return Object.keys(parameters).map(() => random.uniform());
}

/** The settings at a place in the unit cube. */
function pointAt({ parameters }: SweepConfig, place: readonly number[]): SettingsPoint {
  return Object.fromEntries(
    Object.entries(parameters).map(([path, values], axis) => {
      const at = place[axis]!;
      if (Array.isArray(values)) return [path, values[Math.min(values.length - 1, Math.floor(at * values.length))]!];
      const { from, to, log } = values;
      return [path, log ? Math.exp(Math.log(from) + at * Math.log(to / from)) : from + at * (to - from)];
    }),
  );
}

/**
 * Bayesian search: after some random settings, those whose expected improvement under a Gaussian process is greatest. Settings that run at the same
 * time are told apart by pretending that the earlier ones came out as predicted.
 */
class BayesianSearch implements Search {
  readonly #sweep: SweepConfig;
  readonly #atOnce: number;
  readonly #random: RandomStream;
  readonly #places: number[][] = [];
  readonly #scores: number[] = [];

  constructor(sweep: SweepConfig, atOnce: number) {
    this.#sweep = sweep;
    this.#atOnce = atOnce;
    this.#random = new RandomStream(sweep.searchSeed, 'bayesian search');
  }

  next(): SettingsPoint[] {
    const left = this.#sweep.trials - this.#scores.length;
    if (left <= 0) return [];
    const first = Math.min(left, Math.max(4, 2 * Object.keys(this.#sweep.parameters).length));
    const asked: number[][] = [];
    if (this.#scores.length === 0) {
      for (let index = 0; index < first; index++) asked.push(drawn(this.#sweep, this.#random));
    } else {
      const places = [...this.#places];
      const scores = [...this.#scores];
      for (let index = 0; index < Math.min(left, this.#atOnce); index++) {
        const process = new GaussianProcess(places, scores);
        const best = Math.max(...scores);
        let chosen: number[] = [];
        let most = Number.NEGATIVE_INFINITY;
        for (let candidate = 0; candidate < CANDIDATES; candidate++) {
          const place = drawn(this.#sweep, this.#random);
          const gain = expectedImprovement(process.predict(place), best);
          if (gain > most) {
            most = gain;
            chosen = place;
          }
        }
        asked.push(chosen);
        places.push(chosen);
        scores.push(process.predict(chosen).mean);
      }
    }
    this.#places.push(...asked);
    return asked.map((place) => pointAt(this.#sweep, place));
  }

  told(scores: readonly number[]): void {
    // A run without a figure is as bad as the worst.
    const worst = Math.min(0, ...scores.filter(Number.isFinite));
    this.#scores.push(...scores.map((score) => (Number.isFinite(score) ? score : worst)));
  }
}

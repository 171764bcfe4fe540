import type { HawkesParameters } from './parameters.js';
import type { RandomStream } from './random.js';

const SECOND_MS = 1000;

/**
 * Orders that beget orders: a Hawkes process of two sides with one exponential kernel. An order raises the rate of both sides, its
 * own more; the excitement decays. Times are drawn by Ogata's thinning.
 */
export class HawkesFlow {
  /** Rates a second that each side has on top of the base. */
  readonly #excited = new Float64Array(2);
  /** Time of `#excited`, milliseconds; and when the next order is due. */
  readonly #times = new Float64Array(2);
  readonly #base: number;
  readonly #decay: number;
  readonly #same: number;
  readonly #other: number;
  readonly #random: RandomStream;

  constructor({ rate, branching, halfLifeMs, sameSide }: HawkesParameters, random: RandomStream, now: number) {
    this.#base = 0.5 * rate * (1 - branching);
    this.#decay = Math.LN2 / halfLifeMs;
    // An order begets `branching` orders in all: the jump of the rate times its mean life in seconds.
    const jump = branching * this.#decay * SECOND_MS;
    this.#same = jump * sameSide;
    this.#other = jump * (1 - sameSide);
    this.#random = random;
    this.#times[0] = now;
  }

  /** The next time at which to call `arrives`, milliseconds. @param season multiplies the base rate */
  next(season: number): number {
    const rate = 2 * this.#base * season + this.#excited[0]! + this.#excited[1]!;
    const time = this.#times[0]! + (this.#random.exponential() * SECOND_MS) / rate;
    this.#times[1] = time;
    return time;
  }

  /**
   * At the time that `next` gave: 0 or 1, the side of an order that arrives, or -1 for none. Call `next` again afterwards.
   * @param season as it was given to `next`
   */
  arrives(season: number): number {
    const excited = this.#excited;
    const now = this.#times[1]!;
    const left = Math.exp(-this.#decay * (now - this.#times[0]!));
    const bound = 2 * this.#base * season + excited[0]! + excited[1]!;
    excited[0]! *= left;
    excited[1]! *= left;
    this.#times[0] = now;
    const first = this.#base * season + excited[0]!;
    const drawn = this.#random.uniform() * bound;
    if (drawn >= first + this.#base * season + excited[1]!) return -1;
    const side = drawn < first ? 0 : 1;
    excited[side]! += this.#same;
    excited[1 - side]! += this.#other;
    return side;
  }
}

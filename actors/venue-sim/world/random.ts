/**
 * The world's random numbers: xoshiro128** (Blackman, Vigna, "Scrambled linear pseudorandom number generators", 2021), whose state
 * and steps are 32-bit integers and so the same everywhere. Each part of the world has a stream of its own, made from the world's
 * seed and the part's name: what one part draws does not move another, so that two worlds which differ in one participant share
 * the rest.
 */
export class RandomStream {
  readonly #state = new Int32Array(4);
  /** The second number of a normal pair, and whether it waits. */
  readonly #spare = new Float64Array(1);
  #hasSpare = false;

  /** @param seed the world's, any integer @param name of the part that draws */
  constructor(seed: number, name: string) {
    let mixed = seed | 0;
    for (let index = 0; index < name.length; index++) mixed = scramble(mixed ^ name.charCodeAt(index));
    for (let word = 0; word < 4; word++) {
      mixed = scramble(mixed);
      this.#state[word] = mixed;
    }
    // All zeros would stay zeros; no seed is known to give it, and this makes it impossible.
    if (this.#state.every((word) => word === 0)) this.#state[0] = 1;
  }

  /** 32 random bits, signed. */
  bits(): number {
    const state = this.#state;
    const s1 = state[1]!;
    const product = Math.imul(s1, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    const shifted = s1 << 9;
    const s2 = state[2]! ^ state[0]!;
    const s3 = state[3]! ^ s1;
    state[1] = s1 ^ s2;
    state[0] = state[0]! ^ s3;
    state[2] = s2 ^ shifted;
    state[3] = (s3 << 11) | (s3 >>> 21);
    return result | 0;
  }

  /** Above 0 and below 1, in steps of 2^-32. */
  uniform(): number {
    return ((this.bits() >>> 0) + 0.5) * 2.3283064365386963e-10;
  }

  /** An integer from 0 up to and without `bound`, which is below 2^31. */
  below(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** Mean 1. */
  exponential(): number {
    return -Math.log(this.uniform());
  }

  /** Standard normal: Marsaglia's polar method, which needs only log and sqrt. */
  normal(): number {
    if (this.#hasSpare) {
      this.#hasSpare = false;
      return this.#spare[0]!;
    }
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      this.#spare[0] = y * scale;
      this.#hasSpare = true;
      return x * scale;
    }
  }

  /** Log-normal with the given median and standard deviation of the logarithm. */
  logNormal(median: number, deviation: number): number {
    return median * Math.exp(deviation * this.normal());
  }
}

/** A step of splitmix32: spreads the bits of a seed. */
function scramble(value: number): number {
  let mixed = (value + 0x9e3779b9) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return mixed ^ (mixed >>> 15);
}

const FIRST_SLOTS = 64;

/** Scratch for the bits of a double. */
const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** 32-bit hash of a double's bits. */
function hashOf(key: number): number {
  double[0] = key;
  let hash = Math.imul(words[0]! ^ Math.imul(words[1]!, 0x9e3779b1), 0x85ebca6b);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0xc2b2ae35) >>> 0;
}

/**
 * Keys that are known, each with a digest of what stands under it and a count: 24 bytes a key, for millions of them. Where
 * keys are not unique, the same key may stand with several digests.
 */
export class KnownKeys {
  readonly unique: boolean;
  #keys = new Float64Array(FIRST_SLOTS).fill(Number.NaN);
  #digests = new Uint32Array(FIRST_SLOTS);
  #counts = new Uint32Array(FIRST_SLOTS);
  #size = 0;

  constructor(unique: boolean) {
    this.unique = unique;
  }

  /** Keys, each as often as it stands with another digest. */
  get size(): number {
    return this.#size;
  }

  /** Adds one and returns how often it was there before; keys are finite. */
  add(key: number, digest: number): number {
    if (2 * (this.#size + 1) > this.#keys.length) this.#grow();
    const slot = this.#slot(key, digest);
    if (Number.isNaN(this.#keys[slot]!)) {
      this.#keys[slot] = key;
      this.#digests[slot] = digest;
      this.#size++;
    }
    const before = this.#counts[slot]!;
    this.#counts[slot] = before + 1;
    return before;
  }

  /** How often a key stands with a digest; where keys are unique, how often at all. */
  count(key: number, digest: number): number {
    const slot = this.#slot(key, digest);
    return Number.isNaN(this.#keys[slot]!) ? 0 : this.#counts[slot]!;
  }

  /** The digest that stands under a unique key. */
  digestOf(key: number): number {
    return this.#digests[this.#slot(key, 0)]!;
  }

  /** Every key, by size. */
  sorted(): Float64Array {
    return this.#keys.filter((key) => !Number.isNaN(key)).sort();
  }

  #slot(key: number, digest: number): number {
    const mask = this.#keys.length - 1;
    let slot = hashOf(key) & mask;
    while (!Number.isNaN(this.#keys[slot]!)) {
      if (this.#keys[slot] === key && (this.unique || this.#digests[slot] === digest)) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const keys = this.#keys;
    const digests = this.#digests;
    const counts = this.#counts;
    this.#keys = new Float64Array(2 * keys.length).fill(Number.NaN);
    this.#digests = new Uint32Array(2 * keys.length);
    this.#counts = new Uint32Array(2 * keys.length);
    for (let old = 0; old < keys.length; old++) {
      if (Number.isNaN(keys[old]!)) continue;
      const slot = this.#slot(keys[old]!, digests[old]!);
      this.#keys[slot] = keys[old]!;
      this.#digests[slot] = digests[old]!;
      this.#counts[slot] = counts[old]!;
    }
  }
}

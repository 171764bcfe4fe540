/**
 * Digest of a sequence of numbers: 53 bits, for telling whether two runs did the same, not for security. FNV-1a over their 32-bit words, twice with
 * different beginnings.
 */
export class OrderDigest {
  readonly #double = new Float64Array(1);
  readonly #words = new Uint32Array(this.#double.buffer);
  #low = 0x811c_9dc5;
  #high = 0x2f0b_4c47;

  add(value: number): void {
    this.#double[0] = value;
    this.word(this.#words[0]!);
    this.word(this.#words[1]!);
  }

  /** 32 bits. */
  word(word: number): void {
    this.#low = Math.imul(this.#low ^ word, 0x0100_0193);
    this.#high = Math.imul(this.#high ^ word ^ 0x5bd1_e995, 0x0100_0193) ^ (this.#high >>> 15);
  }

  text(): string {
    return [this.#high, this.#low].map((part) => (part >>> 0).toString(16).padStart(8, '0')).join('');
  }
}

export interface BackoffSettings {
  /** Milliseconds of the first pause, before chance is applied. */
  firstMs: number;
  longestMs: number;
}

/**
 * Pauses between attempts: each twice the one before up to a longest, and each shortened by chance to between a half and
 * the whole, so that the clients of a venue that comes back do not all return at once.
 */
export class Backoff {
  readonly #settings: BackoffSettings;
  readonly #random: () => number;
  #attempts = 0;

  constructor(settings: BackoffSettings, random: () => number) {
    this.#settings = settings;
    this.#random = random;
  }

  /** Milliseconds to wait before the next attempt. */
  next(): number {
    const { firstMs, longestMs } = this.#settings;
    let pause = firstMs;
    for (let attempt = 0; attempt < this.#attempts && pause < longestMs; attempt++) pause *= 2;
    this.#attempts++;
    return Math.min(pause, longestMs) * (0.5 + this.#random() / 2);
  }

  /** The last attempt has lasted. */
  reset(): void {
    this.#attempts = 0;
  }
}

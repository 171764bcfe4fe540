export interface CreditSettings {
  /** Credits that can be saved up. */
  capacity: number;
  refillPerSecond: number;
}

/** A venue's account of request credits, kept on our side: who overdraws the real one is disconnected. */
export class Credits {
  readonly #settings: CreditSettings;
  #held: number;
  #atMs: number;

  constructor(settings: CreditSettings, nowMs: number) {
    this.#settings = settings;
    this.#held = settings.capacity;
    this.#atMs = nowMs;
  }

  /** Takes the credits of one request, or returns the milliseconds after which there will be enough; 0 when taken. */
  take(cost: number, nowMs: number): number {
    const { capacity, refillPerSecond } = this.#settings;
    this.#held = Math.min(capacity, this.#held + ((nowMs - this.#atMs) / 1000) * refillPerSecond);
    this.#atMs = nowMs;
    if (this.#held < cost) return Math.ceil(((cost - this.#held) / refillPerSecond) * 1000);
    this.#held -= cost;
    return 0;
  }
}

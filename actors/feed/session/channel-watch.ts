/** Kinds of channel, as FeedOutage records name them. */
export const ChannelKind = { CONNECTION: 0, BOOK: 1, TICKER: 2, TRADES: 3, QUOTE: 4, INDEX: 5 } as const;
export type ChannelKind = (typeof ChannelKind)[keyof typeof ChannelKind];

const KINDS = 6;

/** A channel on which nothing has come for longer than it should. */
export interface SilentChannel {
  kind: ChannelKind;
  instrument: number;
  /** Milliseconds, the host's monotonic clock. */
  sinceMs: number;
}

/** When each channel was last heard, and how long it may be silent. Hearing costs one store. */
export class ChannelWatch {
  /** Monotonic milliseconds; NaN where the channel is not watched. */
  #heardMs = new Float64Array(KINDS * 64).fill(Number.NaN);
  #limitMs = new Float64Array(KINDS * 64);
  #told = new Uint8Array(KINDS * 64);

  /** Watches a channel from now on. */
  watch(kind: ChannelKind, instrument: number, limitMs: number, nowMs: number): void {
    const index = instrument * KINDS + kind;
    if (index >= this.#heardMs.length) this.#grow(index);
    this.#heardMs[index] = nowMs;
    this.#limitMs[index] = limitMs;
    this.#told[index] = 0;
  }

  forget(kind: ChannelKind, instrument: number): void {
    this.#heardMs[instrument * KINDS + kind] = Number.NaN;
    this.#told[instrument * KINDS + kind] = 0;
  }

  /** Something came; true when the channel had been told of as silent. */
  heard(kind: ChannelKind, instrument: number, nowMs: number): boolean {
    const index = instrument * KINDS + kind;
    if (Number.isNaN(this.#heardMs[index]!)) return false;
    this.#heardMs[index] = nowMs;
    if (this.#told[index] !== 1) return false;
    this.#told[index] = 0;
    return true;
  }

  /** The channels that have become silent since the last look; each is told of once. */
  look(nowMs: number): SilentChannel[] {
    const silent: SilentChannel[] = [];
    for (let index = 0; index < this.#heardMs.length; index++) {
      const sinceMs = this.#heardMs[index]!;
      // NaN is never greater.
      if (!(nowMs - sinceMs > this.#limitMs[index]!) || this.#told[index] === 1) continue;
      this.#told[index] = 1;
      silent.push({ kind: (index % KINDS) as ChannelKind, instrument: Math.floor(index / KINDS), sinceMs });
    }
    return silent;
  }

  #grow(index: number): void {
    const size = Math.max(2 * this.#heardMs.length, index + 1);
    const heard = new Float64Array(size).fill(Number.NaN);
    heard.set(this.#heardMs);
    const limit = new Float64Array(size);
    limit.set(this.#limitMs);
    const told = new Uint8Array(size);
    told.set(this.#told);
    this.#heardMs = heard;
    this.#limitMs = limit;
    this.#told = told;
  }
}

/** Buckets that are kept; the emptiest go last. */
const MOST = 4096;

/** Allows so many a second of each key, and so many at once. */
export class TokenBuckets {
  private readonly rate: number;
  private readonly burst: number;
  private readonly now: () => number;
  private readonly buckets = new Map<string, { tokens: number; at: number }>();

  /** `now`: milliseconds that never go back. */
  constructor(perSecond: number, burst: number, now: () => number = () => performance.now()) {
    this.rate = perSecond / 1000;
    this.burst = burst;
    this.now = now;
  }

  /** True where the key may go on. */
  take(key: string): boolean {
    const now = this.now();
    let bucket = this.buckets.get(key);
    if (bucket === undefined) {
      if (this.buckets.size >= MOST) this.sweep(now);
      bucket = { tokens: this.burst, at: now };
      this.buckets.set(key, bucket);
    }
    bucket.tokens = Math.min(this.burst, bucket.tokens + (now - bucket.at) * this.rate);
    bucket.at = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  /** Forgets who has been quiet long enough to be full again; where nobody has, everybody: memory stays bounded. */
  private sweep(now: number): void {
    for (const [key, { tokens, at }] of this.buckets) {
      if (tokens + (now - at) * this.rate >= this.burst) this.buckets.delete(key);
    }
    if (this.buckets.size >= MOST) this.buckets.clear();
  }
}

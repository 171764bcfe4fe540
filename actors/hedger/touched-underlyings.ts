/** Underlyings whose hedge the event at hand may change: each is decided on once, at its end. */
export class TouchedUnderlyings {
  private readonly isTouched: Uint8Array;
  private isAny = false;

  constructor(underlyings: number) {
    this.isTouched = new Uint8Array(underlyings);
  }

  /** Underlyings that there is room for. */
  get size(): number {
    return this.isTouched.length;
  }

  has(underlying: number): boolean {
    return underlying >= 0 && underlying < this.isTouched.length;
  }

  add(underlying: number): void {
    if (!this.has(underlying)) return;
    this.isTouched[underlying] = 1;
    this.isAny = true;
  }

  addAll(): void {
    for (let underlying = 0; underlying < this.isTouched.length; underlying++) this.add(underlying);
  }

  /** Whether any is left to take; forgets that there was one. */
  takeAny(): boolean {
    const { isAny } = this;
    this.isAny = false;
    return isAny;
  }

  take(underlying: number): boolean {
    if (this.isTouched[underlying] === 0) return false;
    this.isTouched[underlying] = 0;
    return true;
  }
}

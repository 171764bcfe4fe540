/**
 * Until when the venue freezes an index. It protects single orders and each group of quotes for itself, while the core knows one freeze an index:
 * it lasts until the last of them is over.
 */
export class VenueFreezes {
  /** By index and then group, event time in microseconds; infinite where only a hand ends it. */
  readonly #until = new Map<string, Map<string, number>>();

  /**
   * A group was frozen, anew or for the first time.
   * @param group of the quotes, '' for single orders
   * @param untilMicros as the venue says it: 0 where only a hand ends it
   * @returns until when the index is frozen, microseconds; infinite where only a hand ends it
   */
  freeze(index: string, group: string, untilMicros: number): number {
    const groups = this.#until.get(index) ?? new Map<string, number>();
    this.#until.set(index, groups);
    groups.set(group, untilMicros > 0 ? untilMicros : Number.POSITIVE_INFINITY);
    return this.until(index);
  }

  /**
   * All that is frozen, as the venue says it: what it does not name is open.
   * @param now event time, microseconds
   * @returns the indices of which that is news
   */
  tell(frozen: readonly { index: string; group: string; untilMicros: number }[], now: number): string[] {
    const indices = new Set([...this.#until.keys(), ...frozen.map(({ index }) => index)]);
    const ahead = (index: string): number => (this.until(index) > now ? this.until(index) : 0);
    const before = new Map([...indices].map((index) => [index, ahead(index)]));
    this.#until.clear();
    for (const { index, group, untilMicros } of frozen) this.freeze(index, group, untilMicros);
    return [...indices].filter((index) => ahead(index) !== before.get(index));
  }

  /** Whether an index is frozen at a time, microseconds. */
  isAnyAt(now: number): boolean {
    return [...this.#until.keys()].some((index) => this.until(index) > now);
  }

  /** Until when an index is frozen, microseconds; 0 where it never was. */
  until(index: string): number {
    return Math.max(0, ...(this.#until.get(index)?.values() ?? []));
  }
}

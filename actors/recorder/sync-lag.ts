/** How long what was taken waits until it is on the disk, from looks now and then. */
export class SyncLag {
  /** What was the newest at a look before, and when that was. */
  private waited: { position: number; at: number } | undefined;
  private lag = 0;

  /**
   * Milliseconds that what reached the disk last had waited, or that the oldest of what waits has by now, whichever is longer.
   * @param taken position of the last record that was taken @param synced position up to which all is on the disk @param now milliseconds of any monotonic clock
   */
  look(taken: number, synced: number, now: number): number {
    const { waited } = this;
    if (waited !== undefined && synced >= waited.position) {
      this.lag = now - waited.at;
      this.waited = undefined;
    }
    if (synced >= taken) this.lag = 0;
    else this.waited ??= { position: taken, at: now };
    return Math.max(this.lag, this.waited === undefined ? 0 : now - this.waited.at);
  }
}

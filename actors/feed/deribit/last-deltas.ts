/** The delta of each option as its last ticker told it, by instrument id. */
export class LastDeltas {
  #deltas = new Float64Array(0);

  /** Makes room for an instrument. */
  reserve(id: number): void {
    if (id < this.#deltas.length) return;
    const grown = new Float64Array(2 * (id + 1)).fill(Number.NaN);
    grown.set(this.#deltas);
    this.#deltas = grown;
  }

  /** Takes it from a record. @param at place of the delta, a double, in the slot */
  take(id: number, slot: DataView, at: number): void {
    this.#deltas[id] = slot.getFloat64(at, true);
  }

  /** Undefined where none was told. */
  of(id: number): number | undefined {
    const delta = this.#deltas[id];
    return delta === undefined || Number.isNaN(delta) ? undefined : delta;
  }
}

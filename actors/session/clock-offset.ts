/** Readings that are remembered: an offset drifts slowly, and an old quick answer must not rule for ever. */
const KEPT = 16;

/**
 * How far a venue's clock is ahead of ours, from answers that hold its time: the venue read its clock somewhere between our
 * asking and our hearing, so the quickest answer of the last ones tells most, and is wrong by at most half its round trip.
 */
export class ClockOffset {
  readonly #readings: { offsetMicros: number; roundTripMicros: number }[] = [];

  /** All in microseconds since the Unix epoch: our time at asking and at hearing, the venue's time in the answer. */
  add(askedMicros: number, heardMicros: number, venueMicros: number): void {
    const roundTripMicros = heardMicros - askedMicros;
    // A wall clock that was set back between the two.
    if (!(roundTripMicros >= 0)) return;
    this.#readings.push({ offsetMicros: venueMicros - (askedMicros + heardMicros) / 2, roundTripMicros });
    if (this.#readings.length > KEPT) this.#readings.shift();
  }

  /** Microseconds that the venue is ahead, NaN before the first answer; the truth is within half of the round trip. */
  get best(): { offsetMicros: number; roundTripMicros: number } {
    return this.#readings.reduce((best, reading) => (reading.roundTripMicros < best.roundTripMicros ? reading : best), {
      offsetMicros: Number.NaN,
      roundTripMicros: Number.POSITIVE_INFINITY,
    });
  }
}

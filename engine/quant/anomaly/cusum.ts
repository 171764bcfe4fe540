/** Which way a series has drifted, as the cumulative sum tells it. */
export const DRIFT = { down: -1, none: 0, up: 1 } as const;

/**
 * Page's two-sided cumulative sum (1954) over standardised observations: sums what exceeds `slack` and alarms beyond
 * `threshold`, both in standard deviations. Best against a shift of twice the slack; with slack 0.5 and threshold 5 a
 * shift of one is found after about 10 observations, at one false alarm in about 470 (Montgomery, table 9.3).
 */
export class Cusum {
  private up = 0;
  private down = 0;

  constructor(
    private readonly slack = 0.5,
    private readonly threshold = 5,
  ) {
    if (!(slack >= 0)) throw new RangeError(`slack must not be negative, found ${slack}`);
    if (!(threshold > 0)) throw new RangeError(`threshold must be positive, found ${threshold}`);
  }

  /** Takes in a standardised observation; returns a `DRIFT`, and starts again after an alarm. NaN changes nothing. */
  update(z: number): number {
    if (Number.isNaN(z)) return DRIFT.none;
    this.up = Math.max(0, this.up + z - this.slack);
    this.down = Math.max(0, this.down - z - this.slack);
    if (this.up <= this.threshold && this.down <= this.threshold) return DRIFT.none;
    const direction = this.up > this.down ? DRIFT.up : DRIFT.down;
    this.up = 0;
    this.down = 0;
    return direction;
  }
}

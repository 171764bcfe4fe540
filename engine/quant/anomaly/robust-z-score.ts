/** MAD of a normal distribution over its standard deviation. */
const MAD_OF_NORMAL = 0.6744897501960817;
const LEAST_SCALE = 1e-300;

/**
 * Robust z-score: how far an observation lies from a running median, in running median absolute deviations scaled to
 * standard deviations. Both medians are tracked by stochastic approximation (Robbins & Monro 1951): up or down by a
 * step in proportion to the scale itself, so outliers of any size pull no more than others. Constant time and memory.
 */
export class RobustZScore {
  private median = Number.NaN;
  private scale = 0;
  private seen = 0;

  /** `memory`: about how many observations the medians look back. */
  constructor(private readonly memory = 200) {
    if (!(memory >= 10)) throw new RangeError(`memory must be 10 observations or more, found ${memory}`);
  }

  /** The score of an observation before it is learnt from. NaN before ten observations, and for NaN, which is ignored. */
  update(value: number): number {
    if (!Number.isFinite(value)) return value;
    if (this.seen === 0) {
      this.median = value;
      this.seen = 1;
      return Number.NaN;
    }
    const distance = value - this.median;
    const away = Math.abs(distance);
    const score = this.seen < 10 ? Number.NaN : away === 0 ? 0 : distance / Math.max(this.scale, LEAST_SCALE);
    this.learn(distance, away);
    return score;
  }

  /** The running standard deviation, robust. */
  get deviation(): number {
    return this.scale;
  }

  get centre(): number {
    return this.median;
  }

  private learn(distance: number, away: number): void {
    // Early steps are long, so that a bad first observation is soon forgotten.
    const gain = 4 / Math.min(this.seen + 3, this.memory);
    this.seen++;
    if (this.scale === 0) this.scale = away / MAD_OF_NORMAL;
    const mad = this.scale * MAD_OF_NORMAL;
    if (distance !== 0) this.median += Math.sign(distance) * 0.5 * gain * this.scale;
    // In logs: a scale stays positive, and halves as readily as it doubles. Ties are no evidence of a larger scale.
    if (mad > 0) this.scale *= Math.exp(0.5 * gain * (away > mad ? 1 : away < mad ? -1 : 0));
  }
}

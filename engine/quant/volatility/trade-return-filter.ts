/** Options of the filter that works on single trades. */
export interface TradeReturnOptions {
  /** Log return that counts as a move, > 0: several ticks and spreads, so that bounces between bid and ask do not. */
  threshold: number;
  /** Time in which the memory of log variance falls by half, in ms. */
  halfLifeMs: number;
  /** Weight of one move's log variance against the memory, in (0, 1]. */
  gain?: number;
  /** Gain at which the long-run mean of log variance follows. */
  meanGain?: number;
}

/** Mean of ln(move^2 / (variance * duration)) for the time in which a Brownian motion first moves that far. */
const MEAN_LOG_RATIO = firstPassageLogRatio();

/**
 * The first volatility filter of this engine, kept as a model: AR(1) on log variance, driven by trade returns.
 *
 * Trades are sampled whenever the price has moved by a threshold since the last sample; the time that took gives one
 * measurement of variance, and between measurements log variance reverts to its mean. What stays below the threshold
 * is microstructure and never enters (price durations: Engle & Russell 1998; Andersen, Dobrev & Schaumburg 2008).
 * Constant time per trade, no allocation. Times in ms; variances per millisecond.
 */
export class TradeReturnFilter {
  private readonly threshold: number;
  private readonly decay: number;
  private readonly gain: number;
  private readonly meanGain: number;
  private samplePrice = Number.NaN;
  private sampleTime = Number.NaN;
  private mean = Number.NaN;
  private deviation = 0;

  constructor({ threshold, halfLifeMs, gain = 0.1, meanGain = 0.002 }: TradeReturnOptions) {
    if (!(threshold > 0 && threshold < 1))
      throw new RangeError(`threshold is a log return in (0, 1), found ${threshold}`);
    if (!(halfLifeMs > 0)) throw new RangeError(`halfLifeMs must be positive, found ${halfLifeMs}`);
    if (!(gain > 0 && gain <= 1)) throw new RangeError(`gain must lie in (0, 1], found ${gain}`);
    this.threshold = threshold;
    this.decay = Math.LN2 / halfLifeMs;
    this.gain = gain;
    this.meanGain = meanGain;
  }

  /** Takes in a trade; true when it completed a move. Broken prices and times that go back are ignored. */
  update(time: number, price: number): boolean {
    if (!(price > 0 && price < Number.POSITIVE_INFINITY) || !Number.isFinite(time)) return false;
    if (Number.isNaN(this.samplePrice)) {
      this.samplePrice = price;
      this.sampleTime = time;
      return false;
    }
    const move = Math.log(price / this.samplePrice);
    const elapsed = time - this.sampleTime;
    if (!(Math.abs(move) >= this.threshold && elapsed >= 0)) return false;
    // Several moves in one millisecond are one: clocks are no finer.
    const duration = Math.max(elapsed, 1);
    const measured = Math.log((move * move) / duration) - MEAN_LOG_RATIO;
    this.samplePrice = price;
    this.sampleTime = time;
    if (Number.isNaN(this.mean)) {
      this.mean = measured;
      return true;
    }
    const carried = this.deviation * Math.exp(-this.decay * duration);
    const error = measured - this.mean - carried;
    this.deviation = carried + this.gain * error;
    this.mean += this.meanGain * error;
    return true;
  }

  /** Expected variance per ms at a time not before the last move; NaN before the first two moves. */
  forecast(time: number): number {
    const elapsed = Math.max(0, time - this.sampleTime);
    return Math.exp(this.mean + this.deviation * Math.exp(-this.decay * elapsed));
  }
}

/**
 * E[-ln T] for the first time T at which the size of a Brownian motion reaches 1. By Frullani's integral
 * -ln T = integral of (exp(-sT) - exp(-s)) / s over s > 0, and E exp(-sT) = 1 / cosh(sqrt(2 s)); substituting s = e^u
 * leaves a smooth integrand that the trapezoidal rule sums to machine accuracy.
 */
function firstPassageLogRatio(): number {
  let sum = 0;
  const step = 1 / 64;
  for (let u = -40; u <= 12; u += step) {
    const s = Math.exp(u);
    const root = Math.sqrt(2 * s);
    const decayed = root > 700 ? 0 : (2 * Math.exp(-root)) / (1 + Math.exp(-2 * root));
    sum += decayed - Math.exp(-s);
  }
  return sum * step;
}

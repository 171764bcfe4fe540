import { leeMyklandBound } from '../realised/jump-tests.js';

/** Options of the online jump flag. */
export interface JumpFlagOptions {
  /** Returns over which volatility is averaged; the weights fall exponentially. */
  memory?: number;
  /** Number of returns in which at most `level` false flags are expected, such as the bars of a day. */
  returnsPerTest?: number;
  level?: number;
}

/**
 * Online jump flag in the manner of Lee & Mykland (2008): a return beyond the largest that a day's worth of normal
 * shocks would show, measured in a volatility from products of neighbouring absolute returns, which a jump cannot
 * inflate by its square. Constant time.
 */
export class JumpFlag {
  private readonly gain: number;
  private readonly bound: number;
  private readonly memory: number;
  private bipower = 0;
  private last = Number.NaN;
  private seen = 0;

  constructor({ memory = 200, returnsPerTest = 1440, level = 0.01 }: JumpFlagOptions = {}) {
    if (!(memory >= 10)) throw new RangeError(`memory must be 10 returns or more, found ${memory}`);
    if (!(returnsPerTest >= 3)) throw new RangeError(`returnsPerTest must be 3 or more, found ${returnsPerTest}`);
    if (!(level > 0 && level < 1)) throw new RangeError(`level is a probability, found ${level}`);
    this.memory = memory;
    this.gain = 1 / memory;
    this.bound = leeMyklandBound(returnsPerTest, level);
  }

  /** Takes in a log return; true when it is a jump. Never before ten returns; NaN is a gap and false. */
  update(logReturn: number): boolean {
    if (!Number.isFinite(logReturn)) {
      this.last = Number.NaN;
      return false;
    }
    const away = Math.abs(logReturn);
    const volatility = Math.sqrt((Math.PI / 2) * this.bipower);
    const jumped = this.seen >= 10 && this.bipower > 0 && away > this.bound * volatility;
    if (!Number.isNaN(this.last)) {
      // A jump counts as the largest ordinary return, and so does not raise the bar for the next one.
      const capped = jumped ? this.bound * volatility : away;
      this.seen++;
      this.bipower += Math.max(this.gain, 1 / Math.min(this.seen, this.memory)) * (capped * this.last - this.bipower);
    }
    this.last = jumped ? volatility : away;
    return jumped;
  }
}

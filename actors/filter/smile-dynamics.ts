import { EXPIRY, EXPIRY_STRIDE, type FilterState, TENORS, UNDERLYING, UNDERLYING_STRIDE } from './filter-state.js';

const DAYS_PER_YEAR = 365;
/** Tenors up to so many days share a ratio. */
const TENOR_DAYS: readonly number[] = [3, 10, 36, 110];
/** Ratio before anything was seen: each strike keeps its vol. Its weight is that of some twenty moves of 1 % at a skew of 0.2. */
const PRIOR = 1;
const PRIOR_WEIGHT = 1e-4;
/**
 * The ratio lies between sticky moneyness and local volatility, and an observation counts as no more than twice what a ratio of 1 would make of it:
 * on the days on which vol jumps it does so whatever the skew, and plain least squares would be made of those days.
 */
const LARGEST = 2;
/** Weight that an observation loses with each that follows. */
const KEEP = 1 - 1 / 5000;

/**
 * How the vol at the money moves with the forward, learnt from fit to fit: the skew-stickiness ratio R (Bergomi 2016, ch. 9) by a class of
 * tenors, a bounded regression through the origin of changes of vol on skew times return, with a prior.
 */
export class SmileDynamics {
  private readonly state: FilterState;

  constructor(state: FilterState) {
    this.state = state;
  }

  /** Learns from two fits of one expiry: `move[0]` the change of vol at the money, `move[1]` the skew before, `move[2]` the log return. */
  learn(expiry: number, underlying: number, move: Float64Array): void {
    const { underlyings } = this.state;
    const x = move[1]! * move[2]!;
    const most = LARGEST * Math.abs(x);
    const y = Math.max(-most, Math.min(most, move[0]!));
    // A NaN fails here too.
    if (!(x * x < 1 && y * y < 4)) return;
    const at = underlying * UNDERLYING_STRIDE + UNDERLYING.stickiness + 2 * this.tenorOf(expiry);
    underlyings[at] = KEEP * underlyings[at]! + x * y;
    underlyings[at + 1] = KEEP * underlyings[at + 1]! + x * x;
  }

  /** The ratio of an expiry's tenor, 0 to 2. */
  ratio(expiry: number, underlying: number): number {
    const { underlyings } = this.state;
    const at = underlying * UNDERLYING_STRIDE + UNDERLYING.stickiness + 2 * this.tenorOf(expiry);
    const ratio = (PRIOR * PRIOR_WEIGHT + underlyings[at]!) / (PRIOR_WEIGHT + underlyings[at + 1]!);
    return ratio < 0 ? 0 : ratio > LARGEST ? LARGEST : ratio;
  }

  private tenorOf(expiry: number): number {
    const days = this.state.expiries[expiry * EXPIRY_STRIDE + EXPIRY.fitYears]! * DAYS_PER_YEAR;
    let tenor = 0;
    while (tenor < TENORS - 1 && days > TENOR_DAYS[tenor]!) tenor++;
    return tenor;
  }
}

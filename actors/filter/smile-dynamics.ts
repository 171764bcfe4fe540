import { NOW, YEARS_PER_MICRO } from './event-moment.js';
import { EXPIRY, EXPIRY_STRIDE, type FilterState, TENORS, UNDERLYING, UNDERLYING_STRIDE } from './filter-state.js';

const DAYS_PER_YEAR = 365;
const HOUR = 3_600e6;
const DAY = 24 * HOUR;
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

/** News is counted in what six hours of the vol would bring; a move counts as at most so many times what its time, or an hour at least, would. */
const NEWS_UNIT = 6 * HOUR;
const LARGEST_NEWS = 6;
/** The same fit says nothing of what comes later than this; nor do two fits that are further apart teach anything. */
const LONGEST = 12 * HOUR;
/** Priors of no effect: they weigh as ten stretches of six hours with as much news as they should have, and as a few expiries' last days. */
const NEWS_PRIOR = 10;
const WEEK_PRIOR = 3e-3;
/** Observations are forgotten in this time: there are several of each fit, one an expiry. */
const MEMORY = 400 * DAY;
/** What is left of a change counts up to so many of its standard deviations; the mean square of a normal one cut there is 0.92 of what it was. */
const CUT = 2;
const CUT_SHARE = 0.92;
const SCALE_GAIN = 0.01;
const FIRST_SCALE = 1e-4;
const QUARTER_DAY = 6 * HOUR;
/** The epoch was a Thursday: days 2 and 3 of its weeks are a Saturday and a Sunday. */
const SATURDAY = 2;

/** Places of what two fits of one expiry have between them. */
export const MOVE = {
  /** Change of the vol at the money; skew before; log return of the forward. */
  vol: 0,
  skew: 1,
  forward: 2,
  /** Microseconds from one to the other; vol and time to expiry (years) before; when the later one was (microseconds). */
  elapsed: 3,
  volBefore: 4,
  yearsBefore: 5,
  until: 6,
} as const;
export const MOVE_CELLS = 7;

/** Places of a stretch of time in `stretch`: what it is judged by, then news and time passed, as the regressions take them. */
const STRETCH = { move: 0, elapsed: 1, vol: 2, years: 3, until: 4, news: 5, passed: 6 } as const;

/**
 * How the vol at the money moves while no quote says so, learnt from fit to fit and by nothing later. Three things move it:
 *
 *  - the forward's return along the skew: the skew-stickiness ratio R (Bergomi 2016, ch. 9) by a class of tenors, a bounded regression through the
 *    origin of changes of vol on skew times return, with a prior of sticky strikes;
 *  - the size of that return: its square, less what the vol expects of the time, is news, and vols of short tenors follow it as a GARCH variance
 *    does. One number a class of tenors;
 *  - the time itself, which is not worth the same in a weekend and at the opening of New York: w(T) is spent at another pace than T, and the vol of
 *    what remains changes by (dt / T) times how much. One number a part of the week, shared by all tenors.
 *
 * The latter two are regressions on what the ratio leaves over, towards no effect, with what is left cut at two standard deviations.
 */
export class SmileDynamics {
  /** Out of `expect`: relative change of total variance at the money that news and time since the fit lead to. */
  readonly level = new Float64Array(1);
  private readonly state: FilterState;
  private readonly moment: Float64Array;
  private readonly stretch = new Float64Array(7);

  constructor(state: FilterState, moment: Float64Array) {
    this.state = state;
    this.moment = moment;
  }

  /** Learns from two fits of one expiry; `move` holds what lies between them, in the places of `MOVE`. */
  learn(expiry: number, underlying: number, move: Float64Array): void {
    const { underlyings } = this.state;
    const x = move[MOVE.skew]! * move[MOVE.forward]!;
    const most = LARGEST * Math.abs(x);
    const y = Math.max(-most, Math.min(most, move[MOVE.vol]!));
    // A NaN fails here too.
    if (!(x * x < 1 && y * y < 4)) return;
    // What the ratio leaves over is judged by the ratio that there was.
    this.learnRest(expiry, underlying, move);
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

  /** What the forward's move since the fit and the time since then lead to, into `level`: the ratio's part is not in it. */
  expect(expiry: number, underlying: number): void {
    const { stretch, moment } = this;
    const { expiries } = this.state;
    const e = expiry * EXPIRY_STRIDE;
    stretch[STRETCH.move] = expiries[e + EXPIRY.moved]!;
    stretch[STRETCH.elapsed] = moment[NOW]! - expiries[e + EXPIRY.fitTime]!;
    stretch[STRETCH.vol] = expiries[e + EXPIRY.fitVol]!;
    stretch[STRETCH.years] = expiries[e + EXPIRY.fitYears]!;
    stretch[STRETCH.until] = moment[NOW]!;
    this.level[0] = 0;
    if (stretch[STRETCH.elapsed]! > 0) this.weigh(expiry, underlying);
  }

  /** Measures the stretch, and says in `level` what it leads to. */
  private weigh(expiry: number, underlying: number): void {
    const { stretch, level } = this;
    const { underlyings } = this.state;
    const elapsed = stretch[STRETCH.elapsed]! < LONGEST ? stretch[STRETCH.elapsed]! : LONGEST;
    const perMicro = stretch[STRETCH.vol]! * stretch[STRETCH.vol]! * YEARS_PER_MICRO;
    const square = stretch[STRETCH.move]! * stretch[STRETCH.move]!;
    const most = LARGEST_NEWS * perMicro * (elapsed > HOUR ? elapsed : HOUR);
    stretch[STRETCH.news] = ((square < most ? square : most) / perMicro - elapsed) / NEWS_UNIT;
    const passed = (elapsed * YEARS_PER_MICRO) / stretch[STRETCH.years]!;
    stretch[STRETCH.passed] = passed < 1 ? passed : 1;
    const u = underlying * UNDERLYING_STRIDE;
    const news = u + UNDERLYING.news + 2 * this.tenorOf(expiry);
    const week = u + UNDERLYING.week + 2 * this.partOfWeek();
    level[0] =
      (stretch[STRETCH.news]! * underlyings[news]!) / (NEWS_PRIOR + underlyings[news + 1]!) +
      (stretch[STRETCH.passed]! * underlyings[week]!) / (WEEK_PRIOR + underlyings[week + 1]!);
  }

  /** Learns how what the ratio leaves over follows news and time. */
  private learnRest(expiry: number, underlying: number, move: Float64Array): void {
    const { stretch, level } = this;
    const { underlyings } = this.state;
    const elapsed = move[MOVE.elapsed]!;
    const vol = move[MOVE.volBefore]!;
    const years = move[MOVE.yearsBefore]!;
    if (!(elapsed > 0 && elapsed <= LONGEST && vol > 0 && years > 0)) return;
    stretch[STRETCH.move] = move[MOVE.forward]!;
    stretch[STRETCH.elapsed] = elapsed;
    stretch[STRETCH.vol] = vol;
    stretch[STRETCH.years] = years;
    stretch[STRETCH.until] = move[MOVE.until]!;
    this.weigh(expiry, underlying);
    const relative = move[MOVE.vol]! / vol;
    const along = (2 * this.ratio(expiry, underlying) * move[MOVE.skew]! * move[MOVE.forward]!) / vol;
    const u = underlying * UNDERLYING_STRIDE;
    const scale = u + UNDERLYING.newsScale + this.tenorOf(expiry);
    if (underlyings[scale] === 0) underlyings[scale] = FIRST_SCALE;
    const most = CUT * Math.sqrt(underlyings[scale]!);
    const left = Math.max(-most, Math.min(most, relative * (2 + relative) - along - level[0]!));
    if (left - left !== 0) return;
    const weight = FIRST_SCALE / underlyings[scale]!;
    underlyings[scale]! += SCALE_GAIN * ((left * left) / CUT_SHARE - underlyings[scale]!);
    const keep = 1 - elapsed / MEMORY;
    const news = u + UNDERLYING.news + 2 * this.tenorOf(expiry);
    const week = u + UNDERLYING.week + 2 * this.partOfWeek();
    // Each of the two learns from what is left beside the other.
    const q = stretch[STRETCH.news]!;
    const p = stretch[STRETCH.passed]!;
    const byNews = (q * underlyings[news]!) / (NEWS_PRIOR + underlyings[news + 1]!);
    const byWeek = (p * underlyings[week]!) / (WEEK_PRIOR + underlyings[week + 1]!);
    underlyings[news] = keep * underlyings[news]! + q * (left + byNews);
    underlyings[news + 1] = keep * underlyings[news + 1]! + q * q;
    underlyings[week] = keep * underlyings[week]! + weight * p * (left + byWeek);
    underlyings[week + 1] = keep * underlyings[week + 1]! + weight * p * p;
  }

  /** The part of the week in which the middle of the stretch lies. */
  private partOfWeek(): number {
    const { stretch } = this;
    const elapsed = stretch[STRETCH.elapsed]! < LONGEST ? stretch[STRETCH.elapsed]! : LONGEST;
    const middle = stretch[STRETCH.until]! - 0.5 * elapsed;
    const day = Math.floor(middle / DAY) % 7;
    const quarter = Math.floor(middle / QUARTER_DAY) % 4;
    return day === SATURDAY || day === SATURDAY + 1 ? 4 + quarter : quarter;
  }

  private tenorOf(expiry: number): number {
    const days = this.state.expiries[expiry * EXPIRY_STRIDE + EXPIRY.fitYears]! * DAYS_PER_YEAR;
    let tenor = 0;
    while (tenor < TENORS - 1 && days > TENOR_DAYS[tenor]!) tenor++;
    return tenor;
  }
}

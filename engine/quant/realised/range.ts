/**
 * Variance of one bar's return from its open, high, low and close, in units of (log return)^2 per bar.
 *
 * All are for positive prices with low <= open, close <= high and return NaN for anything else, so that a broken bar
 * never counts as a calm one. Averages over n bars are means of these; annualise by bars per year.
 */
function isBar(open: number, high: number, low: number, close: number): boolean {
  return low > 0 && high < Number.POSITIVE_INFINITY && low <= open && open <= high && low <= close && close <= high;
}

const ONE_OVER_4_LN_2 = 1 / (4 * Math.LN2);
const TWO_LN_2_LESS_1 = 2 * Math.LN2 - 1;

/** Squared close-to-open return: unbiased, efficiency 1. */
export function squaredReturn(open: number, close: number): number {
  const r = Math.log(close / open);
  return r * r;
}

/** Parkinson (1980): ln(H/L)^2 / (4 ln 2). Five times as efficient as the squared return; driftless. */
export function parkinson(open: number, high: number, low: number, close: number): number {
  if (!isBar(open, high, low, close)) return Number.NaN;
  const range = Math.log(high / low);
  return range * range * ONE_OVER_4_LN_2;
}

/** Garman & Klass (1980): ln(H/L)^2 / 2 - (2 ln 2 - 1) ln(C/O)^2. 7.4 times as efficient; driftless; >= 0. */
export function garmanKlass(open: number, high: number, low: number, close: number): number {
  if (!isBar(open, high, low, close)) return Number.NaN;
  const range = Math.log(high / low);
  const change = Math.log(close / open);
  return 0.5 * range * range - TWO_LN_2_LESS_1 * change * change;
}

/** Rogers & Satchell (1991): ln(H/C) ln(H/O) + ln(L/C) ln(L/O). Six times as efficient, whatever the drift; >= 0. */
export function rogersSatchell(open: number, high: number, low: number, close: number): number {
  if (!isBar(open, high, low, close)) return Number.NaN;
  return Math.log(high / close) * Math.log(high / open) + Math.log(low / close) * Math.log(low / open);
}

/** Columns of bars, one entry per bar. */
export interface OhlcColumns {
  open: ArrayLike<number>;
  high: ArrayLike<number>;
  low: ArrayLike<number>;
  close: ArrayLike<number>;
}

/**
 * Yang & Zhang (2000): the minimum-variance combination of the variance between bars (close to open), the variance
 * from open to close, and Rogers-Satchell; free of drift and aware of gaps. Per bar, over bars [from, to); needs the bar
 * before `from`. NaN with fewer than two bars or a broken bar. `to - from` is the n of the formula.
 */
export function yangZhang(bars: OhlcColumns, from: number, to: number): number {
  const n = to - from;
  if (!(n >= 2 && from >= 1 && to <= bars.close.length)) return Number.NaN;
  let gapSum = 0;
  let gapSquares = 0;
  let changeSum = 0;
  let changeSquares = 0;
  let drifted = 0;
  for (let i = from; i < to; i++) {
    const gap = Math.log(bars.open[i]! / bars.close[i - 1]!);
    const change = Math.log(bars.close[i]! / bars.open[i]!);
    gapSum += gap;
    gapSquares += gap * gap;
    changeSum += change;
    changeSquares += change * change;
    drifted += rogersSatchell(bars.open[i]!, bars.high[i]!, bars.low[i]!, bars.close[i]!);
  }
  const between = (gapSquares - (gapSum * gapSum) / n) / (n - 1);
  const within = (changeSquares - (changeSum * changeSum) / n) / (n - 1);
  const k = 0.34 / (1.34 + (n + 1) / (n - 1));
  return between + k * within + (1 - k) * (drifted / n);
}

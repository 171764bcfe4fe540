/**
 * What quotes of a chain look like, recorded or simulated, in numbers that can be compared: spreads, empty bids and the shape of
 * smiles, by time to expiry and delta.
 */

/** One option at one time. */
export interface Quote {
  currency: string;
  days: number;
  /** Black's, signed. */
  delta: number;
  isCall: boolean;
  /** Coin; 0 where there is none. */
  bid: number;
  ask: number;
  mark: number;
  /** A fraction a year. */
  markVol: number;
  /** USD per point of volatility. */
  vega: number;
  forward: number;
  strike: number;
}

export const DAYS = [0, 1, 3, 9, 35, 100, 400] as const;
export const DELTAS = [0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 1.01] as const;

/** A cell of the table of spreads: `days` and `delta` are lower bounds. */
export interface SpreadCell {
  days: number;
  delta: number;
  count: number;
  /** Part without a bid, and without an offer. */
  emptyBids: number;
  emptyAsks: number;
  /** Median width of two-sided quotes, in ticks at the mark, and in points of volatility. */
  ticks: number;
  points: number;
}

export const median = (values: readonly number[]): number => {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : 0.5 * (sorted[middle - 1]! + sorted[middle]!);
};

const place = (bounds: readonly number[], value: number): number =>
  bounds.findIndex((low, index) => value >= low && value < bounds[index + 1]!);

/** The venue's tick at a price. */
export const tickAt = (price: number): number => (price > 0.005 ? 0.0005 : 0.0001);

/** Part of the prices that do not stand on the venue's ticks. */
export function offTicks(quotes: readonly Quote[]): number {
  const prices = quotes.flatMap(({ bid, ask }) => [bid, ask]).filter((price) => price > 0);
  const off = prices.filter((price) => {
    const ticks = price / tickAt(price);
    return Math.abs(ticks - Math.round(ticks)) > 1e-6;
  });
  return off.length / prices.length;
}

/** Part of the prices that stand on the finest tick and on no coarser one. */
export function onFinestTicks(quotes: readonly Quote[]): number {
  const prices = quotes.flatMap(({ bid, ask }) => [bid, ask]).filter((price) => price > 0 && price < 0.005);
  return prices.filter((price) => Math.round(price / 0.0001) % 5 !== 0).length / prices.length;
}

/** Spreads by time to expiry and |delta|; cells with less than `least` quotes are left out. */
export function spreadTable(quotes: readonly Quote[], least = 30): SpreadCell[] {
  const cells = new Map<number, Quote[]>();
  for (const quote of quotes) {
    const row = place(DAYS, quote.days);
    const column = place(DELTAS, Math.abs(quote.delta));
    if (row < 0 || column < 0) continue;
    const key = row * 100 + column;
    const list = cells.get(key) ?? [];
    if (list.length === 0) cells.set(key, list);
    list.push(quote);
  }
  return [...cells.entries()]
    .filter(([, list]) => list.length >= least)
    .sort(([a], [b]) => a - b)
    .map(([key, list]) => {
      const both = list.filter(({ bid, ask }) => bid > 0 && ask > 0);
      return {
        days: DAYS[Math.floor(key / 100)]!,
        delta: DELTAS[key % 100]!,
        count: list.length,
        emptyBids: list.filter(({ bid }) => bid === 0).length / list.length,
        emptyAsks: list.filter(({ ask }) => ask === 0).length / list.length,
        ticks: median(both.map(({ bid, ask, mark }) => (ask - bid) / tickAt(mark))),
        points: median(both.map(({ bid, ask, vega, forward }) => ((ask - bid) * forward) / vega)),
      };
    });
}

/** The smile of one expiry at one time in traders' terms, as fractions. */
export interface SmileShape {
  days: number;
  atmVol: number;
  riskReversal: number;
  butterfly: number;
}

/** Between points by rising `x`; NaN outside. */
function interpolate(points: readonly { x: number; y: number }[], x: number): number {
  const above = points.findIndex((point) => point.x >= x);
  if (above <= 0) return above === 0 && points[0]!.x === x ? points[0]!.y : Number.NaN;
  const [low, high] = [points[above - 1]!, points[above]!];
  return low.y + ((high.y - low.y) * (x - low.x)) / (high.x - low.x);
}

/** Vol at the money, 25-delta risk reversal and butterfly from the marks of one expiry's options out of the money. */
export function smileShape(quotes: readonly Quote[]): SmileShape {
  const out = quotes.filter(({ isCall, strike, forward, markVol }) => isCall === strike >= forward && markVol > 0);
  const byStrike = out
    .map(({ strike, forward, markVol }) => ({ x: Math.log(strike / forward), y: markVol }))
    .sort((a, b) => a.x - b.x);
  // N(d1) of the call at each strike, falling in the strike: -delta rises.
  const byDelta = out
    .map(({ delta, isCall, markVol }) => ({ x: -(isCall ? delta : 1 + delta), y: markVol }))
    .sort((a, b) => a.x - b.x);
  const atmVol = interpolate(byStrike, 0);
  const call = interpolate(byDelta, -0.25);
  const put = interpolate(byDelta, -0.75);
  return {
    days: quotes[0]!.days,
    atmVol,
    riskReversal: call - put,
    butterfly: 0.5 * (call + put) - atmVol,
  };
}

export interface SmileRow {
  /** Lower bound. */
  days: number;
  count: number;
  atmVol: number;
  riskReversal: number;
  butterfly: number;
}

const SMILE_DAYS = [0.3, 1, 2, 3, 5, 9, 16, 30, 60, 100, 200, 400] as const;

/** Medians of smiles by time to expiry. */
export function smileTable(shapes: readonly SmileShape[]): SmileRow[] {
  const known = shapes.filter((shape) => Number.isFinite(shape.atmVol + shape.riskReversal + shape.butterfly));
  return SMILE_DAYS.slice(0, -1).flatMap((days, row) => {
    const list = known.filter((shape) => place(SMILE_DAYS, shape.days) === row);
    if (list.length < 3) return [];
    return [
      {
        days,
        count: list.length,
        atmVol: median(list.map(({ atmVol }) => atmVol)),
        riskReversal: median(list.map(({ riskReversal }) => riskReversal)),
        butterfly: median(list.map(({ butterfly }) => butterfly)),
      },
    ];
  });
}

/**
 * The door of the surface fit: quotes in, typed arrays of total-variance intervals out. A quote that cannot be used is
 * left out and named in `rejected`; an input that no surface can be built from throws a RangeError.
 */

/** Bid and ask implied volatility (fractions) at one strike. A side that is missing, NaN or 0 is empty. */
export interface VolQuote {
  /** Strike, in the forward's unit. */
  K: number;
  bidIv?: number | null | undefined;
  askIv?: number | null | undefined;
}

export interface QuoteSlice {
  /** Time to expiry, years. */
  T: number;
  /** Forward of this expiry. */
  F: number;
  quotes: readonly VolQuote[];
}

/** Quotes of one moment; expiries in any order, strikes in any order. */
export interface SurfaceQuotes {
  slices: readonly QuoteSlice[];
}

/**
 * Why a quote or slice was left out:
 * - `BAD_STRIKE`: the strike is not a positive finite number
 * - `BAD_VOL`: a vol is negative or infinite
 * - `CROSSED`: the bid vol is above the ask vol
 * - `NO_QUOTE`: neither bid nor ask
 * - `DUPLICATE_STRIKE`: another quote of the slice has this strike and a narrower spread, or the same and came first
 * - `EMPTY_SLICE`: no quote of the slice has both sides, so it has no smile in the result
 */
export type RejectionCode = 'BAD_STRIKE' | 'BAD_VOL' | 'CROSSED' | 'NO_QUOTE' | 'DUPLICATE_STRIKE' | 'EMPTY_SLICE';

export interface Rejection {
  code: RejectionCode;
  /** Index of the slice in the input. */
  slice: number;
  /** Index of the quote in its slice; absent for `EMPTY_SLICE`. */
  quote?: number;
}

/** Usable quotes as total variances, slices in the order of expiry. */
export interface PreparedQuotes {
  readonly slices: number;
  readonly count: number;
  readonly T: Float64Array;
  readonly F: Float64Array;
  /** Quotes of slice i are `first[i] .. first[i + 1] - 1`. */
  readonly first: Int32Array;
  /** Two-sided quotes of each slice. */
  readonly twoSided: Int32Array;
  /** ln(K/F). */
  readonly k: Float64Array;
  /** Total variance at the bid, 0 where empty. */
  readonly low: Float64Array;
  /** Total variance at the ask, +Infinity where empty. */
  readonly high: Float64Array;
  readonly rejected: Rejection[];
}

function requirePositive(value: number, name: string, slice: number): void {
  if (!(value > 0) || value === Number.POSITIVE_INFINITY) {
    throw new RangeError(
      `fitSurface: slices[${slice}].${name} must be a positive finite number, found ${value}; leave expired or unpriced expiries out`,
    );
  }
}

const side = (vol: number | null | undefined): number =>
  vol === undefined || vol === null || Number.isNaN(vol) ? 0 : vol;

function rejectionOf(quote: VolQuote): RejectionCode | undefined {
  const bid = side(quote.bidIv);
  const ask = side(quote.askIv);
  if (!(quote.K > 0) || quote.K === Number.POSITIVE_INFINITY) return 'BAD_STRIKE';
  if (!(bid >= 0 && bid < Number.POSITIVE_INFINITY && ask >= 0 && ask < Number.POSITIVE_INFINITY)) return 'BAD_VOL';
  if (bid === 0 && ask === 0) return 'NO_QUOTE';
  return ask > 0 && bid > ask ? 'CROSSED' : undefined;
}

const spread = ({ bidIv, askIv }: VolQuote): number =>
  side(bidIv) > 0 && side(askIv) > 0 ? side(askIv) - side(bidIv) : Number.POSITIVE_INFINITY;

/** Indices of the usable quotes of a slice, one for a strike; names the others in `rejected`. */
function usableQuotes(quotes: readonly VolQuote[], slice: number, rejected: Rejection[]): number[] {
  const byStrike = new Map<number, number>();
  quotes.forEach((quote, index) => {
    const code = rejectionOf(quote);
    const rival = byStrike.get(quote.K);
    if (code !== undefined) rejected.push({ code, slice, quote: index });
    else if (rival === undefined) byStrike.set(quote.K, index);
    else {
      const narrower = spread(quote) < spread(quotes[rival]!);
      if (narrower) byStrike.set(quote.K, index);
      rejected.push({ code: 'DUPLICATE_STRIKE', slice, quote: narrower ? rival : index });
    }
  });
  return [...byStrike.values()];
}

/** Checks the input and turns it into arrays; throws RangeError for a bad T or F, equal expiries, or nothing to fit. */
export function prepareQuotes(input: SurfaceQuotes): PreparedQuotes {
  const { slices } = input;
  if (!Array.isArray(slices) || slices.length === 0)
    throw new RangeError('fitSurface: slices must hold at least one expiry, found none');
  slices.forEach((slice, index) => {
    requirePositive(slice.T, 'T', index);
    requirePositive(slice.F, 'F', index);
  });
  const order = slices.map((_, index) => index).sort((a, b) => slices[a]!.T - slices[b]!.T);
  const total = slices.reduce((sum, slice) => sum + slice.quotes.length, 0);
  const T = new Float64Array(order.length);
  const F = new Float64Array(order.length);
  const first = new Int32Array(order.length + 1);
  const twoSided = new Int32Array(order.length);
  const k = new Float64Array(total);
  const low = new Float64Array(total);
  const high = new Float64Array(total);
  const rejected: Rejection[] = [];
  let used = 0;
  let count = 0;
  for (const index of order) {
    const slice = slices[index]!;
    if (used > 0 && slice.T === T[used - 1]) {
      throw new RangeError(
        `fitSurface: slices[${index}].T = ${slice.T} appears twice; merge the quotes of one expiry into one slice`,
      );
    }
    const start = count;
    let pairs = 0;
    for (const q of usableQuotes(slice.quotes, index, rejected)) {
      const quote = slice.quotes[q]!;
      const bid = side(quote.bidIv);
      const ask = side(quote.askIv);
      k[count] = Math.log(quote.K / slice.F);
      low[count] = bid * bid * slice.T;
      high[count] = ask > 0 ? ask * ask * slice.T : Number.POSITIVE_INFINITY;
      if (bid > 0 && ask > 0) pairs++;
      count++;
    }
    if (pairs === 0) {
      rejected.push({ code: 'EMPTY_SLICE', slice: index });
      count = start;
      continue;
    }
    T[used] = slice.T;
    F[used] = slice.F;
    twoSided[used] = pairs;
    used++;
    first[used] = count;
  }
  if (used === 0)
    throw new RangeError('fitSurface: no slice has a quote with both a bid and an ask vol; there is nothing to fit');
  return { slices: used, count, T, F, first, twoSided, k, low, high, rejected };
}

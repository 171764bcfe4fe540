import { fitSurface, type SurfaceFit } from './fit-surface.js';
import { durrleman } from './smile-arbitrage.js';
import type { VarianceSlice } from './vol-surface.js';

/** A stretch of log-moneyness with arbitrage. */
export interface ArbitrageStretch {
  from: number;
  to: number;
  /** Where it is worst, and how bad there: the lowest g, or the largest fall of total variance relative to it. */
  at: number;
  worst: number;
}

export interface ArbitrageSearch {
  /** How far to look on either side, in standard deviations at the money. */
  reach?: number;
  /** Points on either side. */
  points?: number;
}

/** Step of the central differences in standard deviations: second differences keep 10 digits. */
const STEP = 2e-3;

/** Stretches where Durrleman's g of any smile is negative or total variance is not positive, from the left. */
export function butterflyArbitrage(slice: VarianceSlice, search: ArbitrageSearch = {}): ArbitrageStretch[] {
  const deviation = Math.sqrt(slice.totalVariance(0));
  const h = STEP * deviation;
  return stretches(deviation, search, (k) => {
    const w = slice.totalVariance(k);
    const up = slice.totalVariance(k + h);
    const down = slice.totalVariance(k - h);
    const g = durrleman(k, w, (up - down) / (2 * h), (up - 2 * w + down) / (h * h));
    return Number.isNaN(g) ? Number.NEGATIVE_INFINITY : g;
  });
}

/** Stretches where total variance falls from an earlier to a later expiry, in units of the wider standard deviation. */
export function calendarArbitrage(
  earlier: VarianceSlice,
  later: VarianceSlice,
  search: ArbitrageSearch = {},
): ArbitrageStretch[] {
  const deviation = Math.sqrt(Math.max(earlier.totalVariance(0), later.totalVariance(0)));
  return stretches(deviation, search, (k) => {
    const w = later.totalVariance(k);
    return (w - earlier.totalVariance(k)) / w;
  });
}

function stretches(
  deviation: number,
  { reach = 5, points = 400 }: ArbitrageSearch,
  value: (k: number) => number,
): ArbitrageStretch[] {
  if (!(deviation > 0))
    throw new RangeError(
      `arbitrage search: total variance at the money must be positive, found ${deviation * deviation}`,
    );
  const found: ArbitrageStretch[] = [];
  let open: ArbitrageStretch | undefined;
  for (let point = -points; point <= points; point++) {
    const k = (point / points) * reach * deviation;
    const here = value(k);
    if (here >= 0) {
      open = undefined;
      continue;
    }
    if (open === undefined) {
      open = { from: k, to: k, at: k, worst: here };
      found.push(open);
    }
    open.to = k;
    if (here < open.worst) {
      open.worst = here;
      open.at = k;
    }
  }
  return found;
}

/** Strikes taken from each smile that is to be repaired, and how far out, in standard deviations. */
const SAMPLES = 41;
const SAMPLE_REACH = 5;

/**
 * The surface without static arbitrage that lies nearest to the given smiles, whatever they are: their vols at 41 strikes out to 5
 * standard deviations are fitted as quotes without spread. Expiries may come in any order.
 * @throws RangeError as {@link fitSurface}, or where a smile has no positive variance anywhere.
 */
export function repairSurface(slices: readonly VarianceSlice[]): SurfaceFit {
  return fitSurface({
    slices: slices.map(({ T, F, totalVariance }, index) => {
      const at = (k: number): number => totalVariance.call(slices[index], k);
      const deviation = Math.sqrt(at(0));
      const quotes = Array.from({ length: SAMPLES }, (_, sample) => {
        const k = ((2 * sample) / (SAMPLES - 1) - 1) * SAMPLE_REACH * deviation;
        const vol = Math.sqrt(at(k) / T);
        return { K: F * Math.exp(k), bidIv: vol, askIv: vol };
      });
      return { T, F, quotes };
    }),
  });
}

import { asinh, sinh } from './smile.js';
import {
  durrlemanG,
  type SviJumpWings,
  type SviRaw,
  sviDefect,
  sviJumpWingsToRaw,
  sviRawToJumpWings,
  sviTotalVariance,
} from './svi.js';

/** Where a raw SVI slice is examined, in x = asinh((k - m) / sigma): a thousand widths either side, densely at its bend. */
const REACH = asinh(1000);
const POINTS = 800;

/** The lowest Durrleman g of a raw SVI slice and where it is. */
export interface SviButterfly {
  leastG: number;
  at: number;
  /** Whether the slice is free: g >= 0 at every point looked at and the wings within Roger Lee's bound. */
  free: boolean;
}

/** Examines a raw slice for butterfly arbitrage from 1000 widths left of its bend to 1000 right. */
export function sviButterfly(svi: SviRaw): SviButterfly {
  const strikeAt = (point: number): number => svi.m + svi.sigma * sinh((point / POINTS) * REACH);
  let leastG = Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let point = -POINTS; point <= POINTS; point++) {
    const g = durrlemanG(strikeAt(point), svi);
    if (!(g >= leastG)) {
      leastG = g;
      worst = point;
    }
  }
  // Between the points around the worst one g has a single minimum.
  let low = worst - 1;
  let high = worst + 1;
  while (high - low > 1e-6) {
    const left = low + (high - low) / 3;
    const right = high - (high - low) / 3;
    if (durrlemanG(strikeAt(left), svi) < durrlemanG(strikeAt(right), svi)) high = right;
    else low = left;
  }
  const at = strikeAt(0.5 * (low + high));
  leastG = Math.min(leastG, durrlemanG(at, svi));
  return { leastG, at, free: leastG >= 0 && svi.b * (1 + Math.abs(svi.rho)) < 2 && sviDefect(svi) === undefined };
}

/** Gatheral & Jacquier's wing and minimum for given v, psi, p (section 5.1): the slice with them is free of butterfly arbitrage. */
export function sviButterflyFreeWings(jw: SviJumpWings): { c: number; vTilde: number } {
  const c = jw.p + 2 * jw.psi;
  return { c, vTilde: (jw.v * 4 * jw.p * c) / ((jw.p + c) * (jw.p + c)) };
}

/**
 * The nearest slice without butterfly arbitrage: keeps v, psi and p, and goes from the call wing and minimum that are known to be free
 * as far back towards the slice's own as stays free, the minimum first (it is where the options trade). A free slice comes
 * back unchanged. Where drawing the whole smile towards its level at the money comes nearer, or no slice with that level, skew
 * and put wing is free (the wing breaks Roger Lee's bound), that is done instead.
 *
 * @throws RangeError for an invalid slice or one without variance at the money.
 */
export function repairSviButterfly(raw: SviRaw, T: number): SviRaw {
  if (sviButterfly(raw).free) return raw;
  const own = sviRawToJumpWings(raw, T);
  const safe = sviButterflyFreeWings(own);
  const slice = (wing: number, minimum: number): SviRaw | undefined => {
    try {
      const candidate = sviJumpWingsToRaw(
        { ...own, c: safe.c + wing * (own.c - safe.c), vTilde: safe.vTilde + minimum * (own.vTilde - safe.vTilde) },
        T,
      );
      return sviButterfly(candidate).free ? candidate : undefined;
    } catch {
      return undefined;
    }
  };
  const minimum = furthest((part) => slice(0, part) !== undefined);
  const wing = furthest((part) => slice(part, minimum) !== undefined);
  const near = slice(wing, minimum);
  const flat = flatten(raw);
  return near !== undefined && distance(near, raw) <= distance(flat, raw) ? near : flat;
}

/** Sum of squared differences of standard deviation between two smiles out to two of the second one's. */
function distance(one: SviRaw, other: SviRaw): number {
  const unit = Math.sqrt(sviTotalVariance(0, other));
  let sum = 0;
  for (let z = -2; z <= 2; z += 0.25) {
    const k = z * unit;
    const gap = Math.sqrt(sviTotalVariance(k, one)) - Math.sqrt(sviTotalVariance(k, other));
    sum += gap * gap;
  }
  return sum;
}

/** The smile drawn towards its level at the money until it is free: a flat smile is, so some part always is. */
function flatten(raw: SviRaw): SviRaw {
  const level = sviTotalVariance(0, raw);
  const drawn = (part: number): SviRaw => ({ ...raw, a: part * raw.a + (1 - part) * level, b: part * raw.b });
  return drawn(furthest((part) => sviButterfly(drawn(part)).free));
}

/** The largest part in 0..1 that holds, by bisection, taking 0 to hold. */
function furthest(holds: (part: number) => boolean): number {
  if (holds(1)) return 1;
  let low = 0;
  let high = 1;
  for (let step = 0; step < 30; step++) {
    const middle = 0.5 * (low + high);
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

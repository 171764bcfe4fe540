import { durrleman } from './smile-arbitrage.js';

/**
 * Gatheral's SVI slice in its three parameterisations (Gatheral & Jacquier, "Arbitrage-free SVI volatility surfaces", QF 2014, eqs
 * 3.1-3.6). k = ln(K/F); w = sigma^2 T is total variance.
 */

/** w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)); b >= 0, |rho| < 1, sigma > 0, a + b sigma sqrt(1 - rho^2) >= 0. */
export interface SviRaw {
  a: number;
  b: number;
  rho: number;
  m: number;
  sigma: number;
}

/** w(k) = delta + omega/2 (1 + zeta rho (k - mu) + sqrt((zeta (k - mu) + rho)^2 + 1 - rho^2)). */
export interface SviNatural {
  delta: number;
  mu: number;
  rho: number;
  omega: number;
  zeta: number;
}

/** In a trader's terms: variance at the money `v`, skew `psi`, slopes of put wing `p` and call wing `c`, least variance `vTilde`. */
export interface SviJumpWings {
  v: number;
  psi: number;
  p: number;
  c: number;
  vTilde: number;
}

/** Total variance of a raw SVI slice at k. NaN in, NaN out; NaN too where b < 0, |rho| > 1 or sigma < 0: that is no slice. */
export function sviTotalVariance(k: number, { a, b, rho, m, sigma }: SviRaw): number {
  if (!(b >= 0 && rho >= -1 && rho <= 1 && sigma >= 0)) return Number.NaN;
  const x = k - m;
  return a + b * (rho * x + Math.sqrt(x * x + sigma * sigma));
}

/** w, w' and w'' of a raw SVI slice at k into `out[0..2]`; NaN where `sviTotalVariance` is. */
export function sviDerivatives(out: Float64Array, k: number, { a, b, rho, m, sigma }: SviRaw): void {
  if (!(b >= 0 && rho >= -1 && rho <= 1 && sigma >= 0)) {
    out[0] = Number.NaN;
    out[1] = Number.NaN;
    out[2] = Number.NaN;
    return;
  }
  const x = k - m;
  const root = Math.sqrt(x * x + sigma * sigma);
  out[0] = a + b * (rho * x + root);
  out[1] = b * (rho + x / root);
  out[2] = (b * sigma * sigma) / (root * root * root);
}

const derivatives = new Float64Array(3);

/**
 * Durrleman's g(k) = (1 - k w'/(2w))^2 - w'^2/4 (1/w + 1/4) + w''/2 of a raw SVI slice. The slice is free of butterfly arbitrage
 * where g >= 0 for all k and b (1 + |rho|) < 2 (Roger Lee's bound). NaN where w is not positive.
 */
export function durrlemanG(k: number, svi: SviRaw): number {
  sviDerivatives(derivatives, k, svi);
  return durrleman(k, derivatives[0]!, derivatives[1]!, derivatives[2]!);
}

/** Why a raw slice is not one, or undefined: which parameter, what was expected, what was found. */
export function sviDefect({ a, b, rho, m, sigma }: SviRaw): string | undefined {
  if (![a, b, rho, m, sigma].every(Number.isFinite))
    return `parameters must be finite, found a=${a} b=${b} rho=${rho} m=${m} sigma=${sigma}`;
  if (b < 0) return `b must be at least 0, found ${b}`;
  if (Math.abs(rho) >= 1) return `rho must lie strictly between -1 and 1, found ${rho}`;
  if (sigma <= 0) return `sigma must be above 0, found ${sigma}`;
  const least = a + b * sigma * Math.sqrt(1 - rho * rho);
  return least < 0
    ? `the least total variance a + b sigma sqrt(1 - rho^2) must not be negative, found ${least}`
    : undefined;
}

/** Jump-wings form of a raw slice of maturity T (years). @throws RangeError for an invalid slice or one without variance at k = 0. */
export function sviRawToJumpWings(raw: SviRaw, T: number): SviJumpWings {
  const { a, b, rho, m, sigma } = valid(raw);
  const root = Math.sqrt(m * m + sigma * sigma);
  const w = a + b * (root - rho * m);
  if (!(w > 0 && T > 0))
    throw new RangeError(`sviRawToJumpWings: total variance at the money and T must be positive, found ${w} and ${T}`);
  const unit = 1 / Math.sqrt(w);
  return {
    v: w / T,
    psi: 0.5 * b * unit * (rho - m / root),
    p: b * (1 - rho) * unit,
    c: b * (1 + rho) * unit,
    vTilde: (a + b * sigma * Math.sqrt(1 - rho * rho)) / T,
  };
}

/**
 * Raw form of a jump-wings slice of maturity T (years).
 *
 * With beta = m / sqrt(m^2 + sigma^2) the paper's cases (m = 0, sign of alpha) fall together.
 * @throws RangeError when no SVI slice has these wings, or when psi says that the minimum lies at the money (v = vTilde): then sigma is not
 * determined.
 */
export function sviJumpWingsToRaw({ v, psi, p, c, vTilde }: SviJumpWings, T: number): SviRaw {
  const w = v * T;
  const rootW = Math.sqrt(w);
  const b = 0.5 * rootW * (c + p);
  const rho = (c - p) / (c + p);
  const beta = rho - (2 * psi * rootW) / b;
  if (!(w > 0 && b > 0 && Math.abs(rho) < 1 && Math.abs(beta) < 1)) {
    throw new RangeError(
      `sviJumpWingsToRaw: expected v, T, p, c > 0 and -p <= 2 psi <= c, found v=${v} T=${T} p=${p} c=${c} psi=${psi}`,
    );
  }
  const sine = Math.sqrt((1 - rho * rho) * (1 - beta * beta));
  const spread = 1 - rho * beta - sine;
  const radius = ((v - vTilde) * T) / (b * spread);
  if (!(radius > 0 && Number.isFinite(radius))) {
    throw new RangeError(
      `sviJumpWingsToRaw: vTilde must lie below v, and psi must not put the minimum at the money, found v=${v} vTilde=${vTilde} psi=${psi}`,
    );
  }
  const sigma = radius * Math.sqrt(1 - beta * beta);
  return { a: vTilde * T - b * sigma * Math.sqrt(1 - rho * rho), b, rho, m: radius * beta, sigma };
}

/** Natural form of a raw slice. @throws RangeError for an invalid slice. */
export function sviRawToNatural(raw: SviRaw): SviNatural {
  const { a, b, rho, m, sigma } = valid(raw);
  const cosine = Math.sqrt(1 - rho * rho);
  const omega = (2 * b * sigma) / cosine;
  return { delta: a - 0.5 * omega * (1 - rho * rho), mu: m + (rho * sigma) / cosine, rho, omega, zeta: cosine / sigma };
}

/** Raw form of a natural slice. @throws RangeError when it is not a valid slice (zeta must be positive). */
export function sviNaturalToRaw({ delta, mu, rho, omega, zeta }: SviNatural): SviRaw {
  return valid({
    a: delta + 0.5 * omega * (1 - rho * rho),
    b: 0.5 * omega * zeta,
    rho,
    m: mu - rho / zeta,
    sigma: Math.sqrt(1 - rho * rho) / zeta,
  });
}

function valid(raw: SviRaw): SviRaw {
  const defect = sviDefect(raw);
  if (defect !== undefined) throw new RangeError(`SVI slice: ${defect}`);
  return raw;
}

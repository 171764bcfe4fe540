import { requirePositive } from '../../domain.js';

/** Heston's model under the pricing measure: d nu = kappa (theta - nu) dt + xi sqrt(nu) dW, corr(dW, spot) = rho. Per year. */
export interface HestonParameters {
  nu0: number;
  kappa: number;
  theta: number;
  xi: number;
  rho: number;
}

/** Spacing of the trapezoidal rule, which converges like exp(-pi / spacing) for an integrand analytic in the strip |Im u| < 1/2. */
const SPACING = 0.09;
const MOST_POINTS = 20_000;

/**
 * Undiscounted price of a European call under Heston's model and its vega, the derivative by the current vol sqrt(nu0):
 * the frozen vegas of market making in options.
 *
 * @param F forward, > 0
 * @param K strike, > 0
 * @param T time to expiry in years, > 0
 * @returns price in the currency of F, vega per 1.00 of vol; error some 1e-13 of F for expiries of a week or more
 *
 * Lewis's single integral of the characteristic function in the form without branch jumps. Sources: Heston, Review of
 * Financial Studies 6 (1993); Lewis, "Option Valuation under Stochastic Volatility" (2000), chapter 2; Albrecher, Mayer,
 * Schoutens and Tistaert, "The little Heston trap" (2007).
 * @throws RangeError for a parameter outside its domain
 */
export function hestonCall(
  F: number,
  K: number,
  T: number,
  { nu0, kappa, theta, xi, rho }: HestonParameters,
): { price: number; vega: number } {
  for (const [name, value] of Object.entries({ F, K, T, nu0, kappa, theta, xi })) {
    requirePositive('hestonCall', name, value);
  }
  if (!(rho > -1 && rho < 1))
    throw new RangeError(`hestonCall: rho must be a correlation between -1 and 1, not ${rho}`);
  const k = Math.log(F / K);
  const square = xi * xi;
  let priceSum = 0;
  let vegaSum = 0;
  for (let point = 0; point < MOST_POINTS; point++) {
    const u = (point + 0.5) * SPACING;
    // The argument of the characteristic function is z = u - i/2: b = kappa - rho xi i z, d^2 = b^2 + xi^2 (i z + z^2).
    const bRe = kappa - 0.5 * rho * xi;
    const bIm = -rho * xi * u;
    const [dRe, dIm] = complexSqrt(bRe * bRe - bIm * bIm + square * (u * u + 0.25), 2 * bRe * bIm);
    const [gRe, gIm] = complexDivide(bRe - dRe, bIm - dIm, bRe + dRe, bIm + dIm);
    const decay = Math.exp(-dRe * T);
    const eRe = decay * Math.cos(dIm * T);
    const eIm = -decay * Math.sin(dIm * T);
    const topRe = 1 - (gRe * eRe - gIm * eIm);
    const topIm = -(gRe * eIm + gIm * eRe);
    const [ratioRe, ratioIm] = complexDivide(topRe, topIm, 1 - gRe, -gIm);
    const logRe = Math.log(Math.hypot(ratioRe, ratioIm));
    const logIm = Math.atan2(ratioIm, ratioRe);
    const scale = (kappa * theta) / square;
    const [shareRe, shareIm] = complexDivide(1 - eRe, -eIm, topRe, topIm);
    const slopeRe = ((bRe - dRe) * shareRe - (bIm - dIm) * shareIm) / square;
    const slopeIm = ((bRe - dRe) * shareIm + (bIm - dIm) * shareRe) / square;
    const size = Math.exp(scale * ((bRe - dRe) * T - 2 * logRe) + slopeRe * nu0) / (u * u + 0.25);
    const angle = scale * ((bIm - dIm) * T - 2 * logIm) + slopeIm * nu0 + u * k;
    priceSum += size * Math.cos(angle);
    vegaSum += size * (slopeRe * Math.cos(angle) - slopeIm * Math.sin(angle));
    if (size * Math.hypot(slopeRe, slopeIm, 1) < 1e-18) break;
  }
  const factor = (-Math.sqrt(F) * Math.sqrt(K) * SPACING) / Math.PI;
  return { price: F + factor * priceSum, vega: 2 * Math.sqrt(nu0) * factor * vegaSum };
}

function complexDivide(aRe: number, aIm: number, bRe: number, bIm: number): [number, number] {
  const norm = bRe * bRe + bIm * bIm;
  return [(aRe * bRe + aIm * bIm) / norm, (aIm * bRe - aRe * bIm) / norm];
}

function complexSqrt(re: number, im: number): [number, number] {
  const length = Math.hypot(re, im);
  const root = Math.sqrt(0.5 * (length + Math.abs(re)));
  const other = im / (2 * root);
  if (re >= 0) return [root, other];
  return im >= 0 ? [other, root] : [-other, -root];
}

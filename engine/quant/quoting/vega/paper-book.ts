import { hestonCall } from './heston.js';
import type { QuotedOption } from './logistic-fills.js';
import type { VarianceGrid, VegaQuoterParameters } from './vega-equation.js';

/**
 * The numerical example of Baldacci, Bergault and Gueant (2021), section 4.1: 20 calls under Heston's model, requests of about
 * 500,000 each, for tests and benchmarks. The paper prints 5e6 per request in some copies; only 5e5 fits its figures.
 */
const SPOT = 10;
export const PAPER_STRIKES = [8, 9, 10, 11, 12] as const;
export const PAPER_EXPIRIES = [1, 1.5, 2, 3] as const;
const HESTON = { nu0: 0.0225, kappa: 3, theta: 0.0225, xi: 0.2, rho: -0.5 };
const REQUEST_VALUE = 5e5;

/** The grid that the paper solves on is 180 x 30 x 40 (time, variance, vega). */
export const PAPER_VARIANCE: VarianceGrid = {
  nu0: HESTON.nu0,
  low: 0.0144,
  high: 0.0324,
  nodes: 30,
  kappaP: 2,
  thetaP: 0.04,
  kappaQ: HESTON.kappa,
  thetaQ: HESTON.theta,
};

export function paperCall(strike: number, expiry: number): { price: number; vega: number } {
  return hestonCall(SPOT, strike, expiry, HESTON);
}

export function paperParameters(): VegaQuoterParameters {
  const options: QuotedOption[] = PAPER_EXPIRIES.flatMap((expiry) =>
    PAPER_STRIKES.map((strike) => {
      const { price, vega } = paperCall(strike, expiry);
      return { vega, size: REQUEST_VALUE / price, lambda: (252 * 30) / (1 + 0.7 * Math.abs(SPOT - strike)) };
    }),
  );
  return { options, alpha: 0.7, beta: 150, gamma: 1e-3, xi: HESTON.xi, Vmax: 1e7, T: 0.0012 };
}

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { recordedRows } from '../../testing/recorded-bars.js';
import { sharedData } from '../../testing/shared-data.js';
import { EgarchFilter, egarchFit, GarchFilter, garch11Fit, gjrFit } from './index.js';

const rows = recordedRows('quant/garch_bg96_returns.csv');

/** Correct digits, as McCullough & Renfro (1999) count them. */
function correctDigits(estimate: number, truth: number): number {
  return -Math.log10(Math.abs(estimate - truth) / Math.abs(truth));
}

describe.skipIf(rows === undefined)('the benchmark of Fiorentini, Calzolari & Panattoni (needs ../shared/data)', () => {
  const returns = rows!.map(({ r }) => Number(r));
  const published = JSON.parse(readFileSync(sharedData('quant/garch_bg96_benchmark.json')!, 'utf8'));
  const fit = garch11Fit(returns);

  it('coefficients to five digits, omega to four and a half', () => {
    expect(correctDigits(fit.mu, published.benchmark.mu)).toBeGreaterThan(5);
    expect(correctDigits(fit.omega, published.benchmark.omega)).toBeGreaterThan(4.5);
    expect(correctDigits(fit.alpha, published.benchmark.alpha)).toBeGreaterThan(5);
    expect(correctDigits(fit.beta, published.benchmark.beta)).toBeGreaterThan(5);
    expect(fit.converged).toBe(true);
  });

  it('log-likelihood to 1e-6 and the next variance', () => {
    expect(Math.abs(fit.logLikelihood - published.check_recomputed_here.loglik)).toBeLessThan(1e-6);
    expect(Math.abs(fit.nextVariance - published.check_recomputed_here.forecast_h_next)).toBeLessThan(1e-7);
  });

  it('standard errors from the Hessian to four digits', () => {
    for (const name of ['mu', 'omega', 'alpha', 'beta'] as const) {
      expect(correctDigits(fit.standardErrors[name], published.benchmark_se_hessian[name])).toBeGreaterThan(4);
    }
    // Bollerslev & Wooldridge's: shocks of this series are far from normal, so they are wider.
    expect(fit.robustStandardErrors.alpha).toBeGreaterThan(1.5 * fit.standardErrors.alpha);
  });

  it('does not depend on the unit of returns', () => {
    const fractions = garch11Fit(returns.map((value) => value / 100));
    expect(correctDigits(fractions.mu * 100, fit.mu)).toBeGreaterThan(5);
    expect(correctDigits(fractions.omega * 1e4, fit.omega)).toBeGreaterThan(5);
    expect(correctDigits(fractions.beta, fit.beta)).toBeGreaterThan(6);
    expect(correctDigits(fractions.standardErrors.omega * 1e4, fit.standardErrors.omega)).toBeGreaterThan(4);
  });

  it('the online filter ends where the fit does', () => {
    const mean = returns.reduce((sum, value) => sum + value * value, 0) / returns.length;
    const filter = new GarchFilter(fit, mean);
    for (const value of returns) filter.update(value);
    expect(filter.forecast() / fit.nextVariance).toBeCloseTo(1, 9);
    expect(filter.forecast(100_000)).toBeCloseTo(fit.omega / (1 - fit.alpha - fit.beta), 9);
  });

  it('GJR nests it: a little more likely, and the same without asymmetry', () => {
    const asymmetric = gjrFit(returns);
    expect(asymmetric.logLikelihood).toBeGreaterThan(fit.logLikelihood);
    expect(asymmetric.logLikelihood).toBeLessThan(fit.logLikelihood + 2);
    expect(Math.abs(asymmetric.gamma)).toBeLessThan(2 * asymmetric.standardErrors.gamma);
  });

  it('EGARCH is the published one but for the variance before the sample', () => {
    const exponential = egarchFit(returns);
    const [mu, omega, alpha, beta, gamma] = published.egarch_benchmark.values;
    expect(Math.abs(exponential.mu - mu)).toBeLessThan(1e-4);
    expect(Math.abs(exponential.omega / omega - 1)).toBeLessThan(3e-3);
    expect(Math.abs(exponential.alpha / alpha - 1)).toBeLessThan(3e-3);
    expect(Math.abs(exponential.beta / beta - 1)).toBeLessThan(3e-4);
    expect(Math.abs(exponential.gamma / gamma - 1)).toBeLessThan(3e-3);
  });
});

describe('GARCH at the door', () => {
  it('says what it found wrong', () => {
    expect(() => garch11Fit([0.1, 0.2])).toThrow('a GARCH fit needs 50 returns or more, found 2');
    expect(() => garch11Fit(new Array(60).fill(0.01))).toThrow('constant returns have no variance');
    const broken = Array.from({ length: 60 }, (_, i) => (i === 7 ? Number.NaN : i * 1e-3));
    expect(() => garch11Fit(broken)).toThrow('return 7 must be a finite number, found NaN');
    expect(() => new GarchFilter({ mu: 0, omega: 0.1, alpha: 0.6, beta: 0.5 })).toThrow(/persistence below 1/);
  });

  it('EGARCH forecasts what averaging over the shocks in between gives', () => {
    const parameters = { mu: 0, omega: -0.2, alpha: -0.1, beta: 0.9, gamma: 0.3 };
    const step = 0.01;
    let mean = 0;
    for (let z = -9; z <= 9; z += step) {
      const filter = new EgarchFilter(parameters, 0.4);
      filter.update(z * Math.sqrt(0.4));
      mean += (filter.forecast(2) * step * Math.exp(-0.5 * z * z)) / Math.sqrt(2 * Math.PI);
    }
    expect(new EgarchFilter(parameters, 0.4).forecast(3)).toBeCloseTo(mean, 6);
    const missing = new EgarchFilter(parameters);
    missing.update(Number.NaN);
    expect(missing.forecast()).toBeCloseTo(Math.exp(-2), 12);
    expect(() => new EgarchFilter({ ...parameters, beta: 1 })).toThrow(/beta between -1 and 1/);
  });

  it('a missing return moves the variance on as expected', () => {
    const filter = new GarchFilter({ mu: 0, omega: 0.1, alpha: 0.1, beta: 0.8 }, 4);
    const two = filter.forecast(2);
    filter.update(Number.NaN);
    expect(filter.forecast()).toBeCloseTo(two, 12);
  });

  it('QuantLib’s ten-step filter: omega 0.2, alpha 0.2, beta 0.3, returns of 0.1', () => {
    const filter = new GarchFilter({ mu: 0, omega: 0.2, alpha: 0.2, beta: 0.3 }, 0.2 / 0.5);
    const volatilities: number[] = [];
    for (let step = 0; step < 40; step++) {
      filter.update(0.1);
      volatilities.push(Math.sqrt(filter.forecast()));
    }
    // The fixed point of h = omega + alpha 0.01 + beta h.
    expect(volatilities.at(-1)).toBeCloseTo(Math.sqrt(0.202 / 0.7), 9);
  });
});

import { describe, expect, it } from 'vitest';
import { butterflyArbitrage, calendarArbitrage } from './arbitrage.js';
import { essviTotalVariance } from './essvi.js';
import { VarianceClock, weekendProfile } from './variance-clock.js';
import { VolSurface } from './vol-surface.js';

const slice = (T: number) => {
  const theta = 0.36 * T;
  return {
    T,
    F: 100 * Math.exp(0.05 * T),
    totalVariance: (k: number) => essviTotalVariance(k, { theta, rho: -0.3, psi: 0.9 * Math.sqrt(theta) }),
  };
};
const TIMES = [0.05, 0.15, 0.4, 1];
const surface = new VolSurface(TIMES.map(slice));

describe('surface between its expiries', () => {
  it('is each slice at its own expiry', () => {
    for (const T of TIMES)
      for (const k of [-0.5, 0, 0.3]) expect(surface.totalVariance(k, T)).toBeCloseTo(slice(T).totalVariance(k), 14);
  });

  it('has neither kind of arbitrage at any maturity, before the first and after the last too', () => {
    const times = [0.001, 0.02, 0.05, 0.06, 0.1, 0.15, 0.3, 0.4, 0.7, 1, 1.3, 2];
    times.forEach((T, i) => {
      expect(butterflyArbitrage(surface.at(T))).toEqual([]);
      if (i > 0) expect(calendarArbitrage(surface.at(times[i - 1]!), surface.at(T))).toEqual([]);
    });
  });

  it('accrues variance by the clock: little over a weekend', () => {
    const friday = Date.UTC(2026, 0, 9, 8);
    const clock = new VarianceClock({ week: weekendProfile(0.3) });
    const weekly = new VolSurface([3 / 365, 10 / 365].map(slice), (T) =>
      clock.years(friday, friday + T * 365 * 86_400_000),
    );
    const variance = (days: number): number => weekly.totalVariance(0, days / 365);
    expect(variance(1.8) - variance(0.8)).toBeLessThan(0.5 * (variance(0.6) - variance(0)) * (1 / 0.6));
    expect(variance(3)).toBeCloseTo(0.36 * (3 / 365), 12);
  });

  it('gives constant-maturity and forward vols', () => {
    expect(surface.vol(0, 0.2)).toBeCloseTo(0.6, 12);
    expect(surface.forwardVol(0, 0.15, 0.4)).toBeCloseTo(0.6, 12);
    expect(surface.forwardVol(0, 0.4, 0.15)).toBeNaN();
    expect(surface.totalVariance(0, -1)).toBeNaN();
    expect(surface.totalVariance(0, 0)).toBe(0);
  });

  it('has forwards that are log-linear in time', () => {
    for (const T of [0.01, 0.1, 0.15, 0.6, 2]) expect(surface.forward(T)).toBeCloseTo(100 * Math.exp(0.05 * T), 10);
    expect(new VolSurface([slice(0.1)]).forward(3)).toBe(slice(0.1).F);
  });

  it('is refused without slices or with times that do not increase', () => {
    expect(() => new VolSurface([])).toThrow(/at least one slice/);
    expect(() => new VolSurface([slice(0.2), slice(0.1)])).toThrow(/must increase from above 0, found 0.1 at slice 1/);
    expect(() => surface.at(0)).toThrow(/T must be positive/);
  });
});

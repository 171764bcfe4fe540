import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { butterflyArbitrage, calendarArbitrage } from './arbitrage.js';
import {
  type EssviSlice,
  essviButterflyFree,
  essviCalendarFree,
  essviTotalVariance,
  ssviPowerLawFree,
  ssviSlice,
} from './essvi.js';

const slices = fc.record({
  theta: fc.double({ min: 1e-4, max: 2, noNaN: true }),
  rho: fc.double({ min: -0.98, max: 0.98, noNaN: true }),
  psi: fc.double({ min: 1e-3, max: 4, noNaN: true }),
});
const smile = (slice: EssviSlice) => ({ T: 1, F: 1, totalVariance: (k: number) => essviTotalVariance(k, slice) });

describe('eSSVI', () => {
  it('has total variance theta at the money and wings of slope psi (1 +- rho) / 2', () => {
    const slice = { theta: 0.04, rho: -0.3, psi: 0.2 };
    expect(essviTotalVariance(0, slice)).toBeCloseTo(0.04, 15);
    expect(essviTotalVariance(1e6, slice) / 1e6).toBeCloseTo(0.1 * 0.7, 6);
    expect(essviTotalVariance(-1e6, slice) / 1e6).toBeCloseTo(0.1 * 1.3, 6);
  });

  it('has no butterfly arbitrage where the sufficient conditions hold', () => {
    fc.assert(
      fc.property(slices, (slice) => {
        fc.pre(essviButterflyFree(slice));
        expect(butterflyArbitrage(smile(slice), { reach: 20, points: 100 })).toEqual([]);
      }),
    );
  });

  it('has no calendar arbitrage where the orderings hold', () => {
    fc.assert(
      fc.property(slices, slices, (one, other) => {
        const [earlier, later] = one.theta < other.theta ? [one, other] : [other, one];
        fc.pre(essviCalendarFree(earlier, later));
        expect(calendarArbitrage(smile(earlier), smile(later), { reach: 20, points: 100 })).toEqual([]);
      }),
    );
  });

  it('is refused by the conditions when a wing is too steep or the curvature too large', () => {
    expect(essviButterflyFree({ theta: 1, rho: 0.5, psi: 3 })).toBe(false);
    expect(essviButterflyFree({ theta: 0.01, rho: 0, psi: 0.3 })).toBe(false);
  });

  it('is SSVI when phi is a power law: a whole surface free of arbitrage', () => {
    const law = { rho: -0.4, eta: 1.2, gamma: 0.4 };
    expect(ssviPowerLawFree(law)).toBe(true);
    const thetas = [0.001, 0.01, 0.05, 0.2, 1];
    thetas.forEach((theta, i) => {
      const slice = ssviSlice(theta, law);
      expect(butterflyArbitrage(smile(slice), { reach: 10 })).toEqual([]);
      if (i > 0)
        expect(calendarArbitrage(smile(ssviSlice(thetas[i - 1]!, law)), smile(slice), { reach: 10 })).toEqual([]);
    });
    expect(ssviPowerLawFree({ ...law, eta: 2 })).toBe(false);
  });
});

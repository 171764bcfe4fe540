import { describe, expect, it } from 'vitest';
import { butterflyArbitrage, calendarArbitrage, repairSurface } from './arbitrage.js';
import { sviTotalVariance } from './svi.js';

const VOGT = { a: -0.041, b: 0.1331, rho: 0.306, m: 0.3586, sigma: 0.4153 };
const vogt = { T: 1, F: 100, totalVariance: (k: number) => sviTotalVariance(k, VOGT) };

describe('arbitrage search', () => {
  it('finds the stretch where the Vogt smile has a negative density', () => {
    const [stretch, ...others] = butterflyArbitrage(vogt, { reach: 12, points: 2000 });
    expect(others).toEqual([]);
    expect(stretch!.from).toBeCloseTo(0.6424, 2);
    expect(stretch!.to).toBeCloseTo(1.2569, 2);
    expect(stretch!.at).toBeCloseTo(0.8793, 2);
    expect(stretch!.worst).toBeCloseTo(-0.03286, 4);
  });

  it('finds where variance falls with time', () => {
    const flat = { T: 2, F: 100, totalVariance: () => 0.04 };
    const found = calendarArbitrage(vogt, flat);
    expect(found.length).toBe(2);
    expect(sviTotalVariance(found[0]!.to, VOGT)).toBeGreaterThan(0.04);
    expect(calendarArbitrage(flat, { ...flat, totalVariance: () => 0.05 })).toEqual([]);
  });

  it('counts a variance that is not positive as arbitrage', () => {
    const negative = { T: 1, F: 1, totalVariance: (k: number) => 0.04 - k };
    expect(butterflyArbitrage(negative).at(-1)!.worst).toBe(Number.NEGATIVE_INFINITY);
  });

  it('is refused for a smile without variance at the money', () => {
    expect(() => butterflyArbitrage({ T: 1, F: 1, totalVariance: () => 0 })).toThrow(/must be positive, found 0/);
  });
});

describe('surface repair', () => {
  it('removes both kinds of arbitrage and keeps near the smiles where they had none', () => {
    const later = { T: 1.5, F: 101, totalVariance: (k: number) => 0.9 * vogt.totalVariance(k) + 0.002 };
    const { slices } = repairSurface([vogt, later]);
    expect(butterflyArbitrage(slices[0]!)).toEqual([]);
    expect(butterflyArbitrage(slices[1]!)).toEqual([]);
    expect(calendarArbitrage(slices[0]!, slices[1]!)).toEqual([]);
    expect(Math.sqrt(slices[0]!.totalVariance(0.2))).toBeCloseTo(Math.sqrt(vogt.totalVariance(0.2)), 2);
  });
});

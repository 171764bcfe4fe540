import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { black76Greeks, black76Price, GREEK, GREEK_COUNT, inverseGreeks } from '../black76/index.js';
import { smileDelta, strikeForDelta } from './delta-strike.js';
import {
  LOCAL_VOLATILITY,
  SkewStickiness,
  STICKY_DELTA,
  STICKY_STRIKE,
  skewDelta,
  volMoveWithForward,
} from './dynamics.js';
import { essviTotalVariance } from './essvi.js';
import { butterfly, forwardVol, riskReversal, smileMetrics, smileVol } from './smile-metrics.js';

const T = 0.1;
const F = 60_000;
const smile = { T, F, totalVariance: (k: number) => essviTotalVariance(k, { theta: 0.036, rho: -0.25, psi: 0.16 }) };
const flat = { T, F, totalVariance: () => 0.036 };

describe('strike of a delta', () => {
  it('has that delta, by either convention, for calls and puts', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 0.45, noNaN: true }),
        fc.boolean(),
        fc.constantFrom('black' as const, 'net' as const),
        (size, isCall, convention) => {
          const delta = isCall ? size : -size;
          const K = strikeForDelta(smile, delta, isCall, convention);
          expect(smileDelta(smile, Math.log(K / F), isCall, convention)).toBeCloseTo(delta, 10);
        },
      ),
    );
  });

  it('agrees with the Greeks of the option there', () => {
    const out = new Float64Array(GREEK_COUNT);
    const K = strikeForDelta(smile, 0.3, true);
    black76Greeks(out, F, K, T, smileVol(smile, Math.log(K / F)), true);
    expect(out[GREEK.delta]).toBeCloseTo(0.3, 10);
    const net = strikeForDelta(smile, -0.2, false, 'net');
    inverseGreeks(out, F, net, T, smileVol(smile, Math.log(net / F)), false);
    expect(out[GREEK.delta]).toBeCloseTo(-0.2, 10);
  });

  it('is the out-of-the-money one of the two with the same net delta', () => {
    const K = strikeForDelta(smile, 0.25, true, 'net');
    expect(K).toBeGreaterThan(F);
    expect(strikeForDelta(smile, 0.99, true, 'net')).toBeNaN();
  });

  it('is NaN for a delta that no option has', () => {
    for (const delta of [-0.1, 1.5, Number.NaN]) expect(strikeForDelta(smile, delta, true)).toBeNaN();
  });
});

describe('smile metrics', () => {
  it('are zero on a flat smile, but for the level', () => {
    const metrics = smileMetrics(flat);
    expect(metrics.atmVol).toBeCloseTo(0.6, 12);
    for (const name of [
      'skew',
      'curvature',
      'riskReversal25',
      'riskReversal10',
      'butterfly25',
      'butterfly10',
    ] as const) {
      expect(metrics[name]).toBeCloseTo(0, 9);
    }
  });

  it('have the signs and derivatives of the smile', () => {
    const metrics = smileMetrics(smile);
    // w'(0) = rho psi and sigma' = w' / (2 sigma T).
    expect(metrics.skew).toBeCloseTo((-0.25 * 0.16) / (2 * 0.6 * T), 4);
    expect(metrics.riskReversal25).toBeLessThan(0);
    expect(metrics.riskReversal10).toBeLessThan(metrics.riskReversal25);
    expect(metrics.butterfly10).toBeGreaterThan(metrics.butterfly25);
    expect(riskReversal(smile, 0.25)).toBe(metrics.riskReversal25);
    expect(butterfly(smile, 0.25, 'net')).not.toBe(metrics.butterfly25);
  });

  it('include the vol between two expiries, NaN where variance falls', () => {
    expect(forwardVol(0.01, 0.1, 0.05, 0.2)).toBeCloseTo(Math.sqrt(0.4), 14);
    expect(forwardVol(0.05, 0.1, 0.01, 0.2)).toBeNaN();
    expect(forwardVol(0.01, 0.2, 0.05, 0.1)).toBeNaN();
  });
});

describe('smile dynamics', () => {
  const out = new Float64Array(GREEK_COUNT);
  const K = 64_000;
  const volAt = (forward: number): number => smileVol(smile, Math.log(K / forward));
  const slope = (volAt(F * 0.9999) - volAt(F * 1.0001)) / 2e-4;
  black76Greeks(out, F, K, T, volAt(F), true);
  const delta = out[GREEK.delta]!;
  const vega = out[GREEK.vega]!;

  it('leave Black delta alone when the strike keeps its vol', () => {
    expect(skewDelta(delta, vega, slope, F, STICKY_STRIKE)).toBe(delta);
  });

  it('give the delta of the price whose smile rides along, when it does', () => {
    const price = (forward: number): number => black76Price(forward, K, T, volAt(forward), true);
    expect(skewDelta(delta, vega, slope, F, STICKY_DELTA)).toBeCloseTo((price(F + 1) - price(F - 1)) / 2, 5);
  });

  it('move the vol of a strike by twice the skew at the money under local volatility: once for the smile, once for the strike', () => {
    expect(volMoveWithForward(-0.3, F, LOCAL_VOLATILITY)).toBeCloseTo(-0.3 / F, 15);
    expect(volMoveWithForward(-0.3, F, STICKY_DELTA)).toBeCloseTo(0.3 / F, 15);
  });

  it('are measured by regression: the ratio that made the moves, with an honest error', () => {
    const stickiness = new SkewStickiness(2000);
    expect(stickiness.ratio).toBeNaN();
    expect(stickiness.standardError).toBeNaN();
    for (let i = 0; i < 5000; i++) {
      const move = 0.01 * Math.sin(i * 1.7);
      stickiness.update(1.4 * -0.3 * move + 1e-4 * Math.sin(i * 2.9), -0.3, move);
    }
    stickiness.update(Number.NaN, -0.3, 0.01);
    expect(stickiness.ratio).toBeCloseTo(1.4, 2);
    expect(Math.abs(stickiness.ratio - 1.4)).toBeLessThan(4 * stickiness.standardError);
    expect(() => new SkewStickiness(1)).toThrow(/memory must be above 1/);
  });
});

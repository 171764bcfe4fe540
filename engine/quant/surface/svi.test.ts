import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharedData } from '../../testing/shared-data.js';
import {
  durrlemanG,
  type SviRaw,
  sviJumpWingsToRaw,
  sviNaturalToRaw,
  sviRawToJumpWings,
  sviRawToNatural,
  sviTotalVariance,
} from './svi.js';
import { repairSviButterfly, sviButterfly, sviButterflyFreeWings } from './svi-repair.js';

type Row = [number, number, number, number, number];
interface VogtFile {
  published: {
    vogt_raw: Row;
    vogt_jw: Record<string, number>;
    butterfly_free_c_vtilde: [number, number];
    optimal_c_vtilde: [number, number];
  };
  recomputed: {
    jw: Record<string, number>;
    g_min: number;
    k_at_g_min: number;
    raw_from_published_jw: Row;
    fixed_raw: Row;
    optimal_raw: Row;
    c0_v0_formula: [number, number];
  };
  table: { k: number; w: number; g: number; w_fix: number; g_fix: number; w_opt: number; g_opt: number }[];
}

const raw = ([a, b, rho, m, sigma]: Row): SviRaw => ({ a, b, rho, m, sigma });
const VOGT = raw([-0.041, 0.1331, 0.306, 0.3586, 0.4153]);
const path = sharedData('quant/svi_vogt.json');

describe.runIf(path !== undefined)('Vogt smile of Gatheral and Jacquier (vectors: quant/svi_vogt.json)', () => {
  const file = JSON.parse(readFileSync(path!, 'utf8')) as VogtFile;

  it('has the published total variance and Durrleman g, and so have both published repairs', () => {
    const fixed = raw(file.recomputed.fixed_raw);
    const optimal = raw(file.recomputed.optimal_raw);
    for (const row of file.table) {
      expect(sviTotalVariance(row.k, VOGT)).toBeCloseTo(row.w, 14);
      expect(durrlemanG(row.k, VOGT)).toBeCloseTo(row.g, 12);
      expect(sviTotalVariance(row.k, fixed)).toBeCloseTo(row.w_fix, 12);
      expect(durrlemanG(row.k, fixed)).toBeCloseTo(row.g_fix, 10);
      expect(sviTotalVariance(row.k, optimal)).toBeCloseTo(row.w_opt, 12);
      expect(durrlemanG(row.k, optimal)).toBeCloseTo(row.g_opt, 10);
    }
  });

  it('has its least g where the paper puts it', () => {
    const { leastG, at, free } = sviButterfly(VOGT);
    expect(leastG).toBeCloseTo(file.recomputed.g_min, 9);
    expect(at).toBeCloseTo(file.recomputed.k_at_g_min, 4);
    expect(free).toBe(false);
  });

  it('has the published jump-wings parameters, and they give the raw ones back', () => {
    const jw = sviRawToJumpWings(VOGT, 1);
    for (const [name, value] of [
      ['v', jw.v],
      ['psi', jw.psi],
      ['p', jw.p],
      ['c', jw.c],
      ['vtilde', jw.vTilde],
    ] as const) {
      expect(value).toBeCloseTo(file.recomputed.jw[name]!, 14);
      expect(value).toBeCloseTo(file.published.vogt_jw[name]!, 6);
    }
    const { v, psi, p, c, vtilde } = file.published.vogt_jw as Record<'v' | 'psi' | 'p' | 'c' | 'vtilde', number>;
    const back = sviJumpWingsToRaw({ v, psi, p, c, vTilde: vtilde }, 1);
    const expected = raw(file.recomputed.raw_from_published_jw);
    for (const name of ['a', 'b', 'rho', 'm', 'sigma'] as const) expect(back[name]).toBeCloseTo(expected[name], 9);
  });

  it('is repaired by the published wing and minimum', () => {
    const own = sviRawToJumpWings(VOGT, 1);
    const { c, vTilde } = sviButterflyFreeWings(own);
    expect(c).toBeCloseTo(file.published.butterfly_free_c_vtilde[0], 6);
    expect(vTilde).toBeCloseTo(file.published.butterfly_free_c_vtilde[1], 7);
    const expected = raw(file.recomputed.fixed_raw);
    const { v, psi, p } = file.published.vogt_jw as Record<'v' | 'psi' | 'p', number>;
    const fixed = sviJumpWingsToRaw({ v, psi, p, ...sviButterflyFreeWings({ v, psi, p, c: 0, vTilde: 0 }) }, 1);
    for (const name of ['a', 'b', 'rho', 'm', 'sigma'] as const) expect(fixed[name]).toBeCloseTo(expected[name], 6);
  });

  it('keeps its minimum when repaired, and as steep a call wing as the published optimum at least', () => {
    const repaired = repairSviButterfly(VOGT, 1);
    expect(sviButterfly(repaired).free).toBe(true);
    const jw = sviRawToJumpWings(repaired, 1);
    expect(jw.vTilde).toBeCloseTo(file.published.optimal_c_vtilde[1], 6);
    expect(jw.c).toBeGreaterThanOrEqual(file.published.optimal_c_vtilde[0]);
    expect(jw.c).toBeLessThan(file.published.vogt_jw.c!);
  });
});

const slices = fc.record({
  b: fc.double({ min: 0.01, max: 1, noNaN: true }),
  rho: fc.double({ min: -0.95, max: 0.95, noNaN: true }),
  m: fc.double({ min: -1, max: 1, noNaN: true }),
  sigma: fc.double({ min: 0.02, max: 2, noNaN: true }),
  above: fc.double({ min: 0.001, max: 0.2, noNaN: true }),
});
const slice = ({
  b,
  rho,
  m,
  sigma,
  above,
}: {
  b: number;
  rho: number;
  m: number;
  sigma: number;
  above: number;
}): SviRaw => ({
  a: above - b * sigma * Math.sqrt(1 - rho * rho),
  b,
  rho,
  m,
  sigma,
});

describe('SVI slices', () => {
  it('are the same smile in all three parameterisations', () => {
    fc.assert(
      fc.property(slices, fc.double({ min: 0.01, max: 3, noNaN: true }), (parameters, T) => {
        const own = slice(parameters);
        // Jump wings do not determine sigma when the minimum lies at the money.
        const jump = sviRawToJumpWings(own, T);
        fc.pre(jump.v - jump.vTilde > 1e-3 * jump.v);
        const natural = sviNaturalToRaw(sviRawToNatural(own));
        const wings = sviJumpWingsToRaw(jump, T);
        for (const k of [-1.5, -0.3, 0, 0.4, 2]) {
          const w = sviTotalVariance(k, own);
          expect(sviTotalVariance(k, natural)).toBeCloseTo(w, 10);
          expect(Math.abs(sviTotalVariance(k, wings) / w - 1)).toBeLessThan(1e-5);
        }
      }),
    );
  });

  it('have QuantLib test suite variance at the forward of its smile section', () => {
    const svi = { a: -0.0666, b: 0.229, rho: 0.439, m: 0.193, sigma: 0.337 };
    expect(sviTotalVariance(0.193, svi)).toBeCloseTo(-0.0666 + 0.229 * 0.337, 12);
  });

  it('come back unchanged from the repair when they are free of butterfly arbitrage', () => {
    const free = { a: 0.02, b: 0.1, rho: -0.3, m: 0, sigma: 0.3 };
    expect(repairSviButterfly(free, 0.5)).toBe(free);
  });

  it('are refused with the parameter that is wrong', () => {
    expect(() => sviRawToJumpWings({ ...VOGT, rho: 1 }, 1)).toThrow(/rho must lie strictly between -1 and 1, found 1/);
    expect(() => sviRawToNatural({ ...VOGT, sigma: 0 })).toThrow(/sigma must be above 0/);
    expect(() => sviRawToNatural({ ...VOGT, a: -1 })).toThrow(/least total variance/);
    expect(() => sviRawToNatural({ ...VOGT, b: Number.NaN })).toThrow(/finite/);
    expect(() => sviJumpWingsToRaw({ v: 0.04, psi: 0, p: 0.5, c: 0.5, vTilde: 0.04 }, 1)).toThrow(
      /vTilde must lie below v/,
    );
    expect(() => sviJumpWingsToRaw({ v: 0.04, psi: 2, p: 0.5, c: 0.5, vTilde: 0.03 }, 1)).toThrow(/2 psi/);
  });

  it('give NaN for NaN and where variance is not positive', () => {
    expect(sviTotalVariance(Number.NaN, VOGT)).toBeNaN();
    expect(durrlemanG(0, { a: -1, b: 0, rho: 0, m: 0, sigma: 1 })).toBeNaN();
  });
});

describe('parameters of no slice', () => {
  const slice = { a: 0.04, b: 0.1, rho: -0.3, m: 0, sigma: 0.2 };

  it.each([{ rho: 2 }, { rho: -1.5 }, { b: -0.1 }, { sigma: -0.2 }, { rho: Number.NaN }])(
    '%j give NaN, never a number',
    (wrong) => {
      expect(sviTotalVariance(0.1, { ...slice, ...wrong })).toBeNaN();
      expect(durrlemanG(0.1, { ...slice, ...wrong })).toBeNaN();
    },
  );
});

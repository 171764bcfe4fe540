import { describe, expect, it } from 'vitest';
import { ChainQuote } from '../../schemas/generated/chain-quote.js';
import { ChainSnapshot } from '../../schemas/generated/chain-snapshot.js';
import { SliceFit } from '../../schemas/generated/slice-fit.js';
import { SurfaceFit } from '../../schemas/generated/surface-fit.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { marketQuote } from '../testing/filter/synthetic-chain.js';
import { ChainCalibrator } from './chain-calibrator.js';
import { FitFailure, FitOutcome } from './filter-flags.js';
import { IS_CALL, IS_INVERSE } from './filter-state.js';

const FORWARD = 60_000;
const YEAR_MICROS = 365 * 86_400e6;

interface Given {
  expiry: number;
  years: number;
  strike: number;
  bid: number;
  ask: number;
}

function chain(expiry: number, days: number, quoted = true): Given[] {
  return Array.from({ length: 15 }, (_, index) => {
    const strike = FORWARD * Math.exp(0.55 * Math.sqrt(days / 365) * (-2 + (4 * index) / 14) + 1e-4);
    const isCall = strike >= FORWARD;
    const { bid, ask } = marketQuote({ strike, isCall, expiry: (days / 365) * YEAR_MICROS }, FORWARD, 0);
    return { expiry, years: days / 365, strike, bid: quoted ? bid : 0, ask };
  });
}

function snapshotOf(quotes: readonly Given[], number = 1): ViewBuffer {
  const buffer = new ViewBuffer(new ArrayBuffer(ChainSnapshot.sizeOf() + quotes.length * ChainQuote.sizeOf()));
  const snapshot = new ChainSnapshot().__init(0, buffer);
  snapshot.mutate_underlying(1);
  snapshot.mutate_reason(3);
  snapshot.mutate_number(number);
  snapshot.mutate_count(quotes.length);
  snapshot.mutate_basedOnSeq(77);
  quotes.forEach(({ expiry, years, strike, bid, ask }, index) => {
    const quote = new ChainQuote().__init(ChainSnapshot.sizeOf() + index * ChainQuote.sizeOf(), buffer);
    quote.mutate_expiry(expiry);
    quote.mutate_flags(IS_INVERSE | (strike >= FORWARD ? IS_CALL : 0));
    quote.mutate_years(years);
    quote.mutate_forward(FORWARD);
    quote.mutate_strike(strike);
    quote.mutate_bidPrice(bid);
    quote.mutate_askPrice(ask);
    quote.mutate_tickSize(0.0001);
  });
  return buffer;
}

const read = (bytes: Uint8Array): SurfaceFit => new SurfaceFit().__init(0, new ViewBuffer(bytes.buffer));
const slices = (bytes: Uint8Array): SliceFit[] =>
  Array.from({ length: read(bytes).count() }, (_, index) =>
    new SliceFit().__init(SurfaceFit.sizeOf() + index * SliceFit.sizeOf(), new ViewBuffer(bytes.buffer)),
  );

describe('the calibrator', () => {
  it('answers a snapshot with a surface that names it, the nearest expiry first', () => {
    const bytes = new ChainCalibrator().calibrate(snapshotOf([...chain(8, 30), ...chain(5, 9)]), 0);
    const fit = read(bytes);
    expect([fit.outcome(), fit.underlying(), fit.reason(), fit.basedOnSeq()]).toEqual([FitOutcome.FITTED, 1, 3, 77]);
    expect(fit.butterfly() + fit.calendar()).toBe(0);
    expect(fit.insideShare()).toBeGreaterThan(0.95);
    expect(slices(bytes).map((slice) => slice.expiry())).toEqual([5, 8]);
    for (const slice of slices(bytes)) expect(slice.radius0()).toBeGreaterThan(0);
  });

  it('gives the same bytes for the same snapshots', () => {
    const run = (): Uint8Array[] => {
      const calibrator = new ChainCalibrator();
      return [1, 2].map((number) => calibrator.calibrate(snapshotOf([...chain(0, 9), ...chain(1, 30)], number), 0));
    };
    expect(run()).toEqual(run());
  });

  it('holds an expiry that has lost its two-sided quotes to its last smile', () => {
    const calibrator = new ChainCalibrator();
    const [, before] = slices(calibrator.calibrate(snapshotOf([...chain(0, 9), ...chain(1, 30)]), 0));
    const [, after] = slices(calibrator.calibrate(snapshotOf([...chain(0, 9), ...chain(1, 30, false)], 2), 0));
    expect(after!.twoSided()).toBe(0);
    expect(after!.theta() / before!.theta()).toBeCloseTo(1, 1);
  });

  it('says why there is no surface', () => {
    const calibrator = new ChainCalibrator();
    const empty = read(calibrator.calibrate(snapshotOf([]), 0));
    expect([empty.outcome(), empty.failure(), empty.count()]).toEqual([FitOutcome.FAILED, FitFailure.NO_QUOTES, 0]);
    const oneSided = read(calibrator.calibrate(snapshotOf(chain(0, 9, false)), 0));
    expect(oneSided.failure()).toBe(FitFailure.NO_QUOTES);
    const broken = chain(0, 9).map((quote) => ({ ...quote, years: Number.NaN }));
    expect(read(calibrator.calibrate(snapshotOf(broken), 0)).outcome()).toBe(FitOutcome.FAILED);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { QUEUE_RULES, QueueRule } from '../../../engine/market/fills/index.js';
import { sharedData } from '../../../engine/testing/shared-data.js';
import { readRecording } from '../../recording-server/recording.js';
import { writeBook } from '../../testing/backtest/small-tape.js';
import { binanceTape } from './binance-tape.js';
import { MAKER_DEFAULTS } from './glft-maker.js';
import { PerpetualRun } from './perpetual-run.js';
import type { PerpetualSettings } from './perpetual-settings.js';

const RECORDING = 'binance/perp-2024-08-08/usdm_btcusdt_20240808.gz';
const path = sharedData(RECORDING);

/** Near the touch, so that a minute has fills. */
const MAKER = { ...MAKER_DEFAULTS, fillDecay: 20, aversion: 1e-3, toleranceTicks: 1 };

const SETTINGS: PerpetualSettings = {
  seed: 1,
  maker: MAKER,
  queue: QueueRule.POWER,
  exponent: 3,
  data: { kind: 'constant', ms: 1 },
  order: { kind: 'drawn', floorMs: 1, medianMs: 1, deviation: 0.5 },
  answer: { kind: 'constant', ms: 1 },
  makerFee: 0.0002,
  takerFee: 0.0005,
  feeScale: 1,
  fundingRate: 0.0001,
  speedBumpMs: 0,
  credits: { capacity: 1000, refillPerSecond: 1000 },
  lookSeconds: 1,
  part: [0, 1],
};

describe('making a market on a tape', () => {
  const tape = writeBook({ seconds: 60, seed: 5 });

  test('the profit is the cash and what is held at the mid, less fees: it adds up from the fills', () => {
    for (const queue of Object.values(QUEUE_RULES)) {
      const { fills, totals, series, measures, attribution } = new PerpetualRun(tape, { ...SETTINGS, queue }).run();
      let cash = 0;
      let held = 0;
      let fees = 0;
      for (const { side, price, amount, fee } of fills) {
        const signed = side === 'buy' ? amount : -amount;
        cash -= signed * price;
        held += signed;
        fees += fee;
      }
      expect(held).toBeCloseTo(measures.inventory!, 9);
      expect(totals.feesUsd).toBeCloseTo(fees, 9);
      const mid = held === 0 ? 0 : series.deltaUsd.at(-1)! / held;
      expect(totals.profitUsd).toBeCloseTo(cash + held * mid - fees, 6);
      const { total, ...terms } = attribution;
      expect(Object.values(terms).reduce((sum, term) => sum + term, 0)).toBeCloseTo(total!, 9);
      expect(totals.fills).toBe(fills.length);
      expect(fills.length).toBeGreaterThan(10);
    }
  });

  test('the same settings give the same run; another seed of latencies another', () => {
    const slow: PerpetualSettings = { ...SETTINGS, order: { kind: 'drawn', floorMs: 1, medianMs: 40, deviation: 1 } };
    const once = new PerpetualRun(tape, slow).run();
    expect(new PerpetualRun(tape, slow).run()).toEqual(once);
    expect(new PerpetualRun(tape, { ...slow, seed: 2 }).run().digest).not.toBe(once.digest);
  });

  test('fees scale with their assumption, and change nothing else', () => {
    const one = new PerpetualRun(tape, SETTINGS).run();
    const double = new PerpetualRun(tape, { ...SETTINGS, feeScale: 2 }).run();
    expect(double.digest).toBe(one.digest);
    expect(double.totals.feesUsd).toBeCloseTo(2 * one.totals.feesUsd, 9);
  });

  test('the position never passes its limit by more than what was on its way', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 1000 }), (positionLimit, seed) => {
        const maker = { ...MAKER, positionLimit };
        const { fills } = new PerpetualRun(tape, { ...SETTINGS, maker, seed }).run();
        let held = 0;
        for (const { side, amount } of fills) {
          held += side === 'buy' ? amount : -amount;
          expect(Math.abs(held)).toBeLessThanOrEqual((positionLimit + 2) * maker.amount + 1e-9);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('protection pulls the quotes, and credits that are used up refuse them', () => {
    const protection = { intervalMs: 5000, frozenMs: 5000, quantityLimit: 0.05 };
    expect(new PerpetualRun(tape, { ...SETTINGS, protection }).run().measures.protections).toBeGreaterThan(0);
    const credits = { capacity: 2, refillPerSecond: 0.1 };
    const { measures, totals } = new PerpetualRun(tape, { ...SETTINGS, credits }).run();
    expect(measures.creditRefusals).toBeGreaterThan(0);
    expect(totals.requests).toBeGreaterThan(measures.creditRefusals!);
  });

  test('a market that is beyond the position is flattened by taking, later where a speed bump holds it back', () => {
    const maker = { ...MAKER, flattenBeyond: 1, aversion: 1e-6 };
    const taken = new PerpetualRun(tape, { ...SETTINGS, maker }).run();
    const takers = taken.fills.filter((fill) => !fill.maker);
    expect(takers.length).toBeGreaterThan(0);
    const late = new PerpetualRun(tape, { ...SETTINGS, maker, speedBumpMs: 50 }).run();
    const first = late.fills.find((fill) => !fill.maker)!;
    expect(first.time - takers[0]!.time).toBeGreaterThan(20);
  });

  test('a tape without rows is refused by its name', () => {
    expect(() => new PerpetualRun({ ...tape, rows: 0 }, SETTINGS).run()).toThrow(
      /a small tape: expected depth and trades/,
    );
  });
});

describe.skipIf(path === undefined)(`on ${RECORDING} of ../shared/data`, () => {
  test('the recording is whole, and what the models of queues say is in the order of how much they believe', () => {
    const tape = binanceTape(readRecording(path!), { source: RECORDING, hash: '', tick: 0.1, lot: 0.001 });
    // What of the recording's 443,521 levels its snapshot did not hold already.
    expect(tape.levels).toBe(443_262);
    const maker = { ...MAKER_DEFAULTS, leastTicks: 0, aversion: 1e-4, fillDecay: 100, toleranceTicks: 0 };
    const data = { kind: 'recording', floorMs: 1 } as const;
    const fills = (queue: keyof typeof QUEUE_RULES): number => {
      const { totals, measures } = new PerpetualRun(tape, {
        ...SETTINGS,
        maker,
        data,
        queue: QUEUE_RULES[queue]!,
      }).run();
      expect(measures.staleUpdates).toBe(0);
      return totals.volumeUsd;
    };
    const first = fills('first');
    const power = fills('power');
    expect(first).toBeGreaterThan(power);
    expect(power).toBeGreaterThanOrEqual(fills('trade-through'));
  });
});

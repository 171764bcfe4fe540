import { describe, expect, it } from 'vitest';
import { bytesPerCall } from '../../testing/allocation.js';
import { normalShocks } from '../../testing/random.js';
import { recordedBars } from '../../testing/recorded-bars.js';
import { ChangePointDetector, Cusum, DRIFT, JumpFlag, RobustZScore, SurfaceResidualOutliers } from './index.js';

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

describe('CUSUM', () => {
  it('alarms once in about 470 clean observations, as the tables say', () => {
    const cusum = new Cusum(0.5, 5);
    let alarms = 0;
    for (const shock of normalShocks(200_000, 3)) if (cusum.update(shock) !== DRIFT.none) alarms++;
    expect(200_000 / alarms).toBeGreaterThan(380);
    expect(200_000 / alarms).toBeLessThan(560);
  });

  it('finds every drift of one sigma, in ten observations on average, and tells its direction', () => {
    const trials = 500;
    const shocks = normalShocks(trials * 60, 4);
    let delay = 0;
    for (let trial = 0; trial < trials; trial++) {
      const drift = trial % 2 === 0 ? 1 : -1;
      const cusum = new Cusum(0.5, 5);
      let step = 0;
      let found: number = DRIFT.none;
      while (found === DRIFT.none && step < 60) found = cusum.update(shocks[trial * 60 + step++]! + drift);
      expect(found).toBe(drift);
      delay += step;
    }
    expect(delay / trials).toBeLessThan(11.5);
  });

  it('ignores NaN', () => {
    const cusum = new Cusum();
    expect(cusum.update(Number.NaN)).toBe(DRIFT.none);
    expect(cusum.update(100)).toBe(DRIFT.up);
  });
});

describe('robust z-score', () => {
  it('scores normal noise as standard normal', () => {
    const detector = new RobustZScore(300);
    const scores = normalShocks(50_000, 5).map((shock) => detector.update(40 + 3 * shock));
    const settled = scores.slice(1_000);
    const square = settled.reduce((sum, score) => sum + score * score, 0) / settled.length;
    expect(square).toBeGreaterThan(0.9);
    expect(square).toBeLessThan(1.15);
    expect(settled.filter((score) => Math.abs(score) > 5).length).toBeLessThan(10);
  });

  it('finds all outliers of eight sigma with one observation in ten faulty', () => {
    const detector = new RobustZScore(300);
    const noise = normalShocks(20_000, 6);
    let faults = 0;
    let found = 0;
    let falseAlarms = 0;
    noise.forEach((shock, i) => {
      const faulty = i % 10 === 7;
      const outlier = Math.abs(detector.update(shock + (faulty ? 11 : 0))) > 5;
      if (i < 500) return;
      if (faulty) faults++;
      if (faulty && outlier) found++;
      if (!faulty && outlier) falseAlarms++;
    });
    expect(found / faults).toBeGreaterThan(0.99);
    expect(falseAlarms).toBeLessThan(5);
  });

  it('forgets a bad start, follows a changed scale, and scores a frozen feed 0', () => {
    const detector = new RobustZScore(200);
    detector.update(1e9);
    for (const shock of normalShocks(3_000, 7)) detector.update(shock);
    expect(Math.abs(detector.centre)).toBeLessThan(0.5);
    for (const shock of normalShocks(3_000, 8)) detector.update(100 * shock);
    expect(detector.deviation).toBeGreaterThan(70);
    expect(detector.deviation).toBeLessThan(140);
    const frozen = new RobustZScore(200);
    for (let i = 0; i < 50; i++) frozen.update(7);
    expect(frozen.update(7)).toBe(0);
    expect(Math.abs(frozen.update(7.001))).toBeGreaterThan(1e6);
    expect(frozen.update(Number.NaN)).toBeNaN();
  });
});

describe('Bayesian online change point', () => {
  it('finds shifts of three sigma within a few observations, and no others', () => {
    const trials = 100;
    const length = 200;
    const shocks = normalShocks(trials * length, 9);
    const delays: number[] = [];
    let falseAlarms = 0;
    for (let trial = 0; trial < trials; trial++) {
      const detector = new ChangePointDetector();
      let delay = Number.POSITIVE_INFINITY;
      for (let i = 0; i < length; i++) {
        const shift = i >= 150 ? 3 : 0;
        const alarm = detector.update(shocks[trial * length + i]! + shift, 10) > 0.9 && i > 20;
        if (alarm && i < 150) falseAlarms++;
        if (alarm && i >= 150) delay = Math.min(delay, i - 149);
      }
      delays.push(delay);
    }
    expect(delays.filter(Number.isFinite).length).toBeGreaterThanOrEqual(0.97 * trials);
    expect(median(delays)).toBeLessThanOrEqual(4);
    expect(falseAlarms / (trials * 130)).toBeLessThan(0.005);
  });

  it('finds that variance has quadrupled though the mean has not moved', () => {
    const trials = 100;
    const shocks = normalShocks(trials * 250, 10);
    let found = 0;
    for (let trial = 0; trial < trials; trial++) {
      const detector = new ChangePointDetector();
      for (let i = 0; i < 250; i++) detector.update(shocks[trial * 250 + i]! * (i >= 190 ? 4 : 1));
      if (detector.runLength >= 50 && detector.runLength <= 70) found++;
    }
    expect(found / trials).toBeGreaterThan(0.85);
  });

  it('knows the run length, and stops counting at the longest', () => {
    const detector = new ChangePointDetector({ longestRun: 50 });
    normalShocks(30, 11).forEach((shock) => {
      detector.update(shock);
    });
    expect(detector.runLength).toBe(30);
    normalShocks(300, 12).forEach((shock) => {
      detector.update(shock);
    });
    expect(detector.runLength).toBe(49);
    expect(detector.update(Number.NaN)).toBeNaN();
    normalShocks(8, 13).forEach((shock) => {
      detector.update(shock + 15);
    });
    expect(detector.runLength).toBe(8);
  });
});

describe('jump flag', () => {
  it('finds jumps of eight sigma and raises one false alarm in days', () => {
    const flag = new JumpFlag({ memory: 200, returnsPerTest: 1440, level: 0.01 });
    const shocks = normalShocks(1440 * 30, 14);
    let found = 0;
    let falseAlarms = 0;
    let jumps = 0;
    shocks.forEach((shock, i) => {
      const jumped = i > 500 && i % 977 === 0;
      if (jumped) jumps++;
      const flagged = flag.update(1e-4 * (shock + (jumped ? 9 : 0)));
      if (jumped && flagged) found++;
      if (!jumped && flagged) falseAlarms++;
    });
    expect(found / jumps).toBeGreaterThan(0.95);
    expect(falseAlarms / 30).toBeLessThan(0.2);
  });

  const bars = recordedBars('bars/1m/BTCUSDT_1m_2024.csv.gz');

  it.skipIf(bars === undefined)('flags a small part of real minutes (needs ../shared/data)', () => {
    const flag = new JumpFlag();
    let flagged = 0;
    for (let i = 1; i < bars!.close.length; i++)
      if (flag.update(Math.log(bars!.close[i]! / bars!.close[i - 1]!))) flagged++;
    expect(flagged / bars!.close.length).toBeGreaterThan(0.0005);
    expect(flagged / bars!.close.length).toBeLessThan(0.01);
  });
});

describe('outliers of a surface', () => {
  it('lets a constant misfit pass and finds a quote that leaves its place', () => {
    const outliers = new SurfaceResidualOutliers({ instruments: 2 });
    const shocks = normalShocks(4_000, 15);
    let falseAlarms = 0;
    shocks.forEach((shock) => {
      // Instrument 1 always trades two half-spreads above the surface.
      const mid = 0.62 + 0.001 * shock;
      if (outliers.update(1, mid - 0.005, mid + 0.005, 0.61) !== 0) falseAlarms++;
    });
    expect(falseAlarms).toBeLessThan(20);
    expect(outliers.update(1, 0.655, 0.665, 0.61)).toBeGreaterThan(6);
    expect(outliers.update(1, 0.575, 0.585, 0.61)).toBeLessThan(-6);
    expect(outliers.update(1, 0.61, 0.6, 0.61)).toBeNaN();
    expect(outliers.update(2, 0.6, 0.61, 0.6)).toBeNaN();
  });
});

describe('detectors', () => {
  it.each([
    ['Cusum', 'new Cusum()', 'out[0] = detector.update((i % 7) * 0.3 - 0.9);'],
    ['RobustZScore', 'new RobustZScore()', 'out[0] = detector.update((i % 7) * 0.3 - 0.9);'],
    ['JumpFlag', 'new JumpFlag()', 'out[0] = detector.update((i % 7) * 0.3 - 0.9) ? 1 : 0;'],
  ])('%s allocates nothing', (_, create, call) => {
    const bytes = bytesPerCall({
      module: 'engine/quant/index.js',
      setup: `const detector = ${create}; const out = new Float64Array(1);`,
      call,
    });
    expect(bytes).toBe(0);
  });

  it('refuse options that mean nothing', () => {
    expect(() => new Cusum(-1)).toThrow(/slack/);
    expect(() => new RobustZScore(1)).toThrow(/memory/);
    expect(() => new JumpFlag({ level: 2 })).toThrow(/probability/);
    expect(() => new ChangePointDetector({ expectedRun: 1 })).toThrow(/expectedRun/);
    expect(() => new SurfaceResidualOutliers({ instruments: 0 })).toThrow(/instruments/);
  });
});

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharedData } from '../../testing/shared-data.js';
import { fitClock } from './clock-fit.js';
import { fitWeekProfile, HOURS_PER_WEEK, VarianceClock, weekendProfile } from './variance-clock.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;
const MONDAY = Date.UTC(2026, 0, 5);

describe('variance clock', () => {
  it('is the calendar when the week is flat', () => {
    const clock = new VarianceClock();
    expect(clock.years(MONDAY, MONDAY + YEAR)).toBeCloseTo(1, 12);
    expect(clock.years(MONDAY + 5.3 * DAY, MONDAY + 5.3 * DAY + HOUR)).toBeCloseTo(1 / 8760, 14);
  });

  it('runs slow on weekends and makes up for it on weekdays', () => {
    const clock = new VarianceClock({ week: weekendProfile(0.5) });
    const friday = clock.years(MONDAY + 4 * DAY, MONDAY + 5 * DAY);
    const saturday = clock.years(MONDAY + 5 * DAY, MONDAY + 6 * DAY);
    expect(saturday / friday).toBeCloseTo(0.5, 12);
    expect(clock.years(MONDAY, MONDAY + 7 * DAY)).toBeCloseTo(7 / 365, 14);
  });

  it('slows for a holiday and jumps at an event', () => {
    const plain = new VarianceClock({ week: weekendProfile(0.6) });
    const clock = new VarianceClock({
      week: weekendProfile(0.6),
      holidays: [{ start: MONDAY + DAY, weight: 0.25 }],
      events: [{ time: MONDAY + 3 * DAY + 19 * HOUR, days: 1.5 }],
    });
    const day = plain.years(MONDAY + DAY, MONDAY + 2 * DAY);
    expect(clock.years(MONDAY + DAY, MONDAY + 2 * DAY)).toBeCloseTo(0.25 * day, 14);
    expect(clock.years(MONDAY, MONDAY + 7 * DAY) - plain.years(MONDAY, MONDAY + 7 * DAY)).toBeCloseTo(
      (1.5 * 24) / 8760 - 0.75 * day,
      14,
    );
    expect(clock.years(MONDAY + 3 * DAY, MONDAY + 3 * DAY + 18 * HOUR)).toBeCloseTo(
      plain.years(MONDAY + 3 * DAY, MONDAY + 3 * DAY + 18 * HOUR),
      14,
    );
  });

  it('adds up, never runs backwards, and changes sign with its arguments', () => {
    const time = fc.double({ min: MONDAY - YEAR, max: MONDAY + YEAR, noNaN: true });
    const clock = new VarianceClock({
      week: Float64Array.from({ length: HOURS_PER_WEEK }, (_, hour) => 1 + Math.sin(hour)),
      holidays: [{ start: MONDAY + 9 * DAY, weight: 0.3 }],
      events: [{ time: MONDAY + 11 * DAY, days: 2 }],
    });
    fc.assert(
      fc.property(time, time, time, (a, b, c) => {
        expect(clock.years(a, b) + clock.years(b, c)).toBeCloseTo(clock.years(a, c), 11);
        expect(clock.years(Math.min(a, b), Math.max(a, b))).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('is refused with a week, holiday or event that is none', () => {
    expect(() => new VarianceClock({ week: [1, 2] })).toThrow(/168 non-negative weights.* found 2/);
    expect(() => new VarianceClock({ week: new Float64Array(168) })).toThrow(/positive sum/);
    expect(() => new VarianceClock({ holidays: [{ start: MONDAY, weight: -1 }] })).toThrow(/bad holiday/);
    expect(() => new VarianceClock({ events: [{ time: Number.NaN, days: 1 }] })).toThrow(/bad event/);
  });
});

describe('week profile from bars', () => {
  const bars = (weight: (hour: number) => number, weeks: number) => {
    const times = Array.from({ length: weeks * HOURS_PER_WEEK }, (_, hour) => MONDAY + hour * HOUR);
    // Each week has its own level, which must not matter.
    const variances = times.map((_, hour) => weight(hour % HOURS_PER_WEEK) * (1 + Math.floor(hour / HOURS_PER_WEEK)));
    return fitWeekProfile(times, variances);
  };

  it('finds a separable week exactly, from any number of weeks', () => {
    const shape = (hour: number): number => (1 + 0.5 * Math.sin((hour % 24) / 4)) * (hour < 120 ? 1 : 0.4);
    for (const weeks of [1, 30]) {
      const profile = bars(shape, weeks);
      for (const hour of [0, 50, 119, 120, 167])
        expect(profile[hour]! / profile[3]!).toBeCloseTo(shape(hour) / shape(3), 8);
    }
  });

  it('draws a single odd hour towards the rest when there are few weeks', () => {
    const spike = (hour: number): number => (hour === 30 ? 5 : 1);
    expect(bars(spike, 2)[30]! / bars(spike, 2)[31]!).toBeLessThan(2.5);
    expect(bars(spike, 200)[30]! / bars(spike, 200)[31]!).toBeGreaterThan(4.5);
  });

  it('leaves out what is not a bar and is refused without a whole week', () => {
    const times = Array.from({ length: HOURS_PER_WEEK }, (_, hour) => MONDAY + hour * HOUR);
    expect(fitWeekProfile([...times, Number.NaN], [...times.map(() => 1), 7])[5]).toBeCloseTo(1, 12);
    expect(() => fitWeekProfile(times.slice(0, 100), times.slice(0, 100))).toThrow(/whole week/);
    expect(() => fitWeekProfile([1], [])).toThrow(/one length/);
  });
});

const recorded = sharedData('bars/15m');
describe.runIf(recorded !== undefined)('Bitcoin bars of 2025 and 2026 (bars/15m)', () => {
  it('show weekends with well under the variance of weekdays', async () => {
    const { readdirSync } = await import('node:fs');
    const { gunzipSync } = await import('node:zlib');
    const file = readdirSync(recorded!).find((name) => name.includes('BTC'))!;
    const bytes = readFileSync(`${recorded!}/${file}`);
    const lines = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').trim().split('\n');
    const header = lines[0]!.split(',');
    const column = (name: RegExp): number => header.findIndex((cell) => name.test(cell));
    const [time, high, low] = [column(/time|ts/i), column(/^h/i), column(/^l/i)];
    const rows = lines.slice(1).map((line) => line.split(',').map(Number));
    const profile = fitWeekProfile(
      rows.map((row) => row[time]!),
      rows.map((row) => {
        const range = Math.log(row[high]! / row[low]!);
        return range * range;
      }),
    );
    const mean = (from: number, to: number): number =>
      profile.slice(from, to).reduce((sum, weight) => sum + weight, 0) / (to - from);
    expect(mean(120, 168) / mean(0, 120)).toBeGreaterThan(0.2);
    expect(mean(120, 168) / mean(0, 120)).toBeLessThan(0.8);
  });
});

describe('clock from the term structure', () => {
  const now = MONDAY + 2 * DAY + 9 * HOUR;
  const expiries = [1, 2, 3, 4, 9, 16, 23, 51, 79, 170, 261, 352].map((days) => MONDAY + (2 + days) * DAY + 8 * HOUR);
  const event = MONDAY + 4 * DAY + 13 * HOUR;
  const market = (weekend: number, eventDays: number) => {
    const clock = new VarianceClock({ week: weekendProfile(weekend), events: [{ time: event, days: eventDays }] });
    return expiries.map((expiry) => 0.25 * clock.years(now, expiry));
  };

  it('finds the weekend weight and the event that made it', () => {
    const fit = fitClock(now, expiries, market(0.55, 1.2), [event]);
    expect(fit.weekendWeight).toBeCloseTo(0.55, 1);
    // A smooth curve can take up a little of the jump.
    expect(fit.eventDays[0]).toBeGreaterThan(1);
    expect(fit.eventDays[0]).toBeLessThan(1.4);
    expect(fit.rmse).toBeLessThan(2e-3);
  });

  it('finds no event where there is none', () => {
    const fit = fitClock(now, expiries, market(0.7, 0), [event]);
    expect(fit.weekendWeight).toBeCloseTo(0.7, 1);
    expect(fit.eventDays[0]).toBeLessThan(0.05);
  });

  it('is refused with too few expiries or variances that are none', () => {
    expect(() => fitClock(now, expiries.slice(0, 4), [1, 2, 3, 4])).toThrow(/5 or more expiries/);
    expect(() => fitClock(now, expiries, market(1, 0).fill(0, 3, 4))).toThrow(/at 3/);
    expect(() => fitClock(now, [...expiries].reverse(), market(1, 0))).toThrow(/ascend/);
  });
});

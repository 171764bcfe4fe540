import { describe, expect, it } from 'vitest';
import { SteadyClock } from './steady-clock.js';

/** A clock that stands where the test puts it. */
class HandClock {
  readonly now = new Float64Array(1);
  tick(): void {}
}

/** @param from where event time had come before */
function clocks(from = 0) {
  const host = new HandClock();
  const monotonic = new HandClock();
  host.now[0] = 1_000_000;
  const steady = new SteadyClock(host, monotonic, from);
  return {
    host,
    /** So many microseconds pass; where event time is then. */
    elapse(micros: number): number {
      host.now[0]! += micros;
      monotonic.now[0]! += micros * 1000;
      steady.tick();
      return steady.now[0]!;
    },
  };
}

describe('event time', () => {
  it('is that of the host, whose clock may be set forward', () => {
    const { host, elapse } = clocks();
    expect(elapse(10)).toBe(1_000_010);
    host.now[0]! += 3600e6;
    expect(elapse(10)).toBe(1_000_020 + 3600e6);
  });

  it('passes at half its speed when the clock of the host is set back, until that has caught up', () => {
    const { host, elapse } = clocks();
    elapse(10);
    host.now[0]! -= 1000;
    expect([elapse(10), elapse(400), elapse(1600), elapse(10)]).toEqual([1_000_010, 1_000_210, 1_001_020, 1_001_030]);
  });

  it('goes on from where an engine before had come, although the clock is behind that', () => {
    const { elapse } = clocks(2_000_000);
    expect([elapse(10), elapse(10), elapse(2_000_000)]).toEqual([2_000_005, 2_000_010, 3_000_020]);
  });
});

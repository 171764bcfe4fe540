import { describe, expect, it } from 'vitest';
import { isLivelyHour, learnSeason } from './bar-averages.js';
import { UNDERLYING_CELLS } from './market-state.js';

const BAR = 5e6;
const BARS_A_DAY = 17_280;
/** The hour that is livelier than the others. */
const LIVELY = 14;
const FACTOR = Float64Array.of(1.75);

describe('the hours of the day', () => {
  it('are lively where they were so on another day, and nothing is said before', () => {
    const cells = new Float64Array(UNDERLYING_CELLS);
    const clock = new Float64Array(2);
    const square = new Float64Array(1);
    const lively: number[][] = [[], [], []];
    for (let bar = 0; bar < 3 * BARS_A_DAY; bar++) {
      clock[0] = Date.UTC(2026, 0, 5) * 1000 + bar * BAR;
      const hour = Math.floor(clock[0] / 3_600e6) % 24;
      square[0] = hour === LIVELY ? 4e-8 : 1e-8;
      learnSeason(cells, 0, clock, square);
      const known = lively[Math.floor(bar / BARS_A_DAY)]!;
      if (isLivelyHour(cells, 0, clock, FACTOR) && !known.includes(hour)) known.push(hour);
    }
    expect(lively).toEqual([[], [LIVELY], [LIVELY]]);
  });
});

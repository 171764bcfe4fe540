import { describe, expect, it } from 'vitest';
import { CellCount } from '../orders/cells.js';
import { ClockOffset } from './clock-offset.js';

const SECOND = 1e6;
/** For as long the least of what messages took is kept, and once more as the one before. */
const HALF = 5;
const LIMITS = Float64Array.of(1);

/** Hears messages, [second at which it came, seconds that it took by the two clocks]. */
function heard(...messages: readonly (readonly [at: number, took: number])[]): number {
  const offset = new ClockOffset(new CellCount());
  const begin = 1_800_000_000;
  for (const [at, took] of messages)
    offset.hear(Float64Array.of((begin + at - took) * SECOND), Float64Array.of((begin + at) * SECOND));
  expect(offset.allows(LIMITS, 0)).toBe(offset.found[0]! <= LIMITS[0]!);
  return offset.found[0]!;
}

describe('the offset of the venue’s clock', () => {
  it('is what the quickest message took, late ones aside', () => {
    expect(heard([0, 3], [1, 0.5], [2, 9])).toBeCloseTo(0.5, 6);
    expect(heard([0, -2], [1, 4])).toBeCloseTo(2, 6);
  });

  it('remembers the quickest of the half before, and no longer', () => {
    expect(heard([0, 0.5], [HALF + 1, 9])).toBeCloseTo(0.5, 6);
    expect(heard([0, 0.5], [HALF + 1, 9], [2 * HALF + 2, 8])).toBeCloseTo(8, 6);
  });

  it('forgets all after a silence of both halves, but not a moment earlier', () => {
    expect(heard([0, 0.5], [2 * HALF, 9])).toBeCloseTo(0.5, 6);
    expect(heard([0, 0.5], [2 * HALF + 0.001, 9])).toBeCloseTo(9, 6);
  });
});

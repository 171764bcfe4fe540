import { describe, expect, it } from 'vitest';
import { sharedData } from '../../../engine/testing/shared-data.js';
import { compareQuotes, compareReturns, type Distance } from '../../testing/world/calibration.js';

/** Greatest distance allowed, by the end of its name. Between them lie the noise of few short worlds, and what was reached. */
const QUOTE_BOUNDS: readonly [name: string, bound: number][] = [
  ['spreads, out of and at the money', 0.22],
  ['spreads in volatility, out of and at the money', 0.27],
  ['spreads, in the money', 0.65],
  ['ticks', 0.04],
  ['empty bids', 0.04],
  ['empty offers', 0.03],
  ['vol at the money', 2],
  ['risk reversal', 0.5],
  ['butterfly', 0.3],
];

const RETURN_BOUNDS: readonly [name: string, bound: number][] = [
  ['volatility of returns', 0.3],
  ['kurtosis of returns', 0.6],
  ['clustering of returns', 0.06],
  ['correlation of returns', 0.06],
];

function hold(distances: readonly Distance[], bounds: readonly [name: string, bound: number][]): void {
  for (const { name, value, parts } of distances) {
    const bound = bounds.find(([end]) => name.endsWith(end))?.[1];
    expect(bound, `a bound for ${name}`).toBeDefined();
    expect(parts.length).toBeGreaterThan(0);
    expect(value, `distance of ${name}`).toBeLessThan(bound!);
  }
}

describe('the simulated market beside the recorded one', () => {
  it.skipIf(sharedData('deribit/chains-2026') === undefined)(
    'has the spreads, the empty bids and the smiles of the recorded chains',
    () => {
      const distances = compareQuotes(5, 10, 11)!;
      expect(distances).toHaveLength(18);
      hold(distances, QUOTE_BOUNDS);
    },
    60_000,
  );

  it.skipIf(sharedData('bars/15m') === undefined)(
    'has the volatility, the tails and the clustering of recorded returns',
    () => hold(compareReturns(6, 30)!, RETURN_BOUNDS),
    60_000,
  );
});

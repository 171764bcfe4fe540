import { describe, expect, it } from 'vitest';
import { contradictions, imbalances } from './testing/audit.js';
import { RandomActions } from './testing/random-actions.js';

describe('conservation', () => {
  it.each([1, 2, 3])(
    'money, positions, fees and open interest add up to zero after every action of seed %i',
    (seed) => {
      const venue = new RandomActions(seed);
      for (let action = 0; action < 6000; action++) {
        venue.step();
        const found = imbalances(venue.exchange);
        if (action % 16 === 0) found.push(...contradictions(venue.exchange));
        if (found.length > 0) throw new Error(`after action ${action}: ${found.join('; ')}`);
      }
      expect(venue.exchange.trades.last).toBeGreaterThan(300);
    },
  );
});

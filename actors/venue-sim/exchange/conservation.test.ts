import { describe, expect, it } from 'vitest';
import { silentSink } from './sink.js';
import { contradictions, imbalances } from './testing/audit.js';
import { crampedConfig, RandomActions } from './testing/random-actions.js';

describe('conservation', () => {
  it('holds where orders hide a part of themselves', () => {
    const venue = new RandomActions(4, crampedConfig, silentSink, true);
    const { orders } = venue.exchange;
    let hidden = 0;
    for (let action = 0; action < 4000; action++) {
      venue.step();
      if (action % 16 !== 0) continue;
      const found = [...imbalances(venue.exchange), ...contradictions(venue.exchange)];
      if (found.length > 0) throw new Error(`after action ${action}: ${found.join('; ')}`);
      for (let slot = 0; slot < orders.capacity; slot++) {
        if (orders.level[slot]! >= 0 && orders.hiddenLots[slot]! > 0) hidden++;
      }
    }
    expect(hidden).toBeGreaterThan(500);
  });

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

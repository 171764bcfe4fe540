import { silentSink } from '../../../actors/venue-sim/exchange/sink.js';
import { contradictions, imbalances } from '../../../actors/venue-sim/exchange/testing/audit.js';
import { crampedConfig, RandomActions } from '../../../actors/venue-sim/exchange/testing/random-actions.js';
import type { Proof } from '../proof.js';

/** Actions of one seed: a few days of the venue's life, with their settlements. */
const ACTIONS_PER_SEED = 100_000;
const BOOKS_EVERY = 64;

/** Everybody does anything, wrong requests included, with icebergs in every other seed; the venue's sums are checked after each action. */
export const proof: Proof = {
  name: 'venue-conservation',
  claim:
    'money, positions, fees and open interest of the simulated venue add up to zero after every one of many random actions',
  unit: 'actions',
  amounts: { ci: 30_000, full: 1_000_000 },
  async run(amount, progress) {
    let trades = 0;
    let settlements = 0;
    let accepted = 0;
    let refused = 0;
    for (let done = 0, seed = 1; done < amount; seed++) {
      const venue = new RandomActions(seed, crampedConfig, silentSink, seed % 2 === 1);
      const actions = Math.min(ACTIONS_PER_SEED, amount - done);
      for (let action = 0; action < actions; action++) {
        venue.step();
        const found = imbalances(venue.exchange);
        if (action % BOOKS_EVERY === 0) found.push(...contradictions(venue.exchange));
        if (found.length > 0) throw new Error(`seed ${seed}, action ${action}: ${found.join('; ')}`);
      }
      trades += venue.exchange.trades.last;
      settlements += venue.exchange.settlements.last;
      accepted += venue.accepted;
      refused += venue.refused;
      done += actions;
      progress(done);
    }
    return [
      { name: 'violations', unit: 'actions', value: 0, note: `${accepted} requests accepted, ${refused} refused` },
      { name: 'trades on the way', unit: 'trades', value: trades, note: `${settlements} settlements and deliveries` },
    ];
  },
};

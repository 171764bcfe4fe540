import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { silentSink } from './sink.js';
import { crampedConfig, RandomActions } from './testing/random-actions.js';

const ACTIONS = 4000;

/** A hash of all that a run tells and leaves behind. */
function digestOf(seed: number, look: (venue: RandomActions) => void = () => {}): string {
  const hash = createHash('sha256');
  const told = new Float64Array(3);
  const tell = (kind: number, first: number, second: number): void => {
    told.set([kind, first, second]);
    hash.update(told);
  };
  const venue = new RandomActions(seed, crampedConfig, {
    ...silentSink,
    orderChanged: (order) => tell(1, order, 0),
    traded: (trade) => tell(2, trade, 0),
    bookChanged: (instrument, count) => tell(3, instrument, count),
    mmpTriggered: (account, index) => tell(4, account, index),
    settled: (settlement) => tell(5, settlement, 0),
  });
  for (let action = 0; action < ACTIONS; action++) {
    venue.step();
    look(venue);
  }
  const { accounts, trades, positions } = venue.exchange;
  for (const column of [accounts.balance, positions.lots, positions.entryValue, trades.price, trades.takerFee]) {
    hash.update(column);
  }
  return hash.digest('hex');
}

describe('the exchange', () => {
  it('does the same from the same seed on every supported Node, to the last bit', () => {
    expect(digestOf(20_261_128)).toBe('0688d89426bfea1c3d4c6f4e4c4ec32183f8b9884d39b466981ad1d609ac8d6f');
  });

  it('does not notice that somebody looks', () => {
    const looked = digestOf(5, ({ exchange }) => {
      for (let id = 0; id < exchange.instruments.size; id += 7) {
        exchange.instruments.mark(id, exchange.now);
        exchange.instruments.highestBid(id, exchange.now);
      }
      exchange.indices.average(0);
      exchange.indices.estimatedDelivery(1);
    });
    expect(looked).toBe(digestOf(5));
  });
});

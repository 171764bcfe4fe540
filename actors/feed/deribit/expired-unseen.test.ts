import { expect, it } from 'vitest';
import { type Instrument, InstrumentKind, LifeCycle } from '../../../engine/market/instrument.js';
import { btcInstrument } from '../../testing/stage/instruments.js';
import { expiredUnseen } from './expired-unseen.js';

const EXPIRY = 1_800_000_000_000_000;
const HOUR = 3600e6;
const VENUE = 1;

function unseen(given: Partial<Instrument>, now: number, listed: string[] = []): number[] {
  return expiredUnseen([[7, btcInstrument({ name: 'ours', expiry: EXPIRY, ...given })]], VENUE, new Set(listed), now);
}

it('names what expired while nobody listened', () => {
  expect(unseen({}, EXPIRY + HOUR)).toEqual([7]);
});

it('leaves alone what lives, what the venue settles still, what was heard of, what is another venue’s', () => {
  expect(unseen({}, EXPIRY - 1)).toEqual([]);
  expect(unseen({}, EXPIRY + 59e6)).toEqual([]);
  expect(unseen({}, EXPIRY + HOUR, ['ours'])).toEqual([]);
  expect(unseen({ state: LifeCycle.EXPIRED }, EXPIRY + HOUR)).toEqual([]);
  expect(unseen({ venue: VENUE + 1 }, EXPIRY + HOUR)).toEqual([]);
  expect(unseen({ kind: InstrumentKind.INDEX, expiry: EXPIRY }, EXPIRY + HOUR)).toEqual([]);
  expect(unseen({ expiry: Number.POSITIVE_INFINITY }, EXPIRY + HOUR)).toEqual([]);
});

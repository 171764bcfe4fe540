import { beforeEach, describe, expect, it } from 'vitest';
import { type Instrument, InstrumentKind, LifeCycle } from '../../../engine/market/instrument.js';
import { InstrumentRegistry } from '../../../engine/market/instrument-registry.js';
import { readVenueStatus } from '../../session/deribit/platform-state.js';
import type { MarketEntry } from '../entry/market-entry.js';
import { EVERY_INSTRUMENT } from '../entry/outages.js';
import { PlatformLock } from './platform-lock.js';

const VENUE = 1;
const room = (): Promise<void> => Promise.resolve();

describe('what a venue says of its lock when it is asked', () => {
  let told: [id: number, state: number][];
  let lock: PlatformLock;

  beforeEach(() => {
    told = [];
    const registry = new InstrumentRegistry();
    for (const priceIndex of ['btc_usd', 'eth_usd']) {
      const option = { venue: VENUE, name: `${priceIndex}-option`, kind: InstrumentKind.OPTION, priceIndex };
      registry.define({ ...option, state: LifeCycle.OPEN } as Instrument);
    }
    const entry = {
      hasRoom: () => true,
      become: (id: number, state: number) => told.push([id, state]) > 0,
    } as unknown as MarketEntry;
    lock = new PlatformLock(entry, registry, VENUE);
  });

  const ask = (answer: unknown): Promise<string[]> => lock.takeStatus(readVenueStatus(answer), room);

  it('opens what an earlier feed may have told the end of, without calling it news, and once', async () => {
    expect(await ask({ locked: 'false' })).toEqual([]);
    expect(await ask({ locked: 'false' })).toEqual([]);
    expect(told).toEqual([[EVERY_INSTRUMENT, LifeCycle.OPEN]]);
  });

  it('tells an unlock that happened while no connection was there to hear of it', async () => {
    await lock.take({ isLocked: true, priceIndex: undefined }, room);
    expect(await ask({ locked: 'false' })).toEqual(['the venue is open again']);
    expect(told).toEqual([
      [EVERY_INSTRUMENT, LifeCycle.HALTED],
      [EVERY_INSTRUMENT, LifeCycle.OPEN],
    ]);
  });

  it('tells a lock that was there before it was asked', async () => {
    expect(await ask({ locked: 'true', locked_indices: ['btc_usd', 'eth_usd'] })).toEqual(['the venue is locked']);
    expect(told).toEqual([[EVERY_INSTRUMENT, LifeCycle.HALTED]]);
  });

  it('halts the instruments of the indices that are locked, and opens them alone when these no longer are', async () => {
    expect(await ask({ locked: 'partial', locked_indices: ['eth_usd'] })).toEqual([
      '1 instruments of eth_usd are locked',
    ]);
    expect(await ask({ locked: 'false' })).toEqual(['1 instruments of eth_usd are open again']);
    expect(told.slice(1)).toEqual([
      [1, LifeCycle.HALTED],
      [1, LifeCycle.OPEN],
    ]);
  });

  it('is refused where it is no such answer', () => {
    expect(() => readVenueStatus({ locked: 'perhaps' })).toThrow(/locked/);
  });
});

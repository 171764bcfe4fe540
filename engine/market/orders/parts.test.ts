import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Underlyings } from '../underlyings.js';
import { CellCount } from './cells.js';
import { orderLabel, parseOrderLabel } from './order-label.js';
import { OrderToVolume } from './order-to-volume.js';
import { SeenTrades, TradeVerdict } from './seen-trades.js';
import { SlotIndex } from './slot-index.js';
import { loadVenueId, readVenueId, VENUE_ID_WORDS, writeVenueId } from './venue-id.js';

describe('a label', () => {
  it('tells the identity that it was made of, and fits the venue', () => {
    fc.assert(
      fc.property(fc.nat(), fc.maxSafeNat(), fc.nat(100_000), (run, orderSeq, index) => {
        const label = orderLabel(run, orderSeq, index);
        expect(label.length).toBeLessThanOrEqual(40);
        expect(parseOrderLabel(label)).toEqual({ run, orderSeq, index });
      }),
    );
  });

  it.each(['', 'vf', 'vf-1-2', 'vf-01-2-3', 'vf-1-2-3-4', 'VF-1-2-3', 'mine', 'vf-1-zzzzzzzzzzz-0'])(
    'that we would not write is not ours: %s',
    (label) => {
      expect(parseOrderLabel(label)).toBeUndefined();
    },
  );
});

describe('the id of a venue', () => {
  it('is kept whole', () => {
    const view = new DataView(new ArrayBuffer(48));
    const id = fc.string({ unit: fc.constantFrom(...'ABCxyz0189_-'), maxLength: 40 });
    fc.assert(
      fc.property(id, (text) => {
        expect(writeVenueId(view, 4, text)).toBe(true);
        expect(readVenueId(view, 4)).toBe(text);
      }),
    );
  });

  it('that does not fit is none rather than another', () => {
    const view = new DataView(new ArrayBuffer(40));
    expect(writeVenueId(view, 0, 'x'.repeat(41))).toBe(false);
    expect(readVenueId(view, 0)).toBe('');
    expect(writeVenueId(view, 0, 'ü')).toBe(false);
  });
});

describe('an index of slots', () => {
  it('finds what a map finds, whatever is added and removed', () => {
    // Hashes that meet in few buckets.
    const change = fc.record({ slot: fc.nat(15), hash: fc.nat(3), adds: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
        const index = new SlotIndex(new CellCount(), 16, 'orders');
        const model = new Map<number, number>();
        for (const { slot, hash, adds } of changes) {
          const held = model.get(slot);
          if (adds && held === undefined) {
            index.add(hash, slot);
            model.set(slot, hash);
          } else if (!adds && held !== undefined) {
            index.remove(held, slot);
            model.delete(slot);
          }
          for (let each = 0; each < 16; each++) {
            for (let asked = 0; asked < 4; asked++) expect(has(index, asked, each)).toBe(model.get(each) === asked);
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});

function has(index: SlotIndex, hash: number, slot: number): boolean {
  for (let at = index.first(hash); index.slotAt(at) >= 0; at = index.after(at)) {
    if (index.hashAt(at) === hash && index.slotAt(at) === slot) return true;
  }
  return false;
}

describe('the memory of trades', () => {
  const view = new DataView(new ArrayBuffer(40));
  const words = new Int32Array(VENUE_ID_WORDS);
  const admit = (seen: SeenTrades, id: string, time: number, instrument = 1): number => {
    writeVenueId(view, 0, id);
    loadVenueId(view, 0, words, 0);
    return seen.admit(instrument, words, Float64Array.of(time));
  };

  it('takes each trade of an instrument once', () => {
    const seen = new SeenTrades(new CellCount(), 4);
    expect(admit(seen, 'a', 1)).toBe(TradeVerdict.NEW);
    expect(admit(seen, 'a', 1)).toBe(TradeVerdict.SEEN);
    expect(admit(seen, 'a', 1, 2)).toBe(TradeVerdict.NEW);
  });

  it('refuses what is older than it remembers, instead of guessing', () => {
    const seen = new SeenTrades(new CellCount(), 4);
    for (let time = 1; time <= 6; time++) expect(admit(seen, `t${time}`, time)).toBe(TradeVerdict.NEW);
    expect(admit(seen, 't1', 1)).toBe(TradeVerdict.TOO_OLD);
    expect(admit(seen, 't6', 6)).toBe(TradeVerdict.SEEN);
    expect(admit(seen, 't7', 7)).toBe(TradeVerdict.NEW);
  });
});

describe('orders for volume', () => {
  it('are counted over a day', () => {
    const meter = new OrderToVolume(new CellCount());
    const hour = 3600e6;
    meter.advance(1000 * hour);
    meter.changed(500);
    expect(meter.ratio).toBe(Number.POSITIVE_INFINITY);
    meter.traded(2);
    expect(meter.ratio).toBe(250);
    meter.advance(1023 * hour);
    expect(meter.changes).toBe(500);
    meter.advance(1024 * hour);
    expect(meter.changes).toBe(0);
    expect(meter.ratio).toBe(0);
  });
});

describe('underlyings', () => {
  it('are numbered in the order of their first instruments, by venue and index', () => {
    const underlyings = new Underlyings(new CellCount(), 8);
    expect(underlyings.define(3, 1, 'btc_usd')).toBe(0);
    expect(underlyings.define(4, 1, 'eth_usd')).toBe(1);
    expect(underlyings.define(5, 1, 'btc_usd')).toBe(0);
    expect(underlyings.define(6, 2, 'btc_usd')).toBe(2);
    expect([3, 4, 5, 6, 7, 99].map((id) => underlyings.of(id))).toEqual([0, 1, 0, 2, -1, -1]);
    expect(underlyings.define(8, 1, 'sol_usd')).toBe(-1);
  });
});

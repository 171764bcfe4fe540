import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Instrument, InstrumentKind, LifeCycle } from '../../engine/market/instrument.js';
import { encodeInstrument } from '../../engine/market/instrument-codec.js';
import { createLatest } from '../../engine/runtime/edge/create-latest.js';
import { LatestReader } from '../../engine/runtime/edge/latest-reader.js';
import { LatestWriter } from '../../engine/runtime/edge/latest-writer.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { BookLevel } from '../../schemas/generated/book-level.js';
import { BookUpdate } from '../../schemas/generated/book-update.js';
import { Level } from '../../schemas/generated/level.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { SHOWN_LEVELS, shownLadders } from '../streams.js';
import { Ladders } from './ladders.js';

const instrument: Instrument = {
  venue: 1,
  kind: InstrumentKind.PERPETUAL,
  name: 'BTC-PERPETUAL',
  baseCurrency: 'BTC',
  quoteCurrency: 'USD',
  settlementCurrency: 'BTC',
  counterCurrency: 'USD',
  priceIndex: 'btc_usd',
  inverse: true,
  state: LifeCycle.OPEN,
  strike: Number.NaN,
  expiry: Number.POSITIVE_INFINITY,
  created: 0,
  contractSize: 10,
  minimumAmount: 10,
  tickSize: 0.5,
  tickSteps: [],
  makerFee: 0,
  takerFee: 0,
  legs: [],
};

/** A record of a whole book: prices with amounts, bids falling, offers rising. */
function snapshot(bids: readonly number[], asks: readonly number[]): ViewBuffer {
  const levels = [...bids, ...asks];
  const length = HEADER_BYTES + BookUpdate.sizeOf() + levels.length * Level.sizeOf();
  const buffer = new ViewBuffer(new ArrayBuffer(length));
  buffer.view.setUint32(HeaderOffset.LENGTH, length, true);
  buffer.view.setFloat64(HeaderOffset.EVENT_TIME, 7, true);
  const update = new BookUpdate().__init(HEADER_BYTES, buffer);
  update.mutate_kind(1);
  update.mutate_changeId(1);
  update.mutate_firstChangeId(Number.NaN);
  update.mutate_previousChangeId(Number.NaN);
  update.mutate_bidCount(bids.length);
  update.mutate_askCount(asks.length);
  for (const [at, price] of levels.entries()) {
    const level = new Level().__init(HEADER_BYTES + BookUpdate.sizeOf() + at * Level.sizeOf(), buffer);
    level.mutate_price(price);
    level.mutate_amount(10 * (1 + at));
  }
  return buffer;
}

it('the first levels of a book are shown as they stand in it, touch first, and what is not there says so', () => {
  const side = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 25 });
  fc.assert(
    fc.property(side, side, (below, above) => {
      const arena = createLatest({ ...shownLadders(1), engineRun: 1 });
      const ladders = new Ladders(new LatestWriter(arena), 1);
      const encoded = encodeInstrument(0, instrument);
      const definition = new ViewBuffer(new ArrayBuffer(HEADER_BYTES + encoded.length));
      definition.view.setUint32(HeaderOffset.LENGTH, HEADER_BYTES + encoded.length, true);
      definition.bytes().set(encoded, HEADER_BYTES);
      ladders.onDefinition(definition, 0);
      const bids = below.map((step) => 1000 - step * 0.5).sort((a, b) => b - a);
      const asks = above.map((step) => 1000 + step * 0.5).sort((a, b) => a - b);
      ladders.onUpdate(snapshot(bids, asks), 0);
      ladders.show(0);
      const shown: [number, number, number][] = [];
      new LatestReader(arena).poll((_type, buffer, offset) => {
        expect(buffer.view.getFloat64(offset + HeaderOffset.EVENT_TIME, true)).toBe(7);
        for (let place = 0; place < 2 * SHOWN_LEVELS; place++) {
          const level = new BookLevel().__init(offset + HEADER_BYTES + place * BookLevel.sizeOf(), buffer);
          shown.push([level.side(), level.price(), level.amount()]);
        }
      }, 10);
      const wanted = (prices: readonly number[], which: number, before: number) =>
        Array.from({ length: SHOWN_LEVELS }, (_, at) => [
          which,
          prices[at] ?? Number.NaN,
          at < prices.length ? 10 * (1 + before + at) : 0,
        ]);
      expect(shown).toEqual([...wanted(bids, 1, 0), ...wanted(asks, 2, bids.length)]);
    }),
    { numRuns: 60 },
  );
});

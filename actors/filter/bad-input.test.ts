import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { ExpiryState } from '../../schemas/generated/expiry-state.js';
import { SurfaceFit } from '../../schemas/generated/surface-fit.js';
import { Theo } from '../../schemas/generated/theo.js';
import { TheoRun } from '../../schemas/generated/theo-run.js';
import { UnderlyingState } from '../../schemas/generated/underlying-state.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { FilterWorld } from '../testing/filter/filter-world.js';
import { marketQuote, syntheticChain } from '../testing/filter/synthetic-chain.js';
import { UNUSABLE } from './filter-flags.js';

const START = Date.UTC(2026, 0, 5, 12) * 1000;
const SECOND = 1e6;
const FORWARD = 60_000;
/** Longer than an index, a forward or an expiry may be silent. */
const SILENCE = 75 * SECOND;

/** A filter with a surface; later refits are made of what it is given. */
function begin(): { world: FilterWorld; ids: number[]; perpetual: number } {
  const chain = syntheticChain(START, [2, 30], 5);
  const world = new FilterWorld(START, { instruments: 64, expiries: 4, underlyings: 1, optionsPerExpiry: 32 });
  for (const { id, instrument } of [...chain.options, chain.perpetual]) world.define(id, instrument);
  world.ticker(chain.perpetual.id, { bid: FORWARD - 0.5, ask: FORWARD + 0.5, index: FORWARD });
  for (const option of chain.options)
    world.ticker(option.id, { ...marketQuote(option, FORWARD, START), underlying: FORWARD, index: FORWARD });
  world.advance(START + 2 * SECOND);
  world.keepsRecords = true;
  return { world, ids: chain.options.map(({ id }) => id), perpetual: chain.perpetual.id };
}

/** The float64 fields of a struct that begin at a field and go on to its end. */
function numbersOf(view: DataView, at: number, from: number, bytes: number): number[] {
  return Array.from({ length: (bytes - from) / 8 }, (_, index) => view.getFloat64(at + from + 8 * index, true));
}

/** Every number of what was published of values and states. */
function published(record: Uint8Array): number[] {
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  const type = view.getUint16(HeaderOffset.TYPE, true);
  const body = HEADER_BYTES;
  if (type === MessageType.EXPIRY_STATE)
    return numbersOf(view, body, fieldOffset(ExpiryState, 'expiryTime'), ExpiryState.sizeOf());
  if (type === MessageType.UNDERLYING_STATE)
    return numbersOf(view, body, fieldOffset(UnderlyingState, 'index'), UnderlyingState.sizeOf());
  if (type !== MessageType.THEO_RUN) return [];
  const count = new TheoRun().__init(body, new ViewBuffer(record.slice().buffer)).count();
  const first = body + TheoRun.sizeOf();
  return [
    ...numbersOf(view, body, fieldOffset(TheoRun, 'forward'), TheoRun.sizeOf()),
    ...Array.from({ length: count }, (_, index) =>
      numbersOf(view, first + index * Theo.sizeOf(), fieldOffset(Theo, 'price'), Theo.sizeOf()),
    ).flat(),
  ];
}

const odd = fc.constantFrom(
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0,
  -1,
  1e-300,
  1e300,
  FORWARD * 1.3,
  FORWARD * 0.2,
);
const price = fc.oneof(odd, fc.double({ min: 1e-4, max: 1.5, noNaN: true }));
const level = fc.oneof(odd, fc.double({ min: 0.5 * FORWARD, max: 2 * FORWARD, noNaN: true }));
const act = fc.record({
  what: fc.constantFrom('option', 'option', 'option', 'perpetual', 'adjust', 'fit', 'wait'),
  place: fc.nat(19),
  bid: price,
  ask: price,
  forward: level,
  index: level,
  seconds: fc.double({ min: 0, max: 3, noNaN: true }),
  byte: fc.nat(367),
});

type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

/** A fit whose error is beyond all reason, and quotes after it: squared, the error was published as infinite. */
const hugeError = [
  { what: 'fit', bid: 1e-4, ask: 1e300, byte: 24 },
  { what: 'option', bid: 1e-4, ask: Number.NaN, byte: 0 },
  { what: 'option', bid: 1e-4, ask: 1e-4, byte: 0 },
].map((each) => ({ ...each, place: 0, forward: 0.5 * FORWARD, index: 0.5 * FORWARD, seconds: 0 }));

describe('bad input', () => {
  it('of any kind leads to no NaN, and what nobody has spoken of for long never looks fresh', () => {
    fc.assert(
      fc.property(fc.array(act, { minLength: 5, maxLength: 24 }), (acts) => {
        const { world, ids, perpetual } = begin();
        for (const { what, place, bid, ask, forward, index, seconds, byte } of acts) {
          if (what === 'option') world.ticker(ids[place]!, { bid, ask, underlying: forward, index });
          else if (what === 'perpetual') world.ticker(perpetual, { bid: forward, ask: forward + bid, index });
          else if (what === 'adjust') {
            world.adjust((adjustment) => {
              adjustment.mutate_expiry(place % 3);
              adjustment.mutate_atmShift(bid);
              adjustment.mutate_skewShift(ask);
              adjustment.mutate_forwardShift(forward);
            });
          } else if (what === 'fit') {
            // A surface whose numbers are what they like.
            world.event(MessageType.SURFACE_FIT, 368, (buffer, body) => {
              const fit = new SurfaceFit().__init(body, buffer);
              fit.mutate_outcome(1);
              fit.mutate_count(1);
              fit.mutate_basedOnSeq(1e9);
              fit.mutate_basedOnTime(world.now);
              for (let at = SurfaceFit.sizeOf() + 8; at + 8 <= 368; at += 8)
                buffer.view.setFloat64(body + at, bid, true);
              buffer.view.setFloat64(body + SurfaceFit.sizeOf() + (byte & (~7 % 264)), ask, true);
            });
          }
          world.advance(world.now + seconds * SECOND);
        }
        for (const record of world.records)
          for (const value of published(record)) expect(value).toSatisfy(Number.isFinite);
        world.advance(world.now + SILENCE);
        for (const id of ids) {
          const theo = world.theo(id);
          if (theo === undefined) continue;
          expect(theo.flags & UNUSABLE).not.toBe(0);
          expect(theo.confidence).toBe(0);
        }
      }),
      { numRuns: 12, examples: [[hugeError as Act[]]] },
    );
  });
});

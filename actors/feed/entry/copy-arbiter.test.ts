import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Copy, CopyArbiter } from './copy-arbiter.js';

/** Numbers of a chain of changes: rising, with holes, as a venue counts over all instruments. */
const chain = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 40 }).map((steps) => {
  let id = 100;
  return steps.map((step) => (id += step));
});

/** What each of two connections loses, and in which order their messages arrive. */
const delivery = fc.record({
  lost: fc.array(fc.constantFrom('none', 'none', 'none', 'first', 'second')),
  order: fc.infiniteStream(fc.nat(1)),
});

describe('two connections that carry the same chain', () => {
  test('give every change once and in order, as long as each change comes by one of them', () => {
    fc.assert(
      fc.property(chain, delivery, (ids, { lost, order }) => {
        const arbiter = new CopyArbiter(2);
        arbiter.reserve(0);
        const start = 50;
        const queues = ['first', 'second'].map((connection) =>
          ids
            .map((id, index) => ({ id, previous: ids[index - 1] ?? start }))
            .filter((_, index) => lost[index] !== connection),
        );
        let held = start;
        expect(arbiter.snapshot(0, 0, start, Number.NaN, false)).toBe(Copy.FIRST);
        expect(arbiter.snapshot(1, 0, start, held, true)).toBe(Copy.SECOND);
        const applied: number[] = [];
        while (queues.some(({ length }) => length > 0)) {
          const turn = order.next().value as number;
          const connection = queues[turn]!.length > 0 ? turn : 1 - turn;
          const { id, previous } = queues[connection]!.shift()!;
          if (arbiter.change(connection, 0, Number.NaN, id, previous, held) !== Copy.FIRST) continue;
          // A gap may reach the book only when both connections have one behind what the book holds.
          if (previous !== held) return;
          held = id;
          applied.push(id);
        }
        // Nothing is applied twice or out of order, and without a double loss nothing is missing.
        expect(applied).toEqual(ids.slice(0, applied.length));
      }),
      { numRuns: 500 },
    );
  });

  test('where one loses a change the other brings it, and no gap is seen', () => {
    const arbiter = new CopyArbiter(2);
    arbiter.reserve(0);
    arbiter.snapshot(0, 0, 1, Number.NaN, false);
    arbiter.snapshot(1, 0, 1, 1, true);
    expect(arbiter.change(0, 0, Number.NaN, 2, 1, 1)).toBe(Copy.FIRST);
    // The first has lost 3.
    expect(arbiter.change(0, 0, Number.NaN, 4, 3, 2)).toBe(Copy.EARLY);
    expect(arbiter.change(1, 0, Number.NaN, 2, 1, 2)).toBe(Copy.SECOND);
    expect(arbiter.change(1, 0, Number.NaN, 3, 2, 2)).toBe(Copy.FIRST);
    expect(arbiter.change(1, 0, Number.NaN, 4, 3, 3)).toBe(Copy.FIRST);
    expect(arbiter.change(0, 0, Number.NaN, 5, 4, 4)).toBe(Copy.FIRST);
  });

  test('where both lose a change, or the whole one is lost itself, the gap is seen', () => {
    const arbiter = new CopyArbiter(2);
    arbiter.reserve(0);
    arbiter.snapshot(0, 0, 1, Number.NaN, false);
    arbiter.snapshot(1, 0, 1, 1, true);
    expect(arbiter.change(0, 0, Number.NaN, 4, 3, 1)).toBe(Copy.EARLY);
    expect(arbiter.isCarried(0)).toBe(true);
    arbiter.lost(1);
    expect(arbiter.isCarried(0)).toBe(false);
    expect(arbiter.change(0, 0, Number.NaN, 6, 5, 1)).toBe(Copy.FIRST);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BookSide } from './book-side.js';

function contents(side: BookSide): [number, number][] {
  const entries = Array.from({ length: side.length }, (_, index): [number, number] => [
    side.keys[index]!,
    side.lots[index]!,
  ]);
  const levels = entries.filter(([, lots]) => lots !== 0);
  expect(levels).toHaveLength(side.count);
  expect(entries.at(-1)?.[1]).not.toBe(0);
  return levels;
}

const changes = (spread: number) =>
  fc.array(fc.tuple(fc.integer({ min: -spread, max: spread }), fc.oneof(fc.constant(0), fc.nat(1000))), {
    maxLength: 400,
  });

describe('a side of a book', () => {
  test('holds what a sorted map of the same changes holds', () => {
    fc.assert(
      fc.property(changes(300), (sets) => {
        const side = new BookSide(1024);
        const map = new Map<number, number>();
        for (const [key, lots] of sets) {
          side.set(key, lots);
          if (lots === 0) map.delete(key);
          else map.set(key, lots);
          expect(side.at(key)).toBe(lots);
        }
        expect(contents(side)).toEqual([...map].sort(([a], [b]) => a - b));
      }),
      { numRuns: 300 },
    );
  });

  test('that is full forgets its worst levels, and shows only what it knows to be whole', () => {
    fc.assert(
      fc.property(changes(60), (sets) => {
        const side = new BookSide(16);
        const map = new Map<number, number>();
        for (const [key, lots] of sets) {
          side.set(key, lots);
          if (lots === 0) map.delete(key);
          else map.set(key, lots);
        }
        const known = [...map].filter(([key]) => key > side.horizon).sort(([a], [b]) => a - b);
        expect(contents(side)).toEqual(known);
        expect(side.count).toBeLessThanOrEqual(16);
      }),
      { numRuns: 300 },
    );
  });

  test('has no horizon after it was cleared', () => {
    const side = new BookSide(2);
    for (const key of [1, 2, 3, 4]) side.set(key, 1);
    side.clear();
    side.set(-5, 1);
    expect(contents(side)).toEqual([[-5, 1]]);
  });
});

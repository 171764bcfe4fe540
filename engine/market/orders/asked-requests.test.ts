import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AskedRequests } from './asked-requests.js';
import { CellCount } from './cells.js';

const CAPACITY = 6;

const action = fc.oneof(
  fc.record({
    do: fc.constant('add' as const),
    seq: fc.integer({ min: 1, max: 9 }),
    index: fc.nat(2),
    note: fc.nat(5),
  }),
  fc.record({ do: fc.constant('take' as const), seq: fc.integer({ min: 1, max: 9 }), index: fc.nat(2) }),
  fc.record({ do: fc.constant('forget' as const), before: fc.integer({ min: 0, max: 40 }) }),
);

it('requests are what a map of them would hold, and what is too old is taken out once', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      const asked = new AskedRequests(new CellCount(), CAPACITY);
      const plain = new Map<string, { note: number; time: number }>();
      actions.forEach((each, time) => {
        if (each.do === 'add') {
          const key = `${each.seq}/${each.index}`;
          if (plain.has(key) || asked.room === 0) return;
          asked.add(each.seq, each.index, each.note, Float64Array.of(time));
          plain.set(key, { note: each.note, time });
        } else if (each.do === 'take') {
          const key = `${each.seq}/${each.index}`;
          expect(asked.take(each.seq, each.index)).toBe(plain.get(key)?.note ?? -1);
          plain.delete(key);
        } else {
          const old = [...plain].filter(([, { time: added }]) => added < each.before);
          for (const { note } of old.map(([, known]) => known)) expect(note).toBeGreaterThanOrEqual(0);
          const notes = old.map(() => asked.takeForgotten(each.before)).sort();
          expect(notes).toEqual(old.map(([, { note }]) => note).sort());
          expect(asked.takeForgotten(each.before)).toBe(-1);
          for (const [key] of old) plain.delete(key);
        }
        expect(asked.room).toBe(CAPACITY - plain.size);
      });
    }),
    { numRuns: 300 },
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CellCount } from './cells.js';
import { RequestTable } from './request-table.js';

const CAPACITY = 8;

/** Few keys, so that one comes again, and slots are used again by others. */
const step = fc.record({ leaves: fc.boolean(), seq: fc.integer({ min: 1, max: 6 }), index: fc.nat(2) });

describe('the table of requests', () => {
  it('finds what is under way, and nothing that has left, whatever came and went before', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const table = new RequestTable(new CellCount(), CAPACITY);
        const known = new Map<string, number>();
        for (const { leaves, seq, index } of steps) {
          const name = `${seq}/${index}`;
          table.keySeq[0] = seq;
          table.keyIndex[0] = index;
          expect(table.find()).toBe(known.get(name) ?? -1);
          if (leaves && known.has(name)) {
            table.countOut(known.get(name)!);
            table.remove(known.get(name)!);
            known.delete(name);
          } else if (!leaves && !known.has(name)) {
            const slot = table.add();
            expect(slot >= 0).toBe(known.size < CAPACITY);
            if (slot >= 0) known.set(name, slot);
          }
          expect(table.inFlight).toBe(known.size);
        }
      }),
    );
  });
});

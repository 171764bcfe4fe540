import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Agenda } from './agenda.js';

describe('the agenda', () => {
  it('always names the entry that is due first, the lower place at equal times', () => {
    const changes = fc.array(fc.tuple(fc.nat(11), fc.integer({ min: 0, max: 20 })), { maxLength: 200 });
    fc.assert(
      fc.property(changes, (list) => {
        const agenda = new Agenda(12);
        const due = new Array<number>(12).fill(Number.POSITIVE_INFINITY);
        for (const [entry, time] of list) {
          agenda.set(entry, time);
          due[entry] = time;
          const earliest = Math.min(...due);
          expect(agenda.firstTime).toBe(earliest);
          expect(agenda.first).toBe(due.indexOf(earliest));
        }
      }),
    );
  });
});

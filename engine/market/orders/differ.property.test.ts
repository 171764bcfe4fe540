import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CellCount } from './cells.js';
import { AS_QUOTE, Differ, LineInt, Need, SideInt, SideNumber, Urgency } from './differ.js';

const INSTRUMENTS = 6;
const SIDES = 2 * 2 * INSTRUMENTS;

/** Sides that a look at every one of them finds. */
function found(differ: Differ, is: (side: number) => boolean): number[] {
  return Array.from({ length: differ.sides }, (_, side) => side).filter(is);
}

const listed = (list: Int32Array, count: number): number[] => [...list.subarray(0, count)].sort((a, b) => a - b);

it('lists and counts kept from change to change are what a look at every side finds', () => {
  const move = fc.record({
    side: fc.nat(SIDES - 1),
    what: fc.constantFrom('want', 'have', 'gone', 'ask', 'answer', 'block', 'unblock', 'wait'),
    price: fc.constantFrom(0, 9, 10, 11),
    asQuote: fc.boolean(),
    micros: fc.constantFrom(1, 5, 20),
  });
  fc.assert(
    fc.property(fc.array(move, { maxLength: 120 }), (moves) => {
      const differ = new Differ(new CellCount(), { instruments: INSTRUMENTS, quoteSets: 1 });
      const { sideInts, sideNumbers, lineInts } = differ;
      const now = Float64Array.of(1000);
      for (const { side, what, price, asQuote, micros } of moves) {
        const at = side * SideInt.SIZE;
        const number = side * SideNumber.SIZE;
        if (what === 'want') {
          lineInts[(side >> 1) * LineInt.SIZE + LineInt.FLAGS] = asQuote ? AS_QUOTE : 0;
          sideNumbers[number + SideNumber.WANT_PRICE] = price;
          sideNumbers[number + SideNumber.WANT_AMOUNT] = price > 0 ? 1 : 0;
          // The flags are the line's, so both of its sides are looked at.
          differ.look(side ^ 1);
        } else if (what === 'have' || what === 'gone') {
          sideInts[at + SideInt.SLOT] = what === 'have' ? side + 1 : 0;
          sideInts[at + SideInt.IS_QUOTE] = what === 'have' && asQuote ? 1 : 0;
          sideNumbers[number + SideNumber.HAVE_PRICE] = 10;
          sideNumbers[number + SideNumber.HAVE_REMAINING] = 1;
        } else if (what === 'ask') differ.ask(side);
        else if (what === 'answer') {
          if (sideInts[at + SideInt.ASKED]! > 0) differ.answer(side);
        } else if (what === 'block') sideNumbers[number + SideNumber.BLOCKED_UNTIL] = now[0]! + micros;
        else if (what === 'unblock') differ.unblock(side);
        else now[0]! += micros;
        differ.look(side);
        differ.releaseUntil(now);

        const needs = (side: number): number => differ.needOf(side);
        const isOpen = (side: number): boolean =>
          (needs(side) === Need.PLACE || needs(side) === Need.AMEND) &&
          differ.isIdle(side) &&
          !(sideNumbers[side * SideNumber.SIZE + SideNumber.BLOCKED_UNTIL]! > now[0]!);
        const isQuote = (side: number): boolean => sideInts[side * SideInt.SIZE + SideInt.IS_QUOTE] === 1;
        const wantsQuote = (side: number): boolean =>
          (lineInts[(side >> 1) * LineInt.SIZE + LineInt.FLAGS]! & AS_QUOTE) !== 0;
        const differs = found(differ, (side) => needs(side) !== Need.NOTHING);
        expect(listed(differ.list, differ.differing)).toEqual(differs);
        expect(listed(differ.open, differ.opened)).toEqual(found(differ, isOpen));
        expect(differ.cancels).toBe(differs.filter((side) => needs(side) === Need.CANCEL).length);
        expect(differ.singles).toBe(differs.filter((side) => !wantsQuote(side)).length);
        const isAdverse = (side: number): boolean => {
          differ.weigh(side);
          return differ.urgency[0] === Urgency.ADVERSE;
        };
        expect(differ.adverseMoves).toBe(
          differs.filter((side) => needs(side) === Need.AMEND && isAdverse(side)).length,
        );
        expect(differ.movedQuotes).toBe(differs.filter((side) => needs(side) === Need.AMEND && isQuote(side)).length);
      }
    }),
    { numRuns: 60 },
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CellCount } from './cells.js';
import { CreditPool, OrderFlag, Scope, Side } from './codes.js';
import { CreditBuckets, type CreditSettings, DEFAULT_CREDITS } from './credit-buckets.js';
import { AS_QUOTE, Differ, LineInt, LineNumber, SideInt, SideNumber, URGENT } from './differ.js';
import { Planner, type PlanSink, type PlanView } from './planner.js';

const INSTRUMENTS = 40;
const PER_UNDERLYING = 20;

interface Asked {
  action: 'place' | 'amend' | 'quote' | 'cancel' | 'mass cancel';
  side: number;
  scope: number;
  underlying: number;
}

/** A differ with forty instruments of two underlyings, and a planner whose decisions are written down. */
class Desk {
  readonly now = Float64Array.of(1e15);
  readonly differ = new Differ(new CellCount(), { instruments: INSTRUMENTS, quoteSets: 1 });
  readonly credits: CreditBuckets;
  readonly asked: Asked[] = [];
  readonly planner: Planner;
  readonly view: PlanView & { isReady: boolean; massQuotesAllowed: boolean };

  constructor(credits: Partial<CreditSettings> = {}, quotesPerFrame = 100) {
    this.credits = new CreditBuckets(new CellCount(), { ...DEFAULT_CREDITS, ...credits });
    this.view = {
      now: this.now,
      underlyingOf: (instrument) => Math.floor(instrument / PER_UNDERLYING),
      isFrozen: () => false,
      isReady: true,
      massQuotesAllowed: true,
    };
    const note = (action: Asked['action']) => (side: number) =>
      this.asked.push({ action, side, scope: 0, underlying: -1 });
    const sink: PlanSink = {
      place: note('place'),
      amend: note('amend'),
      quote: note('quote'),
      cancel: note('cancel'),
      massCancel: (scope, _instrument, underlying) =>
        this.asked.push({ action: 'mass cancel', side: -1, scope, underlying }),
    };
    const settings = { quotesPerFrame, requestsAtOnce: 16, massCancelFrom: 3 };
    this.planner = new Planner(this.differ, this.credits, settings, this.view, sink);
  }

  /** Wants a side of an instrument's quote; price 0 for none. */
  want(instrument: number, side: number, price: number, asQuote = true, reduces = 0): number {
    const { differ } = this;
    const line = differ.lineOf(instrument, 0);
    const at = differ.sideOf(line, side);
    differ.lineInts[line * LineInt.SIZE + LineInt.FLAGS] = asQuote ? AS_QUOTE | OrderFlag.MMP : OrderFlag.POST_ONLY;
    differ.lineInts[line * LineInt.SIZE + LineInt.REDUCES] = reduces;
    differ.lineNumbers[line * LineNumber.SIZE + LineNumber.PRICE_VALUE] = 1;
    differ.lineNumbers[line * LineNumber.SIZE + LineNumber.TOLERANCE] = 0.01;
    differ.sideNumbers[at * SideNumber.SIZE + SideNumber.WANT_PRICE] = price;
    differ.sideNumbers[at * SideNumber.SIZE + SideNumber.WANT_AMOUNT] = price > 0 ? 1 : 0;
    differ.sideNumbers[at * SideNumber.SIZE + SideNumber.EDGE] = 0.5;
    differ.look(at);
    return at;
  }

  have(instrument: number, side: number, price: number, isQuote = true): void {
    const { differ } = this;
    const at = differ.sideOf(differ.lineOf(instrument, 0), side);
    differ.sideInts[at * SideInt.SIZE + SideInt.SLOT] = at + 1;
    differ.sideInts[at * SideInt.SIZE + SideInt.IS_QUOTE] = isQuote ? 1 : 0;
    differ.sideNumbers[at * SideNumber.SIZE + SideNumber.HAVE_PRICE] = price;
    differ.sideNumbers[at * SideNumber.SIZE + SideNumber.HAVE_REMAINING] = 1;
    differ.look(at);
  }

  plan(seconds = 0): Asked[] {
    this.now[0]! += seconds * 1e6;
    this.asked.length = 0;
    this.planner.plan();
    return [...this.asked];
  }
}

describe('what is asked for', () => {
  it('is nothing where what works is within the tolerance', () => {
    const desk = new Desk();
    desk.have(1, Side.BUY, 10);
    desk.want(1, Side.BUY, 10.005);
    expect(desk.plan()).toEqual([]);
  });

  it('is one frame of quotes, the most valuable of them', () => {
    const desk = new Desk({}, 3);
    for (let instrument = 0; instrument < 10; instrument++) {
      desk.have(instrument, Side.BUY, 10);
      // Passive by more and more.
      desk.want(instrument, Side.BUY, 10 + 0.1 * (instrument + 1));
    }
    const sides = desk.plan().map(({ side }) => desk.differ.instrumentOf(side >> 1));
    expect(sides).toEqual([9, 8, 7]);
  });

  it('takes risk away first: what would trade at a price that is not wanted any more', () => {
    const desk = new Desk({}, 2);
    desk.have(1, Side.BUY, 10);
    desk.want(1, Side.BUY, 15);
    desk.have(2, Side.BUY, 10);
    desk.want(2, Side.BUY, 9.9);
    desk.have(3, Side.SELL, 20);
    desk.want(3, Side.SELL, 20.2);
    const sides = desk.plan().map(({ side }) => desk.differ.instrumentOf(side >> 1));
    expect(sides).toEqual([3, 2]);
  });

  it('prefers the side that makes the position smaller', () => {
    const desk = new Desk({}, 1);
    desk.want(1, Side.BUY, 10);
    desk.want(2, Side.SELL, 10, true, Side.SELL);
    expect(desk.plan().map(({ side }) => desk.differ.instrumentOf(side >> 1))).toEqual([2]);
  });

  it('takes away what may not be moved from a price that is not wanted, and leaves what is merely passive, and hedges', () => {
    const desk = new Desk();
    const { differ } = desk;
    const hedge = differ.sideOf(differ.hedgeLineOf(5), Side.BUY);
    const wants: [side: number, have: number, want: number][] = [
      [differ.sideOf(differ.lineOf(1, 0), Side.BUY), 10, 9],
      [differ.sideOf(differ.lineOf(2, 0), Side.BUY), 10, 11],
      [differ.sideOf(differ.lineOf(3, 0), Side.SELL), 20, 21],
      [hedge, 10, 9],
    ];
    for (const [side, have, want] of wants) {
      const number = side * SideNumber.SIZE;
      const line = side >> 1;
      differ.lineInts[line * LineInt.SIZE + LineInt.FLAGS] = side === hedge ? URGENT : AS_QUOTE;
      differ.sideInts[side * SideInt.SIZE + SideInt.SLOT] = side + 1;
      differ.sideInts[side * SideInt.SIZE + SideInt.IS_QUOTE] = side === hedge ? 0 : 1;
      differ.sideNumbers[number + SideNumber.HAVE_PRICE] = have;
      differ.sideNumbers[number + SideNumber.HAVE_REMAINING] = 1;
      differ.sideNumbers[number + SideNumber.WANT_PRICE] = want;
      differ.sideNumbers[number + SideNumber.WANT_AMOUNT] = 1;
      differ.sideNumbers[number + SideNumber.BLOCKED_UNTIL] = desk.now[0]! + 1e6;
      differ.look(side);
    }
    const gone = desk.plan();
    expect(gone.map(({ action }) => action)).toEqual(['cancel', 'cancel']);
    expect(new Set(gone.map(({ side }) => side))).toEqual(new Set([wants[0]![0], wants[2]![0]]));
    // The cancels have time to show.
    expect(desk.plan()).toEqual([]);
  });

  it('keeps half of the mass quotes for what presses', () => {
    const desk = new Desk({ massQuotes: { rate: 0.001, burst: 10 } });
    let frames = 0;
    for (let round = 0; round < 20; round++) {
      desk.want(1, Side.BUY, 10 + round);
      if (desk.plan().length > 0) frames++;
    }
    expect(frames).toBe(6);
    desk.have(2, Side.BUY, 10);
    desk.want(2, Side.BUY, 9);
    expect(desk.plan().length).toBeGreaterThan(0);
  });

  it('is single orders where mass quotes are not allowed, within the credits, with headroom for cancels', () => {
    const desk = new Desk();
    desk.view.massQuotesAllowed = false;
    for (let instrument = 0; instrument < 30; instrument++) desk.want(instrument, Side.BUY, 10);
    const asked = desk.plan();
    expect(asked.every(({ action }) => action === 'place')).toBe(true);
    expect(asked).toHaveLength(16);
    expect(desk.credits.held(CreditPool.MATCHING)).toBe(DEFAULT_CREDITS.cancelHeadroom);
    expect(desk.plan()).toEqual([]);
  });

  it('is nothing new while trading is not ready, and what is not wanted goes', () => {
    const desk = new Desk();
    desk.view.isReady = false;
    desk.want(1, Side.BUY, 10);
    desk.have(2, Side.BUY, 10);
    desk.want(2, Side.BUY, 9);
    expect(desk.plan().map(({ action }) => action)).toEqual(['cancel']);
  });
});

describe('a pull', () => {
  it('of one side is one cancel, of both sides of an instrument one mass cancel', () => {
    const desk = new Desk();
    desk.have(1, Side.BUY, 10);
    expect(desk.plan().map(({ action }) => action)).toEqual(['cancel']);
    const both = new Desk();
    both.have(1, Side.BUY, 10);
    both.have(1, Side.SELL, 12);
    expect(both.plan()).toMatchObject([{ action: 'mass cancel', scope: Scope.INSTRUMENT }]);
    expect(both.plan()).toEqual([]);
  });

  it('of an underlying is one mass cancel, and is not asked for twice', () => {
    const desk = new Desk();
    for (let instrument = 0; instrument < PER_UNDERLYING; instrument++) {
      desk.have(instrument, Side.BUY, 10);
      desk.have(instrument, Side.SELL, 12);
    }
    expect(desk.plan()).toMatchObject([{ action: 'mass cancel', scope: Scope.UNDERLYING, underlying: 0 }]);
    expect(desk.plan(1)).toEqual([]);
    // It did not show in time.
    expect(desk.plan(2)).toMatchObject([{ action: 'mass cancel', scope: Scope.UNDERLYING }]);
  });

  it('of a few sides leaves the rest of the chain where it stands', () => {
    const desk = new Desk();
    for (let instrument = 0; instrument < PER_UNDERLYING; instrument++) {
      desk.want(instrument, Side.SELL, 12);
      desk.have(instrument, Side.SELL, 12);
      if (instrument >= 5) desk.want(instrument, Side.BUY, 10);
      desk.have(instrument, Side.BUY, 10);
    }
    const before = desk.credits.held(CreditPool.MATCHING);
    expect(desk.plan().map(({ action }) => action)).toEqual(Array.from({ length: 5 }, () => 'cancel'));
    expect(desk.credits.held(CreditPool.MATCHING)).toBeGreaterThanOrEqual(before / 2);
    expect(desk.plan()).toEqual([]);
  });

  it('of a few sides is a mass cancel all the same where credits for single ones are short', () => {
    const desk = new Desk({ matching: { rate: 1, burst: 8 } });
    for (let instrument = 0; instrument < PER_UNDERLYING; instrument++) {
      desk.want(instrument, Side.SELL, 12);
      desk.have(instrument, Side.SELL, 12);
      if (instrument >= 5) desk.want(instrument, Side.BUY, 10);
      desk.have(instrument, Side.BUY, 10);
    }
    expect(desk.plan()).toMatchObject([{ action: 'mass cancel', scope: Scope.UNDERLYING, underlying: 0 }]);
  });

  it('never spends more than a few single cancels, however much is to be pulled', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(2 * INSTRUMENTS - 1), { maxLength: 2 * INSTRUMENTS }), (sides) => {
        const desk = new Desk();
        for (const side of sides) desk.have(side >> 1, (side & 1) === 0 ? Side.BUY : Side.SELL, 10);
        const asked = desk.plan();
        const singles = asked.filter(({ action }) => action === 'cancel').length;
        expect(singles).toBeLessThanOrEqual(4);
        expect(asked.length).toBeLessThanOrEqual(6);
        for (const pool of [CreditPool.MATCHING, CreditPool.CANCEL_ALL]) {
          expect(desk.credits.held(pool)).toBeGreaterThanOrEqual(0);
        }
        // All of it is asked for.
        expect(desk.plan()).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

describe('the credits', () => {
  it('are never overdrawn, whatever is wanted and however long it goes on', () => {
    const move = fc.record({
      instrument: fc.nat(INSTRUMENTS - 1),
      side: fc.constantFrom(Side.BUY, Side.SELL),
      price: fc.constantFrom(0, 8, 9, 10, 11),
      asQuote: fc.boolean(),
      works: fc.boolean(),
      seconds: fc.constantFrom(0, 0, 0.01, 0.3),
    });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 200 }), (moves) => {
        const desk = new Desk();
        for (const { instrument, side, price, asQuote, works, seconds } of moves) {
          desk.want(instrument, side, price, asQuote);
          if (works) desk.have(instrument, side, 10, asQuote);
          desk.plan(seconds);
          for (const pool of Object.values(CreditPool)) {
            if (pool !== CreditPool.SPOT) expect(desk.credits.held(pool)).toBeGreaterThanOrEqual(0);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('refill by event time alone, up to what can be saved', () => {
    const credits = new CreditBuckets(new CellCount(), DEFAULT_CREDITS);
    credits.advance(1e15);
    credits.take(CreditPool.MATCHING, 20);
    expect(credits.waitFor(CreditPool.MATCHING, 1)).toBe(200_000);
    credits.advance(1e15 + 2e6);
    expect(credits.held(CreditPool.MATCHING)).toBe(10);
    credits.advance(1e15 + 60e6);
    expect(credits.held(CreditPool.MATCHING)).toBe(20);
    credits.limit(CreditPool.MATCHING, 30, 100);
    credits.advance(1e15 + 61e6);
    expect(credits.held(CreditPool.MATCHING)).toBe(50);
  });
});

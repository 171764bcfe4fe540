import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CellCount } from './cells.js';
import { NO_QUOTE_SET, OrderFlag, OrderStatus, Side } from './codes.js';
import { OrderInt, OrderNumber, OrderTable } from './order-table.js';
import { VENUE_ID_WORDS } from './venue-id.js';

const CAPACITY = 6;

/** A table whose orders are named by small numbers. */
class Shelf {
  readonly table = new OrderTable(new CellCount(), CAPACITY);

  add(run: number, index: number, seq: number): number {
    this.key(run, index, seq);
    const slot = this.table.add();
    // What comes in is live, whatever it is shown to be first.
    if (slot >= 0) this.table.ints[slot * OrderInt.SIZE + OrderInt.STATUS] = OrderStatus.OPEN;
    return slot;
  }

  find(run: number, index: number, seq: number): number {
    this.key(run, index, seq);
    return this.table.find();
  }

  /** The venue's id `id` on an instrument. */
  name(slot: number, instrument: number, id: number): void {
    this.table.ints[slot * OrderInt.SIZE + OrderInt.INSTRUMENT] = instrument;
    this.id(id);
    this.table.name(slot);
  }

  byId(instrument: number, id: number): number {
    this.id(id);
    return this.table.findByVenueId(instrument);
  }

  quote(slot: number, place: readonly number[]): void {
    const at = slot * OrderInt.SIZE;
    const { ints } = this.table;
    [
      ints[at + OrderInt.GROUP],
      ints[at + OrderInt.QUOTE_SET],
      ints[at + OrderInt.INSTRUMENT],
      ints[at + OrderInt.SIDE],
    ] = place as [number, number, number, number];
    this.table.holdPlace(slot);
  }

  byPlace(place: readonly number[]): number {
    this.table.place.set(place);
    return this.table.findByPlace();
  }

  /** Moves an order to a status, and between the live and the finished. */
  move(slot: number, status: number): void {
    const { table } = this;
    const wasFinished = !table.isLive(slot);
    table.ints[slot * OrderInt.SIZE + OrderInt.STATUS] = status;
    table.settle(slot, wasFinished);
  }

  live(): number[] {
    const slots: number[] = [];
    for (let slot = this.table.firstLive(); slot >= 0; slot = this.table.nextLive(slot)) slots.push(slot);
    return slots;
  }

  private key(run: number, index: number, seq: number): void {
    const { key } = this.table;
    key.words[0] = run;
    key.words[1] = index;
    key.seq[0] = seq;
  }

  private id(id: number): void {
    this.table.venueId.fill(0);
    this.table.venueId[id % VENUE_ID_WORDS] = id;
  }
}

describe('the table of orders', () => {
  it('finds an order by run, event and index together, and by nothing less', () => {
    const shelf = new Shelf();
    const slot = shelf.add(1, 2, 3);
    expect([shelf.find(1, 2, 3), shelf.find(0, 2, 3), shelf.find(1, 0, 3), shelf.find(1, 2, 4)]).toEqual([
      slot,
      -1,
      -1,
      -1,
    ]);
    const { ints, numbers } = shelf.table;
    const at = slot * OrderInt.SIZE;
    expect([
      ints[at + OrderInt.RUN],
      ints[at + OrderInt.INDEX],
      numbers[slot * OrderNumber.SIZE + OrderNumber.SEQ],
    ]).toEqual([1, 2, 3]);
    expect(ints[at + OrderInt.QUOTE_SET]! >>> 0).toBe(NO_QUOTE_SET);
  });

  it('finds an order by the id and the instrument that the venue named it by last', () => {
    const shelf = new Shelf();
    const slot = shelf.add(1, 0, 1);
    expect(shelf.table.isNamed(slot)).toBe(false);
    shelf.name(slot, 7, 31);
    expect(shelf.table.isNamed(slot)).toBe(true);
    expect([shelf.byId(7, 31), shelf.byId(8, 31), shelf.byId(7, 41)]).toEqual([slot, -1, -1]);
    shelf.name(slot, 7, 41);
    expect([shelf.byId(7, 31), shelf.byId(7, 41)]).toEqual([-1, slot]);
  });

  it('finds a quote by its whole place, while it is at work and when it comes back', () => {
    const shelf = new Shelf();
    const slot = shelf.add(1, 0, 1);
    const place = [2, 3, 4, Side.BUY];
    expect(shelf.table.isQuote(slot)).toBe(false);
    shelf.quote(slot, place);
    expect(shelf.table.isQuote(slot)).toBe(true);
    expect(shelf.byPlace(place)).toBe(slot);
    for (let word = 0; word < 4; word++) {
      expect(shelf.byPlace(place.map((each, at) => (at === word ? each + 1 : each)))).toBe(-1);
    }
    shelf.move(slot, OrderStatus.CANCELLED);
    expect(shelf.byPlace(place)).toBe(-1);
    shelf.move(slot, OrderStatus.OPEN);
    expect(shelf.byPlace(place)).toBe(slot);
    // What is told of a live order again moves it nowhere.
    shelf.move(slot, OrderStatus.PARTLY_FILLED);
    expect([shelf.byPlace(place), shelf.table.live]).toEqual([slot, 1]);
  });

  it('knows what may still trade: of the venue and of us whoever has counted more filled, and nothing of what has ended', () => {
    const shelf = new Shelf();
    const slot = shelf.add(1, 0, 1);
    const { numbers, ints } = shelf.table;
    const at = slot * OrderNumber.SIZE;
    ints[slot * OrderInt.SIZE + OrderInt.STATUS] = OrderStatus.OPEN;
    numbers[at + OrderNumber.AMOUNT] = 10;
    numbers[at + OrderNumber.FILLED] = 2;
    numbers[at + OrderNumber.BEFORE_US] = 1;
    expect(shelf.table.remaining(slot)).toBe(7);
    numbers[at + OrderNumber.VENUE_FILLED] = 4;
    expect(shelf.table.remaining(slot)).toBe(6);
    numbers[at + OrderNumber.VENUE_FILLED] = 11;
    expect(shelf.table.remaining(slot)).toBe(0);
    numbers[at + OrderNumber.VENUE_FILLED] = 4;
    ints[slot * OrderInt.SIZE + OrderInt.SIDE] = Side.BUY;
    expect([shelf.table.isBuy(slot), shelf.table.statusOf(slot)]).toEqual([true, OrderStatus.OPEN]);
    ints[slot * OrderInt.SIZE + OrderInt.SIDE] = Side.SELL;
    expect(shelf.table.isBuy(slot)).toBe(false);
    shelf.move(slot, OrderStatus.CANCELLED);
    expect(shelf.table.remaining(slot)).toBe(0);
  });

  it('gives the slot of the order that finished first when there is no other, and forgets all of it', () => {
    const shelf = new Shelf();
    const slots = Array.from({ length: CAPACITY }, (_, seq) => shelf.add(1, 0, seq));
    expect(shelf.add(1, 0, 100)).toBe(-1);
    expect(shelf.table.leavesNext()).toBe(-1);
    shelf.name(slots[3]!, 7, 31);
    shelf.table.numbers[slots[3]! * OrderNumber.SIZE + OrderNumber.FILLED] = 5;
    shelf.move(slots[3]!, OrderStatus.FILLED);
    shelf.move(slots[1]!, OrderStatus.FILLED);
    expect(shelf.table.leavesNext()).toBe(slots[3]);
    expect(shelf.add(1, 0, 100)).toBe(slots[3]);
    expect([shelf.find(1, 0, 3), shelf.find(1, 0, 100), shelf.byId(7, 31)]).toEqual([-1, slots[3], -1]);
    expect([
      shelf.table.numbers[slots[3]! * OrderNumber.SIZE + OrderNumber.FILLED],
      shelf.table.isNamed(slots[3]!),
    ]).toEqual([0, false]);
    // It lives, and the other one goes next.
    expect(shelf.table.leavesNext()).toBe(slots[1]);
    expect(shelf.add(1, 0, 101)).toBe(slots[1]);
  });

  it('has a slot left for as many as it has room for, without giving up any that has finished', () => {
    const shelf = new Shelf();
    const first = shelf.add(1, 0, 1);
    shelf.move(first, OrderStatus.FILLED);
    for (let seq = 2; seq <= CAPACITY; seq++) {
      expect(shelf.table.leavesNext()).toBe(-1);
      expect(shelf.add(1, 0, seq)).not.toBe(first);
    }
    expect([shelf.table.leavesNext(), shelf.find(1, 0, 1)]).toEqual([first, first]);
  });

  it('keeps the live in the order in which they came or came back, whatever happens to them', () => {
    const step = fc.record({ act: fc.nat(3), which: fc.nat(CAPACITY - 1), id: fc.integer({ min: 1, max: 40 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const shelf = new Shelf();
        const orders = new Map<number, { seq: number; finished: boolean; id: number }>();
        let live: number[] = [];
        let finished: number[] = [];
        steps.forEach(({ act, which, id }, seq) => {
          if (act === 0) {
            const before = live.length === CAPACITY ? -1 : orders.size < CAPACITY ? orders.size : finished[0]!;
            const slot = shelf.add(1, 0, seq);
            expect(slot).toBe(before);
            if (slot < 0) return;
            finished = finished.filter((each) => each !== slot);
            orders.set(slot, { seq, finished: false, id: 0 });
            live.push(slot);
            return;
          }
          const order = orders.get(which);
          if (order === undefined) return;
          if (act === 1) {
            shelf.name(which, 1, id);
            order.id = id;
            return;
          }
          const ends = act === 2;
          if (order.finished !== ends) {
            live = live.filter((each) => each !== which);
            finished = finished.filter((each) => each !== which);
            (ends ? finished : live).push(which);
            order.finished = ends;
          }
          shelf.move(which, ends ? OrderStatus.CANCELLED : OrderStatus.OPEN);
        });
        expect(shelf.live()).toEqual(live);
        expect(shelf.table.live).toBe(live.length);
        for (const [slot, { seq, id }] of orders) {
          expect(shelf.find(1, 0, seq)).toBe(slot);
          if (id === 0) continue;
          const found = shelf.byId(1, id);
          expect(orders.get(found)?.id).toBe(id);
        }
      }),
      { numRuns: 150 },
    );
  });
});

it('a quote is one by its flag alone', () => {
  const shelf = new Shelf();
  const slot = shelf.add(1, 0, 1);
  shelf.table.ints[slot * OrderInt.SIZE + OrderInt.FLAGS] = OrderFlag.POST_ONLY | OrderFlag.MMP;
  expect(shelf.table.isQuote(slot)).toBe(false);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MarginModel, OrderState, Refusal, SelfMatch, Side } from './exchange/codes.js';
import { QuoteBatch } from './exchange/quotes.js';
import { Lane } from './lane.js';
import { type Latency, LatencySource } from './latency.js';
import type { SimPaths } from './sim-client.js';
import { deafListener } from './sim-listener.js';
import { SimVenue } from './sim-venue.js';
import { WORLD, type WorldParameters } from './world/parameters.js';

const SMALL: WorldParameters = { ...WORLD, strikes: 8, currencies: [WORLD.currencies[0]!] };
const ACCOUNT = { name: 'me', margin: MarginModel.NONE, selfMatch: SelfMatch.REJECT_TAKER };

const constant = (ms: number): Latency => ({ kind: 'constant', ms });
const PATHS: SimPaths = { order: constant(5), acknowledgement: constant(3), data: constant(2) };

describe('a lane of messages', () => {
  it('delivers all in the order of sending, none before the one ahead of it', () => {
    const sends = fc.array(fc.record({ wait: fc.nat(3), latency: fc.nat(10), takes: fc.nat(2) }), { maxLength: 400 });
    fc.assert(
      fc.property(sends, (list) => {
        const lane = new Lane(2);
        let now = 0;
        let taken = 0;
        let arrived = 0;
        const take = (): void => {
          expect(lane.rows[lane.head]).toBe(taken++);
          expect(lane.next).toBeGreaterThanOrEqual(arrived);
          arrived = lane.next;
          lane.take();
        };
        for (const [index, { wait, latency, takes }] of list.entries()) {
          now += wait;
          lane.rows[lane.send(now + latency)] = index;
          for (let count = 0; count < takes && lane.length > 0; count++) take();
        }
        while (lane.length > 0) take();
        expect(taken).toBe(list.length);
        expect(lane.next).toBe(Number.POSITIVE_INFINITY);
      }),
    );
  });
});

describe('latencies', () => {
  it('are constant, recorded, or drawn, and never less than their floor', () => {
    const of = (latency: Latency): number[] => {
      const source = new LatencySource(latency, 1, 'test');
      return Array.from({ length: 2000 }, () => source.next());
    };
    expect(new Set(of(constant(4)))).toEqual(new Set([4]));
    expect(of({ kind: 'recorded', ms: [1, 5, 2] }).slice(0, 5)).toEqual([1, 5, 2, 1, 5]);
    const drawn = of({ kind: 'drawn', floorMs: 2, medianMs: 3, deviation: 0.5 }).sort((a, b) => a - b);
    expect(drawn[0]).toBeGreaterThan(2);
    expect(drawn[1000]).toBeGreaterThan(4.8);
    expect(drawn[1000]).toBeLessThan(5.2);
    expect(drawn[1980]).toBeGreaterThan(8);
  });

  it('that are none are refused', () => {
    for (const latency of [constant(-1), constant(Number.NaN), { kind: 'recorded', ms: [] } as Latency]) {
      expect(() => new LatencySource(latency, 1, 'orders')).toThrow(/the latency of orders must be at least 0 ms/);
    }
  });
});

describe('the venue in the process', () => {
  it('takes an order after its latency and answers after another', () => {
    const venue = new SimVenue({ seed: 1, parameters: SMALL });
    const heard: string[] = [];
    const say = (what: string): void => {
      heard.push(`${venue.now - SMALL.startTime} ${what}`);
    };
    const { perpetual } = venue.world.markets[0]!.chain;
    const client = venue.open(ACCOUNT, PATHS, {
      ...deafListener,
      answered: (request, answer, time) => {
        say(`request ${request} ${answer > 0 ? 'taken' : answer} at ${time - SMALL.startTime}`);
        if (request === 1) client.cancel(answer);
      },
      orderChanged: ({ state }) => say(state === OrderState.OPEN ? 'open' : 'ended'),
    });
    venue.advance(SMALL.startTime + 1000);
    client.place(perpetual, Side.BUY, 0, 170_000, 1, 0, 0, 7);
    venue.advance(SMALL.startTime + 1100);
    expect(heard).toEqual(['1008 open', '1008 request 1 taken at 1005', '1016 ended', '1016 request 2 taken at 1013']);
    client.cancel(12);
    venue.advance(SMALL.startTime + 1200);
    expect(heard.at(-1)).toBe(`1108 request 3 ${-Refusal.ORDER_NOT_FOUND} at 1105`);
  });

  it('shows a client the books as they were, a data latency ago', () => {
    const venue = new SimVenue({ seed: 2, parameters: SMALL });
    const { exchange } = venue;
    const { perpetual } = venue.world.markets[0]!.chain;
    const levels = new Map<number, number>();
    const paths = { ...PATHS, data: constant(400) };
    const client = venue.open(ACCOUNT, paths, {
      ...deafListener,
      levelChanged: (_, side, ticks, lots) => {
        const key = ticks * 2 + side;
        if (lots === 0) levels.delete(key);
        else levels.set(key, lots);
      },
    });
    const book = (): Map<number, number> => {
      const found = new Map<number, number>();
      for (let side = 0; side < 2; side++) {
        for (let rank = 0; rank < exchange.books.depth(perpetual, side); rank++) {
          const level = exchange.books.level(perpetual, side, rank);
          found.set(exchange.books.levelTicks[level]! * 2 + side, exchange.books.levelLots[level]!);
        }
      }
      return found;
    };
    venue.advance(SMALL.startTime + 1000);
    client.follow(perpetual);
    let before = book();
    for (let time = SMALL.startTime + 1400; time < SMALL.startTime + 12_000; time += 400) {
      venue.advance(time);
      expect(levels).toEqual(before);
      before = book();
    }
  });

  it('gives the same fills for the same seed, orders and latencies, and tells each fill once', () => {
    const run = (): number[] => {
      const venue = new SimVenue({ seed: 3, parameters: SMALL });
      const { exchange, world } = venue;
      const drawn: Latency = { kind: 'drawn', floorMs: 1, medianMs: 4, deviation: 0.6 };
      const fills: number[] = [];
      const client = venue.open(
        ACCOUNT,
        { order: drawn, acknowledgement: drawn, data: drawn },
        { ...deafListener, filled: ({ trade, price, lots, side, time }) => fills.push(trade, price, lots, side, time) },
      );
      const { perpetual } = world.markets[0]!.chain;
      for (let second = 1; second <= 60; second++) {
        venue.advance(SMALL.startTime + second * 1000);
        const side = second % 2;
        const best = exchange.books.best(perpetual, side);
        client.place(perpetual, side, 0, exchange.books.levelTicks[best]!, 50, 0, 1, second);
      }
      venue.advance(SMALL.startTime + 61_000);
      const position = exchange.positions.lots[exchange.positions.recordOf(client.account, perpetual)]!;
      let held = 0;
      for (let at = 0; at < fills.length; at += 5)
        held += fills[at + 3] === Side.BUY ? fills[at + 2]! : -fills[at + 2]!;
      expect(held).toBe(position);
      return fills;
    };
    const fills = run();
    expect(fills.length).toBeGreaterThan(50);
    expect(run()).toEqual(fills);
  });

  it('carries any other request, such as a mass quote', () => {
    const venue = new SimVenue({ seed: 4, parameters: SMALL });
    const { exchange, world } = venue;
    const { chain } = world.markets[0]!;
    const option = chain.instrument[chain.members[5]![8]!]!;
    const states: number[] = [];
    const client = venue.open(ACCOUNT, PATHS, {
      ...deafListener,
      orderChanged: ({ state }) => states.push(state),
    });
    venue.advance(SMALL.startTime + 1000);
    const mark = exchange.instruments.mark(option, venue.now);
    const bid = Math.max(1, Math.floor((mark * 0.5) / 0.0005) * 5);
    const ask = Math.ceil((mark * 1.5) / 0.0005) * 5;
    const batch = new QuoteBatch();
    batch.add(option, 1, bid, 3, 0, ask, 3, 0);
    client.call((target, account) => {
      const limits = { interval: 1000, frozenTime: 0, quantityLimit: 50, deltaLimit: 50, vegaLimit: 1e6 };
      target.setProtection(account, 0, 1, { ...limits, maxQuoteQuantity: 10 });
      return 0;
    });
    client.call((target, account) => target.massQuote(account, 1, batch));
    venue.advance(SMALL.startTime + 1020);
    expect(batch.bidAnswer[0]).toBeGreaterThan(0);
    expect(batch.askAnswer[0]).toBeGreaterThan(0);
    expect(states).toEqual([OrderState.OPEN, OrderState.OPEN]);
  });
});

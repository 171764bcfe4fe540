import { describe, expect, it } from 'vitest';
import { newWorld } from '../../testing/world/simulated-quotes.js';
import { WorldDigest } from '../../testing/world/world-digest.js';
import { MarginModel, OrderState, SelfMatch, Side } from '../exchange/codes.js';
import { silentSink } from '../exchange/sink.js';
import { WORLD, type WorldParameters } from './parameters.js';
import type { World } from './world.js';

/** Two currencies with fewer strikes: all that happens in the whole world, in less time. */
const SMALL: WorldParameters = { ...WORLD, strikes: 8 };

/** Digest of a stretch of a world, driven to its end by `drive`. */
function digestOf(seed: number, seconds: number, drive: (world: World, end: number) => void): string {
  const digest = new WorldDigest();
  const world = newWorld(seed, SMALL, digest.sink);
  digest.watch(world);
  drive(world, world.exchange.now + seconds * 1000);
  return digest.digest();
}

const atOnce = (world: World, end: number): void => world.advance(end);

describe('the simulated world', () => {
  it('is the same to the byte for the same seed, on every supported version of Node', () => {
    expect(digestOf(1, 30, atOnce)).toBe('efe41aa0edb14fe490189143d0ec9238aad5a53969cb36df158df29f5773b9bc');
  });

  it('is another for another seed', () => {
    expect(digestOf(1, 2, atOnce)).not.toBe(digestOf(2, 2, atOnce));
  });

  it('does not depend on the pace at which it is driven', () => {
    const inStrides = digestOf(3, 10, (world, end) => {
      for (let time = world.exchange.now; time < end; time += 7.3) world.advance(time);
      world.advance(end);
    });
    const byStep = digestOf(3, 10, (world, end) => {
      while (world.next <= end) world.step();
    });
    expect(inStrides).toBe(digestOf(3, 10, atOnce));
    expect(byStep).toBe(inStrides);
  });

  it('never has a crossed book, and prices stand on ticks', () => {
    const world = newWorld(4, SMALL);
    const { exchange } = world;
    const { books, instruments } = exchange;
    let crossed = 0;
    let offTick = 0;
    for (let second = 1; second <= 15; second++) {
      world.advance(SMALL.startTime + second * 1000);
      for (let instrument = 0; instrument < instruments.size; instrument++) {
        const bid = books.best(instrument, Side.BUY);
        const ask = books.best(instrument, Side.SELL);
        for (const level of [bid, ask]) {
          if (level < 0) continue;
          const ticks = books.levelTicks[level]!;
          if (ticks % instruments.tickMultiple(instrument, ticks) !== 0) offTick++;
        }
        if (bid >= 0 && ask >= 0 && books.levelTicks[bid]! >= books.levelTicks[ask]!) crossed++;
      }
    }
    expect(crossed).toBe(0);
    expect(offTick).toBe(0);
  });

  it('does little in a step: a venue in real time shares its thread', () => {
    let changes = 0;
    const world = newWorld(5, SMALL, { ...silentSink, bookChanged: () => changes++ });
    const end = SMALL.startTime + 30_000;
    let most = 0;
    while (world.next <= end) {
      changes = 0;
      world.step();
      most = Math.max(most, changes);
    }
    expect(most).toBeLessThanOrEqual(8);
  });

  it('goes over the daily expiry: what expired is gone, what the venue lists next is quoted', () => {
    const startTime = Date.UTC(2026, 0, 2, 7, 59, 50);
    const world = newWorld(6, { ...SMALL, startTime });
    const { exchange, markets } = world;
    const { chain } = markets[0]!;
    world.advance(startTime + 5000);
    const expiring = Array.from(chain.members[0]!, (place) => chain.instrument[place]!);
    expect(chain.surface.expiry[0]).toBe(Date.UTC(2026, 0, 2, 8));
    const open = exchange.orders.openCount;
    world.advance(startTime + 20_000);
    expect(chain.surface.expiry[0]).toBe(Date.UTC(2026, 0, 3, 8));
    for (const instrument of expiring) {
      for (const side of [Side.BUY, Side.SELL]) expect(exchange.books.best(instrument, side)).toBe(-1);
    }
    for (const members of chain.members) {
      expect(members.length).toBeGreaterThan(0);
      expect(Array.from(members).some((place) => exchange.books.depth(chain.instrument[place]!, Side.SELL) > 0)).toBe(
        true,
      );
    }
    expect(exchange.orders.openCount).toBeGreaterThan(0.8 * open);
    expect(exchange.orders.openCount).toBeLessThan(1.3 * open);
  });

  it('picks off a quote that has gone stale', () => {
    const world = newWorld(7, SMALL);
    const { exchange, markets } = world;
    const { instruments } = exchange;
    world.advance(SMALL.startTime + 2000);
    const { perpetual } = markets[0]!.chain;
    const me = exchange.openAccount({ name: 'sleeper', margin: MarginModel.NONE, selfMatch: SelfMatch.REJECT_TAKER });
    const high = Math.round((instruments.mark(perpetual, exchange.now) * 1.002) / instruments.tickSize[perpetual]!);
    // Two millions buy all offers up to 20 bp above the mark; what is left rests there as a bid.
    const order = exchange.place(me, perpetual, Side.BUY, 0, high, 200_000, 0, 0, 0);
    const state = (): number => exchange.orders.state[exchange.orders.slotOf(order)]!;
    expect(state()).toBe(OrderState.OPEN);
    world.advance(exchange.now + 5000);
    expect(state()).toBe(OrderState.FILLED);
  });

  it('refuses an exchange whose clock stands elsewhere', () => {
    expect(() => newWorld(1, WORLD).advance(0)).not.toThrow();
    const world = newWorld(1, SMALL);
    world.advance(SMALL.startTime + 1);
    expect(() => new (world.constructor as typeof World)(world.exchange, { seed: 1, parameters: SMALL })).toThrow(
      /give the exchange that startTime/,
    );
  });
});

describe('who trades with makers', () => {
  /** Mean edge of makers a minute after option trades, in parts of the underlying, by the account that took. */
  function markouts(parameters: WorldParameters, minutes: number): Map<string, { count: number; mean: number }> {
    const waiting: { at: number; instrument: number; price: number; sign: number; taker: string }[] = [];
    const found = new Map<string, { count: number; mean: number }>();
    const world = newWorld(8, parameters, {
      ...silentSink,
      traded: (trade) => {
        const { trades, instruments, accounts, now } = exchange;
        const slot = trades.slotOf(trade);
        const instrument = trades.instrument[slot]!;
        const maker = accounts.options[trades.makerAccount[slot]!]!.name;
        if (instruments.kind[instrument] !== 1 || !maker.startsWith('maker')) return;
        const taker = accounts.options[trades.takerAccount[slot]!]!.name;
        const sign = trades.takerSide[slot] === Side.BUY ? 1 : -1;
        waiting.push({ at: now + 60_000, instrument, price: trades.price[slot]!, sign, taker });
      },
    });
    const { exchange } = world;
    for (let second = 1; second <= minutes * 60; second++) {
      world.advance(parameters.startTime + second * 1000);
      while (waiting.length > 0 && waiting[0]!.at <= exchange.now) {
        const { instrument, price, sign, taker } = waiting.shift()!;
        const known = found.get(taker) ?? { count: 0, mean: 0 };
        const edge = sign * (price - exchange.instruments.mark(instrument, exchange.now));
        known.mean = (known.mean * known.count + edge) / (known.count + 1);
        known.count++;
        found.set(taker, known);
      }
    }
    return found;
  }

  it('those without knowledge pay the spread, the informed are right', () => {
    const found = markouts({ ...SMALL, startTime: Date.UTC(2026, 0, 5, 14) }, 6);
    expect(found.get('takers')!.count).toBeGreaterThan(25);
    expect(found.get('takers')!.mean).toBeGreaterThan(0.000_1);
    expect(found.get('informed')!.count).toBeGreaterThan(1);
    expect(found.get('informed')!.mean).toBeLessThan(-0.000_1);
  });
});

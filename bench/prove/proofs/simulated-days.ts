import { newWorld } from '../../../actors/testing/world/simulated-quotes.js';
import { WorldDigest } from '../../../actors/testing/world/world-digest.js';
import { Side } from '../../../actors/venue-sim/exchange/codes.js';
import { WORLD, type WorldParameters } from '../../../actors/venue-sim/world/parameters.js';
import type { World } from '../../../actors/venue-sim/world/world.js';
import type { Proof } from '../proof.js';

const HOUR_MS = 3_600_000;

/** Worlds are looked at so long after the hour: just after an expiry its successor has not been quoted yet. */
const MINUTE_MS = 60_000;
const SEED = 1;

/** It begins two hours before an expiry. */
const PARAMETERS: WorldParameters = { ...WORLD, startTime: WORLD.startTime + 6 * HOUR_MS };

/** Part of the options out of the money that must be offered at any time, and by how much open orders may grow or shrink. */
const OFFERED = 0.95;
const OPEN_ORDERS = 1.6;

/** Hours for which one world is compared with another that is driven step by step: a month would take twice as long. */
const COMPARED_HOURS = 24;

interface Health {
  openOrders: number;
  offered: number;
}

/** What a world must be at any time; an error says what it is not. */
function examine(world: World, hour: number): Health {
  const { exchange, markets } = world;
  const { books, instruments, orders } = exchange;
  let out = 0;
  let offered = 0;
  for (const { chain } of markets) {
    for (const members of chain.members) {
      for (const place of members) {
        const instrument = chain.instrument[place]!;
        const bid = books.best(instrument, Side.BUY);
        const ask = books.best(instrument, Side.SELL);
        if (bid >= 0 && ask >= 0 && books.levelTicks[bid]! >= books.levelTicks[ask]!) {
          throw new Error(`hour ${hour}: the book of ${instruments.definitions[instrument]!.name} is crossed`);
        }
        if (Math.abs(chain.blackDelta(place)) > 0.5) continue;
        out++;
        if (ask >= 0) offered++;
      }
    }
  }
  return { openOrders: orders.openCount, offered: offered / out };
}

/** The simulated market over days and weeks: listing and expiry, prices wherever they go, makers that hold positions. */
export const proof: Proof = {
  name: 'simulated-days',
  claim:
    'the simulated market stays quoted and uncrossed over days of expiries and moves, and is the same to the byte at any pace',
  unit: 'simulated hours',
  amounts: { ci: 2, full: 720 },
  async run(amount, progress) {
    const digest = new WorldDigest();
    const world = newWorld(SEED, PARAMETERS, digest.sink);
    digest.watch(world);
    const paced = new WorldDigest();
    const other = newWorld(SEED, PARAMETERS, paced.sink);
    paced.watch(other);
    world.advance(PARAMETERS.startTime + MINUTE_MS);
    const first = examine(world, 0);
    let least = 1;
    let most = first.openOrders;
    const compared = Math.min(amount, COMPARED_HOURS);
    let digests = '';
    for (let hour = 1; hour <= amount; hour++) {
      const end = PARAMETERS.startTime + hour * HOUR_MS + MINUTE_MS;
      world.advance(end);
      const { openOrders, offered } = examine(world, hour);
      least = Math.min(least, offered);
      most = Math.max(most, openOrders);
      if (offered < OFFERED)
        throw new Error(`hour ${hour}: only ${offered} of the options out of the money are offered`);
      if (openOrders > OPEN_ORDERS * first.openOrders || openOrders * OPEN_ORDERS < first.openOrders) {
        throw new Error(`hour ${hour}: ${openOrders} open orders, expected about ${first.openOrders}`);
      }
      if (hour <= compared) {
        while (other.next <= end) other.step();
        other.exchange.advance(end);
      }
      if (hour === compared) {
        digests = digest.digest();
        const found = paced.digest();
        if (found !== digests) throw new Error(`after ${hour} hours the worlds differ: ${digests} and ${found}`);
        digest.rest();
        paced.rest();
      }
      progress(hour);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return [
      { name: 'least part of options out of the money that is offered', unit: 'part', value: least },
      { name: 'most open orders', unit: 'orders', value: most, note: `${first.openOrders} after the first minute` },
      { name: 'trades', unit: 'trades', value: world.exchange.trades.last, note: `digest ${digests.slice(0, 16)}` },
    ];
  },
};

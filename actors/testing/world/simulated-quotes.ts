import { Side } from '../../venue-sim/exchange/codes.js';
import { defaultConfig } from '../../venue-sim/exchange/config.js';
import { Exchange } from '../../venue-sim/exchange/exchange.js';
import { type ExchangeSink, silentSink } from '../../venue-sim/exchange/sink.js';
import { WORLD, type WorldParameters } from '../../venue-sim/world/parameters.js';
import { World } from '../../venue-sim/world/world.js';
import type { Quote } from './quote-statistics.js';

const DAY_MS = 86_400_000;

/** A world on an exchange of its own. */
export function newWorld(seed: number, parameters: WorldParameters = WORLD, sink: ExchangeSink = silentSink): World {
  const exchange = new Exchange({ ...defaultConfig, startTime: parameters.startTime }, sink);
  return new World(exchange, { seed, parameters });
}

/** The chains of a world as they are quoted now, by currency and expiry. */
export function quotesOf(world: World): Map<string, Quote[]> {
  const { exchange, markets } = world;
  const { instruments, books, now } = exchange;
  const expiries = new Map<string, Quote[]>();
  const best = (instrument: number, side: number): number => {
    const level = books.best(instrument, side);
    return level < 0 ? 0 : instruments.priceOf(instrument, books.levelTicks[level]!);
  };
  for (const { chain, parameters } of markets) {
    for (const [expiry, members] of chain.members.entries()) {
      const time = chain.surface.expiry[expiry]!;
      expiries.set(
        `${now} ${parameters.name} ${time}`,
        Array.from(members, (place) => {
          const instrument = chain.instrument[place]!;
          return {
            currency: parameters.name,
            days: (time - now) / DAY_MS,
            delta: instruments.delta(instrument, now),
            isCall: chain.isCall[place] === 1,
            bid: best(instrument, Side.BUY),
            ask: best(instrument, Side.SELL),
            mark: instruments.mark(instrument, now),
            markVol: instruments.volatility[instrument]!,
            vega: instruments.vega(instrument, now),
            forward: instruments.forward[instrument]!,
            strike: chain.strike[place]!,
          };
        }),
      );
    }
  }
  return expiries;
}

/** Chains of several worlds, each begun at another time of the week and month and left alone for a while. */
export function simulatedQuotes(seeds: number, seconds: number): Map<string, Quote[]> {
  const all = new Map<string, Quote[]>();
  for (let seed = 1; seed <= seeds; seed++) {
    // Five days and some hours apart, so that all times to expiry come up.
    const startTime = WORLD.startTime + (seed - 1) * 5.27 * DAY_MS;
    const world = newWorld(seed, { ...WORLD, startTime: Math.round(startTime) });
    world.advance(world.exchange.now + seconds * 1000);
    for (const [key, quotes] of quotesOf(world)) all.set(`${seed} ${key}`, quotes);
  }
  return all;
}

import { normalCdf } from '../../../engine/quant/normal/index.js';
import { Side } from '../../venue-sim/exchange/codes.js';
import { defaultConfig } from '../../venue-sim/exchange/config.js';
import { Exchange } from '../../venue-sim/exchange/exchange.js';
import { type ExchangeSink, silentSink } from '../../venue-sim/exchange/sink.js';
import { listedExpiries } from '../../venue-sim/world/calendar.js';
import { FairSurface } from '../../venue-sim/world/fair-surface.js';
import { MarketPath } from '../../venue-sim/world/market-path.js';
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

const SMILE_STEPS = 12;

/** Marks of many worlds at their very beginnings, by currency and expiry: smiles without any trading. */
export function simulatedMarks(seeds: number): Map<string, Quote[]> {
  const all = new Map<string, Quote[]>();
  for (let seed = 1; seed <= seeds; seed++) {
    const now = Math.round(WORLD.startTime + ((seed - 1) % 90) * 1.23 * DAY_MS);
    const path = new MarketPath({ ...WORLD, startTime: now }, seed, WORLD.stepMs, WORLD.stepMs);
    for (const [currency, parameters] of WORLD.currencies.entries()) {
      const surface = new FairSurface(parameters, 24);
      surface.list(listedExpiries(now).map(({ time }) => time));
      surface.update(path.values, path.at(currency, 0), now);
      for (let expiry = 0; expiry < surface.count; expiry++) {
        const forward = surface.forward[expiry]!;
        const deviation = Math.sqrt(surface.theta[expiry]!);
        const quotes = Array.from({ length: 2 * SMILE_STEPS + 1 }, (_, step) => {
          const k = ((step - SMILE_STEPS) / 5) * deviation;
          const markVol = surface.vol(expiry, k);
          const total = markVol * Math.sqrt(surface.years[expiry]!);
          const call = normalCdf(-k / total + 0.5 * total);
          const isCall = k >= 0;
          const days = (surface.expiry[expiry]! - now) / DAY_MS;
          const unquoted = { bid: 0, ask: 0, mark: 0, vega: 0 };
          const strike = forward * Math.exp(k);
          return {
            currency: parameters.name,
            days,
            delta: isCall ? call : call - 1,
            isCall,
            markVol,
            forward,
            strike,
            ...unquoted,
          };
        });
        all.set(`${seed} ${parameters.name} ${expiry}`, quotes);
      }
    }
  }
  return all;
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

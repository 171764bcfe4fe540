import { describe, expect, it } from 'vitest';
import { InstrumentKind } from '../instrument.js';
import { AnomalyKind, anomalyNames } from './kinds.js';
import { EARLIER, HEAD, LATER, LINK_CELLS, LOWER, PAIR, UPPER } from './market-state.js';
import { IN_ASK, IN_BID, MarketWatch } from './market-watch.js';
import { falseAlarms, injectAnomalies, injectionNames, WatchedMarket } from './testing/injections.js';

describe('the watch over a market', () => {
  const results = injectAnomalies(3, 8);

  it.each(injectionNames)('finds every %s, within five events', (name) => {
    const { injected, found, medianDelay } = results[name];
    expect(found / injected).toBeGreaterThanOrEqual(0.95);
    expect(medianDelay).toBeLessThanOrEqual(5);
  });

  it('says nothing of a market in which nothing is wrong', () => {
    expect(falseAlarms(5, 3_000)).toEqual({ total: 0, perDayAndUnderlying: 0, byKind: {} });
  });
});

describe('what is told', () => {
  it('names the evidence: instruments, numbers, size in dollars after fees', () => {
    const watched = new WatchedMarket(9);
    for (let second = 0; second < 100; second++) watched.step();
    const option = watched.market.instruments.find(({ expiry }) => expiry === 0)!;
    watched.told.length = 0;
    watched.market.shiftedAt[option.id] = watched.market.second + 1;
    watched.market.shift[option.id] = 0.03;
    const numbers: number[][] = [];
    watched.after = () => {
      if (watched.told.length > numbers.length) numbers.push([...watched.watch.verdicts.numbers]);
    };
    watched.step();
    const kinds = watched.told.map(({ kind }) => kind);
    expect(kinds).toContain(AnomalyKind.PARITY_VIOLATION);
    for (const one of watched.told) expect([one.instrument, one.second, one.third]).toContain(option.id);
    // At least what the cheapest set of trades brings: hundredths of a coin at a tenth of a coin and more.
    expect(numbers[0]![3]).toBeGreaterThan(10);
    expect(Math.max(...numbers.map((one) => one[3]!))).toBeLessThan(0.03 * 60_000 * 50);
  });

  it('is not told again within the cool-down, but counted', () => {
    const watched = new WatchedMarket(10);
    for (let second = 0; second < 100; second++) watched.step();
    const id = 5;
    watched.told.length = 0;
    const suppressed: number[] = [];
    watched.after = () => {
      while (suppressed.length < watched.told.length) suppressed.push(watched.watch.verdicts.numbers[8]!);
    };
    for (let second = 0; second < 70; second++) {
      watched.market.crossedAt[id] = watched.market.second + 1;
      watched.step();
    }
    const crossed = watched.told.map(
      ({ kind, instrument }) => kind === AnomalyKind.CROSSED_MARKET && instrument === id,
    );
    expect(crossed.filter(Boolean)).toHaveLength(2);
    expect(suppressed[crossed.lastIndexOf(true)]).toBe(59);
  });

  it('tells an instrument that falls silent', () => {
    const watched = new WatchedMarket(11);
    for (let second = 0; second < 100; second++) watched.step();
    const { market, watch, told } = watched;
    const silent = market.instruments.find(({ expiry }) => expiry === 1)!.id;
    const ticker = watch.ticker.bind(watch);
    watch.ticker = (id) => {
      if (id !== silent) ticker(id);
    };
    told.length = 0;
    for (let second = 0; second < 200; second++) watched.step();
    expect(told.map(({ kind, instrument }) => [anomalyNames[kind], instrument])).toContainEqual([
      'stale_quote',
      silent,
    ]);
    expect(told.filter(({ instrument }) => instrument !== silent)).toEqual([]);
  });

  it('goes on with the index while what stands for the underlying is silent, and takes the basis for no jump', () => {
    const watched = new WatchedMarket(14);
    for (let second = 0; second < 700; second++) watched.step();
    const { watch, told } = watched;
    const ticker = watch.ticker.bind(watch);
    let silent = true;
    watch.ticker = (id) => {
      if (id === 0 && silent) return;
      // The index stands two per cent above the perpetual.
      watch.input[9]! *= 1.02;
      ticker(id);
    };
    told.length = 0;
    const price = (): number => watch.state.underlyings[2]!;
    for (let second = 0; second < 60; second++) watched.step();
    expect(price() / watched.market.spot[0]!).toBeCloseTo(1.02, 3);
    silent = false;
    for (let second = 0; second < 60; second++) watched.step();
    expect(price() / watched.market.spot[0]!).toBeCloseTo(1, 3);
    expect(told.filter(({ kind }) => kind === AnomalyKind.JUMP)).toEqual([]);
  });

  it('finds that volatility has become four times as large, and that two markets have parted', () => {
    const watched = new WatchedMarket(12);
    for (let second = 0; second < 2_500; second++) watched.step();
    watched.told.length = 0;
    const { market } = watched;
    let random = 7;
    const shock = (): number => {
      random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
      return random / 2147483648 - 1;
    };
    for (let second = 0; second < 900; second++) {
      market.spot[0]! *= 1 + 8e-4 * shock();
      market.spot[1]! *= 1 + 8e-4 * shock();
      watched.step();
    }
    const kinds = new Set(watched.told.map(({ kind }) => kind));
    expect(kinds).toContain(AnomalyKind.CHANGE_POINT);
    expect(kinds).toContain(AnomalyKind.CORRELATION_BREAK);
  });
});

describe('the neighbours of an option', () => {
  it('are found whatever the order in which the chain is defined', () => {
    const watched = new WatchedMarket(1);
    const { instruments } = watched.market;
    const shuffled = [...instruments].sort((a, b) => ((a.id * 7919) % 64) - ((b.id * 7919) % 64));
    const other = new MarketWatch(
      { instruments: 64, coolDownSeconds: 1, leastArbitrageUsd: 1 },
      { onAnomaly: () => {} },
    );
    for (const { id, definition } of shuffled) other.define(id, definition);
    for (const { id, definition } of instruments) {
      if (definition.kind !== InstrumentKind.OPTION) continue;
      const find = (strike: number, expiry: number, right: string): number =>
        instruments.findIndex(
          ({ definition: d }) =>
            d.kind === InstrumentKind.OPTION &&
            d.baseCurrency === definition.baseCurrency &&
            d.strike === strike &&
            d.expiry === expiry &&
            d.right === right,
        ) + 1;
      const step = definition.baseCurrency === 'BTC' ? 2_000 : 100;
      const apart = 30 * 86_400 * 1e6;
      const { strike, expiry, right } = definition;
      const expected: [number, number][] = [
        [LOWER, find(strike - step, expiry, right!)],
        [UPPER, find(strike + step, expiry, right!)],
        [PAIR, find(strike, expiry, right === 'call' ? 'put' : 'call')],
        [EARLIER, find(strike, expiry - apart, right!)],
        [LATER, find(strike, expiry + apart, right!)],
      ];
      for (const state of [watched.watch.state, other.state]) {
        for (const [link, neighbour] of expected) expect(state.links[id * LINK_CELLS + link]).toBe(neighbour);
        expect(state.links[id * LINK_CELLS + HEAD]).toBeGreaterThan(0);
      }
    }
  });
});

describe('bad input', () => {
  it('of any number leaves no NaN where a number was, and tells nothing that is not there', () => {
    const watched = new WatchedMarket(13);
    for (let second = 0; second < 200; second++) watched.step();
    const { watch, told } = watched;
    told.length = 0;
    const bad = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 0];
    for (const value of bad) {
      for (let id = 0; id < 44; id++) {
        watch.input.fill(value);
        watch.ticker(id);
        watch.input.fill(value);
        watch.trade(id);
      }
    }
    watch.ticker(63);
    watch.ticker(1_000_000);
    watch.input[IN_BID] = Number.NaN;
    watch.input[IN_ASK] = Number.NaN;
    watch.top(3);
    watch.bars.close();
    watch.bars.begin();
    expect(told).toEqual([]);
    for (let second = 0; second < 300; second++) watched.step();
    const results = new Set(told.map(({ kind }) => anomalyNames[kind]));
    expect([...results]).toEqual([]);
  });
});

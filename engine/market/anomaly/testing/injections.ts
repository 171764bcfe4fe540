import { Seeded } from '../../../testing/seeded.js';
import { AnomalyKind, type AnomalyKindCode, anomalyNames } from '../kinds.js';
import { IN_ASK, IN_BID, MarketWatch } from '../market-watch.js';
import { NOBODY } from '../verdicts.js';
import { CleanMarket, type MarketTarget } from './clean-market.js';

/** What is done to a clean market. */
export const injectionNames = [
  'jump',
  'frozen quote',
  'bad print',
  'crossed market',
  'arbitrage',
  'level shift',
] as const;
export type InjectionName = (typeof injectionNames)[number];

/** The kinds of anomaly that count as having found it. */
const FOUND_BY: Record<InjectionName, readonly AnomalyKindCode[]> = {
  jump: [AnomalyKind.JUMP],
  'frozen quote': [AnomalyKind.FROZEN_QUOTE],
  'bad print': [AnomalyKind.BAD_PRINT],
  'crossed market': [AnomalyKind.CROSSED_MARKET],
  arbitrage: [
    AnomalyKind.VERTICAL_ARBITRAGE,
    AnomalyKind.BUTTERFLY_ARBITRAGE,
    AnomalyKind.CALENDAR_ARBITRAGE,
    AnomalyKind.PARITY_VIOLATION,
  ],
  'level shift': [AnomalyKind.LEVEL_SHIFT],
};

export interface Told {
  kind: AnomalyKindCode;
  instrument: number;
  second: number;
  third: number;
  underlying: number;
}

export interface InjectionResult {
  injected: number;
  found: number;
  /** Events of what is concerned (the instrument, the expiry, the underlying's reference) up to the verdict, the first being 1. */
  medianDelay: number;
}

const WARM_UP_SECONDS = 600;
const EVERY_SECONDS = 90;
/** An anomaly that is not found within so many seconds is not found. */
const PATIENCE_SECONDS = 30;
const FROZEN_SECONDS = 20;

function options(market: { instruments: number }) {
  return { instruments: market.instruments, coolDownSeconds: 60, leastArbitrageUsd: 10 };
}

const INSTRUMENTS = 64;
const BAR_SECONDS = 5;

/** A watch of a clean market, with what it told of the present second. */
export class WatchedMarket {
  readonly told: Told[] = [];
  readonly market: CleanMarket;
  readonly watch: MarketWatch;
  /** Events of each instrument so far. */
  readonly events = new Float64Array(INSTRUMENTS);
  /** Called after each event of an instrument. */
  after: (id: number) => void = () => {};

  constructor(seed: number) {
    this.watch = new MarketWatch(options({ instruments: INSTRUMENTS }), {
      onAnomaly: (kind, _severity, instrument, second, third, underlying) => {
        this.told.push({ kind, instrument, second, third, underlying });
      },
    });
    const { watch } = this;
    const target: MarketTarget = {
      clock: watch.clock,
      input: watch.input,
      define: (id, instrument) => watch.define(id, instrument),
      ticker: (id) => {
        this.events[id]! += 1;
        watch.ticker(id);
        this.after(id);
      },
      trade: (id) => {
        watch.trade(id);
        this.after(id);
      },
    };
    this.market = new CleanMarket(target, seed);
  }

  step(): void {
    this.market.step();
    if (this.market.second % BAR_SECONDS !== 0) return;
    this.watch.bars.close();
    this.watch.bars.begin();
  }
}

/** What is told of a market in which nothing is wrong, a day. */
export function falseAlarms(
  seed: number,
  seconds: number,
  progress: (second: number) => void = () => {},
): { total: number; perDayAndUnderlying: number; byKind: Record<string, number> } {
  const watched = new WatchedMarket(seed);
  for (let second = 0; second < WARM_UP_SECONDS; second++) watched.step();
  watched.told.length = 0;
  for (let second = 0; second < seconds; second++) {
    watched.step();
    if (second % 1000 === 999) progress(second + 1);
  }
  const byKind: Record<string, number> = {};
  for (const { kind } of watched.told) byKind[anomalyNames[kind]!] = (byKind[anomalyNames[kind]!] ?? 0) + 1;
  const total = watched.told.length;
  return { total, perDayAndUnderlying: (total * 86_400) / seconds / watched.market.underlyings, byKind };
}

/** Does each of the six things so many times to a clean market, and says how many were found and how soon. */
export function injectAnomalies(
  seed: number,
  each: number,
  progress: (done: number) => void = () => {},
): Record<InjectionName, InjectionResult> {
  const watched = new WatchedMarket(seed);
  const { market } = watched;
  const random = new Seeded(seed + 1);
  const delays = new Map<InjectionName, number[]>(injectionNames.map((name) => [name, []]));
  for (let second = 0; second < WARM_UP_SECONDS; second++) watched.step();
  for (let done = 0; done < each * injectionNames.length; done++) {
    const name = injectionNames[done % injectionNames.length]!;
    const delay = injectOne(watched, name, random);
    delays.get(name)!.push(delay);
    const rest = EVERY_SECONDS - PATIENCE_SECONDS;
    for (let second = 0; second < rest; second++) watched.step();
    progress(done + 1);
  }
  market.step();
  return Object.fromEntries(
    [...delays].map(([name, all]) => {
      const found = all.filter(Number.isFinite).sort((a, b) => a - b);
      const medianDelay = found[Math.floor(found.length / 2)] ?? Number.POSITIVE_INFINITY;
      return [name, { injected: all.length, found: found.length, medianDelay }];
    }),
  ) as Record<InjectionName, InjectionResult>;
}

/** Injects one anomaly into the next second; the events that it took to be found, or Infinity. */
function injectOne(watched: WatchedMarket, name: InjectionName, random: Seeded): number {
  const { market, told } = watched;
  const options = market.instruments.filter(({ expiry }) => expiry >= 0);
  const option = random.pick(options);
  const sign = random.chance(0.5) ? 1 : -1;
  const next = market.second + 1;
  told.length = 0;
  let concerned: (id: number) => boolean = (id) => id === option.id;
  let place: (one: Told) => boolean = (one) =>
    one.instrument === option.id || one.second === option.id || one.third === option.id;
  let events = 0;
  switch (name) {
    case 'jump': {
      const reference = market.instruments.find(
        ({ underlying, expiry }) => expiry < 0 && underlying === option.underlying,
      )!;
      market.spot[option.underlying]! *= Math.exp(sign * (0.004 + 0.016 * random.next()));
      concerned = (id) => id === reference.id;
      place = ({ underlying }) => underlying === option.underlying;
      break;
    }
    case 'frozen quote':
      market.frozenUntil[option.id] = next + FROZEN_SECONDS;
      break;
    case 'bad print': {
      const isPerpetual = random.chance(0.3);
      const id = isPerpetual ? market.instruments.find(({ expiry }) => expiry < 0)!.id : option.id;
      const quoted = market.quoted(id);
      const middle = 0.5 * (quoted[IN_BID]! + quoted[IN_ASK]!);
      const off = isPerpetual ? 0.02 + 0.05 * random.next() : 0.5 + random.next();
      concerned = (other) => other === id;
      place = ({ instrument }) => instrument === id;
      watched.after = (other) => {
        if (concerned(other) && !found()) events++;
      };
      market.print(id, sign > 0 ? middle * (1 + off) : middle / (1 + off), 1);
      break;
    }
    case 'crossed market':
      market.crossedAt[option.id] = next;
      break;
    case 'arbitrage':
      market.shiftedAt[option.id] = next;
      market.shift[option.id] = 0.015 + 0.02 * random.next();
      break;
    case 'level shift':
      market.atm[option.expiry]! += sign * (0.04 + 0.06 * random.next());
      market.atmMean[option.expiry] = market.atm[option.expiry]!;
      concerned = (id) => market.instruments[id]!.expiry === option.expiry;
      place = ({ instrument }) => instrument !== NOBODY && concerned(instrument);
      break;
  }
  function found(): boolean {
    return told.some((one) => FOUND_BY[name].includes(one.kind) && place(one));
  }
  let delay = Number.POSITIVE_INFINITY;
  if (name === 'bad print' && found()) delay = Math.max(1, events);
  watched.after = (id) => {
    if (!concerned(id) || Number.isFinite(delay)) return;
    events++;
    if (found()) delay = events;
  };
  for (let second = 0; second < PATIENCE_SECONDS; second++) watched.step();
  watched.after = () => {};
  // The level comes back by and by, so that the next shift does not start from far away.
  if (name === 'level shift') market.atmMean[option.expiry] = 0.5 + 0.02 * (option.expiry % 2);
  return delay;
}

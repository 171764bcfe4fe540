import { type Instrument, InstrumentKind, LifeCycle } from '../../../engine/market/instrument.js';
import { inversePrice } from '../../../engine/quant/black76/index.js';

const DAY_MICROS = 86_400e6;
const YEAR_MICROS = 365 * DAY_MICROS;

/** An inverse option, or a perpetual or future, of one coin at one venue. */
export function instrumentOf(
  name: string,
  given: Partial<Instrument> & Pick<Instrument, 'kind' | 'expiry'>,
): Instrument {
  return {
    venue: 1,
    name,
    baseCurrency: 'BTC',
    quoteCurrency: given.kind === InstrumentKind.OPTION ? 'BTC' : 'USD',
    settlementCurrency: 'BTC',
    counterCurrency: 'USD',
    priceIndex: 'btc_usd',
    inverse: true,
    state: LifeCycle.OPEN,
    strike: Number.NaN,
    created: 0,
    contractSize: 1,
    minimumAmount: 0.1,
    tickSize: given.kind === InstrumentKind.OPTION ? 0.0001 : 0.5,
    tickSteps: [],
    makerFee: 0,
    takerFee: 0,
    legs: [],
    ...given,
  };
}

/** One option of a made-up chain. */
export interface ChainOption {
  id: number;
  expiry: number;
  strike: number;
  isCall: boolean;
  instrument: Instrument;
}

/** A made-up chain: options by expiry, a perpetual behind them. */
export interface SyntheticChain {
  options: ChainOption[];
  perpetual: { id: number; instrument: Instrument };
  start: number;
}

/** Strikes around 60,000 for expiries in so many days from `start` (microseconds), calls and puts. */
export function syntheticChain(start: number, days: readonly number[], strikesEach: number): SyntheticChain {
  const options: ChainOption[] = [];
  days.forEach((day) => {
    const expiry = start + day * DAY_MICROS;
    const width = 0.55 * Math.sqrt(day / 365);
    for (let index = 0; index < strikesEach; index++) {
      const z = strikesEach === 1 ? 0 : -2.2 + (4.4 * index) / (strikesEach - 1);
      const strike = Math.round((60_000 * Math.exp(z * width)) / 100) * 100;
      for (const isCall of [true, false]) {
        const id = options.length;
        const right = isCall ? 'call' : 'put';
        const instrument = instrumentOf(`BTC-${day}D-${index}-${strike}-${right}`, {
          kind: InstrumentKind.OPTION,
          expiry,
          strike,
          right,
        });
        options.push({ id, expiry, strike, isCall, instrument });
      }
    }
  });
  const perpetual = instrumentOf('BTC-PERPETUAL', {
    kind: InstrumentKind.PERPETUAL,
    expiry: Number.POSITIVE_INFINITY,
  });
  return { options, perpetual: { id: options.length, instrument: perpetual }, start };
}

/** The market's vol in this world: a smile in units of its own deviation, with a skew. */
export function marketVol(strike: number, forward: number, years: number, level = 0.55): number {
  const z = Math.log(strike / forward) / (level * Math.sqrt(years));
  return level * (1 - 0.02 * z + 0.015 * z * z);
}

/** Bid and offer of an option around the market's vol, on ticks; an empty side is 0. */
export function marketQuote(
  { strike, isCall, expiry }: Pick<ChainOption, 'strike' | 'isCall' | 'expiry'>,
  forward: number,
  now: number,
  level = 0.55,
): { bid: number; ask: number } {
  const years = (expiry - now) / YEAR_MICROS;
  const vol = marketVol(strike, forward, years, level);
  const price = inversePrice(forward, strike, years, vol, isCall);
  const half = 0.0002 + 0.01 * price;
  const bid = Math.floor((price - half) / 0.0001) * 0.0001;
  return { bid: bid > 0 ? bid : 0, ask: Math.ceil((price + half) / 0.0001) * 0.0001 };
}

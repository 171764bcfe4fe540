import { type Instrument, InstrumentKind, type InstrumentKindCode, LifeCycle } from './instrument.js';
import { NEVER, parseInstrumentName } from './instrument-name.js';
import { Venue } from './venue.js';

/** Names of indices begin with the channel that carries them, since one name is both a price and a volatility. */
export const PRICE_INDEX_PREFIX = 'deribit_price_index.';
export const VOLATILITY_INDEX_PREFIX = 'deribit_volatility_index.';

/** Finer than any tick and lot of the venues, so that no recorded price falls between two steps. */
const FINEST = 0.0001;

const QUOTES = ['USDT', 'USDC', 'FDUSD', 'BUSD', 'USD', 'EUR', 'BTC', 'ETH'] as const;
const PERPETUAL_VENUES: readonly number[] = [Venue.BINANCE, Venue.BYBIT, Venue.BITMEX, Venue.HUOBI];

/** `BTC-231229-34000-C` of Binance, `BTC-USD-270326-90000-C` of OKX. */
const DATED_OPTION = /^([A-Z0-9]+)(?:-(USD[TC]?))?-(\d\d)(\d\d)(\d\d)-(\d+(?:\.\d+)?)-([CP])$/;
/** The hour of every expiry, UTC. */
const EXPIRY_HOUR = 8;

/**
 * An instrument of which only the name is known, as in files of past market data: kind, currencies, strike and expiry come
 * from the name; ticks and lots are as fine as any, and fees and listing time are unknown (NaN). Undefined where the venue
 * has no such names. The venue's own definition replaces it.
 */
export function deducedInstrument(venue: number, name: string): Instrument | undefined {
  return venue === Venue.DERIBIT ? ofDeribit(name) : ofOthers(venue, name);
}

function ofDeribit(name: string): Instrument | undefined {
  if (name.startsWith(PRICE_INDEX_PREFIX) || name.startsWith(VOLATILITY_INDEX_PREFIX)) {
    const [base, quote] = name
      .slice(name.indexOf('.') + 1)
      .toUpperCase()
      .split('_');
    if (base === undefined || base === '' || quote === undefined) return undefined;
    return instrument(Venue.DERIBIT, name, InstrumentKind.INDEX, base, quote, quote);
  }
  const said = parseInstrumentName(name);
  if (said === undefined) return undefined;
  const { base, quote = 'USD' } = said;
  const inverse = said.quote === undefined && said.kind !== 'spot';
  const paidIn = inverse ? base : quote;
  switch (said.kind) {
    case 'option': {
      const option = instrument(Venue.DERIBIT, name, InstrumentKind.OPTION, base, inverse ? base : quote, paidIn);
      const { strike, expiry, right } = said;
      return { ...option, strike, expiry, right, inverse, counterCurrency: quote };
    }
    case 'future':
      return {
        ...instrument(Venue.DERIBIT, name, InstrumentKind.FUTURE, base, quote, paidIn),
        expiry: said.expiry,
        inverse,
      };
    case 'perpetual':
      return { ...instrument(Venue.DERIBIT, name, InstrumentKind.PERPETUAL, base, quote, paidIn), inverse };
    case 'spot':
      return instrument(Venue.DERIBIT, name, InstrumentKind.SPOT, base, quote, quote);
    case 'combo': {
      const kind = said.strikes.length > 0 ? InstrumentKind.OPTION_COMBO : InstrumentKind.FUTURE_COMBO;
      const expiry = Math.min(...said.expiries);
      return { ...instrument(Venue.DERIBIT, name, kind, base, quote, paidIn), expiry, inverse };
    }
  }
}

function ofOthers(venue: number, name: string): Instrument | undefined {
  const option = DATED_OPTION.exec(name);
  if (option !== null) {
    const [, base = '', counter, year, month, day, strike, right] = option;
    const inverse = counter === 'USD';
    const paidIn = inverse ? base : (counter ?? 'USDT');
    return {
      ...instrument(venue, name, InstrumentKind.OPTION, base, paidIn, paidIn),
      strike: Number(strike),
      expiry: Date.UTC(2000 + Number(year), Number(month) - 1, Number(day), EXPIRY_HOUR) * 1000,
      right: right === 'C' ? 'call' : 'put',
      inverse,
      counterCurrency: counter ?? 'USDT',
    };
  }
  const symbol = name.replace(/^XBT/, 'BTC').replace(/[-_/]|SWAP$/g, '');
  const quote = QUOTES.find((currency) => symbol.endsWith(currency) && symbol.length > currency.length);
  if (quote === undefined || !/^[A-Z0-9]+$/.test(symbol)) return undefined;
  const base = symbol.slice(0, -quote.length);
  const kind =
    PERPETUAL_VENUES.includes(venue) || name.endsWith('SWAP') ? InstrumentKind.PERPETUAL : InstrumentKind.SPOT;
  const inverse = kind === InstrumentKind.PERPETUAL && quote === 'USD';
  return { ...instrument(venue, name, kind, base, quote, inverse ? base : quote), inverse };
}

function instrument(
  venue: number,
  name: string,
  kind: InstrumentKindCode,
  baseCurrency: string,
  quoteCurrency: string,
  settlementCurrency: string,
): Instrument {
  const counterCurrency = quoteCurrency === baseCurrency ? 'USD' : quoteCurrency;
  return {
    venue,
    kind,
    name,
    baseCurrency,
    quoteCurrency,
    settlementCurrency,
    counterCurrency,
    priceIndex: `${baseCurrency}_${counterCurrency}`.toLowerCase(),
    inverse: false,
    state: LifeCycle.UNKNOWN,
    strike: Number.NaN,
    expiry: NEVER,
    created: Number.NaN,
    contractSize: 1,
    minimumAmount: FINEST,
    tickSize: FINEST,
    tickSteps: [],
    makerFee: Number.NaN,
    takerFee: Number.NaN,
    legs: [],
  };
}

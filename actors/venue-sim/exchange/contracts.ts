import { type Instrument, InstrumentKind, LifeCycle } from '../../../engine/market/instrument.js';
import { parseInstrumentName } from '../../../engine/market/instrument-name.js';

const NO_FIELDS = {
  venue: 1,
  state: LifeCycle.OPEN,
  created: 0,
  contractSize: 1,
  tickSteps: [],
  legs: [],
  strike: Number.NaN,
};

/** The venue's definition of an instrument of BTC or ETH, inverse or in USDC, from its name; fees and sizes as the venue's. */
export function instrumentOf(name: string): Instrument {
  const parts = parseInstrumentName(name);
  if (parts === undefined || parts.kind === 'spot' || parts.kind === 'combo') {
    throw new Error(`'${name}' is not the name of an option, future or perpetual`);
  }
  const { base } = parts;
  const inverse = parts.quote === undefined;
  const counter = inverse ? 'USD' : 'USDC';
  const shared = {
    ...NO_FIELDS,
    name,
    baseCurrency: base,
    counterCurrency: counter,
    settlementCurrency: inverse ? base : 'USDC',
    priceIndex: `${base}_${counter}`.toLowerCase(),
    inverse,
  };
  if (parts.kind === 'option') {
    return {
      ...shared,
      kind: InstrumentKind.OPTION,
      quoteCurrency: inverse ? base : 'USDC',
      right: parts.right,
      strike: parts.strike,
      expiry: parts.expiry,
      minimumAmount: inverse ? (base === 'BTC' ? 0.1 : 1) : 0.01,
      tickSize: inverse ? 0.0001 : 5,
      tickSteps: inverse ? [{ abovePrice: 0.005, tickSize: 0.0005 }] : [],
      makerFee: 0.0003,
      takerFee: 0.0003,
    };
  }
  return {
    ...shared,
    kind: parts.kind === 'future' ? InstrumentKind.FUTURE : InstrumentKind.PERPETUAL,
    quoteCurrency: counter,
    expiry: parts.kind === 'future' ? parts.expiry : Number.POSITIVE_INFINITY,
    contractSize: inverse ? 10 : 0.001,
    minimumAmount: inverse ? (base === 'BTC' ? 10 : 1) : 0.001,
    tickSize: base === 'BTC' ? 0.5 : 0.05,
    makerFee: 0,
    takerFee: 0.0005,
  };
}

/** A combination of two options or futures that are listed: its price is what the first costs less the second. */
export function spreadOf(name: string, first: Instrument, second: Instrument): Instrument {
  return {
    ...first,
    name,
    kind: first.kind === InstrumentKind.OPTION ? InstrumentKind.OPTION_COMBO : InstrumentKind.FUTURE_COMBO,
    strike: Number.NaN,
    expiry: Math.min(first.expiry, second.expiry),
    legs: [
      { instrument: first.name, ratio: 1 },
      { instrument: second.name, ratio: -1 },
    ],
  };
}

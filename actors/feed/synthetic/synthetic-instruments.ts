import { type Instrument, InstrumentKind, LifeCycle } from '../../../engine/market/instrument.js';

/** What the synthetic feed quotes: a linear perpetual, all of one underlying, so that the whole path to an order is open to it. */
export function syntheticInstrument(id: number): Instrument {
  return {
    venue: 0,
    kind: InstrumentKind.PERPETUAL,
    name: `SYNTHETIC-${id}`,
    baseCurrency: 'SYN',
    quoteCurrency: 'USD',
    settlementCurrency: 'USD',
    counterCurrency: 'USD',
    priceIndex: 'syn_usd',
    inverse: false,
    state: LifeCycle.OPEN,
    strike: Number.NaN,
    expiry: Number.POSITIVE_INFINITY,
    created: 0,
    contractSize: 1,
    minimumAmount: 1,
    tickSize: 0.5,
    tickSteps: [],
    makerFee: 0,
    takerFee: 0,
    legs: [],
  };
}

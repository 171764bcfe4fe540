import { type Instrument, InstrumentKind, LifeCycle } from '../../../engine/market/instrument.js';

/** An inverse option on BTC as Deribit lists it, but for what is given. */
export function btcInstrument(given: Partial<Instrument> = {}): Instrument {
  return {
    venue: 1,
    kind: InstrumentKind.OPTION,
    name: 'BTC-OPTION',
    baseCurrency: 'BTC',
    quoteCurrency: 'BTC',
    settlementCurrency: 'BTC',
    counterCurrency: 'USD',
    priceIndex: 'btc_usd',
    inverse: true,
    state: LifeCycle.OPEN,
    strike: Number.NaN,
    expiry: Number.POSITIVE_INFINITY,
    created: 0,
    contractSize: 1,
    minimumAmount: 0.1,
    tickSize: 0.0001,
    tickSteps: [{ abovePrice: 0.005, tickSize: 0.0005 }],
    makerFee: 0.0003,
    takerFee: 0.0003,
    legs: [],
    ...given,
  };
}

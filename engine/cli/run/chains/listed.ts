import { type Instrument, InstrumentKind, LifeCycle } from '../../../market/instrument.js';

/** What the venue's own definitions say, and files of chains do not. */
export function asListed(deduced: Instrument): Instrument {
  const isBitcoin = deduced.baseCurrency === 'BTC';
  const common = { ...deduced, state: LifeCycle.OPEN, created: 0 };
  if (deduced.kind === InstrumentKind.OPTION) {
    return {
      ...common,
      contractSize: 1,
      minimumAmount: isBitcoin ? 0.1 : 1,
      tickSize: 0.0001,
      tickSteps: [{ abovePrice: 0.005, tickSize: 0.0005 }],
      makerFee: 0.0003,
      takerFee: 0.0003,
    };
  }
  return {
    ...common,
    minimumAmount: isBitcoin ? 10 : 1,
    tickSize: isBitcoin ? 0.5 : 0.05,
    makerFee: 0,
    takerFee: 0.0005,
  };
}

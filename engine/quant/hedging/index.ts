/** Hedging: how much of the underlying and of other options to hold. */
export { hestonVolPerForward, minimumVarianceDelta } from './minimum-variance-delta.js';
export { tradeToBand, whalleyWilmottHalfBand } from './no-trade-band.js';
export {
  HEDGE,
  type HedgeGreeks,
  type HedgeInstrument,
  solveTwoInstrumentHedge,
  type TwoInstrumentHedge,
  type TwoInstrumentHedgeParameters,
  twoInstrumentHedge,
} from './two-instrument-hedge.js';

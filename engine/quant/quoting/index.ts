/** Quoting: where to put a bid and an ask, and what that is worth. */
export {
  type AvellanedaStoikovParameters,
  type AvellanedaStoikovQuotes,
  avellanedaStoikovQuotes,
} from './avellaneda-stoikov.js';
export {
  type FillIntensity,
  FillIntensityEstimator,
  type FillIntensityRange,
  fitFillIntensity,
  regressFillIntensity,
} from './fill-intensity.js';
export { type GlftParameters, type GlftQuotes, glftQuotes } from './glft.js';
export { GlftTable } from './glft-table.js';
export {
  reservationVolShift,
  reservationVolShifts,
  roundDownToTick,
  roundUpToTick,
  type VolQuoteParameters,
  type VolQuotes,
  volQuotes,
} from './reservation-vol.js';
export * from './vega/index.js';

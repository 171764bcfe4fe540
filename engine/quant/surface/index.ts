/** The volatility surface: calibration without arbitrage, smiles in their parameterisations, time, dynamics, live updates. */
export {
  type ArbitrageSearch,
  type ArbitrageStretch,
  butterflyArbitrage,
  calendarArbitrage,
  repairSurface,
} from './arbitrage.js';
export { type ClockFit, fitClock } from './clock-fit.js';
export { type DeltaConvention, smileDelta, strikeForDelta } from './delta-strike.js';
export {
  LOCAL_VOLATILITY,
  SkewStickiness,
  STICKY_DELTA,
  STICKY_STRIKE,
  skewDelta,
  volMoveWithForward,
} from './dynamics.js';
export {
  type EssviSlice,
  essviButterflyFree,
  essviCalendarFree,
  essviTotalVariance,
  type SsviPowerLaw,
  ssviPowerLawFree,
  ssviSlice,
} from './essvi.js';
export { type FitOptions, fitSurface, SurfaceCalibrator, type SurfaceFit, type ViolationCount } from './fit-surface.js';
export { FittedSlice, type SmileParameters } from './fitted-slice.js';
export type { QuoteSlice, Rejection, RejectionCode, SurfaceQuotes, VolQuote } from './quotes.js';
export { durrleman } from './smile-arbitrage.js';
export {
  butterfly,
  forwardVol,
  riskReversal,
  type SmileMetrics,
  smileMetrics,
  smileVol,
  volAtDelta,
} from './smile-metrics.js';
export { SURFACE_UPDATE, SurfaceFilter, type SurfaceFilterOptions, type SurfaceUpdateCode } from './surface-filter.js';
export {
  durrlemanG,
  type SviJumpWings,
  type SviNatural,
  type SviRaw,
  sviDefect,
  sviDerivatives,
  sviJumpWingsToRaw,
  sviNaturalToRaw,
  sviRawToJumpWings,
  sviRawToNatural,
  sviTotalVariance,
} from './svi.js';
export { fitSvi, type SviFit } from './svi-fit.js';
export { repairSviButterfly, type SviButterfly, sviButterfly, sviButterflyFreeWings } from './svi-repair.js';
export {
  type ClockEvent,
  type ClockHoliday,
  fitWeekProfile,
  VarianceClock,
  type VarianceClockOptions,
  weekendProfile,
} from './variance-clock.js';
export { type VarianceSlice, VolSurface } from './vol-surface.js';

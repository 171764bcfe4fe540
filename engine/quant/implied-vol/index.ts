/** Implied volatility of Black-76 prices. */
export { black76ImpliedVol } from './implied-vol.js';
export { inverseImpliedVol } from './inverse.js';
export { IMPLIED_VOL_CODE, type ImpliedVolCode } from './solve.js';

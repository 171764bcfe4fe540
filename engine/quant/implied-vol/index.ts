/** Implied volatility of Black-76 prices, in currency or in coin. */
export {
  black76ChainImpliedVols,
  black76ImpliedVol,
  IMPLIED_VOL,
  inverseImpliedVol,
  type PricedChain,
  solveImpliedVol,
  solveInverseImpliedVol,
} from './implied-vol.js';
export { IMPLIED_VOL_CODE, type ImpliedVolCode } from './solve.js';

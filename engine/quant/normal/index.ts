/** The standard normal distribution to near machine accuracy. */
export { erfc, erfcx, normalCdf, normalPdf } from './distribution.js';
export { inverseNormalCdf } from './quantile.js';

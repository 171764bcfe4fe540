/** Black-76: European options on a forward. */
export { black76Greeks, GREEK, GREEK_COUNT } from './greeks.js';
export { inverseGreeks, inversePrice } from './inverse.js';
export { black76Price } from './price.js';

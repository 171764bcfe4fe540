/** Black-76: European options on a forward, settled in currency or in coin. */
export { black76ChainGreeks, createOptionChain, inverseChainGreeks, type OptionChain } from './chain.js';
export { DERIBIT_GREEK, DERIBIT_GREEK_COUNT, deribitGreeks } from './deribit.js';
export { black76Greeks, GREEK, GREEK_COUNT } from './greeks.js';
export { inverseGreeks, inversePrice } from './inverse.js';
export { logMoneyness } from './moneyness.js';
export { black76Price } from './price.js';

/** volfilter/quant: the mathematics of options, volatility and quoting as pure functions over numbers and Float64Arrays. */
export * from './black76/index.js';
export * from './elementary/index.js';
export * from './forward/index.js';
export * from './implied-vol/index.js';
export * from './normal/index.js';
export * from './surface/index.js';

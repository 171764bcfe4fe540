/** Anomaly and change detection: constant time and memory per observation. */
export * from './change-point.js';
export * from './cusum.js';
export * from './jump-flag.js';
export * from './robust-z-score.js';
export * from './surface-residuals.js';

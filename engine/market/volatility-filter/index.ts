/** The volatility filter proper: thresholds on models' outputs, the events that they make, and how good they are. */
export * from './events.js';
export * from './measures.js';
export * from './rule.js';
export * from './score.js';
export { FILTERED, ThresholdFilter } from './threshold-filter.js';
export * from './tune.js';

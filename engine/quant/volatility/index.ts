/** Models that forecast variance: online filters, and the slower fits that feed them. */
export * from './evaluation.js';
export * from './ewma.js';
export * from './garch-fit.js';
export { EgarchFilter, type EgarchParameters, GarchFilter, type GarchParameters } from './garch-models.js';
export * from './har.js';
export * from './log-ar.js';
export * from './log-har.js';
export * from './qlike.js';
export type { SeasonalClock } from './seasonal-clock.js';
export { StateTape } from './state-tape.js';
export * from './trade-return-filter.js';
export { TWO_FACTOR_DEFAULTS, TwoFactorFilter, type TwoFactorParameters } from './two-factor.js';
export * from './two-factor-fit.js';
export * from './vol-filter.js';

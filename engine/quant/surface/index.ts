export * from './essvi.js';
export * from './fit-surface.js';
export * from './fitted-slice.js';
export type { QuoteSlice, Rejection, RejectionCode, SurfaceQuotes, VolQuote } from './quotes.js';
export * from './surface-filter.js';
export * from './svi.js';
export * from './svi-repair.js';

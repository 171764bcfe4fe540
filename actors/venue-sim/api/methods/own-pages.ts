import { kindOf, kinds } from './choices.js';
import type { Call } from './method.js';

/** Entries of a page at most, and where nothing is said; and how far in a page may begin. */
export const MOST = 1000;
export const COUNT = 10;
export const MOST_OFFSET = 10_000;
/** What is looked at, and what is written, in one turn. */
export const LOOKED_AT = 64;
export const PER_PIECE = 8;

/** Whether an instrument is among those that a request is about. */
export type IsMeant = (instrument: number) => boolean;

/** Those of a currency and a kind. */
export function currencyFilter({ venue, params }: Call): IsMeant {
  const currency = venue.listing.currencyOf(params.text('currency'));
  const kind = kindOf(params.optionalChoice('kind', kinds));
  return (instrument) => venue.listing.isOf(instrument, currency, kind);
}

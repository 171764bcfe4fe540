import type { Params } from '../rpc/params.js';
import type { Call } from './method.js';

/** Kinds of instruments that a request may ask for. */
export const kinds = ['future', 'option', 'spot', 'future_combo', 'option_combo', 'combo', 'any'] as const;

/** The kind that is meant; undefined for all. */
export function kindOf(kind: (typeof kinds)[number] | undefined): string | undefined {
  return kind === 'any' ? undefined : kind;
}

/** The listed instrument that a request names. */
export function instrumentOf({ venue, params }: Call): number {
  return venue.listing.instrument(params.text('instrument_name'));
}

/** The order of a list: newest first unless asked otherwise. */
export function sortingOf(params: Params): 'asc' | 'desc' {
  return params.optionalChoice('sorting', ['asc', 'desc', 'default']) === 'asc' ? 'asc' : 'desc';
}

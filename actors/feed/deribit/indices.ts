import { deducedInstrument, PRICE_INDEX_PREFIX } from '../../../engine/market/deduced-instrument.js';
import type { Instrument } from '../../../engine/market/instrument.js';
import { Venue } from '../../../engine/market/venue.js';
import { PLATFORM_CHANNEL } from './channels.js';
import { parseChannel } from './decoder.js';

/** The name of the index that a channel is about; undefined where it is about something else. */
export function indexOf(channel: string): string | undefined {
  if (channel === PLATFORM_CHANNEL) return undefined;
  const { kind, subject } = parseChannel(channel)!;
  return kind === 'price-index' || kind === 'volatility-index' ? subject : undefined;
}

/** An index is defined like an instrument, so that a log says whose levels it holds. */
export function indexInstrument(name: string, venue: number): Instrument {
  const known = deducedInstrument(Venue.DERIBIT, `${PRICE_INDEX_PREFIX}${name}`);
  if (known === undefined) throw new Error(`'${name}' is no name of an index`);
  return { ...known, venue, name };
}

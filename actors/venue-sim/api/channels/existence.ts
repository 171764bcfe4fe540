import { LifeCycle } from '../../../../engine/market/instrument.js';
import type { VenueFloor } from '../floor.js';
import type { ChannelName } from './name.js';

/** Whether what a channel is about is there: its instrument, currency or index. */
export function channelExists(venue: VenueFloor, parsed: ChannelName): boolean {
  const { config } = venue.exchange;
  if ('instrument' in parsed) return isListed(venue, parsed.instrument);
  if ('about' in parsed) {
    const { about } = parsed;
    if ('instrument' in about) return isListed(venue, about.instrument);
    return about.currency === 'any' || venue.listing.isCurrency(about.currency);
  }
  if ('index' in parsed) return venue.listing.indexNames.includes(parsed.index);
  if (parsed.family === 'instrument-state')
    return parsed.currency === 'any' || venue.listing.isCurrency(parsed.currency);
  if (parsed.family !== 'user-portfolio') return true;
  return parsed.currency === 'any' || config.currencies.some(({ name }) => name === parsed.currency.toUpperCase());
}

function isListed(venue: VenueFloor, name: string): boolean {
  const { instruments } = venue.exchange;
  const id = instruments.idOf(name);
  return id >= 0 && instruments.state[id] !== LifeCycle.EXPIRED;
}

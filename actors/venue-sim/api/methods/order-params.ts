import { OrderFlag } from '../../exchange/codes.js';
import { idNumber } from '../encode/ids.js';
import type { VenueFloor } from '../floor.js';
import { invalidParam, refused } from '../rpc/errors.js';
import type { Params } from '../rpc/params.js';
import type { Call } from './method.js';

const flagBits = {
  post_only: OrderFlag.POST_ONLY,
  reject_post_only: OrderFlag.REJECT_POST_ONLY,
  reduce_only: OrderFlag.REDUCE_ONLY,
  mmp: OrderFlag.MMP,
} as const;

export function positive(params: Params, name: string): number {
  const value = params.number(name);
  if (!(value > 0)) throw invalidParam(name, 'must be greater than 0');
  return value;
}

/** The number of the order that a request names. Throws `order_not_found`. */
export function orderOf({ venue, params }: Call): number {
  const order = idNumber(params.text('order_id'), venue.idsFrom);
  if (Number.isNaN(order)) throw refused('order_not_found');
  return order;
}

/** Amount in lots, given as such or in contracts; undefined where it is not given. */
export function lotsOf(venue: VenueFloor, params: Params, instrument: number): number | undefined {
  const { instruments } = venue.exchange;
  const { contractSize } = instruments.definitions[instrument]!;
  const contracts = params.optionalNumber('contracts');
  const amount = params.optionalNumber('amount') ?? (contracts === undefined ? undefined : contracts * contractSize);
  if (amount === undefined) return undefined;
  if (contracts !== undefined && Math.abs(contracts * contractSize - amount) > 1e-9 * Math.abs(amount)) {
    throw invalidParam('contracts', 'does not match amount');
  }
  const lots = instruments.lotsOf(instrument, amount);
  if (Number.isNaN(lots)) throw refused('invalid_amount');
  return lots;
}

/** Lots that an order shows at a time, 0 where that is all of it; undefined where it is not given. */
export function shownOf(venue: VenueFloor, params: Params, instrument: number, lots: number): number | undefined {
  const amount = params.optionalNumber('display_amount');
  if (amount === undefined) return undefined;
  const shown = venue.exchange.instruments.lotsOf(instrument, amount);
  if (!(shown > 0)) throw refused('invalid_max_show');
  return shown >= lots ? 0 : shown;
}

/** Price in ticks; undefined where it is not given. */
export function ticksOf(venue: VenueFloor, params: Params, instrument: number): number | undefined {
  const price = params.optionalNumber('price');
  if (price === undefined) return undefined;
  const ticks = venue.exchange.instruments.ticksOf(instrument, price);
  if (Number.isNaN(ticks)) throw refused('price_wrong_tick');
  return ticks;
}

/** Flags as asked for, the others as they were; undefined where none is given. */
export function flagsOf(params: Params, old: number): number | undefined {
  let flags = old & (OrderFlag.POST_ONLY | OrderFlag.REJECT_POST_ONLY | OrderFlag.REDUCE_ONLY | OrderFlag.MMP);
  let isGiven = false;
  for (const [name, bit] of Object.entries(flagBits)) {
    if (!params.has(name)) continue;
    isGiven = true;
    flags = params.flag(name) ? flags | bit : flags & ~bit;
  }
  return isGiven ? flags : undefined;
}

/** Until when a request counts, by the exchange's clock: milliseconds since the Unix epoch. */
export function validUntil({ venue, params }: Call): number {
  const time = params.optionalNumber('valid_until');
  return time === undefined ? Number.POSITIVE_INFINITY : time - venue.shiftMs;
}

export function missing(name: string): never {
  throw invalidParam(name, 'value required');
}

import { LifeCycle } from '../../../../engine/market/instrument.js';
import { RequestKind } from '../../chaos/chaos.js';
import { type ComboPart, comboOf, legPrices } from '../../exchange/combos.js';
import { rounded } from '../encode/number.js';
import { markDecimals } from '../encode/ticker.js';
import type { VenueFloor } from '../floor.js';
import { invalidParam, refused } from '../rpc/errors.js';
import type { Params } from '../rpc/params.js';
import { listSlices, type Slices } from '../rpc/result.js';
import type { Call, Method } from './method.js';

const MOST_LEGS = 4;
/** Part of the instruments that may be combinations: what clients make must not keep the venue from listing its own. */
const MOST_PART = 1 / 8;

/** Combinations: several legs that trade as one. */
export const comboMethods: readonly Method[] = [
  {
    name: 'private/create_combo',
    scope: 'trade:read_write',
    pool: 'matching',
    kind: RequestKind.ORDER,
    serve: createCombo,
  },
  { name: 'private/get_leg_prices', scope: 'trade:read', serve: getLegPrices },
  { name: 'public/get_combos', serve: getCombos },
  { name: 'public/get_combo_ids', serve: getComboIds },
  { name: 'public/get_combo_details', serve: getComboDetails },
];

function createCombo({ venue, params }: Call): object {
  const { exchange } = venue;
  const { instruments, config, now } = exchange;
  const combo = comboOf(partsOf(venue, params.items('trades', MOST_LEGS)));
  if (combo === undefined) throw refused('invalid_or_unsupported_instrument');
  const known = instruments.idOf(combo.name);
  if (known >= 0) return comboJson(venue, known);
  if (combo.legs.some(({ instrument }) => instruments.state[instruments.idOf(instrument)] !== LifeCycle.OPEN)) {
    throw refused('book_closed');
  }
  if (combos(venue).length >= config.maxInstruments * MOST_PART || instruments.size >= config.maxInstruments) {
    throw refused('temporarily_unavailable');
  }
  return comboJson(venue, exchange.list({ ...combo, created: now * 1000 }));
}

/** What each leg would trade at, were the whole traded at a price. */
function getLegPrices({ venue, params }: Call): object {
  const { instruments, now } = venue.exchange;
  const parts = partsOf(venue, params.items('legs', MOST_LEGS));
  const price = params.number('price');
  const amount = Math.min(...parts.map(({ ratio }) => Math.abs(ratio)));
  const ratios = parts.map(({ ratio }) => ratio / amount);
  if (parts.length < 2 || !ratios.every((ratio) => Math.abs(ratio - Math.round(ratio)) < 1e-9)) {
    throw invalidParam('legs', 'amounts must be multiples of the smallest of them');
  }
  const marks = parts.map(({ definition }) => instruments.mark(instruments.idOf(definition.name), now));
  const prices = legPrices(ratios, marks, price);
  return {
    amount,
    legs: parts.map(({ definition, ratio }, leg) => ({
      ratio: Math.round(Math.abs(ratios[leg]!)),
      instrument_name: definition.name,
      direction: ratio > 0 ? 'buy' : 'sell',
      price: rounded(prices[leg]!, markDecimals(definition.kind, definition.inverse)),
    })),
  };
}

function getCombos({ venue, params }: Call): Slices {
  const currency = venue.listing.currencyOf(params.text('currency'));
  const active = combos(venue).filter((id) => isActive(venue, id) && venue.listing.isOf(id, currency, undefined));
  return listSlices(active, (id) => JSON.stringify(comboJson(venue, id)));
}

function getComboIds({ venue, params }: Call): string[] {
  const currency = venue.listing.currencyOf(params.text('currency'));
  const state = params.optionalChoice('state', ['active', 'inactive']);
  return combos(venue)
    .filter((id) => venue.listing.isOf(id, currency, undefined))
    .filter((id) => state === undefined || (state === 'active') === isActive(venue, id))
    .map((id) => venue.exchange.instruments.definitions[id]!.name);
}

function getComboDetails({ venue, params }: Call): object {
  const { instruments } = venue.exchange;
  const id = instruments.idOf(params.text('combo_id'));
  if (id < 0 || instruments.isCombo[id] === 0) throw invalidParam('combo_id', 'wrong format');
  return comboJson(venue, id);
}

/** Legs with their amounts, negative where they are sold. */
function partsOf(venue: VenueFloor, items: readonly Params[]): ComboPart[] {
  const { instruments } = venue.exchange;
  return items.map((item) => {
    const id = venue.listing.instrument(item.text('instrument_name'));
    const definition = instruments.definitions[id]!;
    const amount = item.optionalNumber('amount') ?? definition.minimumAmount;
    if (!(amount > 0) || Number.isNaN(instruments.lotsOf(id, amount))) throw refused('invalid_amount');
    return { definition, ratio: item.choice('direction', ['buy', 'sell']) === 'buy' ? amount : -amount };
  });
}

function combos(venue: VenueFloor): number[] {
  return [...venue.listing.list(undefined, 'combo', false), ...venue.listing.list(undefined, 'combo', true)];
}

function isActive(venue: VenueFloor, id: number): boolean {
  return venue.exchange.instruments.state[id] !== LifeCycle.EXPIRED;
}

function comboJson(venue: VenueFloor, id: number): object {
  const { name, legs, created, expiry } = venue.exchange.instruments.definitions[id]!;
  const isOpen = isActive(venue, id);
  const createdAt = venue.stamp(created / 1000);
  return {
    id: name,
    instrument_id: id + 1,
    state: isOpen ? 'active' : 'inactive',
    state_timestamp: isOpen ? createdAt : venue.stamp(expiry / 1000),
    creation_timestamp: createdAt,
    legs: legs.map(({ instrument, ratio }) => ({ instrument_name: instrument, amount: ratio })),
  };
}

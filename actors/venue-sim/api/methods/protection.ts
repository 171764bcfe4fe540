import type { VenueFloor } from '../floor.js';
import { invalidParam, refused } from '../rpc/errors.js';
import { accountOf, type Call, type Method } from './method.js';

const MOST_SECONDS = 86_400;
const LONGEST_NAME = 64;

/** Market maker protection. */
export const protectionMethods: readonly Method[] = [
  { name: 'private/set_mmp_config', scope: 'trade:read_write', serve: setConfig },
  { name: 'private/get_mmp_config', scope: 'trade:read', serve: getConfig },
  { name: 'private/get_mmp_status', scope: 'trade:read', serve: getStatus },
  { name: 'private/reset_mmp', scope: 'trade:read_write', serve: reset },
];

function setConfig(call: Call): object {
  const { venue, params } = call;
  const { exchange, labels } = venue;
  const account = accountOf(call);
  const name = params.text('index_name');
  const index = venue.listing.indexOf(name);
  const interval = params.integer('interval', 0, MOST_SECONDS);
  const frozenTime = params.integer('frozen_time', 0, MOST_SECONDS);
  const limit = (of: string): number => {
    const value = params.optionalNumber(of) ?? 0;
    if (value < 0) throw invalidParam(of, 'must not be negative');
    return value;
  };
  const limits = {
    interval: interval * 1000,
    frozenTime: frozenTime * 1000,
    quantityLimit: limit('quantity_limit'),
    deltaLimit: limit('delta_limit'),
    vegaLimit: limit('vega_limit'),
    maxQuoteQuantity: limit('max_quote_quantity'),
  };
  if (interval > 0 && limits.maxQuoteQuantity === 0) throw invalidParam('max_quote_quantity', 'value required');
  const groupName = params.optionalText('mmp_group', LONGEST_NAME);
  const group = groupName === undefined ? 0 : labels.groupOf(account, groupName);
  if (groupName !== undefined && group === 0) throw refused('too_many_quotes');
  exchange.setProtection(account, index, group, limits);
  return configOf(venue, account, index, group);
}

function getConfig(call: Call): object {
  const { venue, params } = call;
  const account = accountOf(call);
  const asked = params.optionalText('index_name');
  const groupName = params.optionalText('mmp_group', LONGEST_NAME);
  return configured(venue, account)
    .filter(({ index, group }) => {
      const isIndex = asked === undefined || venue.listing.indexOf(asked) === index;
      return isIndex && (groupName === undefined || venue.labels.groupName(account, group) === groupName);
    })
    .map(({ index, group }) => configOf(venue, account, index, group));
}

function getStatus(call: Call): object {
  const { venue, params } = call;
  const account = accountOf(call);
  const asked = params.optionalText('index_name');
  const groupName = params.optionalText('mmp_group', LONGEST_NAME);
  const { protection, now } = venue.exchange;
  return configured(venue, account)
    .filter(({ index, group }) => {
      const isAsked = asked === undefined || venue.listing.indexOf(asked) === index;
      const isGroup = groupName === undefined || venue.labels.groupName(account, group) === groupName;
      return isAsked && isGroup && protection.isFrozen(protection.cellOf(account, index, group), now);
    })
    .map(({ index, group }) => JSON.parse(venue.protectionJson(account, index, group)) as object);
}

function reset(call: Call): string {
  const { venue, params } = call;
  const account = accountOf(call);
  const index = venue.listing.indexOf(params.text('index_name'));
  const groupName = params.optionalText('mmp_group', LONGEST_NAME);
  const group = groupName === undefined ? 0 : venue.labels.group(account, groupName);
  const { exchange } = venue;
  const isKnown = groupName === undefined || group > 0;
  if (!isKnown || !exchange.protection.isConfigured(exchange.protection.cellOf(account, index, group))) {
    throw refused('mmp_required');
  }
  exchange.resetProtection(account, index, group);
  return 'ok';
}

/** Indices and groups of an account that have limits. */
function configured(venue: VenueFloor, account: number): { index: number; group: number }[] {
  const { protection } = venue.exchange;
  const found: { index: number; group: number }[] = [];
  for (let index = 0; index < venue.listing.indexNames.length; index++) {
    if (protection.isConfigured(protection.cellOf(account, index, 0))) found.push({ index, group: 0 });
  }
  for (let group = 1; venue.labels.groupName(account, group) !== ''; group++) {
    const cell = protection.cellOf(account, 0, group);
    if (protection.isConfigured(cell)) found.push({ index: protection.indexOf(cell), group });
  }
  return found;
}

function configOf(venue: VenueFloor, account: number, index: number, group: number): object {
  const { protection } = venue.exchange;
  const limits = protection.limits(protection.cellOf(account, index, group));
  return {
    index_name: venue.listing.indexNames[index],
    ...(group === 0 ? {} : { mmp_group: venue.labels.groupName(account, group) }),
    interval: limits.interval / 1000,
    frozen_time: limits.frozenTime / 1000,
    quantity_limit: limits.quantityLimit,
    delta_limit: limits.deltaLimit,
    vega_limit: limits.vegaLimit,
    max_quote_quantity: limits.maxQuoteQuantity,
    block_rfq: false,
  };
}

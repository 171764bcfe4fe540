import type { Call, Method } from './method.js';
import { sessionOf } from './method.js';

const MOST = 1000;
const MOST_OFFSET = 1e9;

/** Money that came and went: none does here, accounts are opened with what they have. */
export const walletMethods: readonly Method[] = [
  { name: 'private/get_deposits', scope: 'wallet:read', serve: none },
  { name: 'private/get_transfers', scope: 'wallet:read', serve: none },
  { name: 'private/get_withdrawals', scope: 'wallet:read', serve: none },
];

function none(call: Call): object {
  const { venue, params } = call;
  sessionOf(call);
  venue.listing.currencyNumber(params.text('currency'));
  params.optionalInteger('count', 1, MOST);
  params.optionalInteger('offset', 0, MOST_OFFSET);
  return { data: [], count: 0 };
}

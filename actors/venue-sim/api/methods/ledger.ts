import { invalidParam, refused } from '../rpc/errors.js';
import { listSlices, Prepared, type Slices } from '../rpc/result.js';
import { transactionWords } from '../transactions.js';
import { accountOf, type Call, type Method } from './method.js';

const MOST = 250;
const COUNT = 100;
const MOST_TIME = 1e15;
const LONGEST_QUERY = 256;

/** What has moved an account's money, and what keeps it from moving. */
export const ledgerMethods: readonly Method[] = [
  { name: 'private/get_transaction_log', scope: 'account:read', serve: getTransactionLog },
  { name: 'private/get_user_locks', scope: 'account:read', serve: getUserLocks },
];

/** The newest entries first; the continuation is the id of the next one. */
function getTransactionLog(call: Call): Prepared {
  const { venue, params } = call;
  const account = accountOf(call);
  const other = params.optionalInteger('subaccount_id', 0, Number.MAX_SAFE_INTEGER);
  if (other !== undefined && other !== account) throw refused('forbidden');
  const words = (params.optionalText('query', LONGEST_QUERY) ?? '').split(/[\s,]+/).filter((word) => word !== '');
  const unknown = words.find((word) => !transactionWords.some((known) => known === word));
  if (unknown !== undefined) throw invalidParam('query', `must be some of ${transactionWords.join(', ')}`);
  const { found, next } = venue.transactions.find(account, {
    currency: venue.listing.currencyNumber(params.text('currency')),
    from: params.integer('start_timestamp', 0, MOST_TIME) - venue.shiftMs,
    to: params.integer('end_timestamp', 0, MOST_TIME) + 1 - venue.shiftMs,
    words,
    count: params.optionalInteger('count', 1, MOST) ?? COUNT,
    newest: params.optionalInteger('continuation', 1, Number.MAX_SAFE_INTEGER) ?? Number.POSITIVE_INFINITY,
  });
  return new Prepared(JSON.stringify({ logs: found, continuation: next ?? null }));
}

/** The simulated venue locks no account. */
function getUserLocks({ venue }: Call): Slices {
  const write = ({ name }: { name: string }): string => `{"currency":"${name}","enabled":false,"locked":false}`;
  return listSlices(venue.exchange.config.currencies, write);
}

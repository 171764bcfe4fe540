import { portfolioFields } from '../encode/account.js';
import { Slices } from '../rpc/result.js';
import { accountOf, type Call } from './method.js';

/** What an account has of one currency. */
export function getSummary(call: Call): object {
  const { venue, params } = call;
  const account = accountOf(call);
  const currency = venue.listing.currencyNumber(params.text('currency'));
  const summary = portfolioFields(venue, account, currency);
  return params.flag('extended') ? { ...identity(call), ...summary } : summary;
}

/** A currency at a time: each looks through all positions. */
export function getSummaries(call: Call): Slices {
  return new Slices(summaries(call, call.params.flag('extended')));
}

function* summaries(call: Call, isExtended: boolean): Generator<string> {
  const { venue } = call;
  const account = accountOf(call);
  const head = isExtended ? JSON.stringify(identity(call)).slice(0, -1) : `{"id":${account}`;
  yield `${head},"summaries":[`;
  for (const currency of venue.exchange.config.currencies.keys()) {
    const summary = JSON.stringify(portfolioFields(venue, account, currency));
    yield currency === 0 ? summary : `,${summary}`;
  }
  yield ']}';
}

/** Who an account is, and what it may ask. */
function identity(call: Call): object {
  const { venue } = call;
  const account = accountOf(call);
  const { matching, massQuotes, cancelAll, requests } = venue.limits;
  const rate = ({ refillPerSecond, capacity }: { refillPerSecond: number; capacity: number }): object => ({
    rate: refillPerSecond,
    burst: capacity,
  });
  const { name } = venue.exchange.accounts.options[account]!;
  return {
    id: account,
    username: name,
    system_name: name,
    email: `${name}@localhost`,
    type: 'main',
    login_enabled: true,
    mmp_enabled: true,
    security_keys_enabled: false,
    interuser_transfers_enabled: false,
    creation_timestamp: venue.stamp(venue.exchange.config.startTime),
    limits: {
      limits_per_currency: false,
      non_matching_engine: {
        rate: requests.refillPerSecond,
        burst: requests.capacity,
        cost: 500,
      },
      matching_engine: {
        trading: { total: rate(matching) },
        spot: rate(matching),
        maximum_quotes: rate({ capacity: 500, refillPerSecond: 500 }),
        maximum_mass_quotes: rate(massQuotes),
        guaranteed_mass_quotes: rate({ capacity: 2, refillPerSecond: 2 }),
        cancel_all: rate(cancelAll),
      },
    },
  };
}

/** The account itself: it has none. */
export function getSubaccounts(call: Call): object {
  const account = accountOf(call);
  const { name } = call.venue.exchange.accounts.options[account]!;
  return [{ id: account, username: name, system_name: name, type: 'main', is_password: true, login_enabled: true }];
}

import { portfolioFields } from '../encode/account.js';
import { invalidParam, refused } from '../rpc/errors.js';
import { supposing } from '../supposed-portfolio.js';
import { accountOf, type Call, type Method } from './method.js';

/** Positions that may be supposed: each may need a look at all of its scenarios. */
const MOST_POSITIONS = 64;

/** What an account's margins would be. */
export const simulationMethods: readonly Method[] = [
  { name: 'private/simulate_portfolio', scope: 'account:read', serve: simulatePortfolio },
];

/** Margins and sums with other positions, on top of what is held or in its place: futures in USD, options in coins. */
function simulatePortfolio(call: Call): object {
  const { venue, params } = call;
  const { instruments } = venue.exchange;
  const account = accountOf(call);
  const currency = venue.listing.currencyNumber(params.text('currency'));
  const positions = params.optionalItem('simulated_positions');
  const names = positions?.names() ?? [];
  if (names.length > MOST_POSITIONS)
    throw invalidParam('simulated_positions', `must have at most ${MOST_POSITIONS} positions`);
  const lots = new Map<number, number>();
  for (const name of names) {
    const instrument = venue.listing.instrument(name);
    const isFit = instruments.currency[instrument] === currency && instruments.isCombo[instrument] === 0;
    if (!isFit) throw invalidParam('simulated_positions', `${name} is no position in ${params.text('currency')}`);
    const amount = positions!.number(name);
    lots.set(instrument, Math.sign(amount) * instruments.lots[instrument]!.nearest(Math.abs(amount)));
  }
  const read = () => portfolioFields(venue, account, currency);
  const found = supposing(venue.exchange, { account, currency }, lots, params.flag('add_positions', true), read);
  if (found === undefined) throw refused('temporarily_unavailable');
  return found;
}

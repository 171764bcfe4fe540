import type { VenueFloor } from '../floor.js';
import { rounded } from './number.js';

/** What an account holds of one currency, in whole coins. */
export interface Portfolio {
  currency: string;
  balance: number;
  equity: number;
  margin_balance: number;
  available_funds: number;
  initial_margin: number;
  maintenance_margin: number;
  options_value: number;
  futures_pl: number;
  delta_total: number;
  options_delta: number;
  options_gamma: number;
  options_vega: number;
  options_theta: number;
}

/** @param currency place of the currency in the exchange's configuration */
function portfolioOf(venue: VenueFloor, account: number, currency: number): Portfolio {
  const { config } = venue.exchange;
  // Margins are looked at once a second, a part at a time: to work all of them out here would take too long for a turn.
  const margin = venue.exchange.knownMargin(account, currency);
  const coins = (value: number): number => rounded(value, 8);
  return {
    currency: config.currencies[currency]!.name,
    balance: coins(margin.balance),
    equity: coins(margin.equity),
    margin_balance: coins(margin.marginBalance),
    available_funds: coins(margin.availableFunds),
    initial_margin: coins(margin.initialMargin),
    maintenance_margin: coins(margin.maintenanceMargin),
    options_value: coins(margin.optionValue),
    futures_pl: coins(margin.sessionProfit),
    ...greeksOf(venue, account, currency),
  };
}

/** What `user.portfolio` and `get_account_summary` have in common. */
export function portfolioFields(venue: VenueFloor, account: number, currency: number): Record<string, unknown> {
  const portfolio = portfolioOf(venue, account, currency);
  const { initial_margin, maintenance_margin, futures_pl, available_funds, delta_total } = portfolio;
  return {
    ...portfolio,
    available_withdrawal_funds: Math.max(0, available_funds),
    projected_initial_margin: initial_margin,
    projected_maintenance_margin: maintenance_margin,
    projected_delta_total: delta_total,
    session_upl: futures_pl,
    session_rpl: 0,
    total_pl: futures_pl,
    futures_session_upl: futures_pl,
    futures_session_rpl: 0,
    options_pl: 0,
    options_session_upl: 0,
    options_session_rpl: 0,
    spot_reserve: 0,
    additional_reserve: 0,
    locked_balance: 0,
    fee_balance: 0,
    cross_collateral_enabled: false,
    portfolio_margining_enabled: venue.hasPortfolioMargin(account),
    margin_model: venue.hasPortfolioMargin(account) ? 'segregated_pm' : 'segregated_sm',
  };
}

/** Data of `user.portfolio`. */
export function portfolioJson(venue: VenueFloor, account: number, currency: number): string {
  return JSON.stringify(portfolioFields(venue, account, currency));
}

function greeksOf(
  venue: VenueFloor,
  account: number,
  currency: number,
): Pick<Portfolio, 'delta_total' | 'options_delta' | 'options_gamma' | 'options_vega' | 'options_theta'> {
  const { positions, instruments, now } = venue.exchange;
  let futures = 0;
  let delta = 0;
  let vega = 0;
  for (let record = positions.firstOfAccount[account]!; record >= 0; record = positions.nextOfAccount[record]!) {
    const lots = positions.lots[record]!;
    // Most records of a market maker are quotes alone.
    if (lots === 0) continue;
    const instrument = positions.instrument[record]!;
    if (instruments.currency[instrument] !== currency) continue;
    const size = instruments.amountOf(instrument, lots);
    const mark = instruments.mark(instrument, now);
    if (instruments.isFuture[instrument] === 1) futures += instruments.inverse[instrument] === 1 ? size / mark : size;
    else {
      delta += size * instruments.delta(instrument, now);
      vega += size * instruments.vega(instrument, now);
    }
  }
  return {
    delta_total: rounded(futures + delta, 6),
    options_delta: rounded(delta, 6),
    options_gamma: 0,
    options_vega: rounded(vega, 4),
    options_theta: 0,
  };
}

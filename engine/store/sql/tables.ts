import { minuteOf } from './as-of.js';
import type { StoreTable } from './store-table.js';

const table = (
  name: string,
  record: string,
  comment: string,
  more: Partial<Pick<StoreTable, 'rows' | 'oncePerSecond' | 'derived' | 'from'>> = {},
): StoreTable => ({ name, record, comment, rows: 'records', from: 'journal', ...more });

const REPLAY = { from: 'replay' } as const;
const ENTRIES = { rows: 'entries' } as const;

/** By which questions as of many times find what they need. */
export const TOP_MINUTE = {
  name: 'minute',
  type: 'BIGINT',
  meaning: 'number of the instrument times 2^32, and of the minute since the Unix epoch: tops lie in this order',
  sql: minuteOf(''),
} as const;

/**
 * Every table, in the order in which the documentation lists them. What strategies wanted and why (DesiredQuote) is regenerated and
 * not kept by the recorder: it is many times what the log weighs, and the journal holds digests that prove a replay right.
 */
export const storeTables: readonly StoreTable[] = [
  table('runs', 'RUN_STARTED', 'Every start of the engine: a session.'),
  table(
    'instrument_definitions',
    'INSTRUMENT_DEFINITION',
    'Definitions as they came; the view instruments has the newest of each.',
  ),
  table('instrument_states', 'INSTRUMENT_STATE', 'Life cycles of instruments as they moved on.'),

  table('tops', 'BOOK_TOP', 'Best bid and offer of every book after each change of them.', {
    ...REPLAY,
    derived: [TOP_MINUTE],
  }),
  table('tickers', 'TICKER', "The venue's summaries of instruments."),
  table('venue_tops', 'TOP_OF_BOOK', 'Best bid and offer where the venue tells them alone.'),
  table('trades', 'TRADE_RUN', 'Trades of the market, one row each, live and imported.', ENTRIES),
  table('index_levels', 'INDEX_LEVEL', 'Indices of prices and of volatility.'),
  table('bars', 'BAR', 'Bars that were imported or asked for afterwards.'),
  table('chains', 'CHAIN_ROW', 'Snapshots of whole chains that were imported, one row an instrument.'),
  table('history_sections', 'HISTORY_SECTION', 'Where imported rows came from, and what became of them.'),
  table('feed_outages', 'FEED_OUTAGE', 'Stretches in which a feed could not be trusted: their beginnings and ends.'),
  table('quarantines', 'QUARANTINE', 'Records that were kept out, with the reason.'),

  table('theos', 'THEO_RUN', 'Theoretical values and Greeks of options.', {
    ...REPLAY,
    ...ENTRIES,
    oncePerSecond: ['instrument'],
  }),
  table('expiry_states', 'EXPIRY_STATE', 'Expiries as the volatility filter sees them.', REPLAY),
  table('underlying_states', 'UNDERLYING_STATE', 'Underlyings as the volatility filter sees them.', REPLAY),
  table('surface_fits', 'SURFACE_FIT', 'Fits of surfaces, one row a fit.'),
  table('surface_slices', 'SURFACE_FIT', 'Fits of surfaces, one row an expiry of a fit.', ENTRIES),
  table('smile_adjustments', 'SMILE_ADJUSTMENT', "Traders' adjustments of smiles."),
  table('anomalies', 'ANOMALY', 'What in the market ought not to be there.'),
  table('filter_events', 'FILTER_EVENT', "Crossings of the volatility filter's thresholds."),
  table('filtered_bars', 'FILTERED_BAR', 'Bars with the rules that filter them out.'),
  table('filtered_trades', 'FILTERED_TRADE', 'Trades that fell into an event of the volatility filter.'),
  table('market_statistics', 'MARKET_STATISTICS', 'Statistics of underlyings.'),
  table(
    'alert_changes',
    'ALERT_CHANGE',
    'Changes of state of alert rules; text holds name, rule and metric between tabs.',
  ),
  table('alert_deliveries', 'ALERT_DELIVERY', 'What became of telling a sink of an alert.'),

  table('desired_quotes', 'DESIRED_QUOTE', 'Quotes that the quoter wanted, with every part of why.', REPLAY),
  table('desired_hedges', 'DESIRED_HEDGE', 'Hedges that the hedger wanted, with why.', REPLAY),
  table('quote_pulls', 'QUOTE_PULL', 'Moments from which no quotes were wanted in a scope.', REPLAY),
  table('approved_orders', 'APPROVED_ORDER', 'Orders that risk let pass.'),
  table('refusals', 'REFUSAL', 'Orders that risk refused, with the limit and what was found.'),
  table('send_reports', 'SEND_REPORT', 'What became of approved orders at the socket.'),
  table('request_reports', 'REQUEST_REPORT', "The venue's answers to requests."),
  table('order_reports', 'ORDER_REPORT', "The venue's picture of our orders."),
  table('order_updates', 'ORDER_UPDATE', 'States of our orders after each event.', REPLAY),
  table('requests', 'REQUEST_UPDATE', 'States of our requests after each event.', REPLAY),
  table('fills', 'FILL', 'Our trades, each counted once.', REPLAY),
  table('fill_reports', 'FILL_REPORT', 'Trades as the venue told them, maybe many times; count fills instead.'),
  table('credit_states', 'CREDIT_STATE', "Mirror of the venue's credits for requests.", REPLAY),
  table('trading_states', 'TRADING_STATE', 'Whether orders may be sent, and why not.', REPLAY),
  table('mmp_reports', 'MMP_REPORT', "The venue's market maker protection: armed, triggered, reset."),
  table('connection_reports', 'CONNECTION_REPORT', 'Connections that carry orders.'),
  table('reconcile_reports', 'RECONCILE_REPORT', 'Reconciliations with the venue.'),

  table('positions', 'POSITION', 'Positions after each event that moved them.', REPLAY),
  table('position_reports', 'POSITION_REPORT', "The venue's picture of our positions."),
  table('delivery_reports', 'DELIVERY_REPORT', 'Prices at which the venue delivered what has expired.'),
  table('account_reports', 'ACCOUNT_REPORT', "The venue's picture of our money."),
  table('expiry_exposures', 'EXPIRY_EXPOSURE', 'Exposures to expiries.', {
    ...REPLAY,
    oncePerSecond: ['underlying', 'expiry'],
  }),
  table('underlying_exposures', 'UNDERLYING_EXPOSURE', 'Exposures to underlyings.', {
    ...REPLAY,
    oncePerSecond: ['underlying'],
  }),
  table('profit_loss', 'PROFIT_LOSS', 'Profit and loss since the beginning, by underlying and settlement currency.', {
    ...REPLAY,
    oncePerSecond: ['underlying', 'currency'],
  }),
  table('attributions', 'ATTRIBUTION', 'Profit of underlyings since the beginning, by where it came from.', {
    ...REPLAY,
    oncePerSecond: ['underlying'],
  }),
  table(
    'markouts',
    'MARKOUT',
    'What became of each fill of an option a while after it, against theoretical values.',
    REPLAY,
  ),
  table('performance', 'PERFORMANCE', "How well underlyings' trading does: ratios, uptime, volumes.", {
    ...REPLAY,
    oncePerSecond: ['underlying'],
  }),
  table('hedge_costs', 'HEDGE_COST', 'What each hedge cost.', REPLAY),
  table(
    'settlements',
    'SETTLEMENT',
    'Positions that ended by delivery, and corrections of what was paid at an estimate.',
    REPLAY,
  ),
  table('tie_outs', 'TIE_OUT', "Our count of money beside the venue's.", REPLAY),
  table('booked_trades', 'BOOKED_TRADE', 'Trades made elsewhere that were booked by hand.'),

  table('limit_changes', 'LIMIT_CHANGE', "Operators' changes of limits, as asked for."),
  table('limits', 'LIMIT_STATE', 'What became of changes of limits, and every limit at the start.'),
  table('risk_commands', 'RISK_COMMAND', "Operators' commands to risk."),
  table('risk_states', 'RISK_STATE', 'States of risk of parts of the book.'),
  table('worst_cases', 'WORST_CASE', 'What underlyings would hold at worst.'),
  table('engine_states', 'ENGINE_STATE', 'States of the engine: active, reducing, halted.'),
  table('operator_commands', 'OPERATOR_COMMAND', "Operators' commands to quoting."),
  table('trader_controls', 'TRADER_CONTROL', 'Traders moved widths or sizes, or paused a part of the quoting.'),
  table('manual_orders', 'MANUAL_ORDER', 'Orders that traders wanted at work, or no more.'),
  table('manual_hedges', 'MANUAL_HEDGE', 'Hedges that traders asked for.'),
  table('command_faults', 'COMMAND_FAULT', 'Commands that changed nothing, and what was wrong with them.'),
  table('alert_commands', 'ALERT_COMMAND', 'Commands to alerts: acknowledged, silenced, rules changed.'),
  table('snapshots', 'SNAPSHOT_TAKEN', 'Snapshots of the core that lie on the disk.'),
];

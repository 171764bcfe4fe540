import { CreditState } from '../../schemas/generated/credit-state.js';
import { DesiredQuote } from '../../schemas/generated/desired-quote.js';
import { OrderUpdate } from '../../schemas/generated/order-update.js';
import { Performance } from '../../schemas/generated/performance.js';
import { TradingState } from '../../schemas/generated/trading-state.js';
import { counter, type Family, gauge, type MetricSource, type Put } from './family.js';
import { eachRow } from './topic-rows.js';

const TRADING_STATES = ['not_connected', 'reconciling', 'ready', 'degraded'] as const;
const ORDER_STATES = [
  'requested',
  'open',
  'partly_filled',
  'filled',
  'cancelled',
  'rejected',
  'expired',
  'unknown',
  'not_sent',
] as const;

function trading(of: (row: TradingState) => number): (source: MetricSource, put: Put) => void {
  return ({ topics }, put) => {
    eachRow(topics.merge('trading'), TradingState, (row) => {
      put(of(row));
    });
  };
}

function performance(of: (row: Performance) => number): (source: MetricSource, put: Put) => void {
  return ({ topics, names }, put) => {
    eachRow(topics.merge('performances'), Performance, (row) => {
      put(of(row), names.of(row.underlying()));
    });
  };
}

export const tradingFamilies: readonly Family[] = [
  gauge('volfilter_trading_state', '1 for the state of trading, 0 for the others.', ['state'], ({ topics }, put) => {
    eachRow(topics.merge('trading'), TradingState, (row) => {
      TRADING_STATES.forEach((name, place) => {
        put(row.state() === place + 1 ? 1 : 0, name);
      });
    });
  }),
  gauge(
    'volfilter_orders',
    'Orders in the order table by state; a place keeps its last order until another takes it.',
    ['state'],
    ({ topics }, put) => {
      const counts = ORDER_STATES.map(() => 0);
      eachRow(topics.merge('orders'), OrderUpdate, (row) => {
        const place = row.status() - 1;
        if (counts[place] !== undefined) counts[place]++;
      });
      ORDER_STATES.forEach((name, place) => {
        put(counts[place]!, name);
      });
    },
  ),
  gauge(
    'volfilter_orders_working',
    'Orders that may still trade, as the order keeper counts them.',
    [],
    trading((row) => row.openOrders()),
  ),
  gauge(
    'volfilter_orders_foreign',
    'Of these, not placed by this engine.',
    [],
    trading((row) => row.foreignOrders()),
  ),
  gauge(
    'volfilter_requests',
    'Requests by state: in flight, or of unknown outcome and overdue.',
    ['state'],
    ({ topics }, put) => {
      eachRow(topics.merge('trading'), TradingState, (row) => {
        put(row.inFlight(), 'in_flight');
        put(row.unknownRequests(), 'unknown');
      });
    },
  ),
  counter(
    'volfilter_reconciliations_total',
    'Reconciliations with the venue that have ended.',
    [],
    trading((row) => row.reconciliations()),
  ),
  counter(
    'volfilter_fills_total',
    'Fills counted.',
    [],
    trading((row) => row.fills()),
  ),
  counter(
    'volfilter_fills_duplicate_total',
    'Fills that were counted already.',
    [],
    trading((row) => row.duplicates()),
  ),
  gauge(
    'volfilter_fills_missing',
    'Orders that the venue calls filled further than the fills tell.',
    [],
    trading((row) => row.missing()),
  ),
  counter(
    'volfilter_refusals_total',
    'Orders that risk refused, by check, since the gateway began; docs/metrics.md says how they are named.',
    ['check'],
    ({ refusals }, put) => {
      refusals.count();
      for (const [check, count] of refusals.counts) put(count, check);
    },
  ),
  gauge(
    'volfilter_credits',
    'Requests that could be sent now, by the kind of account that they are drawn from.',
    ['kind'],
    ({ topics }, put) => {
      eachRow(topics.merge('credits'), CreditState, (row) => {
        put(row.matching(), 'matching');
        put(row.nonMatching(), 'non_matching');
        put(row.quotes(), 'quotes');
        put(row.massQuotes(), 'mass_quotes');
        put(row.cancelAlls(), 'cancel_alls');
      });
    },
  ),
  gauge('volfilter_credits_burst', 'Requests that can be saved up.', ['kind'], ({ topics }, put) => {
    eachRow(topics.merge('credits'), CreditState, (row) => {
      put(row.matchingBurst(), 'matching');
      put(row.nonMatchingBurst(), 'non_matching');
      put(row.quotesBurst(), 'quotes');
      put(row.massQuotesBurst(), 'mass_quotes');
    });
  }),
  gauge('volfilter_quotes_wanted', 'Instruments that are wanted quoted, by side.', ['side'], ({ topics }, put) => {
    let bids = 0;
    let offers = 0;
    eachRow(topics.merge('quotes'), DesiredQuote, (row) => {
      if (row.bidAmount() > 0) bids++;
      if (row.askAmount() > 0) offers++;
    });
    put(bids, 'bid');
    put(offers, 'offer');
  }),
  gauge(
    'volfilter_quote_uptime_ratio',
    'Share of time that an option of the duty was quoted on both sides.',
    ['underlying'],
    performance((row) => row.uptime()),
  ),
  gauge(
    'volfilter_quote_covered_ratio',
    'The same, with every option of the duty quoted.',
    ['underlying'],
    performance((row) => row.covered()),
  ),
  gauge(
    'volfilter_quotes_two_sided',
    'Options quoted on both sides within the duty now.',
    ['underlying'],
    performance((row) => row.quotes()),
  ),
  gauge(
    'volfilter_quotes_due',
    'Options that are wanted so now.',
    ['underlying'],
    performance((row) => row.wanted()),
  ),
  gauge(
    'volfilter_order_to_fill_ratio',
    'Orders sent or changed for each fill; 0 before the first.',
    ['underlying'],
    performance((row) => row.orderToVolume()),
  ),
];

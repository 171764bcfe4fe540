import { BookTop } from '../../schemas/generated/book-top.js';
import { ExpiryState } from '../../schemas/generated/expiry-state.js';
import { FeedRow } from '../../schemas/generated/feed-row.js';
import { UnderlyingState } from '../../schemas/generated/underlying-state.js';
import { counter, type Family, gauge, type MetricSource, type Put } from './family.js';
import { eachRow } from './topic-rows.js';

const MICROSECOND = 1e-6;
const BOOK_STATES = ['live', 'stale', 'crossed', 'empty'] as const;

function feeds(of: (row: FeedRow) => number): (source: MetricSource, put: Put) => void {
  return ({ topics }, put) => {
    eachRow(topics.merge('feed'), FeedRow, (row) => {
      put(of(row), String(row.feed()));
    });
  };
}

/** Judgements of the quality guard: one name, a label for what was judged. */
const VERDICTS = { good: 'good', repaired: 'repaired', quarantined: 'quarantined', dropped: 'dropped' } as const;

/** Expiries that have a surface, by underlying and by day, which bounds them to those that are listed. */
function expiries(of: (row: ExpiryState) => number): (source: MetricSource, put: Put) => void {
  return ({ topics, names }, put) => {
    const told = new Set<string>();
    eachRow(topics.merge('expiries'), ExpiryState, (row) => {
      if (row.surfaceSeq() === 0 || row.years() <= 0 || !Number.isFinite(row.expiryTime())) return;
      const underlying = names.ofFilter(row.underlying());
      const day = new Date(row.expiryTime() / 1000).toISOString().slice(0, 10);
      // A series that is there twice would make Prometheus refuse the whole scrape.
      if (told.has(`${underlying} ${day}`)) return;
      told.add(`${underlying} ${day}`);
      put(of(row), underlying, day);
    });
  };
}

function underlyings(of: (row: UnderlyingState) => number): (source: MetricSource, put: Put) => void {
  return ({ topics, names }, put) => {
    eachRow(topics.merge('underlyings'), UnderlyingState, (row) => {
      put(of(row), names.ofFilter(row.underlying()));
    });
  };
}

export const marketFamilies: readonly Family[] = [
  gauge(
    'volfilter_feed_connections',
    'Connections that are up.',
    ['feed'],
    feeds((row) => row.connections()),
  ),
  counter(
    'volfilter_feed_connects_total',
    'Connections made.',
    ['feed'],
    feeds((row) => row.connects()),
  ),
  counter(
    'volfilter_feed_messages_total',
    'Frames received.',
    ['feed'],
    feeds((row) => row.messages()),
  ),
  counter(
    'volfilter_feed_received_bytes_total',
    'Bytes received.',
    ['feed'],
    feeds((row) => row.bytes()),
  ),
  counter(
    'volfilter_feed_malformed_total',
    'Frames and fields that were refused.',
    ['feed'],
    feeds((row) => row.malformed()),
  ),
  counter(
    'volfilter_feed_updates_total',
    'Updates decoded, by what they are of.',
    ['feed', 'kind'],
    ({ topics }, put) => {
      eachRow(topics.merge('feed'), FeedRow, (row) => {
        const feed = String(row.feed());
        put(row.books(), feed, 'book');
        put(row.tickers(), feed, 'ticker');
        put(row.trades(), feed, 'trade');
      });
    },
  ),
  counter(
    'volfilter_feed_verdicts_total',
    'Records by what the quality guard did with them.',
    ['feed', 'verdict'],
    ({ topics }, put) => {
      eachRow(topics.merge('feed'), FeedRow, (row) => {
        for (const verdict of Object.values(VERDICTS)) put(row[verdict](), String(row.feed()), verdict);
      });
    },
  ),
  gauge(
    'volfilter_feed_gaps_open',
    'Books that are stale because something of them is missing.',
    ['feed'],
    feeds((row) => row.outagesOpen()),
  ),
  counter(
    'volfilter_feed_resubscribed_total',
    'Times that a channel was asked for anew after a gap.',
    ['feed'],
    feeds((row) => row.resubscribed()),
  ),
  gauge(
    'volfilter_feed_clock_offset_seconds',
    "How far the venue's clock is ahead of ours.",
    ['feed'],
    feeds((row) => row.clockOffsetMicros() * MICROSECOND),
  ),
  gauge('volfilter_books', 'Order books by their state.', ['state'], ({ topics }, put) => {
    const counts = BOOK_STATES.map(() => 0);
    eachRow(topics.merge('tops'), BookTop, (row) => {
      const place = row.state() - 1;
      if (counts[place] !== undefined) counts[place]++;
    });
    BOOK_STATES.forEach((name, place) => {
      put(counts[place]!, name);
    });
  }),
  gauge(
    'volfilter_index_usd',
    'Index of an underlying.',
    ['underlying'],
    underlyings((row) => row.index()),
  ),
  gauge(
    'volfilter_index_age_seconds',
    'Time since the last word from the index.',
    ['underlying'],
    underlyings((row) => row.indexAge()),
  ),
  gauge(
    'volfilter_forecast_volatility',
    'Realised volatility forecast for the next hour, a fraction a year.',
    ['underlying'],
    underlyings((row) => row.vol1h()),
  ),
  gauge(
    'volfilter_surface_age_seconds',
    'Time since the moment that the fit in force saw.',
    ['underlying', 'expiry'],
    expiries((row) => row.fitAge()),
  ),
  gauge(
    'volfilter_surface_error_ratio',
    'Root mean square distance of the fit to mids, a fraction of volatility.',
    ['underlying', 'expiry'],
    expiries((row) => row.fitError()),
  ),
  gauge(
    'volfilter_surface_inside_ratio',
    'Share of two-sided quotes that hold the fit between bid and offer.',
    ['underlying', 'expiry'],
    expiries((row) => row.insideShare()),
  ),
  gauge(
    'volfilter_surface_atm_volatility',
    'Volatility at the forward, a fraction a year.',
    ['underlying', 'expiry'],
    expiries((row) => row.atmVol()),
  ),
];

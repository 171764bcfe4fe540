import * as charts from '../../topics/charts.js';
import * as first from '../../topics/first.js';
import * as more from '../../topics/pages.js';
import { coins } from './options.js';
import { of, type Tables } from './told.js';

/** What the engine tells of itself. */
export const engineTables: Tables = {
  engine: () => of(first.engine, [{ key: 0, text: '', fill: (row) => void row.mutate_state(1) }]),
  trading: () =>
    of(first.trading, [
      {
        key: 0,
        fill: (row) => {
          row.mutate_state(3);
          row.mutate_openOrders(42);
        },
      },
    ]),
  alerts: () =>
    of(first.alerts, [
      {
        key: 0,
        text: 'feed-stale\twhen feed.age > 5 s\tfeed.age',
        fill: (row) => {
          row.mutate_rule(0);
          row.mutate_severity(2);
          row.mutate_state(1);
        },
      },
    ]),
  protections: () =>
    of(
      more.protections,
      coins.map((_, coin) => ({
        key: coin,
        fill(row) {
          row.mutate_underlying(coin);
          row.mutate_group(coin + 1);
          row.mutate_state(1);
          row.mutate_frozenUntil(Number.NaN);
          row.mutate_interval(5);
          row.mutate_frozenTime(10);
          row.mutate_quantityLimit(coin === 0 ? 5 : 50);
          row.mutate_deltaLimit(Number.NaN);
          row.mutate_vegaLimit(Number.NaN);
          row.mutate_maxQuoteQuantity(coin === 0 ? 5 : 50);
        },
      })),
    ),
  'latency-buckets': (step) =>
    of(
      charts.latencyBuckets,
      Array.from({ length: 10 * 12 }, (_, at) => {
        const actor = Math.floor(at / 12);
        const bucket = 8 + (at % 12);
        return {
          key: actor * 64 + bucket,
          fill(row) {
            row.mutate_actor(actor);
            row.mutate_bucket(bucket);
            row.mutate_count(step * Math.round(4000 / (1 + (bucket - 10) * (bucket - 10))));
          },
        };
      }),
    ),
  latency: () =>
    of(
      charts.latency,
      ['feed', 'sequencer', 'book', 'filter', 'orders', 'portfolio', 'quoter', 'risk', 'execution', 'recorder'].map(
        (name, place) => ({
          key: place,
          text: name,
          fill(row) {
            row.mutate_actor(place);
            row.mutate_records(1e6 * (10 - place));
            for (const [at, set] of [
              row.mutate_waitingP50,
              row.mutate_waitingP99,
              row.mutate_waitingP999,
              row.mutate_waitingMax,
            ].entries())
              set.call(row, 900 * (place + 1) * 10 ** at);
            for (const [at, set] of [
              row.mutate_serviceP50,
              row.mutate_serviceP99,
              row.mutate_serviceP999,
              row.mutate_serviceMax,
            ].entries())
              set.call(row, 400 * (place + 1) * 8 ** at);
          },
        }),
      ),
    ),
};

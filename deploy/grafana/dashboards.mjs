// The dashboards as they are thought of: rows of panels, each with its queries. `npm run dashboards` writes them as Grafana reads them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';

/**
 * A panel: what it shows, in which of Grafana's units, and queries with the names of their lines.
 * @typedef {{ title: string, unit: string, queries: [expression: string, legend: string][], type?: 'timeseries' | 'stat', means?: string }} Panel
 * @typedef {{ file: string, title: string, variables?: Record<string, string>, rows: Panel[][] }} Dashboard
 */

/** Width of Grafana's grid, and heights of panels in its units. */
const GRID = 24;
const HEIGHT = { timeseries: 8, stat: 4 };
/** Rates over a range that holds several scrapes, whatever the zoom. */
const RATE = '[$__rate_interval]';

/** @param {string} title @param {string} unit @param {string} expression @param {string} [legend] @returns {Panel} */
const stat = (title, unit, expression, legend = '') => ({ title, unit, queries: [[expression, legend]], type: 'stat' });
/** @param {string} title @param {string} unit @param {[string, string][]} queries @param {string} [means] @returns {Panel} */
const graph = (title, unit, queries, means) => ({ title, unit, queries, ...(means === undefined ? {} : { means }) });
/** A quantile of a histogram of each actor. @param {number} share @param {string} metric */
const quantile = (share, metric) =>
  `histogram_quantile(${share}, sum by (actor, le) (rate(${metric}_bucket{actor=~"$actor"}${RATE})))`;

const ofUnderlying = '{underlying=~"$underlying"}';
const underlyings = { underlying: 'label_values(volfilter_index_usd, underlying)' };

/** @type {Dashboard[]} */
export const DASHBOARDS = [
  {
    file: 'engine',
    title: 'Engine',
    rows: [
      [
        stat('state', 'none', 'volfilter_engine_state == 1', '{{state}}'),
        stat('killed', 'bool', 'volfilter_engine_killed'),
        stat('threads alive', 'none', 'sum(volfilter_thread_alive)'),
        stat('trading', 'none', 'volfilter_trading_state == 1', '{{state}}'),
      ],
      [
        graph('records taken', 'ops', [[`rate(volfilter_actor_records_total${RATE})`, '{{actor}}']]),
        graph('log events worked on', 'ops', [[`rate(volfilter_actor_events_total${RATE})`, '{{actor}}']]),
      ],
      [
        graph(
          'queues, share of their room',
          'percentunit',
          [
            [
              'volfilter_stream_waiting_bytes / on(stream) group_left volfilter_stream_capacity_bytes',
              '{{stream}} > {{reader}}',
            ],
          ],
          'At four fifths of the log the engine kills itself.',
        ),
        graph('no room', 'ops', [
          [`rate(volfilter_stream_full_total${RATE})`, '{{stream}} full'],
          [`rate(volfilter_actor_gated_total${RATE})`, '{{actor}} waited'],
          [`rate(volfilter_actor_conflated_total${RATE})`, '{{actor}} dropped for newer'],
        ]),
      ],
      [
        graph('time in garbage collections', 'percentunit', [
          [`rate(volfilter_thread_gc_seconds_total${RATE})`, '{{thread}}'],
        ]),
        graph('collections', 'ops', [[`rate(volfilter_thread_gc_total${RATE})`, '{{thread}}']]),
        graph('longest collection', 's', [['volfilter_thread_gc_longest_seconds', '{{thread}}']]),
        graph('lag of event loops', 's', [['volfilter_thread_loop_lag_seconds', '{{thread}}']]),
      ],
      [
        graph('most that ever waited, share of the room', 'percentunit', [
          ['volfilter_stream_high_water_bytes / volfilter_stream_capacity_bytes', '{{stream}}'],
        ]),
        graph('through the streams', 'ops', [
          [`rate(volfilter_stream_records_total${RATE})`, '{{stream}}'],
          [`rate(volfilter_stream_taken_total${RATE})`, '{{stream}} > {{reader}}'],
        ]),
      ],
      [
        graph('journal, written and not on the disk', 'bytes', [
          ['volfilter_journal_committed_position - volfilter_journal_synced_position', 'behind'],
        ]),
        graph('behind the log', 's', [
          ['volfilter_journal_lag_seconds', 'journal on the disk'],
          ['volfilter_store_lag_seconds', 'SQL store'],
        ]),
        graph('sleeps', 'ops', [
          [`rate(volfilter_thread_parked_total${RATE})`, '{{thread}} slept'],
          [`rate(volfilter_thread_woken_total${RATE})`, '{{thread}} woken'],
        ]),
        graph('asleep now', 'bool', [['volfilter_thread_idle', '{{thread}}']]),
      ],
    ],
  },
  {
    file: 'latency',
    title: 'Latency',
    variables: { actor: 'label_values(volfilter_actor_records_total, actor)' },
    rows: [
      [
        graph('hop, median', 's', [[quantile(0.5, 'volfilter_actor_waiting_seconds'), '{{actor}}']]),
        graph('hop, 99th percentile', 's', [[quantile(0.99, 'volfilter_actor_waiting_seconds'), '{{actor}}']]),
        graph('hop, 99.9th percentile', 's', [[quantile(0.999, 'volfilter_actor_waiting_seconds'), '{{actor}}']]),
      ],
      [
        graph('work, median', 's', [[quantile(0.5, 'volfilter_actor_service_seconds'), '{{actor}}']]),
        graph('work, 99th percentile', 's', [[quantile(0.99, 'volfilter_actor_service_seconds'), '{{actor}}']]),
        graph('work, 99.9th percentile', 's', [[quantile(0.999, 'volfilter_actor_service_seconds'), '{{actor}}']]),
      ],
      [
        graph(
          'share of a CPU at work',
          'percentunit',
          [[`rate(volfilter_actor_service_seconds_sum{actor=~"$actor"}${RATE})`, '{{actor}}']],
          'Near one the actor cannot keep up.',
        ),
        graph('mean wait', 's', [
          [
            `rate(volfilter_actor_waiting_seconds_sum{actor=~"$actor"}${RATE}) / rate(volfilter_actor_waiting_seconds_count{actor=~"$actor"}${RATE})`,
            '{{actor}}',
          ],
        ]),
      ],
    ],
  },
  {
    file: 'market-data',
    title: 'Market data',
    variables: underlyings,
    rows: [
      [
        stat('connections', 'none', 'sum(volfilter_feed_connections)'),
        stat('open gaps', 'none', 'sum(volfilter_feed_gaps_open)'),
        stat('clock of the venue ahead', 's', 'volfilter_feed_clock_offset_seconds'),
        stat('index', 'currencyUSD', `volfilter_index_usd${ofUnderlying}`, '{{underlying}}'),
      ],
      [
        graph('frames', 'ops', [[`rate(volfilter_feed_messages_total${RATE})`, 'feed {{feed}}']]),
        graph('bytes', 'Bps', [[`rate(volfilter_feed_received_bytes_total${RATE})`, 'feed {{feed}}']]),
        graph('updates', 'ops', [[`rate(volfilter_feed_updates_total${RATE})`, '{{kind}}']]),
      ],
      [
        graph('what the quality guard did', 'ops', [[`rate(volfilter_feed_verdicts_total${RATE})`, '{{verdict}}']]),
        graph('trouble', 'ops', [
          [`rate(volfilter_feed_malformed_total${RATE})`, 'malformed'],
          [`rate(volfilter_feed_resubscribed_total${RATE})`, 'asked anew'],
          [`rate(volfilter_feed_connects_total${RATE})`, 'connected'],
        ]),
        graph('books', 'none', [['volfilter_books', '{{state}}']]),
      ],
      [
        graph('age of surfaces', 's', [[`volfilter_surface_age_seconds${ofUnderlying}`, '{{underlying}} {{expiry}}']]),
        graph('error of surfaces', 'percentunit', [
          [`volfilter_surface_error_ratio${ofUnderlying}`, '{{underlying}} {{expiry}}'],
        ]),
        graph('quotes that hold the fit', 'percentunit', [
          [`volfilter_surface_inside_ratio${ofUnderlying}`, '{{underlying}} {{expiry}}'],
        ]),
      ],
      [
        graph('volatility at the forward', 'percentunit', [
          [`volfilter_surface_atm_volatility${ofUnderlying}`, '{{underlying}} {{expiry}}'],
        ]),
        graph('forecast for the next hour', 'percentunit', [
          [`volfilter_forecast_volatility${ofUnderlying}`, '{{underlying}}'],
        ]),
        graph('age of the index', 's', [[`volfilter_index_age_seconds${ofUnderlying}`, '{{underlying}}']]),
      ],
    ],
  },
  {
    file: 'trading',
    title: 'Trading',
    variables: underlyings,
    rows: [
      [
        stat('trading', 'none', 'volfilter_trading_state == 1', '{{state}}'),
        stat('orders at work', 'none', 'volfilter_orders_working'),
        stat('uptime of quotes', 'percentunit', `volfilter_quote_uptime_ratio${ofUnderlying}`, '{{underlying}}'),
        stat('requests of unknown outcome', 'none', 'volfilter_requests{state="unknown"}'),
      ],
      [
        graph('quoted on both sides, of what is due', 'percentunit', [
          [`volfilter_quotes_two_sided${ofUnderlying} / volfilter_quotes_due${ofUnderlying}`, '{{underlying}}'],
        ]),
        graph('share of time with the whole duty quoted', 'percentunit', [
          [`volfilter_quote_covered_ratio${ofUnderlying}`, '{{underlying}}'],
        ]),
        graph('instruments wanted quoted', 'none', [['volfilter_quotes_wanted', '{{side}}']]),
      ],
      [
        graph('orders', 'none', [
          ['volfilter_orders', '{{state}}'],
          ['volfilter_orders_foreign', 'of others'],
        ]),
        graph('requests', 'none', [['volfilter_requests', '{{state}}']]),
        graph('credits, share of what can be saved up', 'percentunit', [
          ['volfilter_credits / on(kind) volfilter_credits_burst', '{{kind}}'],
        ]),
      ],
      [
        graph('fills', 'ops', [
          [`rate(volfilter_fills_total${RATE})`, 'counted'],
          [`rate(volfilter_fills_duplicate_total${RATE})`, 'told again'],
        ]),
        graph('refusals by check', 'ops', [[`rate(volfilter_refusals_total${RATE})`, '{{check}}']]),
        graph('orders for each fill', 'none', [[`volfilter_order_to_fill_ratio${ofUnderlying}`, '{{underlying}}']]),
      ],
      [
        graph('orders filled further than fills tell', 'none', [['volfilter_fills_missing', 'missing']]),
        graph('reconciliations', 'ops', [[`rate(volfilter_reconciliations_total${RATE})`, 'ended']]),
        graph('traded', 'currencyUSD', [
          [`increase(volfilter_traded_usd_total${ofUnderlying}[1h])`, '{{underlying}} in an hour'],
        ]),
      ],
    ],
  },
  {
    file: 'risk',
    title: 'Risk',
    variables: underlyings,
    rows: [
      [
        stat('risk', 'none', 'volfilter_risk_state == 1', '{{state}}'),
        stat('profit', 'currencyUSD', `sum(volfilter_profit_usd${ofUnderlying})`),
        stat('delta', 'currencyUSD', `sum(volfilter_delta_usd${ofUnderlying})`),
        stat('fullest limit', 'percentunit', `max(volfilter_limit_use_ratio${ofUnderlying})`),
      ],
      [
        graph('profit at theoretical value', 'currencyUSD', [
          [`volfilter_profit_usd${ofUnderlying}`, '{{underlying}}'],
        ]),
        graph('of the day, settlement currency', 'none', [
          [`volfilter_profit_day${ofUnderlying}`, '{{underlying}} {{currency}}'],
        ]),
        graph('parts, settlement currency', 'none', [
          [`volfilter_profit${ofUnderlying}`, '{{underlying}} whole'],
          [`volfilter_profit_realised${ofUnderlying}`, '{{underlying}} realised'],
          [`volfilter_profit_unrealised${ofUnderlying}`, '{{underlying}} unrealised'],
          [`-volfilter_fees${ofUnderlying}`, '{{underlying}} fees'],
        ]),
      ],
      [
        graph('use of limits, all that rests filled', 'percentunit', [
          [`volfilter_limit_use_ratio${ofUnderlying}`, '{{underlying}} {{limit}}'],
        ]),
        graph('limits', 'none', [['volfilter_limit', '{{limit}}']]),
        graph('tie-out: the venue less ours', 'none', [
          ['volfilter_tie_out_difference', '{{currency}}'],
          ['volfilter_tie_out_tolerance', '{{currency}} allowed'],
          ['volfilter_tie_out_differs', '{{currency}} differs'],
        ]),
        graph('approved and refused', 'ops', [
          [`rate(volfilter_risk_approved_total${ofUnderlying}${RATE})`, '{{underlying}} approved'],
          [`rate(volfilter_risk_refused_total${ofUnderlying}${RATE})`, '{{underlying}} refused'],
        ]),
      ],
      [
        graph('delta, units of the underlying', 'none', [
          [`volfilter_delta${ofUnderlying}`, '{{underlying}}'],
          [`volfilter_net_delta${ofUnderlying}`, '{{underlying}} net'],
        ]),
        graph('gamma, for one per cent', 'currencyUSD', [
          [`volfilter_dollar_gamma_usd${ofUnderlying}`, '{{underlying}}'],
        ]),
        graph('vega, a point', 'currencyUSD', [
          [`volfilter_vega_usd${ofUnderlying}`, '{{underlying}}'],
          [`volfilter_weighted_vega_usd${ofUnderlying}`, '{{underlying}} weighted'],
        ]),
      ],
      [
        graph('theta, a day', 'currencyUSD', [[`volfilter_theta_usd_per_day${ofUnderlying}`, '{{underlying}}']]),
        graph('vanna and volga', 'none', [
          [`volfilter_vanna${ofUnderlying}`, '{{underlying}} vanna'],
          [`volfilter_volga${ofUnderlying}`, '{{underlying}} volga'],
        ]),
        graph('instruments held', 'none', [[`volfilter_positions${ofUnderlying}`, '{{underlying}}']]),
      ],
    ],
  },
  {
    file: 'gateway',
    title: 'Gateway',
    rows: [
      [
        stat('answers', 'bool', 'up{job="volfilter"}'),
        stat('screens', 'none', 'volfilter_gateway_clients'),
        stat('screens behind', 'none', 'volfilter_gateway_clients_lagging'),
      ],
      [
        graph('frames sent', 'ops', [[`rate(volfilter_gateway_frames_total${RATE})`, 'frames']]),
        graph('screens', 'none', [
          ['volfilter_gateway_clients', 'open'],
          ['volfilter_gateway_clients_lagging', 'behind'],
        ]),
        graph('time of a scrape', 's', [['scrape_duration_seconds{job="volfilter"}', 'scrape']]),
      ],
      [
        graph('calls outside', 'ops', [
          [`rate(volfilter_outside_calls_total${RATE})`, '{{call}}'],
          [`rate(volfilter_outside_retried_total${RATE})`, '{{call}} again'],
        ]),
        graph(
          'calls outside that came to nothing',
          'ops',
          [
            [`rate(volfilter_outside_failed_total${RATE})`, '{{call}} failed'],
            [`rate(volfilter_outside_refused_total${RATE})`, '{{call}} not made'],
          ],
          'Not made: left alone after failures, or too many under way.',
        ),
        graph('left alone', 'bool', [['volfilter_outside_state{state="open"}', '{{call}}']]),
        graph('assistant today', 'currencyUSD', [['volfilter_assistant_cost_usd', 'USD']]),
      ],
      [
        graph('CPU', 'percentunit', [[`rate(process_cpu_seconds_total{job="volfilter"}${RATE})`, 'gateway']]),
        graph('memory', 'bytes', [
          ['process_resident_memory_bytes{job="volfilter"}', 'resident'],
          ['nodejs_heap_size_used_bytes{job="volfilter"}', 'heap'],
        ]),
        graph('lag of its event loop', 's', [['nodejs_eventloop_lag_p99_seconds{job="volfilter"}', '99th percentile']]),
      ],
    ],
  },
];

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own variables are written so.
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** A dashboard as Grafana's JSON. @param {Dashboard} dashboard */
export function asGrafana({ file, title, variables = {}, rows }) {
  let id = 0;
  let y = 0;
  const panels = rows.flatMap((row) => {
    const w = Math.floor(GRID / row.length);
    const h = HEIGHT[row[0]?.type ?? 'timeseries'];
    const placed = row.map(({ title, unit, queries, type = 'timeseries', means }, column) => ({
      id: ++id,
      type,
      title,
      ...(means === undefined ? {} : { description: means }),
      datasource: DATASOURCE,
      gridPos: { h, w, x: column * w, y },
      fieldConfig: { defaults: { unit }, overrides: [] },
      options:
        type === 'stat'
          ? { textMode: queries[0]?.[1] === '' ? 'value' : 'value_and_name' }
          : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
      targets: queries.map(([expr, legendFormat], place) => ({
        refId: String.fromCharCode('A'.charCodeAt(0) + place),
        datasource: DATASOURCE,
        expr,
        ...(legendFormat === '' ? {} : { legendFormat }),
      })),
    }));
    y += h;
    return placed;
  });
  const asked = Object.entries(variables).map(([name, query]) => ({
    name,
    type: 'query',
    datasource: DATASOURCE,
    query,
    refresh: 2,
    multi: true,
    includeAll: true,
    current: { text: 'All', value: '$__all' },
  }));
  return {
    uid: `volfilter-${file}`,
    title: `volfilter: ${title}`,
    tags: ['volfilter'],
    schemaVersion: 39,
    editable: false,
    refresh: '5s',
    time: { from: 'now-1h', to: 'now' },
    timezone: 'utc',
    templating: { list: [{ name: 'datasource', type: 'datasource', query: 'prometheus' }, ...asked] },
    panels,
  };
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const folder = join(dirname(fileURLToPath(import.meta.url)), 'dashboards');
  mkdirSync(folder, { recursive: true });
  for (const dashboard of DASHBOARDS) {
    writeFileSync(join(folder, `${dashboard.file}.json`), `${JSON.stringify(asGrafana(dashboard), null, 2)}\n`);
  }
}

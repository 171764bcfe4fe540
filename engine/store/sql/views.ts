import { topsInForce } from './as-of.js';

/** A view for a usual question. */
export interface StoreView {
  name: string;
  comment: string;
  select: string;
  /** Unit and meaning of each column. */
  columns: Readonly<Record<string, string>>;
}

const INSTRUMENT = {
  instrument: 'instrument id of the registry',
  instrument_name: "the venue's name of the instrument",
};

/** Horizons of markouts, seconds. */
const HORIZONS = [1, 10, 60, 300] as const;

/** Each fill and each horizon is a moment: at 0 the market just before the fill counts, later what there is at that very time too. */
const MOMENTS = [0, ...HORIZONS]
  .map((seconds) => `(${seconds}, INTERVAL ${seconds === 0 ? 0 : seconds * 1e6 + 1} MICROSECOND)`)
  .join(', ');

const midAt = (seconds: number): string => `max(mid) FILTER (seconds = ${seconds}) AS mid_${seconds}`;

const markout = (seconds: number): string =>
  `CASE WHEN l.last >= f.time + INTERVAL ${seconds} SECOND THEN f.sign * (m.mid_${seconds} - f.price) END AS markout_${seconds}s`;

/** Hops of a record or an order whose times the journal has, each a query of time, hop and microseconds. */
const HOPS = [
  `SELECT time, 'venue to receipt' AS hop, epoch_us(receive_time) - epoch_us(exchange_time) AS micros FROM tickers`,
  `SELECT time, 'receipt to log' AS hop, epoch_us(time) - epoch_us(receive_time) AS micros FROM tickers`,
  `SELECT s.time, 'log to socket' AS hop, epoch_us(s.sent_time) - epoch_us(a.time) AS micros
    FROM send_reports s JOIN (SELECT seq, any_value(time) AS time FROM approved_orders GROUP BY seq) a ON a.seq = s.request_seq
    WHERE s.outcome = 1`,
  `SELECT time, 'socket to answer' AS hop, round_trip AS micros FROM request_reports`,
] as const;

/** Views over the tables, in an order in which each uses only what stands before it. */
export const storeViews: readonly StoreView[] = [
  {
    name: 'instruments',
    comment: 'Every instrument by its newest definition.',
    select: `SELECT * EXCLUDE (exchange_time, receive_time, account), time AS defined
      FROM instrument_definitions QUALIFY row_number() OVER (PARTITION BY venue, name ORDER BY time DESC, seq DESC) = 1`,
    columns: { defined: 'time of that definition, UTC', name: "the venue's name" },
  },
  {
    name: 'fills_with_markouts',
    comment:
      'Our fills beside the middle of the market then and later. Markouts are in our favour where they are positive.',
    select: `WITH l AS (SELECT max(time) AS last FROM tops),
      f AS (SELECT *, row_number() OVER () AS fill_number, CASE side WHEN 1 THEN 1 WHEN 2 THEN -1 END AS sign FROM fills WHERE kind = 1),
      moments AS (SELECT f.fill_number * 1000 + h.seconds AS n, f.instrument, f.time + h.later AS time FROM f, (VALUES ${MOMENTS}) AS h(seconds, later)),
      ${topsInForce('moments', ['bid_price', 'ask_price'], 't.state = 1 AND t.bid_price IS NOT NULL AND t.ask_price IS NOT NULL')},
      mids AS (SELECT n // 1000 AS fill_number, n % 1000 AS seconds, (bid_price + ask_price) / 2 AS mid FROM in_force),
      m AS (SELECT fill_number, ${[0, ...HORIZONS].map(midAt).join(', ')} FROM mids GROUP BY fill_number)
      SELECT f.time, f.instrument, f.instrument_name, CASE f.side WHEN 1 THEN 'buy' ELSE 'sell' END AS side,
        CASE f.liquidity WHEN 1 THEN 'maker' WHEN 2 THEN 'taker' END AS liquidity, f.price, f.amount, f.fee, f.fee_currency,
        m.mid_0 AS mid_then, f.sign * (m.mid_0 - f.price) AS edge, ${HORIZONS.map(markout).join(', ')}, f.trade_id
      FROM f CROSS JOIN l LEFT JOIN m ON m.fill_number = f.fill_number`,
    columns: {
      ...INSTRUMENT,
      time: 'of the fill, UTC',
      side: 'ours: buy or sell',
      liquidity: 'maker or taker; null where it is not known',
      price: "the venue's price unit",
      amount: "the venue's amount unit",
      fee: 'in fee_currency; negative for a rebate',
      fee_currency: 'what the fee is in',
      mid_then: "middle of the market just before the fill, the venue's price unit",
      edge: "of the fill against that middle, the venue's price unit",
      ...Object.fromEntries(
        HORIZONS.map((seconds) => [
          `markout_${seconds}s`,
          `what the middle ${seconds} s later is better than the price, the venue's price unit; null while it is not known`,
        ]),
      ),
      trade_id: "the venue's id of the trade",
    },
  },
  {
    name: 'fills_with_market',
    comment:
      'Our fills beside the top of the book and the fit of the surface that were in force just before. The quick way to ask what was as of the times of something: see docs/sql.md.',
    select: `WITH f AS (SELECT *, row_number() OVER () AS n FROM fills WHERE kind = 1),
      ${topsInForce('f', ['state', 'bid_price', 'bid_amount', 'ask_price', 'ask_amount', 'microprice'])},
      places AS (SELECT DISTINCT i.base_currency, i.settlement_currency, e.expiry_time, e.underlying, e.expiry FROM expiry_states e JOIN instruments i ON i.id = e.option),
      options AS (SELECT f.n, f.time, p.underlying, p.expiry FROM f JOIN instruments i ON i.id = f.instrument
        JOIN places p ON p.base_currency = i.base_currency AND p.settlement_currency = i.settlement_currency AND p.expiry_time = i.expiry),
      fits AS (SELECT o.n, s.seq AS fit_seq, s.time AS fit_time, s.forward, sqrt(s.theta / s.years) AS forward_vol, s.entry_fit_error AS fit_error
        FROM options o ASOF JOIN surface_slices s ON s.underlying = o.underlying AND s.expiry = o.expiry AND s.time < o.time)
      SELECT f.time, f.instrument, f.instrument_name, CASE f.side WHEN 1 THEN 'buy' ELSE 'sell' END AS side, f.price, f.amount, f.fee,
        t.top_time, t.state, t.bid_price, t.bid_amount, t.ask_price, t.ask_amount, t.microprice,
        s.fit_seq, s.fit_time, s.forward, s.forward_vol, s.fit_error, f.trade_id
      FROM f LEFT JOIN in_force t ON t.n = f.n LEFT JOIN fits s ON s.n = f.n`,
    columns: {
      ...INSTRUMENT,
      time: 'of the fill, UTC',
      side: 'ours: buy or sell',
      price: "the venue's price unit",
      amount: "the venue's amount unit",
      top_time: 'since when the top was in force, UTC; null where there was none',
      fit_seq: 'log sequence number of the fit of the surface; null where there was none, and for what is no option',
      fit_time: 'since when it was in force, UTC',
      forward: 'that the expiry was fitted at, USD',
      forward_vol: 'volatility of the fit at the forward, annualised, a fraction',
      fit_error: 'root mean square distance to the mids of two-sided quotes, a fraction of vol',
    },
  },
  {
    name: 'profit_loss_by_day',
    comment: 'Profit and loss of each day (UTC), by underlying and settlement currency.',
    select: `WITH ends AS (SELECT CAST(time AS DATE) AS day, underlying, currency, arg_max(total, time) AS total,
        arg_max(total_usd, time) AS total_usd, arg_max(realised, time) AS realised, arg_max(fees, time) AS fees,
        arg_max(funding, time) AS funding, arg_max(fills, time) AS fills, arg_max(volume_usd, time) AS volume_usd, arg_max(edge, time) AS edge
      FROM profit_loss GROUP BY ALL)
      SELECT day, underlying, currency, total - coalesce(lag(total) OVER w, 0) AS total, total_usd - coalesce(lag(total_usd) OVER w, 0) AS total_usd,
        realised - coalesce(lag(realised) OVER w, 0) AS realised, fees - coalesce(lag(fees) OVER w, 0) AS fees,
        funding - coalesce(lag(funding) OVER w, 0) AS funding, edge - coalesce(lag(edge) OVER w, 0) AS edge,
        fills - coalesce(lag(fills) OVER w, 0) AS fills, volume_usd - coalesce(lag(volume_usd) OVER w, 0) AS volume_usd
      FROM ends WINDOW w AS (PARTITION BY underlying, currency ORDER BY day)`,
    columns: {
      day: 'UTC',
      underlying: 'number of the underlying',
      currency: 'settlement currency',
      total: 'of the day, settlement currency',
      total_usd: 'change of the total in USD, the index of each end of day',
      realised: 'of the day, settlement currency, before fees',
      fees: 'paid on the day, settlement currency',
      funding: 'received on the day, settlement currency',
      edge: 'theoretical value gained at fills of the day, settlement currency',
      fills: 'counted on the day',
      volume_usd: 'traded on the day, USD',
    },
  },
  {
    name: 'quoting_uptime',
    comment:
      'Share of each hour in which quotes of an instrument were wanted on both sides, from the first to the last word about it.',
    select: `WITH said AS (
        SELECT instrument, instrument_name, time, bid_amount > 0 AND ask_amount > 0 AS quoted FROM desired_quotes),
      spans AS (SELECT *, lead(time) OVER (PARTITION BY instrument ORDER BY time) AS until FROM said),
      hours AS (SELECT instrument, instrument_name, quoted, time, until,
          unnest(generate_series(date_trunc('hour', time), date_trunc('hour', until), INTERVAL 1 HOUR)) AS hour
        FROM spans WHERE until IS NOT NULL),
      cut AS (SELECT *, epoch(least(until, hour + INTERVAL 1 HOUR)) - epoch(greatest(time, hour)) AS seconds FROM hours)
      SELECT hour, instrument, instrument_name, coalesce(sum(seconds) FILTER (quoted), 0) AS quoted_seconds, sum(seconds) AS known_seconds,
        quoted_seconds / nullif(known_seconds, 0) AS uptime FROM cut GROUP BY ALL`,
    columns: {
      ...INSTRUMENT,
      hour: 'beginning of the hour, UTC',
      quoted_seconds: 'seconds with both sides wanted',
      known_seconds: 'seconds of the hour between the first and the last word about the instrument',
      uptime: 'share, 0 to 1',
    },
  },
  {
    name: 'quotes_with_why',
    comment: 'Quotes that were wanted, with the parts of width and skew that explain both prices.',
    select: `SELECT time, instrument, instrument_name, bid_price, bid_amount, ask_price, ask_amount, theo, volatility, forward, market_bid, market_ask,
        width_base, width_uncertainty, width_regime, width_event, width_expiry, width_markout, width_toxicity,
        width_base + width_uncertainty + width_regime + width_event + width_expiry + width_markout + width_toxicity AS half_width,
        skew_vega, skew_delta, skew_gamma, skew_position, skew_flow, skew_manual,
        skew_vega + skew_delta + skew_gamma + skew_position + skew_flow + skew_manual AS skew, rounding_bid, rounding_ask,
        bid_edge, ask_edge, inventory, pull_reason, binding_limit, seq FROM desired_quotes`,
    columns: {
      ...INSTRUMENT,
      half_width: "sum of the parts of the half width, the venue's price unit",
      skew: "sum of the shifts, the venue's price unit",
      theo: "theoretical value, the venue's price unit",
    },
  },
  {
    name: 'open_positions',
    comment: 'What is held: the newest position of every instrument that is not flat.',
    select: `SELECT * FROM (SELECT * FROM positions QUALIFY row_number() OVER (PARTITION BY instrument ORDER BY seq DESC, number DESC) = 1) WHERE size <> 0`,
    columns: { ...INSTRUMENT, size: "signed, the venue's amount unit" },
  },
  {
    name: 'request_latency',
    comment: 'Round trips of our requests by hour and action, microseconds from the writing to the answer.',
    select: `SELECT date_trunc('hour', time) AS hour,
        CASE action WHEN 1 THEN 'place' WHEN 2 THEN 'amend' WHEN 3 THEN 'cancel' WHEN 4 THEN 'mass cancel' WHEN 5 THEN 'quote' WHEN 6 THEN 'query' WHEN 7 THEN 'reconcile' END AS action,
        count(*) AS requests, quantile_cont(round_trip, 0.5) AS p50, quantile_cont(round_trip, 0.99) AS p99, max(round_trip) AS longest
      FROM requests WHERE round_trip IS NOT NULL GROUP BY ALL`,
    columns: {
      hour: 'beginning of the hour, UTC',
      action: 'what was asked for',
      requests: 'that were answered',
      p50: 'median, microseconds',
      p99: '99th percentile, microseconds',
      longest: 'microseconds',
    },
  },
  {
    name: 'latency_histograms',
    comment:
      'How long each hop took, by hour: market data to the log, orders to the socket and back. Clocks of host and venue are not one: the first hop has their difference in it.',
    select: `SELECT date_trunc('hour', time) AS hour, hop, CASE WHEN micros <= 1 THEN 1 ELSE pow(2, ceil(log2(micros))) END AS up_to, count(*) AS records
      FROM (${HOPS.join('\n      UNION ALL ')}) WHERE micros IS NOT NULL GROUP BY ALL`,
    columns: {
      hour: 'beginning of the hour, UTC',
      hop: 'from where to where',
      up_to: 'longest of the bucket, microseconds; buckets double, the first is up to 1',
      records: 'that took so long',
    },
  },
  {
    name: 'sessions',
    comment: 'Starts of the engine, with what came of each until the next.',
    select: `WITH r AS (SELECT run, mode, seq, time AS started, lead(seq) OVER (ORDER BY seq) AS next FROM runs)
      SELECT r.run, CASE r.mode WHEN 0 THEN 'simulated' WHEN 1 THEN 'paper' WHEN 2 THEN 'live' END AS mode, r.started,
        r.seq AS first_seq, (SELECT count(*) FROM approved_orders a WHERE a.seq >= r.seq AND (r.next IS NULL OR a.seq < r.next)) AS orders,
        (SELECT count(*) FROM refusals f WHERE f.seq >= r.seq AND (r.next IS NULL OR f.seq < r.next)) AS refusals,
        (SELECT count(*) FROM fills t WHERE t.kind = 1 AND t.seq >= r.seq AND (r.next IS NULL OR t.seq < r.next)) AS fills
      FROM r`,
    columns: {
      run: 'number of the start',
      mode: 'simulated, paper or live',
      started: 'UTC',
      first_seq: 'log sequence number of its first event',
      orders: 'that risk approved',
      refusals: 'by risk',
      fills: 'counted once each',
    },
  },
  {
    name: 'data_quality',
    comment: 'Outages of feeds with how long they lasted, by instrument and reason.',
    select: `SELECT instrument, instrument_name, channel, reason, count(*) AS outages, sum(epoch(time) - epoch(since)) AS seconds, max(time) AS last_end
      FROM feed_outages WHERE phase = 2 GROUP BY ALL`,
    columns: {
      ...INSTRUMENT,
      channel: '1 book, 2 ticker, 3 trades, 4 quote, 5 index, 0 the connection',
      reason: 'quality reason',
      outages: 'that have ended',
      seconds: 'they lasted together',
      last_end: 'UTC',
    },
  },
  {
    name: 'audit',
    comment: 'What people told the engine, in order.',
    select: `SELECT time, seq, 'operator' AS what, "user", 'command ' || command AS detail FROM operator_commands
      UNION ALL SELECT time, seq, 'limit', "user", 'limit ' || "limit" || ' to ' || value || CASE confirmed WHEN 1 THEN ', confirmed' ELSE '' END FROM limit_changes
      UNION ALL SELECT time, seq, 'risk', "user", 'action ' || action || ' on scope ' || scope || ' key ' || key FROM risk_commands
      UNION ALL SELECT time, seq, 'smile', "user", 'expiry ' || expiry || ' vol ' || atm_shift || ' skew ' || skew_shift || ' forward ' || forward_shift FROM smile_adjustments
      UNION ALL SELECT time, seq, 'booked trade', "user", CASE side WHEN 1 THEN 'buy ' ELSE 'sell ' END || amount || ' ' || coalesce(instrument_name, '') || ' at ' || price FROM booked_trades
      UNION ALL SELECT time, seq, 'control', "user", 'action ' || action || ' on scope ' || scope || ' value ' || value FROM trader_controls
      UNION ALL SELECT time, seq, 'order', "user", CASE side WHEN 1 THEN 'buy ' ELSE 'sell ' END || amount || ' ' || coalesce(instrument_name, '') || ' at ' || price FROM manual_orders
      UNION ALL SELECT time, seq, 'hedge', "user", 'underlying ' || underlying || ' to ' || target || ', urgency ' || urgency FROM manual_hedges
      UNION ALL SELECT time, seq, 'alert', "user", 'command ' || command || ' on rule ' || rule FROM alert_commands`,
    columns: {
      time: 'event time, UTC',
      seq: 'log sequence number',
      what: 'kind of the command',
      user: 'id of the user who gave it',
      detail: 'the command in words, codes as in its own table',
    },
  },
];

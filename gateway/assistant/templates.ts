/** One part of a template: a heading and the question of the store that fills it. */
interface Part {
  title: string;
  sql: string;
}

/** A question that a desk asks every day: put to the model as words, and without a key answered by SQL alone. */
export interface Template {
  name: string;
  title: string;
  question: string;
  parts: readonly Part[];
}

export const TEMPLATES: readonly Template[] = [
  {
    name: 'morning-note',
    title: 'Morning note',
    question:
      'Write the morning note: profit and loss of the last day with its parts, what is held, how the surface stands against the day before, outages of feeds, alerts that fire.',
    parts: [
      {
        title: 'Profit and loss by day',
        sql: 'SELECT * FROM profit_loss_by_day ORDER BY day DESC, underlying LIMIT 10',
      },
      {
        title: 'What is held',
        sql: 'SELECT instrument_name, size, average_price, mark, unrealised, delta, vega, theta FROM open_positions ORDER BY abs(vega) DESC NULLS LAST LIMIT 20',
      },
      { title: 'Outages of feeds', sql: 'SELECT * FROM data_quality ORDER BY seconds DESC LIMIT 10' },
      { title: 'What people told the engine', sql: 'SELECT * FROM audit ORDER BY time DESC LIMIT 10' },
    ],
  },
  {
    name: 'explain-profit',
    title: 'Explain P&L',
    question:
      "Explain today's profit and loss: by underlying, what came from edge, from fees, from funding, from moves of what is held, and which fills mattered.",
    parts: [
      {
        title: 'Profit and loss by day',
        sql: 'SELECT * FROM profit_loss_by_day ORDER BY day DESC, underlying LIMIT 6',
      },
      {
        title: 'Fills by instrument, with edge and markouts',
        sql: 'SELECT instrument_name, count(*) AS fills, sum(amount) AS amount, sum(edge * amount) AS edge, avg(markout_10s) AS markout_10s, avg(markout_60s) AS markout_60s, sum(fee) AS fee FROM fills_with_markouts WHERE time > (SELECT max(time) FROM fills) - INTERVAL 1 DAY GROUP BY ALL ORDER BY abs(sum(edge * amount)) DESC NULLS LAST LIMIT 20',
      },
    ],
  },
  {
    name: 'skew-changes',
    title: 'What changed in skew',
    question:
      'What has changed in skew over the last day: risk reversals and butterflies by expiry, where the smile was nudged, and which quotes drove it?',
    parts: [
      {
        title: 'Risk reversal, butterfly and volatility at the money: then and now',
        sql: 'SELECT underlying, expiry, arg_min(atm_vol, time) AS atm_then, arg_max(atm_vol, time) AS atm_now, arg_min(risk_reversal25, time) AS rr_then, arg_max(risk_reversal25, time) AS rr_now, arg_min(butterfly25, time) AS fly_then, arg_max(butterfly25, time) AS fly_now FROM expiry_states WHERE time > (SELECT max(time) FROM expiry_states) - INTERVAL 1 DAY GROUP BY ALL ORDER BY underlying, expiry',
      },
    ],
  },
  {
    name: 'why-filled',
    title: 'Why was I filled',
    question:
      'Why were we filled lately: for the newest fills, what we quoted and why, what the market did before, and the markouts since?',
    parts: [
      {
        title: 'The newest fills with their markouts',
        sql: 'SELECT time, instrument_name, side, liquidity, price, amount, mid_then, edge, markout_1s, markout_10s, markout_60s FROM fills_with_markouts ORDER BY time DESC LIMIT 20',
      },
      {
        title: 'The quotes that were wanted before them',
        sql: 'SELECT f.time, f.instrument_name, f.price, q.bid_price, q.ask_price, q.theo, q.half_width, q.skew, q.inventory FROM fills f ASOF LEFT JOIN quotes_with_why q ON q.instrument = f.instrument AND q.time <= f.time ORDER BY f.time DESC LIMIT 20',
      },
    ],
  },
];

import { rounded } from '../encode/number.js';
import { markDecimals } from '../encode/ticker.js';
import { invalidParam } from '../rpc/errors.js';
import { listSlices, type Slices } from '../rpc/result.js';
import type { KindVolumes } from '../trade-volumes.js';
import { instrumentOf } from './choices.js';
import type { Call, Method } from './method.js';

const PER_PIECE = 64;
const MOST_TIME = 1e15;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Spans of an index's chart in the venue's words, milliseconds. */
const RANGES = {
  '1h': HOUR_MS,
  '1d': DAY_MS,
  '2d': 2 * DAY_MS,
  '1m': 30 * DAY_MS,
  '1y': 365 * DAY_MS,
  all: MOST_TIME,
} as const;

/** What indices, marks and volumes were. */
export const historyMethods: readonly Method[] = [
  { name: 'public/get_historical_volatility', serve: getHistoricalVolatility },
  { name: 'public/get_index_chart_data', serve: getIndexChart },
  { name: 'public/get_mark_price_history', serve: getMarks },
  { name: 'public/get_trade_volumes', serve: getTradeVolumes },
];

/** Of the day up to each hour, percent. Of a currency without an index there is none. */
function getHistoricalVolatility({ venue, params }: Call): Slices {
  const name = venue.listing.currencyOf(params.text('currency'));
  if (name === undefined) throw invalidParam('currency', 'invalid currency');
  const history = venue.indices.histories[venue.listing.indexNames.indexOf(`${name.toLowerCase()}_usd`)];
  return listSlices(
    history?.volatilities() ?? [],
    ([time, value]) => `[${venue.stamp(time)},${rounded(value, 6)}]`,
    PER_PIECE,
  );
}

function getIndexChart({ venue, params }: Call): Slices {
  const history = venue.indices.histories[venue.listing.indexOf(params.text('index_name'))]!;
  const range = params.choice('range', ['1h', '1d', '2d', '1m', '1y', 'all']);
  return listSlices(
    history.prices(RANGES[range]),
    ([time, price]) => `[${venue.stamp(time)},${rounded(price, 2)}]`,
    PER_PIECE,
  );
}

function getMarks(call: Call): Slices {
  const { venue, params } = call;
  const instrument = instrumentOf(call);
  const from = params.integer('start_timestamp', 0, MOST_TIME) - venue.shiftMs;
  const to = params.integer('end_timestamp', 0, MOST_TIME) - venue.shiftMs;
  const { kind, inverse } = venue.exchange.instruments.definitions[instrument]!;
  const decimals = markDecimals(kind, inverse);
  const marks = venue.indices.marks.between(instrument, from, to);
  return listSlices(marks, ([time, mark]) => `[${venue.stamp(time)},${rounded(mark, decimals)}]`, PER_PIECE);
}

function getTradeVolumes({ venue, params }: Call): Slices {
  const { config, now } = venue.exchange;
  const spans = params.flag('extended')
    ? ([
        ['', 1],
        ['_7d', 7],
        ['_30d', 30],
      ] as const)
    : ([['', 1]] as const);
  const write = (currency: number): string => {
    const volumes = spans.map(([suffix, days]) => volumeFields(venue.volumes.of(currency, now, days), suffix));
    return JSON.stringify(Object.assign({ currency: config.currencies[currency]!.name }, ...volumes));
  };
  return listSlices(config.currencies.keys(), write, 1);
}

function volumeFields(volumes: KindVolumes, suffix: string): Record<string, number> {
  return Object.fromEntries(
    Object.entries(volumes).map(([kind, volume]) => [`${kind}_volume${suffix}`, rounded(volume, 8)]),
  );
}

import { InstrumentKind } from '../../../../engine/market/instrument.js';
import { rounded } from '../encode/number.js';
import type { FundingHour } from '../funding.js';
import { invalidParam } from '../rpc/errors.js';
import { instrumentOf } from './choices.js';
import type { Call, Method } from './method.js';

const MOST_TIME = 1e15;
const HOUR_MS = 3_600_000;
const lengths = { '8h': 8 * HOUR_MS, '24h': 24 * HOUR_MS, '1m': 30 * 24 * HOUR_MS } as const;

/** Funding of the perpetuals. */
export const fundingMethods: readonly Method[] = [
  { name: 'public/get_funding_rate_value', serve: (call) => rate(sum(spanned(call))) },
  { name: 'public/get_funding_rate_history', serve: (call) => spanned(call).map((hour) => hourJson(call, hour)) },
  { name: 'public/get_funding_chart_data', serve: getChart },
];

function perpetualOf(call: Call): number {
  const instrument = instrumentOf(call);
  const isPerpetual = call.venue.exchange.instruments.kind[instrument] === InstrumentKind.PERPETUAL;
  if (!isPerpetual) throw invalidParam('instrument_name', 'must be a perpetual');
  return instrument;
}

/** The hours that ended within the span that a request names. */
function spanned(call: Call): FundingHour[] {
  const { venue, params } = call;
  const instrument = perpetualOf(call);
  const from = params.number('start_timestamp');
  const to = params.number('end_timestamp');
  if (!(from >= 0 && to <= MOST_TIME && from <= to))
    throw invalidParam('start_timestamp', 'must be before end_timestamp');
  return venue.funding.hours(instrument, from - venue.shiftMs, to - venue.shiftMs);
}

function getChart(call: Call): object {
  const { venue, params } = call;
  const { exchange } = venue;
  const instrument = perpetualOf(call);
  const length = lengths[params.choice('length', ['8h', '24h', '1m'])];
  const hours = venue.funding.hours(instrument, exchange.now - length, exchange.now);
  return {
    current_interest: rate(exchange.instruments.fundingRate[instrument]!),
    interest_8h: rate(venue.funding.lastEightHours(instrument)),
    data: hours.map(({ time, index, paid8h }) => ({
      timestamp: venue.stamp(time),
      index_price: rounded(index, 2),
      interest_8h: rate(paid8h),
    })),
  };
}

function hourJson({ venue }: Call, { time, index, indexBefore, paid, paid8h }: FundingHour): object {
  return {
    timestamp: venue.stamp(time),
    index_price: rounded(index, 2),
    prev_index_price: rounded(indexBefore, 2),
    interest_1h: rate(paid),
    interest_8h: rate(paid8h),
  };
}

function sum(hours: readonly FundingHour[]): number {
  return hours.reduce((total, { paid }) => total + paid, 0);
}

/** Rates are a few millionths: they are told as they are, but for a zero's sign. */
function rate(value: number): number {
  return value || 0;
}

import { describe, expect, test } from 'vitest';
import { instrumentOf } from '../exchange/contracts.js';
import { CALL, KEYS, PERPETUAL, PUT, START_MS, type TestClient, TestVenue } from './testing/test-venue.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const span = { start_timestamp: START_MS, end_timestamp: START_MS + 1000 * HOUR };
type Pairs = [time: number, value: number][];

describe('an index over time', () => {
  test('is told by the minute for two days and by the hour for longer, each at its own time', () => {
    const venue = new TestVenue();
    const price = (time: number): number => 90_000 + (time - START_MS) / MINUTE;
    for (let minute = 0; minute < 180; minute++) {
      venue.exchange.setIndex(0, price(START_MS + minute * MINUTE));
      venue.pass(MINUTE, MINUTE);
    }
    const ask = (range: string): Pairs =>
      venue.client().call('public/get_index_chart_data', { index_name: 'btc_usd', range });
    expect(ask('1h')).toHaveLength(60);
    expect(ask('1d').length).toBeGreaterThan(170);
    expect(ask('1y')).toHaveLength(4);
    const times = ask('1d').map(([time]) => time);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
    expect(venue.client().refusal('public/get_index_chart_data', { index_name: 'btc_usd', range: '3h' })).toBe(-32_602);
  });

  test('has a volatility that is that of its minutes, annualised', () => {
    const venue = new TestVenue();
    const move = 0.0005;
    for (let minute = 0; minute < 125; minute++) {
      venue.exchange.setIndex(0, 90_000 * Math.exp((minute % 2) * move));
      venue.pass(MINUTE, MINUTE);
    }
    const hours: Pairs = venue.client().call('public/get_historical_volatility', { currency: 'BTC' });
    expect(hours.map(([time]) => time)).toEqual([START_MS + HOUR, START_MS + 2 * HOUR]);
    for (const [, value] of hours) expect(value / (100 * move * Math.sqrt(365 * 1440))).toBeCloseTo(1, 1);
    expect(venue.client().call('public/get_historical_volatility', { currency: 'USDT' })).toEqual([]);
  });
});

test('marks are kept every five minutes of the options that the volatility index is taken from, and of nothing else', () => {
  const venue = new TestVenue();
  venue.pass(HOUR, MINUTE);
  const marks = (instrument_name: string): Pairs =>
    venue.client().call('public/get_mark_price_history', { instrument_name, ...span });
  expect(marks(CALL).length).toBeGreaterThan(9);
  for (const [time, mark] of marks(CALL)) {
    expect(time % (5 * MINUTE)).toBe(0);
    expect(mark).toBeGreaterThan(0);
  }
  expect(marks(PERPETUAL)).toEqual([]);
});

test('volumes are those of the trades, by kind and span', () => {
  const venue = new TestVenue();
  const client = venue.client().signOn();
  venue.crowdOrder(PERPETUAL, 'sell', 90_000, 90_000);
  client.call('private/buy', { instrument_name: PERPETUAL, amount: 90_000, price: 90_000 });
  venue.crowdOrder(PUT, 'sell', 0.05, 3);
  client.call('private/buy', { instrument_name: PUT, amount: 3, price: 0.05 });
  const of = (extended: boolean): Record<string, number> => {
    const all = venue.client().call<Record<string, unknown>[]>('public/get_trade_volumes', { extended });
    return all.find(({ currency }) => currency === 'BTC') as Record<string, number>;
  };
  expect(of(false)).toEqual({ currency: 'BTC', calls_volume: 0, puts_volume: 3, futures_volume: 1, spot_volume: 0 });
  venue.pass(30 * HOUR, HOUR);
  expect(of(true)).toMatchObject({ puts_volume: 0, puts_volume_7d: 3, futures_volume_30d: 1 });
});

test('prices of deliveries are those that were paid at, one a day, the newest first, whatever combinations ended beside them', () => {
  const venue = new TestVenue();
  const trades = ['C', 'P'].map((right) => {
    const name = `BTC-2JAN26-90000-${right}`;
    venue.exchange.setOptionMark(venue.exchange.list(instrumentOf(name)), 90_000, 0.5);
    return { instrument_name: name, direction: 'buy', amount: 1 };
  });
  venue.exchange.setOptionMark(venue.exchange.list(instrumentOf('BTC-3JAN26-90000-C')), 90_000, 0.5);
  const client = venue.client().signOn();
  client.call('private/create_combo', { trades });
  const ask = (given: object): object => venue.client().call('public/get_delivery_prices', given);
  expect(ask({ index_name: 'btc_usd' })).toEqual({ data: [], records_total: 0 });
  for (const [day, price] of [91_000, 92_000].entries()) {
    venue.exchange.setIndex(0, price);
    venue.exchange.advance(START_MS + (24 * day + 9) * HOUR);
  }
  venue.now = (START_MS + 33 * HOUR) * 1000;
  const newest = { date: '2026-01-03', delivery_price: 92_000 };
  const oldest = { date: '2026-01-02', delivery_price: 91_000 };
  expect(ask({ index_name: 'btc_usd', count: 10 })).toEqual({ data: [newest, oldest], records_total: 2 });
  expect(ask({ index_name: 'btc_usd', offset: 1, count: 1 })).toEqual({ data: [oldest], records_total: 2 });
});

describe('a portfolio that is supposed', () => {
  const summary = (client: TestClient): Record<string, number> =>
    client.call('private/get_account_summary', { currency: 'BTC' });
  const suppose = (client: TestClient, simulated_positions: object, add_positions = true): Record<string, number> =>
    client.call('private/simulate_portfolio', { currency: 'BTC', simulated_positions, add_positions });

  test.each([
    ['a perpetual', PERPETUAL, 50_000],
    ['a short call', CALL, -5],
  ])('has the margins that it has once it is held: %s', (_, instrument_name, amount) => {
    const venue = new TestVenue();
    const client = venue.client().signOn();
    const before = summary(client);
    const supposed = suppose(client, { [instrument_name]: amount });
    expect(summary(client)).toEqual(before);
    const { mark_price } = venue.client().call<{ mark_price: number }>('public/ticker', { instrument_name });
    const price = instrument_name === PERPETUAL ? Math.round(2 * mark_price) / 2 : Math.round(2000 * mark_price) / 2000;
    venue.crowdOrder(instrument_name, amount > 0 ? 'sell' : 'buy', price, Math.abs(amount));
    client.call(`private/${amount > 0 ? 'buy' : 'sell'}`, { instrument_name, amount: Math.abs(amount), price });
    const held = summary(client);
    expect(supposed.initial_margin! / held.initial_margin!).toBeCloseTo(1, 3);
    expect(supposed.maintenance_margin! / held.maintenance_margin!).toBeCloseTo(1, 3);
    // What is held in place of it is what is asked for; without anything there is no margin.
    expect(suppose(client, { [instrument_name]: amount }, false).initial_margin! / held.initial_margin!).toBeCloseTo(
      1,
      3,
    );
    expect(suppose(client, {}, false).initial_margin).toBe(0);
    expect(summary(client)).toEqual(held);
  });

  test.each([
    ['of no instrument', { 'BTC-NOTHING': 1 }],
    ['of another currency', { 'ETH-27MAR26-3000-C': 1 }],
    ['of no number', { [PERPETUAL]: 'much' }],
  ])('is refused where it is %s', (_, simulated_positions) => {
    const client = new TestVenue().client().signOn();
    const before = summary(client);
    expect(client.refusal('private/simulate_portfolio', { currency: 'BTC', simulated_positions })).toBe(-32_602);
    expect(summary(client)).toEqual(before);
  });
});

test('nothing ever came or went: for those who may look', () => {
  const venue = new TestVenue();
  for (const method of ['private/get_deposits', 'private/get_transfers', 'private/get_withdrawals']) {
    expect(venue.client().signOn(KEYS[4]).call(method, { currency: 'BTC' })).toEqual({ data: [], count: 0 });
    expect(venue.client().signOn().refusal(method, { currency: 'BTC' })).toBeDefined();
  }
});

import { describe, expect, test } from 'vitest';
import { CALL, PERPETUAL, START_MS, TestVenue } from './testing/test-venue.js';

const HOUR = 3_600_000;
const span = { instrument_name: PERPETUAL, start_timestamp: START_MS, end_timestamp: START_MS + 1000 * HOUR };

describe('funding hour by hour', () => {
  test('is the rate as it stood, an eighth of it an hour, and eight hours of it', () => {
    const venue = new TestVenue();
    venue.exchange.setFundingRate(0, 0.0008);
    venue.pass(HOUR * 1.5, HOUR / 2);
    venue.exchange.setFundingRate(0, -0.0008);
    venue.pass(HOUR * 10, HOUR / 2);
    const client = venue.client();
    const hours = client.call<Record<string, number>[]>('public/get_funding_rate_history', span);
    expect(hours).toHaveLength(11);
    expect(hours[0]).toMatchObject({ timestamp: START_MS + HOUR, interest_1h: expect.closeTo(0.0001, 9) });
    expect(hours[1]!.interest_1h).toBeCloseTo(0, 9);
    expect(hours[2]!.interest_1h).toBeCloseTo(-0.0001, 9);
    expect(hours[10]!.interest_8h).toBeCloseTo(-0.0008, 9);
    const value = client.call<number>('public/get_funding_rate_value', span);
    expect(value).toBeCloseTo(-0.0008, 9);
    const chart = client.call<{ data: object[]; interest_8h: number; current_interest: number }>(
      'public/get_funding_chart_data',
      { instrument_name: PERPETUAL, length: '8h' },
    );
    expect(chart.data).toHaveLength(8);
    expect(chart.current_interest).toBe(-0.0008);
    expect(chart.interest_8h).toBeCloseTo(-0.00075, 9);
  });

  test('is what a position was charged', () => {
    const venue = new TestVenue();
    const client = venue.client().signOn();
    venue.crowdOrder(PERPETUAL, 'sell', 90_000, 90_000);
    client.call('private/buy', { instrument_name: PERPETUAL, amount: 90_000, price: 90_000 });
    venue.exchange.setIndex(0, 90_000);
    venue.exchange.setFundingRate(0, 0.008);
    venue.pass(HOUR * 8 + 60_000, HOUR / 2);
    const again = venue.client().signOn();
    const { settlements } = again.call<{ settlements: Record<string, number>[] }>(
      'private/get_settlement_history_by_instrument',
      { instrument_name: PERPETUAL, type: 'settlement' },
    );
    const rate = again.call<number>('public/get_funding_rate_value', { ...span, end_timestamp: START_MS + 8 * HOUR });
    expect(rate).toBeCloseTo(0.008, 9);
    // One coin long at the index.
    expect(settlements[0]!.funding).toBeCloseTo(-rate, 6);
  });

  test.each([
    ['an option', { ...span, instrument_name: CALL }],
    ['a span that ends before it begins', { ...span, end_timestamp: 0 }],
  ])('there is none of %s', (_, params) => {
    expect(new TestVenue().client().refusal('public/get_funding_rate_history', params)).toBe(-32_602);
  });
});

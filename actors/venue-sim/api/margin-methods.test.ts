import { describe, expect, test } from 'vitest';
import { CALL, PERPETUAL, PUT, type TestClient, TestVenue } from './testing/test-venue.js';

interface Margins {
  buy: number;
  sell: number;
  min_price: number;
  max_price: number;
}

const summary = (client: TestClient): Record<string, number> =>
  client.call('private/get_account_summary', { currency: 'BTC' });
const marginsOf = (client: TestClient, params: object): Margins => client.call('private/get_margins', params);

describe('margin that an order would hold', () => {
  test.each([
    ['a perpetual', { instrument_name: PERPETUAL, amount: 50_000, price: 89_000 }],
    ['a call', { instrument_name: CALL, amount: 5, price: 0.05 }],
    ['a put', { instrument_name: PUT, amount: 5, price: 0.03 }],
  ])('of %s is what it does hold, once it is there', (_, params) => {
    for (const side of ['buy', 'sell'] as const) {
      const venue = new TestVenue();
      const client = venue.client().signOn();
      const before = summary(client);
      const asked = marginsOf(client, params);
      expect(summary(client)).toEqual(before);
      const price = side === 'sell' && params.instrument_name === PERPETUAL ? 90_500 : params.price;
      const { order } = client.call<{ order: { order_id: string } }>(`private/${side}`, { ...params, price });
      const held = summary(client).initial_margin! - before.initial_margin!;
      expect(held).toBeGreaterThan(0);
      expect(asked[side]).toBeCloseTo(held, 7);
      expect(client.call('private/get_order_margin_by_ids', { ids: [order.order_id] })).toEqual([
        { order_id: order.order_id, initial_margin: expect.closeTo(held, 7), initial_margin_currency: 'BTC' },
      ]);
      expect(summary(client).initial_margin).toBeCloseTo(before.initial_margin! + held, 7);
    }
  });

  test('is none where it closes what is held', () => {
    const venue = new TestVenue();
    const client = venue.client().signOn();
    venue.crowdOrder(PERPETUAL, 'sell', 90_000, 50_000);
    client.call('private/buy', { instrument_name: PERPETUAL, amount: 50_000, price: 90_000 });
    const { buy, sell, min_price, max_price } = marginsOf(client, {
      instrument_name: PERPETUAL,
      amount: 50_000,
      price: 90_000,
    });
    expect(buy).toBeGreaterThan(0);
    expect(sell).toBe(0);
    expect([min_price < 90_000, max_price > 90_000]).toEqual([true, true]);
  });

  test('is none of an order that waits for a trigger, or is no more', () => {
    const venue = new TestVenue();
    const client = venue.client().signOn();
    const place = (params: object): string =>
      client.call<{ order: { order_id: string } }>('private/buy', { instrument_name: PERPETUAL, amount: 10, ...params })
        .order.order_id;
    const stop = place({ type: 'stop_market', trigger: 'mark_price', trigger_price: 95_000 });
    const gone = place({ price: 80_000 });
    client.call('private/cancel', { order_id: gone });
    const answer = client.call<{ initial_margin: number }[]>('private/get_order_margin_by_ids', { ids: [stop, gone] });
    expect(answer.map(({ initial_margin }) => initial_margin)).toEqual([0, 0]);
  });

  test.each([
    ['no price', 'private/get_margins', { instrument_name: CALL, amount: 1 }, -32_602],
    ['a price between two ticks', 'private/get_margins', { instrument_name: CALL, amount: 1, price: 0.05001 }, 10_043],
    ['no amount', 'private/get_margins', { instrument_name: CALL, amount: 0, price: 0.05 }, 10_002],
    ['no ids', 'private/get_order_margin_by_ids', {}, -32_602],
    ['an id of nobody', 'private/get_order_margin_by_ids', { ids: ['77'] }, 10_004],
    ['more ids than there may be', 'private/get_order_margin_by_ids', { ids: Array(101).fill('1') }, -32_602],
  ])('is refused for %s', (_, method, params, code) => {
    expect(new TestVenue().client().signOn().refusal(method, params)).toBe(code);
  });
});

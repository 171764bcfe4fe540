import { describe, expect, test } from 'vitest';
import { PERPETUAL, TestVenue } from './testing/test-venue.js';

const iceberg = { instrument_name: PERPETUAL, amount: 5000, price: 90_000, display_amount: 1000 };

describe('an order with a display_amount', () => {
  test('tells its owner what it shows, and everybody else that alone', () => {
    const venue = new TestVenue();
    const client = venue.client().signOn();
    client.call('public/subscribe', { channels: [`book.${PERPETUAL}.100ms`, `book.${PERPETUAL}.none.10.100ms`] });
    const { order } = client.call<{ order: { order_id: string } }>('private/sell', iceberg);
    expect(order).toMatchObject({ amount: 5000, display_amount: 1000, refresh_amount: 1000, order_state: 'open' });
    venue.crowdOrder(PERPETUAL, 'buy', 90_000, 1400);
    venue.pass(200);
    expect(client.call('private/get_order_state', { order_id: order.order_id })).toMatchObject({
      filled_amount: 1400,
      display_amount: 600,
      refresh_amount: 1000,
    });
    expect(client.data(`book.${PERPETUAL}.100ms`).at(-1)).toMatchObject({ asks: [['new', 90_000, 600]] });
    expect(client.data(`book.${PERPETUAL}.none.10.100ms`).at(-1)).toMatchObject({ asks: [[90_000, 600]] });
    expect(client.call('public/get_order_book', { instrument_name: PERPETUAL })).toMatchObject({
      asks: [[90_000, 600]],
      best_ask_amount: 600,
    });
  });

  test('that is not smaller than its amount is an order like others', () => {
    const client = new TestVenue().client().signOn();
    const { order } = client.call<{ order: object }>('private/sell', { ...iceberg, display_amount: 5000 });
    expect(order).not.toHaveProperty('refresh_amount');
  });

  test('can be edited', () => {
    const client = new TestVenue().client().signOn();
    const { order_id } = client.call<{ order: { order_id: string } }>('private/sell', iceberg).order;
    const { order } = client.call<{ order: object }>('private/edit', { order_id, amount: 5000, display_amount: 2000 });
    expect(order).toMatchObject({ display_amount: 2000, refresh_amount: 2000, replaced: true });
  });

  test.each([
    ['shows less than a hundred times the minimum amount', { display_amount: 990 }, 10_024],
    ['hides a hundred times what it shows', { amount: 101_000 }, 10_024],
    ['shows no whole lots', { display_amount: 1005 }, 10_024],
    ['shows nothing', { display_amount: 0 }, 10_024],
    ['is to be filled at once', { time_in_force: 'immediate_or_cancel' }, 11_047],
    ['shows a text', { display_amount: 'much' }, -32_602],
  ])('that %s is refused', (_, params, code) => {
    expect(
      new TestVenue()
        .client()
        .signOn()
        .refusal('private/sell', { ...iceberg, ...params }),
    ).toBe(code);
  });
});

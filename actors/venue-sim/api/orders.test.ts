import { describe, expect, test } from 'vitest';
import { CALL, ETH_CALL, KEYS, PERPETUAL, PUT, TestVenue } from './testing/test-venue.js';

interface Order {
  order_id: string;
  order_state: string;
  label: string;
  price: number;
  amount: number;
}
interface Placed {
  order: Order;
  trades: Record<string, unknown>[];
}

const resting = { instrument_name: PERPETUAL, amount: 100, price: 89_000 };

describe('an order', () => {
  test('is told with the venue’s field names, units and states', () => {
    const venue = new TestVenue();
    const client = venue.client().signOn();
    const { order, trades } = client.call<Placed>('private/buy', { ...resting, label: 'a "label"', post_only: true });
    expect(trades).toEqual([]);
    expect(order).toMatchObject({
      instrument_name: PERPETUAL,
      direction: 'buy',
      price: 89_000,
      amount: 100,
      contracts: 10,
      filled_amount: 0,
      average_price: 0,
      order_state: 'open',
      order_type: 'limit',
      time_in_force: 'good_til_cancelled',
      post_only: true,
      reduce_only: false,
      mmp: false,
      replaced: false,
      label: 'a "label"',
      creation_timestamp: venue.now / 1000,
      api: true,
    });
    expect(client.call('private/get_order_state', { order_id: order.order_id })).toEqual(order);
    const edited = client.call<Placed>('private/edit', { order_id: order.order_id, amount: 50, price: 88_000 }).order;
    expect(edited).toMatchObject({ amount: 50, price: 88_000, replaced: true, order_id: order.order_id });
    const cancelled = client.call<Order>('private/cancel', { order_id: order.order_id });
    expect(cancelled).toMatchObject({ order_state: 'cancelled', cancel_reason: 'user_request' });
    expect(client.refusal('private/cancel', { order_id: order.order_id })).toBe(11_044);
  });

  test('that trades tells its trades, its position, its fee and its history', () => {
    const venue = new TestVenue();
    venue.crowdOrder(CALL, 'sell', 0.05, 3);
    venue.crowdOrder(CALL, 'sell', 0.055, 2);
    const client = venue.client().signOn();
    const { order, trades } = client.call<Placed>('private/buy', {
      instrument_name: CALL,
      amount: 4,
      price: 0.06,
      label: 'take',
    });
    expect(order).toMatchObject({ order_state: 'filled', filled_amount: 4, average_price: 0.05125 });
    expect(trades).toMatchObject([
      { price: 0.05, amount: 3, liquidity: 'T', direction: 'buy', fee: 0.0009, fee_currency: 'BTC', label: 'take' },
      { price: 0.055, amount: 1, liquidity: 'T', trade_seq: 2, index_price: 90_000, state: 'filled' },
    ]);
    expect(trades[0]!.iv).toBeGreaterThan(40);
    expect(client.call('private/get_user_trades_by_order', { order_id: order.order_id })).toEqual(
      [...trades].reverse(),
    );
    const { trades: all } = client.call<Placed>('private/get_user_trades_by_currency', { currency: 'BTC', count: 1 });
    expect(all).toEqual([trades[1]]);
    expect(client.call('private/get_position', { instrument_name: CALL })).toMatchObject({
      size: 4,
      direction: 'buy',
      average_price: 0.05125,
      kind: 'option',
    });
    expect(client.call('private/get_order_history_by_currency', { currency: 'BTC' })).toMatchObject([
      { order_id: order.order_id },
    ]);
    const summary = client.call<Record<string, number>>('private/get_account_summary', { currency: 'BTC' });
    expect(summary.balance).toBeCloseTo(100 - 4 * 0.05125 - 0.0012, 8);
    // Whoever looks from the other side sees the same trade as a maker's.
    const { trades: seen } = venue
      .client()
      .call<Placed>('public/get_last_trades_by_instrument', { instrument_name: CALL });
    expect(seen).toMatchObject([{ price: 0.055 }, { price: 0.05, trade_seq: 1, direction: 'buy' }]);
  });

  test('of ETH has an id that says so', () => {
    const client = new TestVenue().client().signOn();
    const order = { instrument_name: ETH_CALL, amount: 1, price: 0.15 };
    expect(client.call<Placed>('private/sell', order).order.order_id).toMatch(/^ETH-\d+$/);
  });
});

describe('what the venue refuses it refuses with its own code', () => {
  test.each([
    ['an instrument that is not there', { ...resting, instrument_name: 'BTC-NOTHING' }, -32_602],
    ['no amount', { instrument_name: PERPETUAL, price: 89_000 }, -32_602],
    ['no price', { instrument_name: PERPETUAL, amount: 10 }, -32_602],
    ['a type that does not exist', { ...resting, type: 'guess' }, -32_602],
    ['an amount between two lots', { ...resting, amount: 15 }, 10_021],
    ['no amount at all', { ...resting, amount: 0 }, 10_002],
    ['a negative amount', { ...resting, amount: -10 }, 10_002],
    ['a price between two ticks', { ...resting, price: 89_000.3 }, 10_043],
    ['a price off the coarser ticks above', { instrument_name: CALL, amount: 1, price: 0.0501 }, 10_043],
    ['a price above the band', { ...resting, price: 99_000 }, 10_007],
    ['a negative price', { ...resting, price: -5 }, 10_005],
    ['contracts that contradict the amount', { ...resting, contracts: 3 }, -32_602],
    ['a label that is too long', { ...resting, label: 'x'.repeat(65) }, -32_602],
    ['more than it can pay for', { ...resting, amount: 2_000_000_000 }, 10_009],
    ['reduce-only without a position', { ...resting, reduce_only: true }, 11_030],
    ['a rule for nothing', { ...resting, reject_post_only: true }, 11_047],
    ['post-only and immediate', { ...resting, post_only: true, time_in_force: 'immediate_or_cancel' }, 11_047],
    ['protection that is not configured', { ...resting, mmp: true }, 13_040],
    ['a request that comes too late', { ...resting, valid_until: 1_767_311_999_000 }, 13_888],
    ['a trigger without a word of which price it is', { ...resting, type: 'stop_market', trigger_price: 1 }, -32_602],
    ['a trigger of an order that does not wait', { ...resting, trigger: 'index_price', trigger_price: 1 }, 11_047],
    ['a price in volatility where there is none', { ...resting, advanced: 'implv' }, 11_047],
    ['linked orders without a word of how', { ...resting, otoco_config: [] }, 11_047],
    ['linked orders of which there are none', { ...resting, linked_order_type: 'one_triggers_other' }, -32_602],
  ])('%s', (_, params, code) => {
    const client = new TestVenue().client().signOn();
    expect(client.refusal('private/buy', params)).toBe(code);
    expect(client.call('private/get_open_orders')).toEqual([]);
  });

  test('a post-only order that would cross, where it may not be moved', () => {
    const venue = new TestVenue();
    venue.crowdOrder(PERPETUAL, 'sell', 89_500, 1000);
    const client = venue.client().signOn();
    const order = { ...resting, price: 89_600, post_only: true };
    expect(client.refusal('private/buy', { ...order, reject_post_only: true })).toBe(11_054);
    expect(client.call<Placed>('private/buy', order).order.price).toBe(89_499.5);
  });

  test('another account’s order', () => {
    const venue = new TestVenue();
    const { order_id } = venue.client().signOn().call<Placed>('private/buy', resting).order;
    const other = venue.client().signOn(KEYS[2]);
    expect(other.refusal('private/cancel', { order_id })).toBe(10_029);
    expect(other.refusal('private/get_order_state', { order_id })).toBe(10_004);
    expect(other.refusal('private/edit', { order_id: '99999999', amount: 10 })).toBe(10_004);
    expect(other.refusal('private/edit', { order_id: 'nonsense', amount: 10 })).toBe(10_004);
  });

  test('a price beyond the band tells the band', () => {
    const client = new TestVenue().client().signOn();
    expect(client.ask('private/buy', { ...resting, price: 99_000 })!.error!.message).toBe('price_too_high 91350');
  });
});

describe('cancelling many', () => {
  function withOrders(): ReturnType<TestVenue['client']> {
    const client = new TestVenue().client().signOn();
    for (let count = 0; count < 3; count++) client.call('private/buy', { ...resting, label: `l${count}` });
    client.call('private/buy', { instrument_name: PUT, amount: 1, price: 0.02, label: 'l0' });
    client.call('private/buy', { instrument_name: ETH_CALL, amount: 1, price: 0.05, label: 'l0' });
    return client;
  }

  test.each([
    ['private/cancel_all', {}, 5],
    ['private/cancel_all_by_instrument', { instrument_name: PERPETUAL }, 3],
    ['private/cancel_all_by_instrument', { instrument_name: PERPETUAL, type: 'stop' }, 0],
    ['private/cancel_all_by_currency', { currency: 'BTC' }, 4],
    ['private/cancel_all_by_currency', { currency: 'BTC', kind: 'option' }, 1],
    ['private/cancel_all_by_kind_or_type', { currency: ['BTC', 'ETH'], kind: 'option' }, 2],
    ['private/cancel_all_by_kind_or_type', { currency: 'ETH' }, 1],
    ['private/cancel_all_by_currency_pair', { currency_pair: 'eth_usd' }, 1],
    ['private/cancel_by_label', { label: 'l0' }, 3],
    ['private/cancel_by_label', { label: 'l0', currency: 'ETH' }, 1],
    ['private/cancel_quotes', { cancel_type: 'all' }, 0],
  ])('%s %o takes %i away', (method, params, count) => {
    const client = withOrders();
    expect(client.call(method, params)).toBe(count);
    expect(client.call('private/get_open_orders')).toHaveLength(5 - count);
  });

  test('tells which, where that is asked for', () => {
    const cancelled = withOrders().call<Order[]>('private/cancel_all_by_currency', { currency: 'BTC', detailed: true });
    expect(cancelled.map(({ order_state }) => order_state)).toEqual(Array(4).fill('cancelled'));
  });

  test('an order is changed by its label only where that is one order’s', () => {
    const client = withOrders();
    const edit = { instrument_name: PERPETUAL, label: 'l1', amount: 50, price: 88_000 };
    expect(client.call<Placed>('private/edit_by_label', edit).order).toMatchObject({ label: 'l1', amount: 50 });
    client.call('private/buy', { ...resting, label: 'l1' });
    expect(client.refusal('private/edit_by_label', edit)).toBe(13_032);
    expect(client.refusal('private/edit_by_label', { ...edit, label: 'none' })).toBe(10_004);
  });
});

describe('mass quotes', () => {
  const side = (price: number, amount = 1): object => ({ price, amount });
  const quote = (name: string, bid?: object, ask?: object): object => ({
    instrument_name: name,
    quote_set_id: 's',
    ...(bid === undefined ? {} : { bid }),
    ...(ask === undefined ? {} : { ask }),
  });
  const mass = (...quotes: object[]): object => ({ quote_id: 'q1', mmp_group: 'g', detailed: true, quotes });

  interface MassAnswer {
    errors: { side: string; instrument_name: string; error: { code: number } }[];
    orders: (Order & Record<string, unknown>)[];
  }

  function quoter(limits: object = {}): { venue: TestVenue; client: ReturnType<TestVenue['client']> } {
    const venue = new TestVenue();
    const client = venue.client().signOn();
    client.call('private/enable_cancel_on_disconnect');
    client.call('private/set_mmp_config', {
      index_name: 'btc_usd',
      mmp_group: 'g',
      interval: 5,
      frozen_time: 0,
      quantity_limit: 100,
      max_quote_quantity: 50,
      ...limits,
    });
    return { venue, client };
  }

  test('need cancel-on-disconnect and protection', () => {
    const client = new TestVenue().client().signOn();
    const quotes = mass(quote(CALL, side(0.04)));
    expect(client.refusal('private/mass_quote', quotes)).toBe(13_042);
    client.call('private/enable_cancel_on_disconnect');
    expect(client.refusal('private/mass_quote', quotes)).toBe(13_040);
  });

  test('judge each side by itself, and amend what stands', () => {
    const { client } = quoter();
    const first = client.call<MassAnswer>(
      'private/mass_quote',
      mass(quote(CALL, side(0.04), side(0.06)), quote(PUT, side(0.0201), side(0.04)), quote('BTC-NOTHING', side(1))),
    );
    expect(first.orders).toMatchObject([
      { direction: 'buy', price: 0.04, quote: true, quote_id: 'q1', quote_set_id: 's', mmp_group: 'g', mmp: true },
      { direction: 'sell', price: 0.06 },
      { instrument_name: PUT, direction: 'sell' },
    ]);
    expect(first.errors).toMatchObject([
      { instrument_name: PUT, side: 'bid', error: { code: 10_043 } },
      { instrument_name: 'BTC-NOTHING', side: 'bid', error: { code: -32_602 } },
    ]);
    const amend = { ...mass(quote(CALL, { price: 0.041 }, { amount: 2 })), quote_id: 'q2' };
    const second = client.call<MassAnswer>('private/mass_quote', amend);
    expect(second.orders.map(({ order_id }) => order_id)).toEqual(first.orders.slice(0, 2).map((one) => one.order_id));
    expect(second.orders).toMatchObject([
      { price: 0.041, amount: 1, quote_id: 'q2' },
      { price: 0.06, amount: 2, quote_id: 'q2' },
    ]);
    // An errored amend withdraws its side.
    client.call('private/mass_quote', mass(quote(CALL, { price: 0.04101 })));
    expect(client.call<Order[]>('private/get_open_orders_by_instrument', { instrument_name: CALL })).toMatchObject([
      { direction: 'sell' },
    ]);
    expect(client.call('private/cancel_quotes', { cancel_type: 'quote_set_id', quote_set_id: 's' })).toBe(2);
  });

  test('are pulled when protection fires, and refused until it is reset', () => {
    const { venue, client } = quoter({ quantity_limit: 2 });
    client.call('private/subscribe', { channels: ['user.mmp_trigger.btc_usd'] });
    client.call('private/mass_quote', mass(quote(CALL, side(0.04), side(0.06, 2)), quote(PUT, side(0.03), side(0.05))));
    venue.crowdOrder(CALL, 'buy', 0.06, 2);
    expect(client.call('private/get_open_orders')).toEqual([]);
    expect(client.data('user.mmp_trigger.btc_usd')).toEqual([
      { index_name: 'btc_usd', mmp_group: 'g', frozen_until: 0 },
    ]);
    expect(client.call('private/get_mmp_status')).toEqual([{ index_name: 'btc_usd', mmp_group: 'g', frozen_until: 0 }]);
    const again = client.call<MassAnswer>('private/mass_quote', mass(quote(CALL, side(0.04))));
    expect(again.errors).toMatchObject([{ side: 'bid', error: { code: 13_030 } }]);
    expect(client.call('private/reset_mmp', { index_name: 'btc_usd', mmp_group: 'g' })).toBe('ok');
    expect(client.call<MassAnswer>('private/mass_quote', mass(quote(CALL, side(0.04)))).orders).toHaveLength(1);
  });

  test('limits are told as they were set', () => {
    const { client } = quoter({ delta_limit: 3, vega_limit: 7 });
    expect(client.call('private/get_mmp_config', { index_name: 'btc_usd' })).toEqual([
      {
        index_name: 'btc_usd',
        mmp_group: 'g',
        interval: 5,
        frozen_time: 0,
        quantity_limit: 100,
        delta_limit: 3,
        vega_limit: 7,
        max_quote_quantity: 50,
        block_rfq: false,
      },
    ]);
    expect(
      client.call('private/set_mmp_config', { index_name: 'btc_usd', mmp_group: 'g', interval: 0, frozen_time: 0 }),
    ).toMatchObject({ interval: 0 });
    expect(client.call('private/get_mmp_config', {})).toEqual([]);
  });
});

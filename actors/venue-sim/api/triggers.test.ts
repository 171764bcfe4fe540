import { describe, expect, test } from 'vitest';
import { Side } from '../exchange/codes.js';
import { CALL, PERPETUAL, START_MS, type TestClient, TestVenue } from './testing/test-venue.js';
import { MOST_TRIGGERS } from './triggers.js';

interface Order extends Record<string, unknown> {
  order_id: string;
  order_state: string;
}

const stop = { instrument_name: PERPETUAL, amount: 100, trigger: 'mark_price' };

/** A venue whose perpetual is quoted on both sides of 90,000, and a client of it. */
function market(): { venue: TestVenue; client: TestClient; mark: (price: number) => void } {
  const venue = new TestVenue();
  venue.crowdOrder(PERPETUAL, 'buy', 89_990, 10_000);
  venue.crowdOrder(PERPETUAL, 'sell', 90_010, 10_000);
  const client = venue.client().signOn();
  const mark = (price: number): void => {
    venue.exchange.setFutureMark(0, price);
    venue.pass(20);
  };
  return { venue, client, mark };
}

const place = (client: TestClient, side: 'buy' | 'sell', params: object): Order =>
  client.call<{ order: Order }>(`private/${side}`, { ...stop, ...params }).order;

const stateOf = (client: TestClient, order: Order): Order =>
  client.call<Order>('private/get_order_state', { order_id: order.order_id });

const openStates = (client: TestClient, params: object = {}): string[] =>
  client.call<Order[]>('private/get_open_orders', params).map(({ order_state }) => order_state);

describe('an order that waits for a trigger', () => {
  test.each([
    ['buy', 'stop_market', 90_100, [90_050], 90_100],
    ['sell', 'stop_market', 89_900, [89_950], 89_899],
    ['buy', 'take_market', 89_900, [89_950], 89_900],
    ['sell', 'take_market', 90_100, [90_050], 90_101],
  ] as const)('%s %s at %d: not before, and then at once', (side, type, price, before, then) => {
    const { client, mark } = market();
    const order = place(client, side, { type, trigger_price: price, label: 'why' });
    expect(order).toMatchObject({
      order_state: 'untriggered',
      order_type: type,
      trigger: 'mark_price',
      trigger_price: price,
      triggered: false,
      price: 'market_price',
      amount: 100,
    });
    for (const other of before) mark(other);
    expect(openStates(client)).toEqual(['untriggered']);
    mark(then);
    expect(openStates(client)).toEqual([]);
    expect(stateOf(client, order)).toMatchObject({ order_state: 'triggered', triggered: true });
    expect(client.call('private/get_position', { instrument_name: PERPETUAL })).toMatchObject({
      size: side === 'buy' ? 100 : -100,
    });
    const { trades } = client.call<{ trades: object[] }>('private/get_user_trades_by_instrument', {
      instrument_name: PERPETUAL,
    });
    expect(trades).toMatchObject([{ label: 'why', amount: 100 }]);
  });

  test('with a limit rests on the book once it is set off', () => {
    const { client, mark } = market();
    place(client, 'buy', { type: 'stop_limit', trigger_price: 90_100, price: 90_000 });
    mark(90_200);
    expect(client.call('private/get_open_orders')).toMatchObject([
      { order_state: 'open', order_type: 'limit', price: 90_000, amount: 100 },
    ]);
  });

  test('a trailing stop follows the market one way and not the other', () => {
    const { client, mark } = market();
    const order = place(client, 'sell', { type: 'trailing_stop', trigger_offset: 100 });
    expect(order).toMatchObject({ trigger_price: 89_900, trigger_offset: 100 });
    mark(90_500);
    expect(stateOf(client, order)).toMatchObject({ order_state: 'untriggered', trigger_price: 90_400 });
    mark(90_450);
    expect(stateOf(client, order)).toMatchObject({ order_state: 'untriggered', trigger_price: 90_400 });
    mark(90_399);
    expect(stateOf(client, order)).toMatchObject({ order_state: 'triggered' });
  });

  test('may follow the index or the last trade', () => {
    const { venue, client } = market();
    venue.exchange.setIndex(0, 90_000);
    const byIndex = place(client, 'buy', { type: 'stop_market', trigger: 'index_price', trigger_price: 91_000 });
    const byTrade = place(client, 'buy', { type: 'stop_market', trigger: 'last_price', trigger_price: 90_010 });
    venue.pass(20);
    expect(openStates(client)).toEqual(['untriggered', 'untriggered']);
    venue.crowdOrder(PERPETUAL, 'buy', 90_010, 10);
    venue.pass(20);
    expect(stateOf(client, byTrade).order_state).toBe('triggered');
    expect(stateOf(client, byIndex).order_state).toBe('untriggered');
    venue.exchange.setIndex(0, 91_001);
    venue.pass(20);
    expect(stateOf(client, byIndex).order_state).toBe('triggered');
  });

  test('can be changed and cancelled, alone, by its type and with all', () => {
    const { client, mark } = market();
    const first = place(client, 'buy', { type: 'stop_limit', trigger_price: 90_100, price: 90_000 });
    const changes = { order_id: first.order_id, amount: 50, price: 89_999, trigger_price: 90_300 };
    expect(client.call<{ order: Order }>('private/edit', changes).order).toMatchObject({
      order_id: first.order_id,
      amount: 50,
      price: 89_999,
      trigger_price: 90_300,
      replaced: true,
    });
    mark(90_200);
    expect(openStates(client, { type: 'stop_limit' })).toEqual(['untriggered']);
    expect(openStates(client, { type: 'take_all' })).toEqual([]);
    expect(client.call('private/cancel', { order_id: first.order_id })).toMatchObject({
      order_state: 'cancelled',
      cancel_reason: 'user_request',
    });
    expect(client.refusal('private/cancel', { order_id: first.order_id })).toBe(11_044);
    place(client, 'buy', { type: 'stop_market', trigger_price: 91_000 });
    place(client, 'buy', { type: 'take_market', trigger_price: 89_000 });
    const byType = { instrument_name: PERPETUAL, type: 'stop' };
    expect(client.call('private/cancel_all_by_instrument', byType)).toBe(1);
    expect(client.call('private/cancel_all')).toBe(1);
    mark(95_000);
    expect(client.call('private/get_open_orders')).toEqual([]);
    expect(client.call('private/get_position', { instrument_name: PERPETUAL })).toMatchObject({ size: 0 });
  });

  test('is told on the account’s channels, and goes with the connection that made it', () => {
    const { venue, client, mark } = market();
    const channel = `user.orders.${PERPETUAL}.raw`;
    client.call('private/subscribe', { channels: [channel] });
    client.call('private/enable_cancel_on_disconnect');
    place(client, 'buy', { type: 'stop_market', trigger_price: 90_100 });
    mark(90_150);
    expect(client.data(channel).map(({ order_state }) => order_state)).toEqual(['untriggered', 'triggered', 'filled']);
    const order = place(client, 'buy', { type: 'stop_market', trigger_price: 95_000 });
    client.break();
    const other = venue.client().signOn();
    expect(stateOf(other, order)).toMatchObject({ order_state: 'cancelled', cancel_reason: 'cancel_on_disconnect' });
  });

  test('that the exchange refuses when its time has come is rejected', () => {
    const { client, mark } = market();
    const order = place(client, 'sell', {
      type: 'stop_limit',
      trigger_price: 89_900,
      price: 89_000,
      reduce_only: true,
    });
    mark(89_800);
    expect(stateOf(client, order)).toMatchObject({ order_state: 'rejected' });
    expect(client.call('private/get_open_orders')).toEqual([]);
  });

  test.each([
    ['a price that is reached already', { type: 'stop_market', trigger_price: 89_000 }, 10_011],
    ['no price', { type: 'stop_market' }, -32_602],
    ['a trailing stop that is not behind', { type: 'trailing_stop', trigger_offset: 0 }, -32_602],
    ['protection, which counts what rests', { type: 'stop_market', trigger_price: 91_000, mmp: true }, 11_047],
    ['a price of another kind', { type: 'stop_limit', trigger_price: 91_000, price: 1, advanced: 'usd' }, 11_047],
  ])('is refused with %s', (_, params, code) => {
    const { client } = market();
    expect(client.refusal('private/buy', { ...stop, ...params })).toBe(code);
    expect(client.call('private/get_open_orders')).toEqual([]);
  });

  test('waits beside a bounded number of others', () => {
    const { client } = market();
    const far = { type: 'stop_market', trigger_price: 95_000 };
    for (let count = 0; count < MOST_TRIGGERS; count++) place(client, 'buy', far);
    expect(client.refusal('private/buy', { ...stop, ...far })).toBe(10_013);
  });
});

describe('a price in USD or in volatility', () => {
  const option = { instrument_name: CALL, amount: 1, trigger: undefined };

  test('is one in coin, and moves with the market', () => {
    const venue = new TestVenue();
    const { exchange } = venue;
    exchange.setIndex(0, 90_000);
    const client = venue.client().signOn();
    const usd = place(client, 'buy', { ...option, price: 4500, advanced: 'usd' });
    expect(usd).toMatchObject({ price: 0.05, advanced: 'usd', usd: 4500, order_state: 'open' });
    const vol = place(client, 'sell', { ...option, price: 60, advanced: 'implv' });
    expect(vol).toMatchObject({ advanced: 'implv', implv: 60, order_state: 'open' });
    const atSixty = vol.price as number;
    expect(atSixty).toBeGreaterThan(exchange.instruments.mark(2, START_MS));
    exchange.setIndex(0, 100_000);
    exchange.setOptionMark(2, 95_000, 0.5);
    venue.pass(2000);
    expect(stateOf(client, usd)).toMatchObject({ price: 0.045, usd: 4500 });
    expect(stateOf(client, vol).price).toBeGreaterThan(atSixty);
    expect(exchange.books.depth(2, Side.BUY)).toBe(1);
    const inCoin = client.call<{ order: Order }>('private/edit', { order_id: usd.order_id, price: 0.03 }).order;
    expect(inCoin).toMatchObject({ price: 0.03 });
    expect(inCoin).not.toHaveProperty('advanced');
    exchange.setIndex(0, 110_000);
    venue.pass(2000);
    expect(stateOf(client, usd)).toMatchObject({ price: 0.03 });
  });

  test.each([
    ['is none of futures', { ...stop, price: 50, advanced: 'implv' }, 11_047],
    ['is none of orders that may only rest', { ...option, price: 50, advanced: 'implv', post_only: true }, 11_047],
    ['must be above 0', { ...option, price: -5, advanced: 'usd' }, 10_023],
    ['is in USD or in volatility', { ...option, price: 5, advanced: 'eur' }, -32_602],
  ])('%s', (_, params, code) => {
    const client = new TestVenue().client().signOn();
    expect(client.refusal('private/buy', { ...params, trigger: undefined })).toBe(code);
  });
});

describe('what became of orders that waited', () => {
  interface Entry extends Record<string, unknown> {
    trigger_order_id: string;
  }

  const history = (client: TestClient, params: object = {}): { entries: Entry[]; continuation?: string } =>
    client.call('private/get_trigger_order_history', { currency: 'BTC', ...params });

  test('is told with the order that was placed, or why there is none', () => {
    const { client, mark } = market();
    place(client, 'buy', { type: 'stop_limit', trigger_price: 90_100, price: 89_000, label: 'fires' });
    const cancelled = place(client, 'sell', { type: 'take_market', trigger_price: 95_000 });
    place(client, 'buy', {
      type: 'stop_limit',
      trigger_price: 90_200,
      price: 90_010,
      reject_post_only: true,
      post_only: true,
    });
    expect(history(client).entries).toEqual([]);
    client.call('private/cancel', cancelled);
    mark(90_150);
    mark(90_250);
    const [rejected, fired, first, ...more] = history(client).entries;
    expect(more).toEqual([]);
    expect(first).toMatchObject({ trigger_order_id: cancelled.order_id, order_state: 'cancelled', request: 'cancel' });
    expect(fired).toMatchObject({
      order_state: 'triggered',
      request: 'trigger:order',
      order_type: 'limit',
      price: 89_000,
      trigger_price: 90_100,
      label: 'fires',
      direction: 'buy',
    });
    const placed = client.call<Order>('private/get_order_state', { order_id: fired!.order_id });
    expect(placed).toMatchObject({ order_state: 'open', trigger_order_id: fired!.trigger_order_id });
    expect(rejected).toMatchObject({ order_state: 'rejected:post_only_reject' });
  });

  test('can be had page by page, of one instrument, and by nobody else', () => {
    const { venue, client } = market();
    for (let count = 0; count < 5; count++)
      client.call('private/cancel', place(client, 'buy', { type: 'stop_market', trigger_price: 95_000 }));
    const ids: string[] = [];
    for (
      let page = history(client, { count: 2 });
      ;
      page = history(client, { count: 2, continuation: page.continuation })
    ) {
      ids.push(...page.entries.map(({ trigger_order_id }) => trigger_order_id));
      if (page.continuation === undefined) break;
    }
    expect(ids).toEqual(['SLMB-5', 'SLMB-4', 'SLMB-3', 'SLMB-2', 'SLMB-1']);
    expect(history(client, { instrument_name: CALL }).entries).toEqual([]);
    expect(client.refusal('private/get_trigger_order_history', { currency: 'BTC', continuation: 'x' })).toBe(-32_602);
    const other = venue.client().signOn({ clientId: 'other', clientSecret: 'other secret', account: 'other' });
    expect(history(other).entries).toEqual([]);
  });

  test('stands in the history of orders, where unfilled ones are asked for, by when it ended', () => {
    const { client, mark } = market();
    const ids = (params: object): string[] =>
      client
        .call<Order[]>('private/get_order_history_by_instrument', { instrument_name: PERPETUAL, ...params })
        .map(({ order_id }) => order_id);
    const early = client.call<{ order: Order }>('private/buy', {
      instrument_name: PERPETUAL,
      amount: 10,
      price: 80_000,
    });
    const stop = place(client, 'buy', { type: 'stop_market', trigger_price: 90_100 });
    mark(90_050);
    client.call('private/cancel', early.order);
    mark(90_150);
    const market_order = ids({})[0]!;
    expect(ids({})).toEqual([market_order]);
    expect(ids({ include_unfilled: true })).toEqual([market_order, stop.order_id, early.order.order_id]);
    expect(ids({ include_unfilled: true, count: 1, offset: 1 })).toEqual([stop.order_id]);
  });

  test('is found by its label, waiting or not', () => {
    const { client } = market();
    const first = place(client, 'buy', { type: 'stop_market', trigger_price: 95_000, label: 'mine' });
    client.call('private/cancel', first);
    const second = place(client, 'buy', { type: 'stop_market', trigger_price: 95_000, label: 'mine' });
    const found = client.call<Order[]>('private/get_order_state_by_label', { currency: 'BTC', label: 'mine' });
    expect(found.map(({ order_id, order_state }) => [order_id, order_state])).toEqual([
      [second.order_id, 'untriggered'],
      [first.order_id, 'cancelled'],
    ]);
  });

  test('one that waits is edited by its label, unless another has the same', () => {
    const { client } = market();
    const edit = { instrument_name: PERPETUAL, label: 'mine', amount: 50, trigger_price: 96_000 };
    expect(client.refusal('private/edit_by_label', edit)).toBe(10_004);
    const order = place(client, 'buy', { type: 'stop_market', trigger_price: 95_000, label: 'mine' });
    expect(client.call<{ order: Order }>('private/edit_by_label', edit).order).toMatchObject({
      order_id: order.order_id,
      amount: 50,
      trigger_price: 96_000,
      replaced: true,
    });
    client.call('private/buy', { instrument_name: PERPETUAL, amount: 10, price: 80_000, label: 'mine' });
    expect(client.refusal('private/edit_by_label', edit)).toBe(13_032);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CALL, FUTURE, KEYS, PERPETUAL, type TestClient, TestVenue } from './testing/test-venue.js';

type Level = [string, number, number];
interface BookData {
  type: string;
  change_id: number;
  prev_change_id?: number;
  bids: Level[];
  asks: Level[];
}

/** The book that a channel's messages lead to. Throws where their chain breaks or they contradict themselves. */
function rebuilt(client: TestClient, channel: string): { bids: number[][]; asks: number[][]; changes: number } {
  const books = { bids: new Map<number, number>(), asks: new Map<number, number>() };
  let last = Number.NaN;
  let changes = -1;
  for (const data of client.data(channel) as unknown as BookData[]) {
    if (data.type === 'snapshot') for (const side of Object.values(books)) side.clear();
    else if (data.prev_change_id !== last) throw new Error(`the chain breaks at ${data.prev_change_id}, not ${last}`);
    last = data.change_id;
    changes++;
    for (const side of ['bids', 'asks'] as const) {
      for (const [action, price, amount] of data[side]) {
        const isKnown = books[side].has(price);
        if (isKnown === (action === 'new')) throw new Error(`'${action}' of ${price}, which is known: ${isKnown}`);
        if (action === 'delete') books[side].delete(price);
        else books[side].set(price, amount);
      }
    }
  }
  const sorted = (side: Map<number, number>, best: number): number[][] => [...side].sort(([a], [b]) => best * (a - b));
  return { bids: sorted(books.bids, -1), asks: sorted(books.asks, 1), changes };
}

describe('books', () => {
  const action = fc.record({
    isBuy: fc.boolean(),
    tick: fc.integer({ min: 0, max: 12 }),
    lots: fc.integer({ min: 1, max: 5 }),
    isCancel: fc.boolean(),
    pauseMs: fc.constantFrom(0, 0, 30, 120),
  });

  test('raw and every 100 ms, early and late: each channel’s chain leads to the same book', () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 1, maxLength: 60 }), fc.nat(60), (actions, joinAt) => {
        const venue = new TestVenue();
        const channels = [`book.${PERPETUAL}.raw`, `book.${PERPETUAL}.100ms`];
        const early = venue.client().signOn();
        const late = venue.client().signOn();
        early.call('private/subscribe', { channels });
        const orders: number[] = [];
        for (const [index, { isBuy, tick, lots, isCancel, pauseMs }] of actions.entries()) {
          if (index === joinAt) late.call('private/subscribe', { channels });
          const known = orders[tick % Math.max(1, orders.length)];
          if (isCancel && known !== undefined) venue.exchange.cancel(venue.crowd, known);
          else orders.push(venue.crowdOrder(PERPETUAL, isBuy ? 'buy' : 'sell', 89_990 + tick, 10 * lots));
          venue.settle();
          if (pauseMs > 0) venue.pass(pauseMs);
        }
        venue.pass(200);
        const { bids, asks } = early.call<{ bids: number[][]; asks: number[][] }>('public/get_order_book', {
          instrument_name: PERPETUAL,
          depth: 1000,
        });
        for (const channel of channels) {
          expect(rebuilt(early, channel)).toMatchObject({ bids, asks });
          if (joinAt < actions.length) expect(rebuilt(late, channel)).toMatchObject({ bids, asks });
        }
      }),
      { numRuns: 40 },
    );
  });

  test('every 100 ms brings what is left of many changes, in one message', () => {
    const venue = new TestVenue();
    const client = venue.client();
    client.call('public/subscribe', { channels: [`book.${PERPETUAL}.100ms`, `book.${PERPETUAL}.none.1.100ms`] });
    const order = venue.crowdOrder(PERPETUAL, 'buy', 89_000, 10);
    venue.crowdOrder(PERPETUAL, 'buy', 89_001, 20);
    venue.crowdOrder(PERPETUAL, 'buy', 89_001, 30);
    venue.exchange.cancel(venue.crowd, order);
    venue.pass(100);
    const [, change] = client.data(`book.${PERPETUAL}.100ms`);
    expect(change).toMatchObject({ type: 'change', bids: [['new', 89_001, 50]], asks: [] });
    expect(client.data(`book.${PERPETUAL}.none.1.100ms`).at(-1)).toMatchObject({ bids: [[89_001, 50]], asks: [] });
  });

  test('grouped by price, bids go down to their step and offers up', () => {
    const venue = new TestVenue();
    for (const price of [89_000.5, 89_001, 89_003]) venue.crowdOrder(PERPETUAL, 'buy', price, 10);
    for (const price of [89_100.5, 89_101]) venue.crowdOrder(PERPETUAL, 'sell', price, 10);
    const client = venue.client();
    client.call('public/subscribe', { channels: [`book.${PERPETUAL}.5.10.100ms`] });
    expect(client.data(`book.${PERPETUAL}.5.10.100ms`)).toMatchObject([
      {
        bids: [
          [89_002.5, 10],
          [89_000, 20],
        ],
        asks: [[89_102.5, 20]],
      },
    ]);
  });

  test('raw channels need a session', () => {
    const venue = new TestVenue();
    const client = venue.client();
    expect(client.refusal('public/subscribe', { channels: [`book.${PERPETUAL}.raw`] })).toBe(13_778);
    expect(client.call('public/subscribe', { channels: [`book.${PERPETUAL}.raw`, `quote.${PERPETUAL}`] })).toEqual([
      `quote.${PERPETUAL}`,
    ]);
    expect(client.refusal('public/subscribe', { channels: ['user.orders.any.any.raw'] })).toBe(11_052);
    expect(client.refusal('public/subscribe', { channels: ['book.NOBODY.100ms', 'x', ''] })).toBe(11_052);
  });
});

describe('tickers and quotes', () => {
  test('the raw ticker comes just before the change of the book that it shows', () => {
    const venue = new TestVenue();
    const client = venue.client().signOn();
    client.call('private/subscribe', { channels: [`book.${CALL}.raw`, `ticker.${CALL}.raw`, `quote.${CALL}`] });
    client.texts.length = 0;
    venue.crowdOrder(CALL, 'buy', 0.04, 2);
    venue.crowdOrder(CALL, 'buy', 0.03, 2);
    expect(client.messages().map(({ params }) => params!.channel)).toEqual([
      `ticker.${CALL}.raw`,
      `quote.${CALL}`,
      `book.${CALL}.raw`,
      `book.${CALL}.raw`,
    ]);
    expect(client.data(`ticker.${CALL}.raw`)[0]).toMatchObject({
      state: 'open',
      best_bid_price: 0.04,
      best_bid_amount: 2,
      best_ask_price: 0,
      best_ask_amount: 0,
      ask_iv: 0,
      mark_iv: 50,
      underlying_price: 90_900,
      underlying_index: FUTURE,
      index_price: 90_000,
      interest_rate: 0,
      last_price: null,
    });
    expect(client.data(`quote.${CALL}`)[0]).toMatchObject({ best_bid_price: 0.04, best_ask_price: null });
  });

  test('a mark that moves is told within a second, and one that stands is not', () => {
    const venue = new TestVenue();
    const client = venue.client();
    client.call('public/subscribe', { channels: [`ticker.${CALL}.100ms`] });
    venue.pass(3000);
    expect(client.data(`ticker.${CALL}.100ms`)).toHaveLength(1);
    venue.exchange.setOptionMark(2, 91_000, 0.51);
    venue.pass(1100);
    expect(client.data(`ticker.${CALL}.100ms`)).toMatchObject([{ mark_iv: 50 }, { mark_iv: 51 }]);
  });
});

describe('what one’s own channels tell', () => {
  const channels = [
    'user.orders.any.any.raw',
    `user.orders.${PERPETUAL}.100ms`,
    'user.trades.future.BTC.raw',
    'user.changes.any.any.raw',
    'user.portfolio.btc',
    `trades.${PERPETUAL}.raw`,
  ];

  test('an order that is filled: the order, the trade, both with the position, and the money', () => {
    const venue = new TestVenue();
    const client = venue.client().signOn();
    client.call('private/subscribe', { channels });
    client.call('private/sell', { instrument_name: PERPETUAL, amount: 100, price: 90_100, label: 'mine' });
    venue.crowdOrder(PERPETUAL, 'buy', 90_200, 40);
    venue.pass(1000);
    expect(client.data('user.orders.any.any.raw')).toMatchObject([
      { order_state: 'open', filled_amount: 0, label: 'mine' },
      { order_state: 'open', filled_amount: 40 },
    ]);
    expect(client.data(`user.orders.${PERPETUAL}.100ms`)).toMatchObject([[{ filled_amount: 40, label: 'mine' }]]);
    expect(client.data('user.trades.future.BTC.raw')).toMatchObject([
      [{ amount: 40, price: 90_100, direction: 'sell', liquidity: 'M', label: 'mine' }],
    ]);
    expect(client.data('user.changes.any.any.raw').at(-1)).toMatchObject({
      instrument_name: PERPETUAL,
      orders: [{ filled_amount: 40 }],
      trades: [{ amount: 40 }],
      positions: [{ size: -40, direction: 'sell', instrument_name: PERPETUAL }],
    });
    expect(client.data('user.portfolio.btc').at(-1)).toMatchObject({ currency: 'BTC' });
    expect(client.data(`trades.${PERPETUAL}.raw`)).toMatchObject([[{ direction: 'buy', amount: 40, price: 90_100 }]]);
  });

  test('the answer comes before what the request caused', () => {
    const venue = new TestVenue();
    const client = venue.client().signOn();
    client.call('private/subscribe', { channels });
    client.texts.length = 0;
    client.call('private/buy', { instrument_name: PERPETUAL, amount: 100, price: 89_000 });
    expect(client.messages()[0]!.result).toBeDefined();
    expect(client.messages().length).toBeGreaterThan(1);
  });

  test('another account’s matters are not told, and who has left hears nothing', () => {
    const venue = new TestVenue();
    const maker = venue.client().signOn();
    maker.call('private/subscribe', { channels });
    venue.client().signOn(KEYS[2]).call('private/buy', {
      instrument_name: PERPETUAL,
      amount: 100,
      price: 89_000,
    });
    expect(maker.data('user.orders.any.any.raw')).toEqual([]);
    expect(maker.call('private/unsubscribe', { channels: ['user.orders.any.any.raw', 'quote.x'] })).toEqual([
      'user.orders.any.any.raw',
    ]);
    maker.call('private/buy', { instrument_name: PERPETUAL, amount: 100, price: 89_000 });
    expect(maker.data('user.orders.any.any.raw')).toEqual([]);
    expect(maker.call('private/unsubscribe_all')).toBe('ok');
    expect(maker.connection.channels.size).toBe(0);
  });
});

test('indices, states and the platform have channels too', () => {
  const venue = new TestVenue();
  const client = venue.client();
  const channels = [
    'deribit_price_index.btc_usd',
    'deribit_volatility_index.btc_usd',
    'markprice.options.btc_usd',
    'estimated_expiration_price.btc_usd',
    'platform_state',
    'instrument.state.any.any',
    `chart.trades.${PERPETUAL}.1`,
  ];
  expect(client.call('public/subscribe', { channels })).toEqual(channels);
  venue.pass(1000);
  venue.exchange.setIndex(0, 90_123.456);
  venue.crowdOrder(PERPETUAL, 'buy', 90_100, 10);
  venue.crowdOrder(PERPETUAL, 'sell', 90_100, 10);
  venue.exchange.setInstrumentState(2, 3);
  venue.venue.chaos.maintain(true);
  venue.pass(1100);
  expect(client.data('deribit_price_index.btc_usd').at(-1)).toMatchObject({ price: 90_123.46, index_name: 'btc_usd' });
  expect(client.data('deribit_volatility_index.btc_usd').at(-1)!.volatility).toBeCloseTo(50, 0);
  expect(client.data('markprice.options.btc_usd')[0]).toHaveLength(2);
  expect(client.data('instrument.state.any.any')).toMatchObject([{ instrument_name: CALL, state: 'deactivated' }]);
  expect(client.data('platform_state').at(-1)).toMatchObject({ locked: true });
  expect(client.data(`chart.trades.${PERPETUAL}.1`).at(-1)).toMatchObject({ close: 90_100, cost: 10 });
});

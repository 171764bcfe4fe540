import { describe, expect, test } from 'vitest';
import { PERPETUAL, type TestClient, TestVenue } from './testing/test-venue.js';

interface Order extends Record<string, unknown> {
  order_id: string;
  order_state: string;
}

/** A venue whose perpetual is quoted far away from 90,000 on both sides, and a client of it. */
function market() {
  const venue = new TestVenue();
  venue.crowdOrder(PERPETUAL, 'buy', 89_500, 100_000);
  venue.crowdOrder(PERPETUAL, 'sell', 90_500, 100_000);
  const client = venue.client().signOn();
  const mark = (price: number): void => {
    venue.exchange.setFutureMark(0, price);
    venue.pass(20);
  };
  return { venue, client, mark };
}

const bid = { instrument_name: PERPETUAL, amount: 100, price: 90_000, label: 'entry' };
const profit = { direction: 'sell', type: 'limit', price: 90_300, reduce_only: true, label: 'profit' };
const loss = { direction: 'sell', type: 'stop_market', trigger: 'mark_price', trigger_price: 89_800, label: 'loss' };

const oto = { ...bid, linked_order_type: 'one_triggers_other', otoco_config: [profit] };
const otoco = { ...bid, linked_order_type: 'one_triggers_one_cancels_other', otoco_config: [profit, loss] };
/** A position's take-profit and its stop. */
const oco = { ...bid, price: 90_300, linked_order_type: 'one_cancels_other', otoco_config: [loss] };

const place = (client: TestClient, side: 'buy' | 'sell', params: object): Order =>
  client.call<{ order: Order }>(`private/${side}`, params).order;

const open = (client: TestClient): Order[] => client.call<Order[]>('private/get_open_orders');

const labelled = (client: TestClient, label: string): Order[] => open(client).filter((order) => order.label === label);

const stateOf = (client: TestClient, order: string): Order =>
  client.call<Order>('private/get_order_state', { order_id: order });

describe('one triggers other', () => {
  test('the other waits under an id of its own until the first is filled', () => {
    const { venue, client } = market();
    const primary = place(client, 'buy', { ...oto, otoco_config: [{ ...profit, reduce_only: false }] });
    expect(primary).toMatchObject({ oto_order_ids: ['OTO-1'], trigger_fill_condition: 'first_hit' });
    expect(open(client)).toMatchObject([
      { order_id: primary.order_id, order_state: 'open' },
      { order_id: 'OTO-1', order_state: 'untriggered', order_type: 'limit', is_secondary_oto: true, direction: 'sell' },
    ]);
    venue.crowdOrder(PERPETUAL, 'sell', 90_000, 40);
    expect(stateOf(client, 'OTO-1')).toMatchObject({ order_state: 'triggered' });
    expect(labelled(client, 'profit')).toMatchObject([
      { price: 90_300, amount: 100, primary_order_id: primary.order_id, trigger_order_id: 'OTO-1' },
    ]);
  });

  test('with complete_fill waits for the last fill', () => {
    const { venue, client } = market();
    place(client, 'buy', { ...oto, trigger_fill_condition: 'complete_fill' });
    venue.crowdOrder(PERPETUAL, 'sell', 90_000, 90);
    expect(labelled(client, 'profit')).toMatchObject([{ order_state: 'untriggered' }]);
    venue.crowdOrder(PERPETUAL, 'sell', 90_000, 10);
    expect(labelled(client, 'profit')).toMatchObject([{ order_state: 'open', amount: 100 }]);
  });

  test('with incremental each fill adds its part', () => {
    const { venue, client } = market();
    place(client, 'buy', { ...oto, trigger_fill_condition: 'incremental' });
    const amounts = (): unknown[] => labelled(client, 'profit').map(({ order_state, amount }) => [order_state, amount]);
    venue.crowdOrder(PERPETUAL, 'sell', 90_000, 30);
    expect(amounts()).toEqual([
      ['open', 30],
      ['untriggered', 70],
    ]);
    venue.crowdOrder(PERPETUAL, 'sell', 90_000, 50);
    expect(amounts()).toEqual([
      ['open', 80],
      ['untriggered', 20],
    ]);
    venue.crowdOrder(PERPETUAL, 'sell', 90_000, 20);
    expect(amounts()).toEqual([['open', 100]]);
  });

  test('a first order that ends unfilled takes the other with it', () => {
    const { client } = market();
    const { order_id } = place(client, 'buy', oto);
    client.call('private/cancel', { order_id });
    expect(open(client)).toEqual([]);
    expect(stateOf(client, 'OTO-1')).toMatchObject({ order_state: 'cancelled', cancel_reason: 'oto_primary_closed' });
  });

  test('a first order that is refused leaves nothing', () => {
    const { client } = market();
    client.call('public/subscribe', { channels: [] });
    expect(client.refusal('private/buy', { ...oto, price: 89_999.7 })).toBe(10_043);
    expect(client.refusal('private/buy', { ...oto, amount: 2_000_000_000 })).toBe(10_009);
    expect(open(client)).toEqual([]);
    expect(client.refusal('private/get_order_state', { order_id: 'OTO-1' })).toBe(10_004);
  });

  test('a market order triggers at once, and the other may be a stop', () => {
    const { client, mark } = market();
    const { price: _, ...atMarket } = { ...oto, type: 'market', otoco_config: [loss] };
    expect(place(client, 'buy', atMarket)).toMatchObject({ order_state: 'filled', oto_order_ids: ['OTO-1'] });
    expect(open(client)).toMatchObject([{ order_type: 'stop_market', order_state: 'untriggered' }]);
    mark(89_700);
    expect(open(client)).toEqual([]);
    expect(client.call('private/get_position', { instrument_name: PERPETUAL })).toMatchObject({ size: 0 });
  });

  test('one that is refused when its time comes says why', () => {
    const { venue, client } = market();
    place(client, 'buy', { ...oto, otoco_config: [{ ...profit, direction: 'buy', price: 89_000 }] });
    venue.crowdOrder(PERPETUAL, 'sell', 90_000, 100);
    // Reduce-only, and it would add to the position.
    expect(stateOf(client, 'OTO-1')).toMatchObject({ order_state: 'rejected', reject_reason: 'other_reject' });
  });

  test('all of it is cancelled when the connection breaks', () => {
    const { venue, client } = market();
    client.call('private/enable_cancel_on_disconnect');
    place(client, 'buy', oto);
    client.break();
    expect(open(venue.client().signOn())).toEqual([]);
  });
});

describe('one cancels other', () => {
  test('a fill of one takes the other away', () => {
    const { venue, client } = market();
    const first = place(client, 'sell', oco);
    expect(first.oco_ref).toBe('1');
    const [, stop] = open(client);
    expect(stop).toMatchObject({ order_type: 'stop_market', oco_ref: '1', trigger_fill_condition: 'first_hit' });
    venue.crowdOrder(PERPETUAL, 'buy', 90_300, 10);
    expect(stateOf(client, stop!.order_id)).toMatchObject({ cancel_reason: 'oco_other_closed' });
    // The rest of the one that was filled goes on.
    expect(open(client)).toMatchObject([{ order_id: first.order_id, filled_amount: 10, order_state: 'open' }]);
  });

  test('a stop that is set off takes the other away', () => {
    const { client, mark } = market();
    const { order_id } = place(client, 'sell', oco);
    mark(89_700);
    expect(open(client)).toEqual([]);
    expect(stateOf(client, order_id)).toMatchObject({ order_state: 'cancelled', cancel_reason: 'oco_other_closed' });
  });

  test('with complete_fill a part is not enough', () => {
    const { venue, client } = market();
    place(client, 'sell', { ...oco, trigger_fill_condition: 'complete_fill' });
    venue.crowdOrder(PERPETUAL, 'buy', 90_300, 90);
    expect(open(client)).toHaveLength(2);
    venue.crowdOrder(PERPETUAL, 'buy', 90_300, 10);
    expect(open(client)).toEqual([]);
  });

  test('with incremental each fill takes its part', () => {
    const { venue, client } = market();
    place(client, 'sell', { ...oco, otoco_config: [{ ...loss, amount: 50 }], trigger_fill_condition: 'incremental' });
    venue.crowdOrder(PERPETUAL, 'buy', 90_300, 50);
    // Half of 50, rounded down to whole lots of ten: 20.
    expect(labelled(client, 'loss')).toMatchObject([{ amount: 30 }]);
    venue.crowdOrder(PERPETUAL, 'buy', 90_300, 50);
    expect(open(client)).toEqual([]);
  });

  test('whoever cancels one cancels both', () => {
    const { client } = market();
    place(client, 'sell', oco);
    client.call('private/cancel', { order_id: labelled(client, 'loss')[0]!.order_id });
    expect(open(client)).toEqual([]);
  });

  test('a second order that is refused leaves none', () => {
    const { client } = market();
    const other = { direction: 'buy', price: 120_000 };
    expect(client.refusal('private/sell', { ...oco, otoco_config: [other] })).toBe(10_007);
    expect(open(client)).toEqual([]);
  });
});

describe('one triggers one cancels other', () => {
  test('a fill makes a pair of which one is left to no purpose', () => {
    const { venue, client, mark } = market();
    const primary = place(client, 'buy', otoco);
    expect(primary).toMatchObject({ oto_order_ids: ['OTO-1', 'OTO-2'], is_primary_otoco: true });
    venue.crowdOrder(PERPETUAL, 'sell', 90_000, 100);
    expect(open(client)).toMatchObject([
      { label: 'profit', order_state: 'open', oco_ref: '1', primary_order_id: primary.order_id },
      { label: 'loss', order_type: 'stop_market', oco_ref: '1' },
    ]);
    mark(89_700);
    expect(open(client)).toEqual([]);
    expect(client.call('private/get_position', { instrument_name: PERPETUAL })).toMatchObject({ size: 0 });
  });

  test('part by part the pair grows with its primary and shrinks with its own fills', () => {
    const { venue, client } = market();
    place(client, 'buy', { ...otoco, trigger_fill_condition: 'incremental' });
    const working = (): unknown[] =>
      open(client)
        .filter((order) => order.is_secondary_oto === undefined && order.label !== 'entry')
        .map(({ label, amount, filled_amount }) => [label, amount, filled_amount]);
    venue.crowdOrder(PERPETUAL, 'sell', 90_000, 60);
    expect(working()).toEqual([
      ['profit', 60, 0],
      ['loss', 60, 0],
    ]);
    venue.crowdOrder(PERPETUAL, 'buy', 90_300, 20);
    expect(working()).toEqual([
      ['profit', 60, 20],
      ['loss', 40, 0],
    ]);
    venue.crowdOrder(PERPETUAL, 'sell', 90_000, 40);
    expect(working()).toEqual([
      ['profit', 100, 20],
      ['loss', 80, 0],
    ]);
    venue.crowdOrder(PERPETUAL, 'buy', 90_300, 80);
    expect(open(client)).toEqual([]);
  });

  test('to cancel one that waits for the primary cancels the other', () => {
    const { client } = market();
    place(client, 'buy', otoco);
    client.call('private/cancel', { order_id: 'OTO-2' });
    expect(open(client).map(({ label }) => label)).toEqual(['entry']);
    expect(stateOf(client, 'OTO-1')).toMatchObject({ cancel_reason: 'oco_other_closed' });
  });
});

describe('what makes no sense is refused', () => {
  test.each([
    ['a type that there is none of', { ...oto, linked_order_type: 'all_cancel_all' }, -32_602],
    ['a condition that there is none of', { ...oto, trigger_fill_condition: 'maybe' }, -32_602],
    ['a condition of nothing', { ...bid, trigger_fill_condition: 'first_hit' }, 11_047],
    ['no other orders', { ...oto, otoco_config: undefined }, -32_602],
    ['two orders for one', { ...oco, otoco_config: [profit, loss] }, -32_602],
    ['one order for two', { ...otoco, otoco_config: [profit] }, -32_602],
    ['more than a few', { ...oto, otoco_config: Array(9).fill(profit) }, -32_602],
    ['another order without a side', { ...oto, otoco_config: [{ price: 90_300 }] }, -32_602],
    ['another order that is none', { ...oto, otoco_config: ['sell'] }, -32_602],
    ['another order off the grid', { ...oto, otoco_config: [{ ...profit, price: 90_300.3 }] }, 10_043],
    ['a pair of which one is set off already', { ...oco, otoco_config: [{ ...loss, trigger_price: 95_000 }] }, 10_011],
    ['a protected order', { ...oto, mmp: true }, 11_047],
  ])('%s', (_, params, code) => {
    const { client } = market();
    expect(client.refusal('private/sell', params)).toBe(code);
    expect(open(client)).toEqual([]);
  });
});

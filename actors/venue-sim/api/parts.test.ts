import { describe, expect, it } from 'vitest';
import { HttpCall } from './http.js';
import { CALL, PERPETUAL, PUT, type TestClient, TestVenue } from './testing/test-venue.js';

const BUY = { instrument_name: PERPETUAL, amount: 100, price: 90_000, label: 'of parts' };
const QUOTES = {
  quote_id: '1',
  mmp_group: 'group',
  detailed: true,
  quotes: [CALL, PUT].map((instrument_name) => ({
    instrument_name,
    quote_set_id: '1',
    bid: { price: 0.01, amount: 1 },
    ask: { price: 0.2, amount: 1 },
  })),
};

/** Hands over a request without serving it. */
function hand({ venue, now }: TestVenue, { connection }: TestClient, method: string, params: object): void {
  connection.receive(JSON.stringify({ jsonrpc: '2.0', id: 77, method, params }), now);
  venue.hasRequests(connection);
}

/** What a client was told, without the notifications of others. */
const channelsOf = (client: TestClient): string[] =>
  client.messages().map(({ id, params }) => (id === undefined ? params!.channel! : 'answer'));

function followed(desk: TestVenue): TestClient {
  const client = desk.client().signOn();
  client.call('private/subscribe', { channels: ['user.orders.any.any.raw', 'user.changes.any.any.raw'] });
  client.texts.length = 0;
  return client;
}

describe('a request that is served in several turns', () => {
  it('is one step to everybody else: nothing happens in between', () => {
    const desk = new TestVenue();
    const { venue } = desk;
    const maker = followed(desk);
    const taker = desk.client().signOn({ clientId: 'other', clientSecret: 'other secret', account: 'other' });
    taker.texts.length = 0;
    hand(desk, maker, 'private/buy', BUY);
    venue.work(desk.now);
    hand(desk, taker, 'private/sell', { instrument_name: PERPETUAL, amount: 100, price: 90_000 });
    let turns = 1;
    for (; venue.isMidway; turns++) {
      venue.work(desk.now);
      // Whoever looks at the clock waits too.
      venue.look(desk.now);
      expect(taker.texts).toEqual([]);
    }
    expect(turns).toBeGreaterThanOrEqual(4);
    expect(channelsOf(maker)).toEqual(['answer', 'user.orders.any.any.raw', 'user.changes.any.any.raw']);
    const { order } = maker.messages()[0]!.result as { order: Record<string, unknown> };
    expect(order).toMatchObject({ order_state: 'open', filled_amount: 0 });
    desk.settle();
    expect(taker.messages()[0]!.result).toMatchObject({ order: { order_state: 'filled' } });
  });

  it('is at one moment to the exchange, however long its turns take', () => {
    const desk = new TestVenue();
    const client = desk.client().signOn();
    const begun = desk.now / 1000;
    hand(desk, client, 'private/buy', BUY);
    desk.venue.work(desk.now);
    for (; desk.venue.isMidway; desk.venue.work(desk.now)) desk.now += 5000;
    const { order } = client.messages().at(-1)!.result as { order: Record<string, unknown> };
    expect(order).toMatchObject({ creation_timestamp: begun, last_update_timestamp: begun });
  });

  it('is forgotten where its connection breaks before it was done, and done where it breaks after', () => {
    for (const [turns, open] of [
      [1, 0],
      [2, 0],
      [3, 1],
    ] as const) {
      const desk = new TestVenue();
      const client = desk.client().signOn();
      client.call('private/disable_cancel_on_disconnect', {});
      hand(desk, client, 'private/buy', BUY);
      for (let turn = 0; turn < turns; turn++) desk.venue.work(desk.now);
      client.break();
      expect(desk.venue.isMidway).toBe(false);
      const next = desk.client().signOn();
      expect(next.call<unknown[]>('private/get_open_orders')).toHaveLength(open);
    }
  });

  it('is refused as it is in one turn, whichever part refuses it', () => {
    const desk = new TestVenue();
    const client = desk.client().signOn();
    expect(client.refusal('private/buy', { ...BUY, price: 'dear' })).toBe(-32602);
    expect(client.refusal('private/buy', { ...BUY, amount: 1e9 })).toBeGreaterThan(0);
    expect(client.refusal('private/cancel', { order_id: 'nobody' })).toBeGreaterThan(0);
    client.send('{');
    expect(client.messages().at(-1)!.error!.code).toBe(-32700);
    expect(desk.venue.isMidway).toBe(false);
  });

  it('of many quotes is read and done quote by quote, with the answer that HTTP gives at once', () => {
    const answers = [true, false].map((isSocket) => {
      const desk = new TestVenue();
      const client = desk.client().signOn();
      client.call('private/enable_cancel_on_disconnect', {});
      const limits = { interval: 1, frozen_time: 1, quantity_limit: 100, max_quote_quantity: 100 };
      client.call('private/set_mmp_config', { index_name: 'btc_usd', mmp_group: 'group', ...limits });
      if (isSocket) return client.call('private/mass_quote', QUOTES);
      const authorization = `Basic ${Buffer.from('maker:maker secret').toString('base64')}`;
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'private/mass_quote', params: QUOTES });
      const call = new HttpCall(desk.venue, { verb: 'POST', uri: '/api/v2', body, authorization }, desk.now);
      let answer = call.work(desk.now);
      while (answer === undefined) answer = call.work(desk.now);
      return (JSON.parse(answer.pieces.join('')) as { result: object }).result;
    });
    expect(answers[0]).toMatchObject({ errors: [], orders: Array(4).fill({ order_state: 'open' }) });
    expect(answers[1]).toEqual(answers[0]);
  });
});

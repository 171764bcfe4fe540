import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { HttpCall, type HttpRequest } from './http.js';
import { DEFAULT_LIMITS } from './session/rate-limits.js';
import { KEYS, NO_LIMITS, PERPETUAL, type TestClient, TestVenue } from './testing/test-venue.js';

const [MAKER] = KEYS;

function hmac(text: string): string {
  return createHmac('sha256', MAKER.clientSecret).update(text).digest('hex');
}

describe('signing on', () => {
  test('with a secret, a signature or a refresh token, each gives a session', () => {
    const venue = new TestVenue();
    const client = venue.client();
    const { clientId: client_id, clientSecret: client_secret } = MAKER;
    const first = client.call('public/auth', {
      grant_type: 'client_credentials',
      client_id,
      client_secret,
      state: 's',
    });
    expect(first).toMatchObject({ token_type: 'bearer', expires_in: 900, state: 's' });
    expect(first.scope).toBe('account:read_write connection mainaccount trade:read_write');
    const timestamp = venue.now / 1000;
    const signed = { grant_type: 'client_signature', client_id, timestamp, nonce: 'n', data: 'd' };
    const signature = hmac(`${timestamp}\nn\nd`);
    expect(client.call('public/auth', { ...signed, signature }).access_token).not.toBe(first.access_token);
    expect(client.refusal('public/auth', { ...signed, signature: signature.replace(/./, 'x') })).toBe(13_004);
    const { refresh_token } = first;
    const second = client.call('public/auth', { grant_type: 'refresh_token', refresh_token });
    expect(second.access_token).not.toBe(first.access_token);
    // A refresh token counts once.
    expect(client.refusal('public/auth', { grant_type: 'refresh_token', refresh_token })).toBe(13_004);
  });

  test('a signature counts for a minute', () => {
    const venue = new TestVenue();
    const timestamp = venue.now / 1000 - 60_001;
    const params = { grant_type: 'client_signature', client_id: 'maker', timestamp, nonce: 'n', data: '' };
    expect(venue.client().refusal('public/auth', { ...params, signature: hmac(`${timestamp}\nn\n`) })).toBe(13_004);
  });

  test('private methods need a session, its scope, and that it lives', () => {
    const venue = new TestVenue();
    const client = venue.client();
    expect(client.refusal('private/get_positions', {})).toBe(13_009);
    client.signOn(KEYS[3]);
    expect(client.call('private/get_positions', {})).toEqual([]);
    expect(client.refusal('private/buy', { instrument_name: PERPETUAL, amount: 10, type: 'market' })).toBe(13_403);
    for (const seconds of [500, 399]) {
      venue.pass(seconds * 1000, 1000);
      expect(client.call('private/get_positions', {})).toEqual([]);
    }
    venue.pass(2000, 1000);
    expect(client.refusal('private/get_positions', {})).toBe(13_009);
  });

  test('a token of a connection counts there alone; one of a named session anywhere', () => {
    const venue = new TestVenue();
    const grant = { grant_type: 'client_credentials', client_id: 'maker', client_secret: 'maker secret' };
    const own = venue.client().call('public/auth', grant).access_token;
    const shared = venue.client().call('public/auth', { ...grant, scope: 'session:desk trade:read expires:60' });
    expect(shared).toMatchObject({ expires_in: 60, scope: 'mainaccount session:desk trade:read' });
    const other = venue.client();
    expect(other.refusal('private/get_positions', { access_token: own })).toBe(13_009);
    expect(other.call('private/get_positions', { access_token: shared.access_token })).toEqual([]);
  });

  test('a key has sixteen sessions at most: with one more the oldest ends', () => {
    const venue = new TestVenue();
    const clients = Array.from({ length: 17 }, () => venue.client().signOn());
    expect(clients[0]!.refusal('private/get_positions', {})).toBe(13_009);
    expect(clients[1]!.call('private/get_positions', {})).toEqual([]);
  });
});

describe('over HTTP', () => {
  function request(venue: TestVenue, asked: Partial<HttpRequest>): { status: number; body: { result?: unknown } } {
    const whole = { verb: 'GET', uri: '/', body: '', authorization: undefined, ...asked };
    const call = new HttpCall(venue.venue, whole, venue.now);
    for (;;) {
      const answer = call.work(venue.now);
      if (answer !== undefined) return { status: answer.status, body: JSON.parse(answer.pieces.join('')) };
    }
  }

  test('parameters of the address are read as what they are, and a request is signed whole', () => {
    const venue = new TestVenue();
    venue.crowdOrder(PERPETUAL, 'sell', 90_010, 1000);
    const uri = `/api/v2/private/buy?instrument_name=${PERPETUAL}&amount=10&price=89000&post_only=true`;
    const ts = String(venue.now / 1000);
    const sig = hmac(`${ts}\nabc\nGET\n${uri}\n\n`);
    const authorization = `deri-hmac-sha256 id=maker,ts=${ts},sig=${sig},nonce=abc`;
    const answer = request(venue, { uri, authorization });
    expect(answer).toMatchObject({ status: 200, body: { result: { order: { amount: 10, post_only: true } } } });
    expect(request(venue, { uri: `${uri}0`, authorization })).toMatchObject({
      status: 401,
      body: { error: { code: 13_004 } },
    });
  });

  test('takes basic and bearer authorisation and bodies of JSON-RPC, and no connection’s methods', () => {
    const venue = new TestVenue();
    const basic = `Basic ${Buffer.from('maker:maker secret').toString('base64')}`;
    const uri = '/api/v2/private/get_positions?currency=BTC';
    expect(request(venue, { uri, authorization: basic }).status).toBe(200);
    const grant =
      '/api/v2/public/auth?grant_type=client_credentials&client_id=maker&client_secret=maker%20secret&scope=session:x';
    const { access_token: token } = request(venue, { uri: grant }).body.result as { access_token: string };
    expect(request(venue, { uri, authorization: `Bearer ${token}` }).status).toBe(200);
    const body = '{"jsonrpc":"2.0","id":7,"method":"public/get_time","params":{}}';
    expect(request(venue, { verb: 'POST', uri: '/api/v2', body })).toMatchObject({ status: 200, body: { id: 7 } });
    expect(request(venue, { uri: '/api/v2/public/subscribe?channels=["quote.BTC-PERPETUAL"]' })).toMatchObject({
      status: 400,
      body: { error: { code: 10_030 } },
    });
    expect(request(venue, { uri: '/api/v2/public/nothing' })).toMatchObject({ body: { error: { code: -32_601 } } });
    expect(request(venue, { uri: '/other' })).toMatchObject({ body: { error: { code: -32_601 } } });
  });
});

describe('rate credits', () => {
  test('who exhausts them is refused and disconnected, and his quotes go where he wanted that', () => {
    const venue = new TestVenue({ limits: DEFAULT_LIMITS });
    const client = venue.client().signOn();
    client.call('private/enable_cancel_on_disconnect');
    const order = { instrument_name: PERPETUAL, amount: 10, price: 89_000 };
    for (let count = 0; count < 20; count++) client.call('private/buy', order);
    expect(client.refusal('private/buy', order)).toBe(10_028);
    expect(client.ended).toBe('too many requests');
    venue.settle();
    expect(venue.client().signOn().call('private/get_open_orders')).toEqual([]);
  });

  test('they come back with time, and are the account’s, whatever the connection', () => {
    const venue = new TestVenue({ limits: DEFAULT_LIMITS });
    const clients = [venue.client().signOn(), venue.client().signOn(KEYS[1])];
    const order = { instrument_name: PERPETUAL, amount: 10, price: 89_000 };
    for (let count = 0; count < 20; count++) clients[count % 2]!.call('private/buy', order);
    venue.pass(200);
    clients[0]!.call('private/buy', order);
    expect(clients[1]!.refusal('private/buy', order)).toBe(10_028);
  });
});

describe('heartbeats', () => {
  function testRequests(client: TestClient): number {
    return client.messages().filter(({ params }) => params?.type === 'test_request').length;
  }

  test('a test request that is answered keeps the connection, one that is not ends it', () => {
    const venue = new TestVenue();
    const client = venue.client();
    client.call('public/set_heartbeat', { interval: 10 });
    venue.pass(10_000, 100);
    expect(testRequests(client)).toBe(1);
    client.call('public/test');
    venue.pass(10_000, 100);
    expect(testRequests(client)).toBe(2);
    expect(client.ended).toBeUndefined();
    venue.pass(10_000, 100);
    expect(client.ended).toBeDefined();
  });

  test('are no more frequent than every ten seconds', () => {
    const client = new TestVenue().client();
    expect(client.refusal('public/set_heartbeat', { interval: 9 })).toBe(-32_602);
    expect(client.refusal('public/set_heartbeat', { interval: 'often' })).toBe(-32_602);
  });
});

describe('cancel on disconnect', () => {
  const order = { instrument_name: PERPETUAL, amount: 10, price: 89_000 };
  const open = (venue: TestVenue): number => venue.client().signOn().call<unknown[]>('private/get_open_orders').length;

  test('takes the orders of the connection that broke, and of no other', () => {
    const venue = new TestVenue();
    const [first, second] = [venue.client().signOn(), venue.client().signOn()];
    for (const client of [first!, second!]) client.call('private/buy', order);
    expect(first!.call('private/enable_cancel_on_disconnect')).toBe('ok');
    expect(first!.call('private/get_cancel_on_disconnect')).toEqual({ scope: 'connection', enabled: true });
    second!.break();
    expect(open(venue)).toBe(2);
    const watcher = venue.client().signOn();
    watcher.call('private/subscribe', { channels: ['user.orders.any.any.raw'] });
    first!.break();
    expect(open(venue)).toBe(1);
    expect(watcher.data('user.orders.any.any.raw')).toMatchObject([
      { order_state: 'cancelled', cancel_reason: 'cancel_on_disconnect' },
    ]);
  });

  test('set for the account it holds for connections that come later', () => {
    const venue = new TestVenue();
    const before = venue.client().signOn();
    before.call('private/enable_cancel_on_disconnect', { scope: 'account' });
    const after = venue.client().signOn();
    for (const client of [before, after]) client.call('private/buy', order);
    before.break();
    expect(open(venue)).toBe(2);
    after.break();
    expect(open(venue)).toBe(1);
  });

  test('does not follow a goodbye, but a lost heartbeat and ten minutes of silence', () => {
    const venue = new TestVenue({ limits: NO_LIMITS });
    const login = (): TestClient => {
      const client = venue.client().signOn();
      client.call('private/enable_cancel_on_disconnect');
      client.call('private/buy', order);
      return client;
    };
    const leaving = login();
    leaving.ask('private/logout');
    venue.settle();
    expect(leaving.ended).toBeDefined();
    expect(open(venue)).toBe(1);
    login().call('public/set_heartbeat', { interval: 10 });
    venue.pass(20_100, 100);
    expect(open(venue)).toBe(1);
    login();
    venue.pass(599_000, 1000);
    expect(open(venue)).toBe(2);
    venue.pass(2000, 1000);
    expect(open(venue)).toBe(1);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HttpCall } from './http.js';
import { methods } from './methods/registry.js';
import { errorCodes } from './rpc/errors.js';
import { CALL, KEYS, type Message, PERPETUAL, TestVenue } from './testing/test-venue.js';

const known = new Set<number>([-32_700, -32_600, -32_601, -32_602, ...Object.values(errorCodes)]);
/** Codes that would be the venue's own fault. */
const OWN_FAULT = errorCodes.internal_server_error;

describe('frames that are no requests', () => {
  const venue = new TestVenue();
  const client = venue.client();

  function answerTo(text: string): Message {
    client.texts.length = 0;
    client.send(text);
    expect(client.texts).toHaveLength(1);
    return client.messages()[0]!;
  }

  test.each([
    ['no JSON', '{', -32_700],
    ['nothing', '', -32_700],
    ['a byte', '\u0000', -32_700],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"public/test"}]', -32_600],
    ['a number', '1', -32_600],
    ['null', 'null', -32_600],
    ['no method', '{"jsonrpc":"2.0","id":1}', -32_600],
    ['a method that is no text', '{"jsonrpc":"2.0","id":1,"method":7}', -32_600],
    ['another protocol', '{"jsonrpc":"1.0","id":1,"method":"public/test"}', -32_600],
    ['an id that is an object', '{"jsonrpc":"2.0","id":{},"method":"public/test"}', -32_600],
    ['parameters by place', '{"jsonrpc":"2.0","id":1,"method":"public/test","params":[1]}', -32_602],
    ['an unknown method', '{"jsonrpc":"2.0","id":1,"method":"public/fly"}', -32_601],
    ['a method of every object', '{"jsonrpc":"2.0","id":1,"method":"constructor"}', -32_601],
    [
      'more than 32 kB',
      `{"jsonrpc":"2.0","id":1,"method":"public/test","params":{"x":"${'x'.repeat(32_768)}"}}`,
      -32_600,
    ],
    ['more than 32 kB of bytes', `{"method":"public/test","params":{"x":"${'ü'.repeat(16_400)}"}}`, -32_600],
    ['very deep JSON', `${'['.repeat(16_000)}${']'.repeat(16_000)}`, -32_600],
  ])('%s', (_, text, code) => {
    expect(answerTo(text).error?.code).toBe(code);
  });

  test('just 32 kB are taken', () => {
    const head = '{"jsonrpc":"2.0","id":1,"method":"public/test","params":{"x":"';
    expect(answerTo(`${head}${'x'.repeat(32_768 - head.length - 3)}"}}`).result).toBeDefined();
  });
});

/** Values that a careless or a malicious client may give. */
const value = fc.oneof(
  fc.constantFrom(PERPETUAL, CALL, 'BTC', 'ETH', 'any', 'btc_usd', 'limit', 'market', 'all', 'option', '', '__proto__'),
  fc.constantFrom(0, -1, 1, 10, 100, 1e9, 1e308, -0.1, 1e-9, 2 ** 53, 89_000, 90_000, 0.05, Number.MAX_SAFE_INTEGER),
  fc.constantFrom(true, false, null),
  fc.string({ maxLength: 20 }),
  fc.double({ noNaN: true }),
  fc.constantFrom([], {}, [[]], [{}], [null], ['BTC'], { price: 1 }, [{ instrument_name: CALL, bid: { price: 0.05 } }]),
);

const names = [
  ...['instrument_name', 'currency', 'kind', 'type', 'amount', 'price', 'contracts', 'label', 'order_id', 'count'],
  ...['channels', 'index_name', 'interval', 'frozen_time', 'mmp_group', 'quotes', 'quote_id', 'cancel_type', 'depth'],
  ...['start_timestamp', 'end_timestamp', 'resolution', 'time_in_force', 'post_only', 'reduce_only', 'mmp', 'offset'],
  ...[
    'grant_type',
    'client_id',
    'client_secret',
    'refresh_token',
    'scope',
    'continuation',
    'valid_until',
    'ms',
    'drop',
  ],
  ...['max_quote_quantity', 'min_delta', 'max_delta', 'access_token', 'detailed', 'expired', 'sorting', '__proto__'],
];

const params = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 8 });
/** Those that end connections or the service are called elsewhere. */
const callable = [...methods.keys()].filter(
  (name) =>
    !['private/logout', 'sim/restart', 'sim/disconnect', 'sim/set_chaos', 'sim/set_maintenance', 'sim/stall'].includes(
      name,
    ),
);

describe('whatever a client sends', () => {
  test('every method answers any parameters: a result, or one of the venue’s own codes', () => {
    const venue = new TestVenue();
    venue.crowdOrder(PERPETUAL, 'sell', 90_010, 1000);
    venue.crowdOrder(CALL, 'buy', 0.05, 10);
    const client = venue.client().signOn();
    fc.assert(
      fc.property(fc.constantFrom(...callable), params, (method, given) => {
        client.texts.length = 0;
        const answer = client.ask(method, given);
        expect(answer).toBeDefined();
        if (answer!.error !== undefined) {
          expect(known).toContain(answer!.error.code);
          if (method !== 'public/test') expect(answer!.error.code).not.toBe(OWN_FAULT);
        }
        // The session may have been changed by it.
        if (method === 'public/auth') client.signOn();
      }),
      { numRuns: 4000 },
    );
    expect(venue.notes).toEqual([]);
    expect(client.ended).toBeUndefined();
  });

  test('any text is answered once, and the venue goes on', () => {
    const venue = new TestVenue();
    const client = venue.client().signOn();
    const valid =
      '{"jsonrpc":"2.0","id":1,"method":"private/buy","params":{"instrument_name":"BTC-PERPETUAL","amount":10,"price":89000}}';
    const mutated = fc
      .tuple(fc.nat(valid.length), fc.nat(6), fc.string({ maxLength: 6 }))
      .map(([at, removed, added]) => valid.slice(0, at) + added + valid.slice(at + removed));
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 200 }), mutated, fc.json()), (text) => {
        client.texts.length = 0;
        client.send(text);
        expect(client.messages().filter(({ method }) => method === undefined)).toHaveLength(1);
      }),
      { numRuns: 2000 },
    );
    expect(venue.notes).toEqual([]);
    expect(client.call('public/test')).toEqual({ version: '1.2.26' });
  });

  test('any address and header over HTTP is answered', () => {
    const venue = new TestVenue();
    const uri = fc
      .tuple(
        fc.constantFrom('/api/v2/', '/', '/api/v2'),
        fc.constantFrom(...callable),
        fc.dictionary(fc.constantFrom(...names), fc.string()),
      )
      .map(([root, method, query]) => `${root}${method}?${new URLSearchParams(Object.entries(query))}`);
    const header = fc.oneof(
      fc.constant(undefined),
      fc.string(),
      fc.constant(`Basic ${Buffer.from('maker:maker secret').toString('base64')}`),
      fc.string().map((text) => `deri-hmac-sha256 ${text}`),
      fc.string().map((text) => `Bearer ${text}`),
    );
    fc.assert(
      fc.property(uri, header, fc.constantFrom('GET', 'POST'), fc.string(), (asked, authorization, verb, body) => {
        const call = new HttpCall(venue.venue, { verb, uri: asked, body, authorization }, venue.now);
        let answer = call.work(venue.now);
        while (answer === undefined) answer = call.work(venue.now);
        expect(() => JSON.parse(answer.pieces.join(''))).not.toThrow();
      }),
      { numRuns: 1500 },
    );
    expect(venue.notes).toEqual([]);
  });

  test('nothing grows with what is asked: orders, channels, sessions and groups are bounded', () => {
    const venue = new TestVenue();
    const client = venue.client().signOn();
    const order = { instrument_name: PERPETUAL, amount: 10, price: 89_000 };
    let refused: number | undefined;
    for (let count = 0; count < 5000 && refused === undefined; count++) {
      client.texts.length = 0;
      refused = client.refusal('private/buy', order);
    }
    expect(refused).toBe(10_047);
    expect(client.call('private/cancel_all')).toBe(4096);
    for (let group = 0; group < 17; group++) {
      const config = {
        index_name: 'btc_usd',
        mmp_group: `g${group}`,
        interval: 1,
        frozen_time: 1,
        max_quote_quantity: 1,
      };
      const answer = client.ask('private/set_mmp_config', config);
      expect(answer!.error?.code).toBe(group < 16 ? undefined : 13_903);
    }
    const many = Array.from({ length: 501 }, (_, index) => `quote.X${index}`);
    expect(client.refusal('public/subscribe', { channels: many })).toBe(-32_602);
    for (let count = 0; count < 100; count++) client.signOn(KEYS[count % 2]!);
    expect(client.call('public/subscribe', { channels: Array(400).fill(`quote.${PERPETUAL}`) })).toHaveLength(400);
    expect(client.connection.channels.size).toBe(1);
  });

  test('a client that does not wait is not read, and one that goes on all the same is cut', () => {
    const venue = new TestVenue();
    const client = venue.client();
    for (let count = 0; count < 20_000; count++) client.connection.receive('{"method":"public/test"}', venue.now);
    expect(client.ended).toBeDefined();
    expect(client.connection.waiting).toBe(0);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CALL, FUTURE, PERPETUAL, PUT, START_MS, type TestClient, TestVenue } from './testing/test-venue.js';

interface Entry extends Record<string, unknown> {
  id: number;
  user_seq: number;
  type: string;
  change: number;
  balance: number;
  cashflow: number;
  commission: number;
}

const HOUR = 3_600_000;
const span = { start_timestamp: 0, end_timestamp: 1e14 };

function logOf(client: TestClient, params: object = {}): Entry[] {
  return client.call<{ logs: Entry[] }>('private/get_transaction_log', {
    currency: 'BTC',
    ...span,
    count: 250,
    ...params,
  }).logs;
}

const balanceOf = (client: TestClient): number =>
  client.call<{ balance: number }>('private/get_account_summary', { currency: 'BTC' }).balance;

describe('the log of transactions', () => {
  test('begins with what was paid in, and tells of each payment', () => {
    const venue = new TestVenue();
    const client = venue.client().signOn();
    const [first] = logOf(client);
    expect(first).toMatchObject({
      type: 'deposit',
      currency: 'BTC',
      side: '-',
      user_seq: 1,
      change: balanceOf(client),
    });
    const { account } = [...venue.venue.keys.values()][0]!;
    venue.exchange.deposit(account, 0, 1.5);
    venue.exchange.deposit(account, 0, -0.5);
    expect(logOf(client).map(({ type, change }) => [type, change])).toEqual([
      ['withdrawal', -0.5],
      ['deposit', 1.5],
      ['deposit', first!.change],
    ]);
  });

  test('says of an option’s trade what was paid, for what, and what is held then', () => {
    const venue = new TestVenue();
    const client = venue.client().signOn();
    venue.crowdOrder(CALL, 'sell', 0.05, 2);
    const { order, trades } = client.call<{ order: { order_id: string }; trades: { trade_id: string; fee: number }[] }>(
      'private/buy',
      { instrument_name: CALL, amount: 2, price: 0.05 },
    );
    const [entry] = logOf(client);
    expect(entry).toMatchObject({
      type: 'trade',
      instrument_name: CALL,
      side: 'open buy',
      amount: 2,
      position: 2,
      price: 0.05,
      price_currency: 'BTC',
      cashflow: -0.1,
      commission: trades[0]!.fee,
      change: expect.closeTo(-0.1 - trades[0]!.fee, 8),
      balance: balanceOf(client),
      trade_id: trades[0]!.trade_id,
      order_id: order.order_id,
      user_role: 'taker',
      profit_as_cashflow: false,
    });
    venue.crowdOrder(CALL, 'buy', 0.04, 2);
    client.call('private/sell', { instrument_name: CALL, amount: 2, price: 0.04 });
    expect(logOf(client)[0]).toMatchObject({ side: 'close sell', position: 0, cashflow: 0.08 });
  });

  test('says of a future’s trade its fee alone, and its profit at the settlement', () => {
    const venue = new TestVenue();
    const client = venue.client().signOn();
    venue.crowdOrder(PERPETUAL, 'sell', 90_000, 9000);
    client.call('private/buy', { instrument_name: PERPETUAL, amount: 9000, price: 90_000 });
    expect(logOf(client)[0]).toMatchObject({ type: 'trade', change: -logOf(client)[0]!.commission, cashflow: 0 });
    venue.exchange.setFutureMark(0, 100_000);
    venue.pass(8 * HOUR + 1000, 60_000);
    // A night without a request ends a session.
    const again = venue.client().signOn();
    const [entry] = logOf(again);
    expect(entry).toMatchObject({ type: 'settlement', side: 'long', instrument_name: PERPETUAL, position: 9000 });
    // 9000 / 90,000 - 9000 / 100,000
    expect(entry!.change).toBeCloseTo(0.01, 8);
    expect(entry!.balance).toBe(balanceOf(again));
  });

  test('is found by words, by time, and page by page', () => {
    const venue = new TestVenue();
    const client = venue.client().signOn();
    venue.crowdOrder(CALL, 'sell', 0.05, 10);
    venue.crowdOrder(FUTURE, 'buy', 90_000, 1000);
    for (let count = 0; count < 5; count++)
      client.call('private/buy', { instrument_name: CALL, amount: 1, price: 0.05 });
    client.call('private/sell', { instrument_name: FUTURE, amount: 10, price: 90_000 });
    const query = (text: string): number => logOf(client, { query: text }).length;
    expect([
      query('trade'),
      query('option'),
      query('future taker'),
      query('sell'),
      query('maker'),
      query('deposit'),
    ]).toEqual([6, 5, 1, 1, 0, 1]);
    expect(logOf(client, { start_timestamp: START_MS + 1 })).toEqual([]);
    expect(logOf(client, { currency: 'ETH' }).map(({ type }) => type)).toEqual(['deposit']);
    const ids: number[] = [];
    let continuation: number | null | undefined;
    do {
      const page = client.call<{ logs: Entry[]; continuation: number | null }>('private/get_transaction_log', {
        currency: 'BTC',
        ...span,
        count: 2,
        ...(continuation === undefined ? {} : { continuation }),
      });
      ids.push(...page.logs.map(({ id }) => id));
      continuation = page.continuation;
    } while (continuation !== null);
    expect(ids).toEqual(logOf(client).map(({ id }) => id));
  });

  test.each([
    ['no span', { currency: 'BTC' }, -32_602],
    ['no currency', span, -32_602],
    ['a currency that there is none of', { ...span, currency: 'DOGE' }, -32_602],
    ['a word that there is none of', { ...span, currency: 'BTC', query: 'sheep' }, -32_602],
    ['too many', { ...span, currency: 'BTC', count: 251 }, -32_602],
    ['another account', { ...span, currency: 'BTC', subaccount_id: 1 }, 13_021],
  ])('refuses %s', (_, params, code) => {
    expect(new TestVenue().client().signOn().refusal('private/get_transaction_log', params)).toBe(code);
  });

  const action = fc.record({
    who: fc.constantFrom('client', 'crowd', 'other'),
    side: fc.constantFrom('buy', 'sell'),
    what: fc.constantFrom(
      { name: CALL, price: 0.05, amount: 1 },
      { name: PUT, price: 0.03, amount: 2 },
      { name: PERPETUAL, price: 90_000, amount: 100 },
      { name: FUTURE, price: 90_900, amount: 50 },
    ),
    shift: fc.integer({ min: -2, max: 2 }),
    pass: fc.constantFrom(0, 0, 0, 0, 0, 9 * HOUR),
  });

  test('adds up: each balance is the one before and the change, and the last is the account’s', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 15 }), (actions) => {
        const venue = new TestVenue();
        const signOn = (): Record<'client' | 'other', TestClient> => ({
          client: venue.client().signOn(),
          other: venue.client().signOn({ clientId: 'other', clientSecret: 'other secret', account: 'other' }),
        });
        let clients = signOn();
        for (const { who, side, what, shift, pass } of actions) {
          const tick = what.price < 1 ? 0.0005 : 50;
          const order = { instrument_name: what.name, amount: what.amount, price: what.price + shift * tick };
          if (who === 'crowd') venue.crowdOrder(what.name, side, order.price, what.amount);
          else clients[who].ask(`private/${side}`, order);
          if (pass === 0) continue;
          venue.pass(pass, HOUR);
          clients = signOn();
        }
        for (const one of [clients.client, clients.other]) {
          const entries = logOf(one).reverse();
          let balance = 0;
          entries.forEach(({ change, cashflow, commission, type, user_seq, ...entry }, place) => {
            balance += change;
            expect(entry.balance).toBeCloseTo(balance, 8);
            expect(user_seq).toBeGreaterThan(place);
            if (type === 'trade' && entry.profit_as_cashflow === false)
              expect(change).toBeCloseTo(cashflow - commission, 8);
            balance = entry.balance;
          });
          expect(entries.at(-1)!.balance).toBe(balanceOf(one));
          expect(entries.map(({ type }) => type)).not.toContain('correction');
        }
      }),
      { numRuns: 12 },
    );
  });
});

import { describe, expect, test } from 'vitest';
import { type Message, PERPETUAL, type TestClient, TestVenue } from '../api/testing/test-venue.js';
import { Chaos, MessageFate, MessageKind, RequestKind } from './chaos.js';
import { type ChaosConfig, chaosSettings, noChaos, parseChaos } from './config.js';
import { ChaosLine } from './line.js';

const order = { instrument_name: PERPETUAL, amount: 10, price: 89_000 };

function tortured(chaos: Partial<ChaosConfig>): { venue: TestVenue; client: TestClient } {
  const venue = new TestVenue();
  const client = venue.client().signOn();
  client.call('private/subscribe', { channels: ['user.trades.any.any.raw', `book.${PERPETUAL}.raw`] });
  client.texts.length = 0;
  venue.venue.chaos.configure(chaos, 0);
  return { venue, client };
}

const openOrders = (venue: TestVenue): number => {
  venue.venue.chaos.configure({ ...noChaos }, 0);
  return venue.client().signOn().call<unknown[]>('private/get_open_orders').length;
};

describe('decisions', () => {
  test('are the same for the same seed and the same questions', () => {
    const config = { ...noChaos, seed: 5, drop: 0.1, duplicate: 0.1, delay: 0.1, reject: 0.2, stall: 0.05 };
    const decide = (): number[] => {
      const chaos = new Chaos(config);
      return Array.from({ length: 500 }, (_, index) =>
        index % 3 === 0 ? 10 + chaos.request(RequestKind.ORDER) : chaos.message(MessageKind.OWN) + chaos.waitMicros,
      );
    };
    expect(decide()).toEqual(decide());
    expect(new Set(decide()).size).toBeGreaterThan(20);
  });

  test('happen as often as they are asked to', () => {
    const chaos = new Chaos({ ...noChaos, drop: 0.2 });
    let dropped = 0;
    for (let count = 0; count < 10_000; count++) if (chaos.message(MessageKind.OWN) === MessageFate.DROP) dropped++;
    expect(Math.abs(dropped / 10_000 - 0.2)).toBeLessThan(0.02);
    expect(chaos.counts.get('drop')).toBe(dropped);
  });

  test('settings are read from a text, and what is none is explained', () => {
    expect(parseChaos('drop=0.5, seed=7')).toEqual({ ...noChaos, drop: 0.5, seed: 7 });
    expect(() => parseChaos('fly=1')).toThrow(/'fly' is no chaos setting; there are seed, drop/);
    expect(() => parseChaos('drop=2')).toThrow(/'drop': expected a number between 0 and 1, found 2/);
    expect(() => parseChaos('drop=')).toThrow(/'drop'/);
  });
});

describe('the way of a message', () => {
  function line(config: Partial<ChaosConfig>): { told: string[]; line: ChaosLine<string>; chaos: Chaos } {
    const told: string[] = [];
    const chaos = new Chaos({ ...noChaos, ...config });
    const end = {
      deliver: (message: string) => told.push(message),
      corrupt: (message: string) => `corrupt ${message}`,
      overflow: () => told.push('overflow'),
    };
    return { told, line: new ChaosLine(chaos, end), chaos };
  }

  test('without chaos is straight', () => {
    const { told, line: way } = line({});
    for (const message of ['a', 'b']) way.send(message, MessageKind.OWN, 0);
    expect(told).toEqual(['a', 'b']);
  });

  test('delayed messages keep their order, overtaken ones do not; none is lost', () => {
    for (const config of [{ delay: 0.5 }, { reorder: 0.5 }]) {
      const { told, line: way } = line(config);
      const sent = Array.from({ length: 200 }, (_, index) => String(index));
      for (const [index, message] of sent.entries()) way.send(message, MessageKind.OWN, index * 1000);
      way.look(1e9);
      expect([...told].sort((a, b) => Number(a) - Number(b))).toEqual(sent);
      expect(told.join() === sent.join()).toBe('delay' in config);
    }
  });

  test('duplicates come twice, corrupt ones otherwise, and a gap takes changes of books alone', () => {
    const twice = line({ duplicate: 1 });
    twice.line.send('a', MessageKind.OWN, 0);
    expect(twice.told).toEqual(['a', 'a']);
    const wrong = line({ corrupt: 1 });
    wrong.line.send('a', MessageKind.OWN, 0);
    expect(wrong.told).toEqual(['corrupt a']);
    const gap = line({ gap: 1 });
    gap.line.send('a', MessageKind.BOOK_CHANGE, 0);
    gap.line.send('b', MessageKind.MARKET_DATA, 0);
    expect(gap.told).toEqual(['b']);
  });

  test('a stalled line sends nothing, and then everything', () => {
    const { told, line: way } = line({});
    way.stall(1000);
    way.send('a', MessageKind.OWN, 0);
    way.look(999);
    expect(told).toEqual([]);
    way.look(1000);
    expect(told).toEqual(['a']);
  });

  test('what waits is bounded', () => {
    const { told, line: way } = line({});
    way.stall(1e9);
    for (let count = 0; count < 5000; count++) way.send('a', MessageKind.OWN, 0);
    expect(told).toContain('overflow');
  });
});

describe('a venue that misbehaves', () => {
  test('breaks the connection before an order is accepted, or after', () => {
    const before = tortured({ breakBeforeOrder: 1 });
    expect(before.client.ask('private/buy', order)).toBeUndefined();
    expect(before.client.ended).toBeDefined();
    expect(openOrders(before.venue)).toBe(0);
    const after = tortured({ breakAfterOrder: 1 });
    expect(after.client.ask('private/buy', order)).toBeUndefined();
    expect(after.client.ended).toBeDefined();
    expect(openOrders(after.venue)).toBe(1);
  });

  test('accepts an order and never says so', () => {
    const { venue, client } = tortured({ loseAcknowledgement: 1 });
    expect(client.ask('private/buy', order)).toBeUndefined();
    expect(client.ended).toBeUndefined();
    expect(openOrders(venue)).toBe(1);
  });

  test('tells a fill before the acknowledgement of its order', () => {
    const { venue, client } = tortured({ fillBeforeAcknowledgement: 1 });
    venue.crowdOrder(PERPETUAL, 'sell', 89_000, 10);
    client.texts.length = 0;
    expect(client.ask('private/buy', order)).toBeUndefined();
    expect(client.data('user.trades.any.any.raw')).toHaveLength(1);
    venue.pass(10);
    expect(client.messages().at(-1)!.result).toMatchObject({ order: { order_state: 'filled' } });
  });

  test('tells a fill after the confirmation of a cancel', () => {
    const { venue, client } = tortured({ fillAfterCancel: 1 });
    const { order: placed } = client.call<{ order: { order_id: string } }>('private/buy', { ...order, amount: 20 });
    venue.crowdOrder(PERPETUAL, 'sell', 89_000, 10);
    expect(client.data('user.trades.any.any.raw')).toEqual([]);
    client.call('private/cancel', { order_id: placed.order_id });
    const messages = client.messages();
    const fill = messages.findIndex(({ params }) => params?.channel === 'user.trades.any.any.raw');
    const confirmation = messages.findIndex(({ id }) => id === messages.findLast((one) => one.id !== undefined)!.id);
    expect(fill).toBeGreaterThan(confirmation);
  });

  test('refuses orders at random, with codes that ask to try again', () => {
    const { venue, client } = tortured({ reject: 1 });
    expect([10_040, 10_047, 10_066, 13_028, 13_888]).toContain(client.refusal('private/buy', order));
    expect(openOrders(venue)).toBe(0);
  });

  test('refuses some sides of a mass quote', () => {
    const { client } = tortured({ quoteFailure: 0.5 });
    client.call('private/enable_cancel_on_disconnect');
    client.call('private/set_mmp_config', {
      index_name: 'btc_usd',
      mmp_group: 'g',
      interval: 1,
      frozen_time: 1,
      max_quote_quantity: 10,
    });
    const quotes = Array.from({ length: 10 }, () => ({
      instrument_name: PERPETUAL,
      quote_set_id: 's',
      bid: { price: 89_000, amount: 10 },
      ask: { price: 91_000, amount: 10 },
    }));
    const answer = client.call('private/mass_quote', { quote_id: 'q', mmp_group: 'g', quotes });
    expect(answer.errors_count).toBeGreaterThan(2);
    expect(answer.errors_count).toBeLessThan(18);
  });

  test('lets a client’s credits run out, its clock jump, and itself be maintained', () => {
    const limited = tortured({ rateLimit: 1 });
    expect(limited.client.refusal('public/get_time')).toBe(10_028);
    expect(limited.client.ended).toBeDefined();
    const jumping = tortured({ clockJump: 1 });
    const times = Array.from({ length: 10 }, () => jumping.client.call<number>('public/get_time'));
    expect(new Set(times).size).toBe(10);
    const maintained = tortured({ maintenanceEveryMs: 1000, maintenanceMs: 500 });
    const answers: (number | undefined)[] = [];
    for (let count = 0; count < 20; count++) {
      answers.push(maintained.client.refusal('private/get_positions', {}));
      maintained.venue.pass(100);
    }
    expect(answers.filter((code) => code === 11_051)).toHaveLength(10);
    expect(maintained.client.call('public/status')).toBeDefined();
  });

  test('obeys controls: a restart forgets sessions and keeps orders, and cancels none', () => {
    const { venue, client } = tortured({});
    client.call('private/enable_cancel_on_disconnect');
    client.call('private/buy', order);
    const other = venue.client().signOn();
    expect(client.call('sim/restart')).toBe('ok');
    venue.settle();
    expect([client.ended, other.ended]).not.toContain(undefined);
    expect(openOrders(venue)).toBe(1);
  });

  test('obeys controls: settings, stalls, jumps, maintenance, disconnects', () => {
    const { venue, client } = tortured({});
    for (const setting of chaosSettings) {
      const { settings } = client.call<{ settings: ChaosConfig }>('sim/set_chaos', { [setting]: 0 });
      expect(settings[setting]).toBe(0);
    }
    expect(client.refusal('sim/set_chaos', { drop: 2 })).toBe(-32_602);
    expect(venue.client().refusal('sim/set_chaos', { drop: 1 })).toBe(13_009);
    expect(client.call('sim/jump_clock', { ms: 60_000 })).toBe(60_000);
    expect(client.call('public/get_time')).toBe(venue.now / 1000 + 60_000);
    client.call('sim/set_maintenance', { enabled: true });
    expect(client.refusal('private/buy', order)).toBe(11_051);
    client.call('sim/set_maintenance', { enabled: false });
    const victim = venue.client();
    client.call('sim/stall', { ms: 100, connection: victim.connection.number });
    expect(victim.ask('public/test')).toBeUndefined();
    venue.pass(100);
    expect(victim.texts).toHaveLength(1);
    client.call('sim/disconnect', { connection: victim.connection.number });
    venue.settle();
    expect(victim.ended).toBeDefined();
    expect(client.ended).toBeUndefined();
  });

  test('under everything at once it stays whole: no error of its own, orders and positions as the survivor sees them', () => {
    const chaos = { drop: 0.05, duplicate: 0.05, reorder: 0.1, delay: 0.05, corrupt: 0.05, gap: 0.1, stall: 0.01 };
    const requests = {
      breakBeforeOrder: 0.02,
      breakAfterOrder: 0.02,
      loseAcknowledgement: 0.1,
      reject: 0.1,
      rateLimit: 0.01,
    };
    const late = { fillBeforeAcknowledgement: 0.2, fillAfterCancel: 0.2, slowRead: 0.1, clockJump: 0.01 };
    const venue = new TestVenue({ chaos: { ...noChaos, ...chaos, ...requests, ...late, seed: 11 } });
    let client = venue.client();
    const texts: string[] = [];
    for (let step = 0; step < 1500; step++) {
      if (client.ended !== undefined || step % 200 === 0) {
        client = venue.client();
        const secret = { client_id: 'maker', client_secret: 'maker secret' };
        const channels = ['user.changes.any.any.raw', `book.${PERPETUAL}.raw`];
        client.send(JSON.stringify({ method: 'public/auth', params: { grant_type: 'client_credentials', ...secret } }));
        client.send(JSON.stringify({ method: 'private/subscribe', params: { channels } }));
      }
      const side = step % 2 === 0 ? 'buy' : 'sell';
      client.send(
        JSON.stringify({ id: step, method: `private/${side}`, params: { ...order, price: 89_000 + (step % 7) } }),
      );
      if (step % 50 === 49) client.send('{"id":0,"method":"private/cancel_all"}');
      venue.pass(5);
      texts.push(...client.texts.splice(0));
    }
    expect(venue.notes).toEqual([]);
    const isJson = (text: string): boolean => {
      try {
        return JSON.parse(text) !== undefined;
      } catch {
        return false;
      }
    };
    expect(texts.some((text) => !isJson(text))).toBe(true);
    venue.venue.chaos.configure({ ...noChaos }, 0);
    const survivor = venue.client().signOn();
    survivor.call('private/cancel_all');
    expect(survivor.call('private/get_open_orders')).toEqual([]);
    const messages = survivor.messages() as Message[];
    expect(messages.length).toBeGreaterThan(2);
  });
});

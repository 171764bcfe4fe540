import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { FakeHost } from '../testing/fake-host.js';
import type { DeribitCredentials } from './credentials.js';
import { DeribitSession } from './deribit-session.js';

interface Request {
  id: number;
  method: string;
  params: { channels?: string[] } & Record<string, unknown>;
}

/** The venue's end of a session: answers what it is told to answer. */
class FakeVenue {
  readonly host = new FakeHost();
  readonly seen: string[] = [];
  readonly session: DeribitSession;
  answers: Record<string, (request: Request) => unknown> = {
    'public/get_time': () => 1_700_000_000_000,
    'public/set_heartbeat': () => 'ok',
    'public/test': () => ({ version: '1' }),
    'public/auth': () => ({ access_token: 'a', expires_in: 900 }),
    'public/subscribe': ({ params }) => params.channels,
    'public/unsubscribe': ({ params }) => params.channels,
    'private/subscribe': ({ params }) => params.channels,
  };
  readonly requests: Request[] = [];
  #read = 0;

  constructor(credentials?: DeribitCredentials) {
    const settings = { url: 'ws://venue', heartbeatSeconds: 10, ...(credentials && { credentials }) };
    this.session = new DeribitSession(this.host, settings, {
      ready: () => this.seen.push('ready'),
      down: (why) => this.seen.push(`down: ${why}`),
      frame: (data) => this.session.onControl(JSON.parse(data.toString())),
      subscribed: () => this.seen.push('subscribed'),
      platform: ({ isLocked, priceIndex }) => this.seen.push(`${priceIndex ?? 'all'} ${isLocked ? 'locked' : 'open'}`),
      note: (_level, message) => this.seen.push(message),
      nowMicros: () => 1_700_000_000_000_000 + this.host.nowMs() * 1000,
    });
    this.session.start();
  }

  /** Opens the connection and answers for a while. */
  async serve(ms: number): Promise<void> {
    if (!this.session.connection.isUp) {
      this.#read = 0;
      this.host.socket.open();
    }
    for (let passed = 0; passed < ms; passed += 10) {
      const { socket } = this.host;
      for (; this.#read < socket.sent.length; this.#read++) {
        const request = JSON.parse(socket.sent[this.#read]!) as Request;
        this.requests.push(request);
        const answer = this.answers[request.method];
        if (answer === undefined) continue;
        const result = answer(request);
        const field = (result as { code?: number } | null)?.code === undefined ? 'result' : 'error';
        socket.say(JSON.stringify({ jsonrpc: '2.0', id: request.id, [field]: result }));
      }
      await this.host.pass(10);
    }
  }

  methods(): string[] {
    return this.requests.map(({ method }) => method);
  }
}

const channels = (count: number) => Array.from({ length: count }, (_, index) => `book.BTC-${index}.raw`);

describe('a session with Deribit', () => {
  test('passes on what the venue says of itself, and nothing that it does not say', async () => {
    const venue = new FakeVenue();
    await venue.serve(200);
    const say = (data: unknown) =>
      venue.host.socket.say(JSON.stringify({ method: 'subscription', params: { channel: 'platform_state', data } }));
    const before = venue.seen.length;
    say({ price_index: 'sol_usdc', locked: true });
    say({ maintenance: true });
    say({ locked: false });
    for (const other of [{ allow_unauthenticated_public_requests: false }, { locked: 'yes' }, 7, null]) say(other);
    expect(venue.seen.slice(before)).toEqual(['sol_usdc locked', 'all locked', 'all open']);
  });

  test('reads the clock, asks for heartbeats, and subscribes to what is wanted', async () => {
    const venue = new FakeVenue();
    venue.session.want(['book.BTC-PERPETUAL.raw']);
    await venue.serve(200);
    expect(new Set(venue.methods())).toEqual(new Set(['public/get_time', 'public/set_heartbeat', 'public/subscribe']));
    expect(venue.seen).toEqual(['ready', 'subscribed']);
    expect([...venue.session.subscriptions.held]).toEqual(['book.BTC-PERPETUAL.raw']);
    expect(Math.abs(venue.session.clockOffset.best.offsetMicros)).toBeLessThan(10_000);
  });

  test('subscribes in batches that the venue takes, no faster than its credits allow', async () => {
    const venue = new FakeVenue();
    venue.session.want(channels(8000));
    const started = venue.host.nowMs();
    await venue.serve(5000);
    const batches = venue.requests.filter(({ method }) => method === 'public/subscribe');
    expect(batches.length).toBe(16);
    for (const { params } of batches) expect(JSON.stringify(params).length).toBeLessThan(32 * 1024);
    expect(venue.session.subscriptions.held.size).toBe(8000);
    expect(venue.host.nowMs() - started).toBeGreaterThan(1000);
  });

  test('leaves channels that the venue does not grant, and gives up those that are no longer wanted', async () => {
    const venue = new FakeVenue();
    venue.answers['public/subscribe'] = ({ params }) => params.channels?.filter((channel) => !channel.includes('-2.'));
    venue.session.want(channels(4));
    await venue.serve(200);
    expect(venue.session.subscriptions.deniedCount).toBe(1);
    venue.session.want(['book.BTC-3.raw']);
    await venue.serve(200);
    expect([...venue.session.subscriptions.held]).toEqual(['book.BTC-3.raw']);
    expect(venue.requests.filter(({ method }) => method === 'public/subscribe')).toHaveLength(1);
  });

  test('gives a channel up and takes it again when it is to be renewed', async () => {
    const venue = new FakeVenue();
    venue.session.want(channels(2));
    await venue.serve(200);
    venue.requests.length = 0;
    venue.session.renew('book.BTC-1.raw');
    await venue.serve(200);
    expect(venue.requests.map(({ method, params }) => [method, params.channels])).toEqual([
      ['public/unsubscribe', ['book.BTC-1.raw']],
      ['public/subscribe', ['book.BTC-1.raw']],
    ]);
  });

  test('answers a test request, without which the venue would end it', async () => {
    const venue = new FakeVenue();
    await venue.serve(200);
    venue.host.socket.say('{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"test_request"}}');
    await venue.serve(50);
    expect(venue.methods().at(-1)).toBe('public/test');
  });

  test('signs on with a signature over the time, the nonce and no data', async () => {
    const venue = new FakeVenue({ grant: 'client_signature', clientId: 'me', clientSecret: 'secret' });
    venue.session.want(['book.BTC-PERPETUAL.raw']);
    await venue.serve(200);
    const { params } = venue.requests.find(({ method }) => method === 'public/auth')!;
    const { timestamp, nonce, signature } = params as { timestamp: number; nonce: string; signature: string };
    expect(signature).toBe(createHmac('sha256', 'secret').update(`${timestamp}\n${nonce}\n`).digest('hex'));
    expect(JSON.stringify(venue.requests)).not.toContain('"secret"');
    expect(venue.methods()).toContain('private/subscribe');
  });

  test('renews its token before it runs out', async () => {
    const venue = new FakeVenue({ grant: 'client_credentials', clientId: 'me', clientSecret: 'secret' });
    venue.answers['public/auth'] = () => ({ access_token: 'a', expires_in: 10 });
    await venue.serve(200);
    const keepAlive = setInterval(
      () => venue.host.socket.say('{"method":"heartbeat","params":{"type":"heartbeat"}}'),
      0,
    );
    await venue.serve(8200);
    clearInterval(keepAlive);
    expect(venue.methods().filter((method) => method === 'public/auth')).toHaveLength(2);
  });

  test('that may not sign on says why and tries again', async () => {
    const venue = new FakeVenue({ grant: 'client_credentials', clientId: 'me', clientSecret: 'wrong' });
    venue.answers['public/auth'] = () => ({ code: 13_004, message: 'invalid_credentials' });
    await venue.serve(1000);
    expect(venue.seen[0]).toBe('down: cannot sign on: public/auth was refused: invalid_credentials (13004)');
    expect(venue.host.sockets.length).toBeGreaterThan(1);
  });

  test('with a venue that does not answer ends the connection and makes another', async () => {
    const venue = new FakeVenue();
    venue.answers = {};
    await venue.serve(11_000);
    expect(venue.seen[0]).toBe('down: public/get_time: no answer within 10000 ms');
    expect(venue.host.sockets).toHaveLength(2);
  });

  test('subscribes anew to everything after it was lost', async () => {
    const venue = new FakeVenue();
    venue.session.want(channels(3));
    await venue.serve(200);
    venue.host.socket.close('cut');
    expect(venue.session.isReady).toBe(false);
    await venue.host.pass(1000);
    await venue.serve(200);
    expect(venue.session.subscriptions.held.size).toBe(3);
    expect(venue.seen).toEqual(['ready', 'subscribed', 'down: cut', 'ready', 'subscribed']);
  });

  test('whose subscription is refused for now asks again later', async () => {
    const venue = new FakeVenue();
    let refusals = 2;
    venue.answers['public/subscribe'] = ({ params }) =>
      refusals-- > 0 ? { code: 10_040, message: 'retry' } : params.channels;
    venue.session.want(channels(3));
    await venue.serve(8000);
    expect(venue.session.subscriptions.held.size).toBe(3);
    expect(venue.methods().filter((method) => method === 'public/subscribe')).toHaveLength(3);
  });

  test('is told of a message that answers nothing, and is otherwise not moved by it', async () => {
    const venue = new FakeVenue();
    await venue.serve(200);
    for (const text of ['{"id":999,"result":1}', 'null', '[]', '"x"', '{"method":"surprise"}'])
      venue.host.socket.say(text);
    expect(venue.seen.filter((line) => line.startsWith('a message that answers nothing'))).toHaveLength(5);
    expect(venue.session.isReady).toBe(true);
  });

  test('begins anew when the venue has signed it off: nothing private would pass, and what is missed meanwhile nobody tells', async () => {
    const venue = new FakeVenue({ grant: 'client_credentials', clientId: 'id', clientSecret: 'secret' });
    await venue.serve(500);
    const ask = (): Promise<unknown> => venue.session.call('private/get_positions', {}).catch((error: Error) => error);
    // What this key may not do says nothing of the session.
    venue.answers['private/get_positions'] = () => ({ code: 13_021, message: 'forbidden' });
    const forbidden = ask();
    await venue.serve(50);
    expect([venue.session.isReady, String(await forbidden)]).toEqual([true, expect.stringContaining('13021')]);
    venue.answers['private/get_positions'] = () => ({ code: 13_009, message: 'unauthorized' });
    const refused = ask();
    await venue.serve(50);
    expect(String(await refused)).toContain('13009');
    expect(venue.seen.at(-1)).toBe('down: the venue has signed the session off (13009)');
    const signedOn = venue.methods().filter((method) => method === 'public/auth').length;
    await venue.host.pass(1000);
    await venue.serve(500);
    expect(venue.seen.at(-1)).toBe('ready');
    expect(venue.methods().filter((method) => method === 'public/auth')).toHaveLength(signedOn + 1);
  });
});

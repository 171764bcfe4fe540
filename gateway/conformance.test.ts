import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KillReason } from '../engine/runtime/supervision/kill-reason.js';
import { MessageType } from '../schemas/message-type.js';
import { GatewayDesk, TOKEN } from './testing/gateway-desk.js';
import { TestClient, until } from './testing/test-client.js';
import type { TransportChoice } from './transport/choose-transport.js';
import { loadUws } from './transport/uws-transport.js';

/** What every transport must do alike. */
const uws = loadUws();
const transports: TransportChoice[] = 'uws' in uws ? ['ws', 'uws'] : ['ws'];

describe.each(transports)('the gateway by %s', (choice) => {
  let desk: GatewayDesk;
  const clients: TestClient[] = [];

  beforeEach(async () => {
    desk = new GatewayDesk();
    await desk.serve(choice);
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await desk.close();
  });

  const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${desk.port}${path}`, init);
  const bearer = (token = TOKEN): Record<string, string> => ({ authorization: `Bearer ${token}` });
  const post = (
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
    method = 'POST',
  ): Promise<Response> =>
    ask(path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  /** What the server says to these bytes, whatever they are. */
  async function raw(bytes: string): Promise<string> {
    const socket = connect(desk.port, '127.0.0.1');
    socket.on('error', () => {});
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.write(bytes);
    await Promise.race([
      new Promise((resolve) => socket.once('close', resolve)),
      new Promise((resolve) => setTimeout(resolve, 400)),
    ]);
    socket.destroy();
    return text;
  }

  async function client(options: ConstructorParameters<typeof TestClient>[1] = {}): Promise<TestClient> {
    const made = new TestClient(desk.port, options);
    clients.push(made);
    await made.opened();
    return made;
  }

  async function signedIn(): Promise<TestClient> {
    const made = await client();
    made.say({ type: 'hello', token: TOKEN });
    await until(() => made.said[0], 'hello');
    return made;
  }

  /** A session by a link that is good once. */
  async function session(name = 'admin'): Promise<{ cookie: string; 'x-csrf-token': string }> {
    const link = desk.gateway.sessions.link(desk.gateway.users.find(name)!);
    const response = await post('/api/v1/login', { link });
    const { csrf } = (await response.json()) as { csrf: string };
    return { cookie: response.headers.get('set-cookie')!.split(';')[0]!, 'x-csrf-token': csrf };
  }

  it('shows a topic: a snapshot, then each change with the next number', async () => {
    desk.showTop(3, 100);
    desk.showTop(5, 200);
    const screen = await signedIn();
    expect(screen.said[0]).toMatchObject({ type: 'hello', epoch: 77, user: 'token', role: 'admin' });
    screen.say({ type: 'subscribe', id: 9, topic: 'tops', hz: 30 });
    const first = await until(() => screen.frames[0], 'the snapshot');
    expect(screen.said[1]).toMatchObject({ type: 'subscribed', id: 9, topic: 'tops' });
    expect(first).toMatchObject({ epoch: 77, rowType: MessageType.BOOK_TOP, flags: 3, count: 2, keys: [3, 5], seq: 0 });
    desk.showTop(5, 201, 42);
    const next = await until(() => screen.frames[1], 'the step');
    expect(next).toMatchObject({ flags: 0, count: 1, keys: [5], seq: 1, times: [42] });
    expect(new DataView(next.rows.slice().buffer).getFloat64(8, true)).toBe(201);
  });

  it('conflates: of many values of a key the last arrives', async () => {
    const screen = await signedIn();
    screen.say({ type: 'subscribe', id: 1, topic: 'tops', hz: 10 });
    await until(() => screen.frames[0], 'the snapshot');
    for (let bid = 1; bid <= 500; bid++) desk.showTop(1, bid);
    const step = await until(() => screen.frames[1], 'the step');
    expect(step.count).toBe(1);
    expect(new DataView(step.rows.slice().buffer).getFloat64(8, true)).toBe(500);
  });

  it('sends every event once, and replays from a number', async () => {
    for (let price = 1; price <= 10; price++) desk.showFill(price);
    const screen = await signedIn();
    screen.say({ type: 'subscribe', id: 1, topic: 'fills' });
    const first = await until(() => screen.frames[0], 'the events that are kept');
    expect(first).toMatchObject({ flags: 3, count: 10, seq: 10, keys: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] });
    desk.showFill(11);
    expect(await until(() => screen.frames[1], 'the next event')).toMatchObject({ flags: 0, keys: [11], seq: 11 });
    const other = await signedIn();
    other.say({ type: 'subscribe', id: 1, topic: 'fills', from: { epoch: 77, seq: 8 } });
    expect(await until(() => other.frames[0], 'the replay')).toMatchObject({ flags: 0, keys: [9, 10, 11] });
    const stranger = await signedIn();
    stranger.say({ type: 'subscribe', id: 1, topic: 'fills', from: { epoch: 76, seq: 8 } });
    expect(await until(() => stranger.frames[0], 'all again')).toMatchObject({ flags: 3, count: 11 });
  });

  it('brings who was behind to the same table by one snapshot, and hurts nobody meanwhile', async () => {
    const quick = await signedIn();
    const slow = await signedIn();
    slow.acknowledges = false;
    for (const one of [quick, slow]) {
      one.say({ type: 'subscribe', id: 1, topic: 'tops', hz: 30 });
      await until(() => one.frames[0], 'the snapshot');
    }
    const showSome = (round: number): void => {
      for (let instrument = 0; instrument < 64; instrument += 3) desk.showTop(instrument, round + instrument / 7);
    };
    for (let round = 0; round < 45; round++) {
      showSome(round);
      await new Promise((resolve) => setTimeout(resolve, 35));
    }
    const behind = slow.frames.length;
    expect(quick.frames.length).toBeGreaterThan(behind);
    slow.acknowledges = true;
    slow.say({ type: 'ack', frames: behind });
    const back = await until(() => slow.frames[behind], 'the snapshot');
    expect(back.flags & 7).toBe(7);
    showSome(99);
    await until(() => quick.tableHash() === slow.tableHash() && quick.table.size === 22, 'the same table');
    expect(quick.gaps + slow.gaps).toBe(0);
  });

  it('gives a snapshot to who saw a gap', async () => {
    desk.showTop(1, 5);
    const screen = await signedIn();
    screen.say({ type: 'subscribe', id: 1, topic: 'tops', hz: 4 });
    await until(() => screen.frames[0], 'the snapshot');
    screen.say({ type: 'resync', id: 2, topic: 'tops' });
    expect(await until(() => screen.frames[1], 'another')).toMatchObject({ flags: 3, keys: [1] });
  });

  it.each([
    ['no hello', { type: 'subscribe', id: 1, topic: 'tops' }, 4001],
    ['no JSON', 'nothing', 4001],
    ['a wrong token', { type: 'hello', token: 'wrong' }, 4001],
    ['a wrong ticket', { type: 'hello', ticket: 'wrong' }, 4001],
    ['neither', { type: 'hello' }, 4001],
  ])('closes a socket that begins with %s', async (_name, message, code) => {
    const stranger = await client();
    stranger.say(message);
    expect((await until(() => stranger.closed, 'the end')).code).toBe(code);
  });

  it.each([
    ['an unknown topic', { type: 'subscribe', id: 1, topic: 'nothing' }, 'no-topic'],
    ['a topic that every object has', { type: 'subscribe', id: 1, topic: '__proto__' }, 'no-topic'],
    ['an odd rate', { type: 'subscribe', id: 1, topic: 'tops', hz: 7 }, 'malformed'],
    ['a key too many', { type: 'subscribe', id: 1, topic: 'tops', more: 1 }, 'malformed'],
    ['a negative acknowledgement', { type: 'ack', frames: -1 }, 'malformed'],
    ['an unknown type', { type: 'order', id: 1 }, 'malformed'],
    ['a second hello', { type: 'hello', token: TOKEN }, 'twice'],
    ['the end of what is not followed', { type: 'unsubscribe', id: 1, topic: 'tops' }, 'not-subscribed'],
    ['half a JSON', '{"type":', 'malformed'],
  ])('refuses %s and stays open', async (_name, message, code) => {
    const screen = await signedIn();
    screen.say(message);
    expect(await until(() => screen.said[1], 'an error')).toMatchObject({ type: 'error', code });
    screen.say({ type: 'subscribe', id: 5, topic: 'tops' });
    await until(() => screen.frames[0], 'that it is open');
  });

  it('closes who sends bytes, and who never stops talking', async () => {
    const bytes = await signedIn();
    bytes.sendBytes(new Uint8Array(10));
    expect((await until(() => bytes.closed, 'the end')).code).toBe(1003);
    const flood = await signedIn();
    for (let count = 0; count < 400; count++) flood.say({ type: 'ack', frames: 0 });
    expect((await until(() => flood.closed, 'the end')).code).toBe(4009);
  });

  it.each([
    ['another subprotocol', { protocol: 'other' }],
    ['a foreign origin', { origin: 'https://evil.example' }],
    ['a foreign host', { host: 'evil.example' }],
  ])('opens no socket for %s', async (_name, options) => {
    const stranger = new TestClient(desk.port, options);
    clients.push(stranger);
    expect(await stranger.opened()).toBe(false);
  });

  it('opens a socket with a ticket once, and closes it at the end of the session', async () => {
    const headers = await session();
    const { ticket } = (await (await post('/api/v1/ws-ticket', {}, headers)).json()) as { ticket: string };
    const screen = await client({ origin: `http://127.0.0.1:${desk.port}` });
    screen.say({ type: 'hello', ticket });
    expect(await until(() => screen.said[0], 'hello')).toMatchObject({ user: 'admin', role: 'admin' });
    const again = await client();
    again.say({ type: 'hello', ticket });
    expect((await until(() => again.closed, 'the end')).code).toBe(4001);
    await post('/api/v1/logout', {}, headers);
    expect((await until(() => screen.closed, 'the end')).code).toBe(4001);
    expect((await ask('/api/v1/positions', { headers })).status).toBe(401);
  });

  it('has a ticket in the answer to a login, so that a page that signs in need not ask for its session', async () => {
    const link = desk.gateway.sessions.link(desk.gateway.users.find('admin')!);
    const { ticket } = (await (await post('/api/v1/login', { link })).json()) as { ticket: string };
    const screen = await client();
    screen.say({ type: 'hello', ticket });
    expect(await until(() => screen.said[0], 'hello')).toMatchObject({ user: 'admin', role: 'admin' });
  });

  it('refuses what is not allowed, and does nothing of it', async () => {
    const { users } = desk.gateway;
    users.put('vera', 'viewer');
    users.put('tom', 'trader');
    const reader = users.addToken('admin', 'reads', ['read'], null);
    const old = users.addToken('admin', 'old', ['read', 'kill'], Date.now() - 1);
    const viewer = await session('vera');
    const trader = await session('tom');
    const admin = await session();
    const { 'x-csrf-token': _left, ...withoutCsrf } = admin;
    const limit = '/api/v1/limits/orderUsd';
    const cases: [string, () => Promise<Response>, number][] = [
      ['nobody reads positions', () => ask('/api/v1/positions'), 401],
      ['nobody kills', () => post('/api/v1/kill', {}), 401],
      ['a wrong token', () => post('/api/v1/kill', {}, bearer('wrong')), 401],
      ['an old token', () => post('/api/v1/kill', {}, bearer(old)), 401],
      ['basic authorisation', () => post('/api/v1/kill', {}, { authorization: 'Basic dG9rZW4=' }), 401],
      ['a wrong cookie', () => post('/api/v1/kill', {}, { cookie: 'vf_session=wrong' }), 401],
      ['a token that reads', () => post('/api/v1/kill', {}, bearer(reader)), 403],
      ['a cookie without CSRF token', () => post('/api/v1/kill', {}, withoutCsrf), 403],
      ['a wrong CSRF token', () => post('/api/v1/kill', {}, { ...admin, 'x-csrf-token': 'wrong' }), 403],
      [
        'the CSRF token of another',
        () => post('/api/v1/kill', {}, { ...admin, 'x-csrf-token': trader['x-csrf-token'] }),
        403,
      ],
      ['a viewer who kills', () => post('/api/v1/kill', {}, viewer), 403],
      ['a viewer who pauses', () => post('/api/v1/quoting/pause', {}, viewer), 403],
      ['a trader at the limits', () => post(limit, { value: 1 }, trader, 'PUT'), 403],
      ['a trader who halts risk', () => post('/api/v1/risk/state', { action: 'halt' }, trader), 403],
      ['a trader among the users', () => ask('/api/v1/users', { headers: trader }), 403],
      ['a foreign origin', () => post('/api/v1/kill', {}, { ...bearer(), origin: 'https://evil.example' }), 403],
      ['an origin of another port', () => post('/api/v1/kill', {}, { ...bearer(), origin: 'http://127.0.0.1:1' }), 403],
      ['an unknown limit', () => post('/api/v1/limits/constructor', { value: 1 }, bearer(), 'PUT'), 404],
      ['a negative limit', () => post(limit, { value: -1 }, bearer(), 'PUT'), 422],
      ['a limit in words', () => post(limit, { value: 'much' }, bearer(), 'PUT'), 422],
      ['a field too many', () => post('/api/v1/kill', { more: 1 }, bearer()), 422],
      ['no JSON', () => post('/api/v1/kill', '{', bearer()), 400],
      [
        'no UTF-8',
        () =>
          ask('/api/v1/kill', {
            method: 'POST',
            headers: { ...bearer(), 'content-type': 'application/json' },
            body: new Uint8Array([0xff, 0xfe]),
          }),
        400,
      ],
      ['a form', () => post('/api/v1/kill', 'a=b', { ...bearer(), 'content-type': 'text/plain' }), 415],
      ['70 kB', () => post('/api/v1/kill', { reason: 'x'.repeat(70_000) }, bearer()), 413],
      ['a reason without end', () => post('/api/v1/kill', { reason: 'x'.repeat(501) }, bearer()), 422],
      ['a kill by GET', () => ask('/api/v1/kill', { headers: bearer() }), 405],
      ['an unknown method', () => ask('/api/v1/positions', { method: 'PATCH', headers: bearer() }), 405],
      ['an unknown nonce', () => post('/api/v1/confirmations/nothing', {}, bearer()), 410],
      ['an odd page', () => ask('/api/v1/positions?limit=0', { headers: bearer() }), 400],
      ['a path outside', () => ask('/..%2f..%2fetc%2fpasswd'), 404],
      ['a short password', () => post('/api/v1/password', { password: 'short' }, admin), 422],
      ['a wrong password', () => post('/api/v1/login', { user: 'admin', password: 'wrong' }), 401],
      ['a link that was used', () => post('/api/v1/login', { link: 'used' }), 401],
      ['a token that signs out', () => post('/api/v1/logout', {}, bearer()), 409],
      [
        'an Idempotency-Key with a blank',
        () => post('/api/v1/quoting/pause', {}, { ...bearer(), 'idempotency-key': 'a b' }),
        400,
      ],
    ];
    expect(cases.length).toBeGreaterThanOrEqual(30);
    for (const [name, answer, status] of cases) {
      const response = await answer();
      expect([name, response.status]).toEqual([name, status]);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      // What is too large was not read, and is no request yet.
      if (status !== 413) expect(response.headers.get('x-request-id')).toMatch(/^\w+-\w+$/);
    }
    expect(desk.commandTypes()).toEqual([]);
    expect(desk.board.killed()).toBe(KillReason.NONE);
  });

  it('refuses a foreign host, bare or with another port', async () => {
    for (const host of ['evil.example', `evil.example:${desk.port}`, '127.0.0.1:1', '']) {
      expect(await raw(`GET /healthz HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)).not.toMatch(/ 200 /);
    }
  });

  it('asks twice before it adds risk, and then does it once', async () => {
    const admin = await session();
    const asked = await post('/api/v1/quoting/resume', { reason: 'after lunch' }, admin);
    const { status, confirmation } = (await asked.json()) as { status: string; confirmation: string };
    expect([asked.status, status, desk.commandTypes()]).toEqual([202, 'needs-confirmation', []]);
    desk.gateway.users.put('eve', 'admin');
    const other = await session('eve');
    const path = `/api/v1/confirmations/${confirmation}`;
    expect((await post(path, {}, other)).status).toBe(410);
    expect((await post(path, {}, admin)).status).toBe(202);
    expect(desk.commandTypes()).toEqual([MessageType.OPERATOR_COMMAND]);
    expect((await post(path, {}, admin)).status).toBe(410);
    expect(desk.commandTypes()).toEqual([]);
  });

  it('does what has one Idempotency-Key once', async () => {
    const headers = { ...bearer(), 'idempotency-key': 'k1' };
    const first = await (await post('/api/v1/quoting/pause', { reason: 'a' }, headers)).text();
    expect(await (await post('/api/v1/quoting/pause', { reason: 'a' }, headers)).text()).toBe(first);
    expect((await post('/api/v1/quoting/pause', { reason: 'b' }, headers)).status).toBe(422);
    expect(desk.commandTypes()).toEqual([MessageType.OPERATOR_COMMAND]);
  });

  it('kills by the word in its file, before anything else', async () => {
    expect((await post('/api/v1/kill', { reason: 'test' }, bearer())).status).toBe(202);
    expect(desk.board.killed()).toBe(KillReason.OPERATOR);
    expect(desk.commandTypes()).toEqual([]);
  });

  it('gives pages by key, with an ETag that stands for what was written', async () => {
    for (let instrument = 0; instrument < 10; instrument++) desk.showTop(instrument, instrument);
    const headers = bearer();
    const keys: number[] = [];
    for (let path = '/api/v1/tops?limit=4'; ; ) {
      const page = (await (await ask(path, { headers })).json()) as { rows: { key: number }[]; next: number | null };
      keys.push(...page.rows.map(({ key }) => key));
      if (page.next === null) break;
      path = `/api/v1/tops?limit=4&after=${page.next}`;
    }
    expect(keys).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const etag = (await ask('/api/v1/tops', { headers })).headers.get('etag')!;
    expect((await ask('/api/v1/tops', { headers: { ...headers, 'if-none-match': etag } })).status).toBe(304);
    desk.showTop(1, 7);
    expect((await ask('/api/v1/tops', { headers: { ...headers, 'if-none-match': etag } })).status).toBe(200);
  });

  it('answers what its OpenAPI document says', async () => {
    const document = (await (await ask('/api/v1/openapi.json')).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { responses: Record<string, unknown>; security: unknown[] }>>;
    };
    expect(document.openapi).toBe('3.1.0');
    for (const [path, methods] of Object.entries(document.paths)) {
      if (methods.get === undefined) continue;
      const response = await ask(path.replace(/\{\w+\}/, '1'), { headers: bearer() });
      expect([path, Object.keys(methods.get.responses)]).toEqual([path, [String(response.status), 'default']]);
      if (methods.get.security.length > 0) {
        expect([path, (await ask(path.replace(/\{\w+\}/, '1'))).status]).toEqual([path, 401]);
      }
    }
  });

  it.each([
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['a head of 70 kB', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(70_000)}\r\n\r\n`],
    ['two lengths', 'POST /api/v1/kill HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
    ['half a request', 'POST /api/v1/kill HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nab'],
    ['an upgrade to nothing', 'GET / HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n'],
  ])('survives %s', async (_name, bytes) => {
    expect(await raw(bytes)).not.toMatch(/ 20[02] /);
    expect((await ask('/healthz')).status).toBe(200);
    expect(desk.board.killed()).toBe(KillReason.NONE);
  });

  it('gives the same bytes for the same table, whoever asks', async () => {
    for (let instrument = 0; instrument < 64; instrument++) desk.showTop(instrument, Math.sin(instrument));
    const hashes = new Set<string>();
    for (let count = 0; count < 3; count++) {
      const screen = await signedIn();
      screen.say({ type: 'subscribe', id: 1, topic: 'tops', hz: 30 });
      await until(() => screen.frames[0], 'the snapshot');
      hashes.add(createHash('sha256').update(screen.frames[0]!.rows).digest('hex'));
    }
    expect(hashes.size).toBe(1);
  });
});

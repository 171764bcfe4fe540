import { afterEach, describe, expect, it } from 'vitest';
import { outsideStatuses } from '../../engine/telemetry/outside/outside-status.js';
import { GatewayDesk, TOKEN } from '../testing/gateway-desk.js';
import { RespServer } from '../testing/resp-server.js';
import type { HttpAnswer, HttpRequest } from '../transport/transport.js';
import { RedisStore } from './redis-store.js';
import { SharedAnswers } from './shared-answers.js';
import { SharedLimit } from './shared-limit.js';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function server(): Promise<{ redis: RespServer; url: string }> {
  const redis = new RespServer();
  const url = await redis.listen();
  cleanUps.push(() => redis.close());
  return { redis, url };
}

function store(url: string, more: object = {}, notes: string[] = []): RedisStore {
  const opened = new RedisStore({ url, note: (text) => notes.push(text), timeoutMs: 10_000, ...more });
  cleanUps.push(() => opened.close());
  return opened;
}

/** Asks until the store is connected. */
async function connected(opened: RedisStore): Promise<RedisStore> {
  for (;;) {
    try {
      await opened.get('nothing');
      return opened;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

const request = (key: string, body = '{}'): HttpRequest => ({
  method: 'POST',
  path: '/api/v1/quoting/pause',
  query: '',
  header: (name) =>
    ({
      authorization: `Bearer ${TOKEN}`,
      'idempotency-key': key,
      'content-type': 'application/json',
      host: '127.0.0.1',
    })[name] ?? '',
  remote: '10.0.0.1',
  body: Buffer.from(body),
});
const text = ({ body }: HttpAnswer): string => Buffer.from(body).toString();

describe('the store that gateways share', () => {
  it('counts, keeps for a while, and claims once, for all that have it', async () => {
    const { redis, url } = await server();
    const [one, other] = [await connected(store(url)), await connected(store(url))];
    expect([await one.add('count', 3, 60_000), await other.add('count', 4, 60_000)]).toEqual([3, 7]);
    await one.set('name', 'value', 60_000);
    expect([await other.get('name'), await other.get('other')]).toEqual(['value', undefined]);
    expect([await one.claim('once', 'a', 60_000), await other.claim('once', 'b', 60_000)]).toEqual([true, false]);
    expect(await other.get('once')).toBe('a');
    // Everything of ours has a name of ours, and ends by itself.
    for (const [key, { ends }] of redis.values) {
      expect(key).toMatch(/^volfilter:/);
      expect(ends).toBeLessThan(Number.POSITIVE_INFINITY);
    }
  });

  it('that does not answer is an error in time, is left alone after a few, and is seen to be', async () => {
    const { redis, url } = await server();
    const notes: string[] = [];
    redis.isSilent = true;
    const slow = store(url, { timeoutMs: 20, failures: 2, openMs: 600_000 }, notes);
    for (let each = 0; each < 2; each++) await expect(slow.get('name')).rejects.toThrow();
    await expect(slow.get('name')).rejects.toThrow('redis failed too often and is left alone for a while');
    expect(outsideStatuses().find(({ name }) => name === 'redis')).toMatchObject({ state: 'open' });
    expect(notes).toEqual(['redis failed 2 times in a row: it is left alone for 600 s']);
  });
});

describe('a limit for all gateways together', () => {
  const limit = { perSecond: 2, burst: 10 };

  it('refuses until the window ends whom all of them together have given too much, and nobody else', async () => {
    const { url } = await server();
    let now = 1_000_000_000_000;
    const [one, other] = [
      new SharedLimit(await connected(store(url)), limit, () => now),
      new SharedLimit(await connected(store(url)), limit, () => now),
    ];
    for (let each = 0; each < 12; each++) expect([one.take('a'), other.take('a')]).toEqual([true, true]);
    expect(one.take('b')).toBe(true);
    await one.tell();
    await other.tell();
    // Twelve here and twelve there are more than two a second for five seconds and ten at once.
    expect([other.take('a'), other.take('b')]).toEqual([false, true]);
    expect(one.take('a')).toBe(true);
    await one.tell();
    expect(one.take('a')).toBe(false);
    now += 5000;
    expect([one.take('a'), other.take('a')]).toEqual([true, true]);
  });

  it('holds nobody up and lets everybody through where the store cannot be reached', async () => {
    const refusing = { add: () => Promise.reject(new Error('down')) };
    const alone = new SharedLimit(refusing as never, limit);
    for (let each = 0; each < 100; each++) alone.take('a');
    await alone.tell();
    expect(alone.take('a')).toBe(true);
  });
});

describe('an answer to an Idempotency-Key', () => {
  it('is the same from another gateway, which does nothing again', async () => {
    const { url } = await server();
    const desks = [
      new GatewayDesk(4, { shared: await connected(store(url)) }),
      new GatewayDesk(4, { shared: await connected(store(url)) }),
    ];
    for (const desk of desks) {
      desk.gateway.serves(['127.0.0.1']);
      cleanUps.push(() => desk.close());
    }
    const first = await desks[0]!.gateway.answer(request('key-1'));
    const again = await desks[1]!.gateway.answer(request('key-1'));
    expect([again.status, text(again)]).toEqual([first.status, text(first)]);
    const given = desks.map((desk) => {
      let commands = 0;
      desk.given.poll(() => commands++, 10);
      return commands;
    });
    expect(given).toEqual([1, 0]);
    const wrong = await desks[1]!.gateway.answer(request('key-1', '{"reason":"another"}'));
    expect(wrong.status).toBe(422);
  });

  it('is not given twice at once: who comes while it is being done is told to ask again', async () => {
    const { url } = await server();
    const [one, other] = [
      new SharedAnswers(await connected(store(url)), 60_000),
      new SharedAnswers(await connected(store(url)), 60_000),
    ];
    let finish: () => void = () => {};
    let begins: () => void = () => {};
    const begun = new Promise<void>((resolve) => {
      begins = resolve;
    });
    const slow = one.once('k', 'hash', () => {
      begins();
      return new Promise((resolve) => {
        finish = () => resolve({ status: 200, body: 'done' });
      });
    });
    await begun;
    let waited = await other.once('k', 'hash', () => ({ status: 200, body: 'twice' }));
    expect([waited.status, waited.headers?.['retry-after']]).toEqual([409, '1']);
    finish();
    expect(text(await slow)).toBe('done');
    do waited = await other.once('k', 'hash', () => ({ status: 200, body: 'twice' }));
    while (waited.status === 409);
    expect(text(waited)).toBe('done');
  });

  it('is given by the gateway alone where the store cannot be reached', async () => {
    const down = { claim: () => Promise.reject(new Error('down')) };
    const answers = new SharedAnswers(down as never, 60_000);
    expect(await answers.once('k', 'hash', () => ({ status: 200, body: 'done' }))).toMatchObject({ status: 200 });
  });
});

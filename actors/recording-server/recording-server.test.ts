import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { sharedData } from '../../engine/testing/shared-data.js';
import { readRecording } from './recording.js';
import { RecordingServer, type RecordingServerOptions } from './recording-server.js';

const path = sharedData('deribit/ws-2021-07-22');
const BOOK = 'book.BTC-24SEP21-8000-P.raw';

describe.skipIf(path === undefined)('a served recording (skipped where ../shared/data is absent)', () => {
  const recording = path === undefined ? undefined : readRecording(path);
  const cleanUps: (() => unknown)[] = [];

  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  async function serve(
    options: Partial<RecordingServerOptions> = {},
  ): Promise<{ server: RecordingServer; port: number }> {
    const server = new RecordingServer({ recording: recording!, speed: 'max', port: 0, ...options });
    cleanUps.push(() => server.close());
    return { server, port: await server.listen() };
  }

  /** A client that keeps the bytes of everything it is sent. */
  async function client(port: number) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/api/v2`);
    cleanUps.push(() => socket.terminate());
    const received: string[] = [];
    socket.on('message', (data: Buffer) => received.push(data.toString('latin1')));
    await new Promise((resolve) => socket.once('open', resolve));
    let id = 0;
    const call = async (method: string, params: unknown = {}): Promise<Record<string, unknown>> => {
      const own = ++id;
      socket.send(JSON.stringify({ jsonrpc: '2.0', id: own, method, params }));
      return (await until(() => received.map(parsed).find((message) => message.id === own))) as Record<string, unknown>;
    };
    return { socket, received, call };
  }

  const parsed = (text: string) => JSON.parse(text) as { id?: number; method?: string; params?: { channel?: string } };

  async function until<Value>(look: () => Value | undefined | false): Promise<Value> {
    for (const deadline = performance.now() + 5000; performance.now() < deadline; ) {
      const value = look();
      if (value !== undefined && value !== false) return value;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error('what the test waits for did not happen');
  }

  test('brings every message of a channel byte for byte as it stands in the file', async () => {
    const { server, port } = await serve();
    const { received, call } = await client(port);
    await call('public/subscribe', { channels: [BOOK, 'ticker.BTC-24SEP21-8000-P.raw'] });
    await until(() => server.ended);
    const lines = readFileSync(join(path!, 'DERIBIT.ws.1.0.jsonl'), 'latin1').split('\n');
    const recorded = lines
      .filter(
        (line) => line.includes('"dir":"in"') && line.includes('BTC-24SEP21-8000-P') && !line.includes('"result"'),
      )
      .map((line) => line.slice(line.indexOf('"msg":') + 6, -1));
    await until(() => received.length > recorded.length);
    expect(received.filter((text) => parsed(text).method === 'subscription')).toEqual(recorded);
  });

  test('answers with recorded time and the recorded list of instruments', async () => {
    const { port } = await serve({ speed: 1 });
    const { call, received } = await client(port);
    const { result } = await call('public/get_time');
    expect(result).toBe(Math.floor(recording!.startMicros / 1000));
    const list = (await call('public/get_instruments', { currency: 'BTC', expired: false })).result as unknown[];
    expect(list).toHaveLength(398);
    expect(received.at(-1)).toContain('"min_trade_amount":0.1,"maker_commission":0.0003');
    const futures = (await call('public/get_instruments', { currency: 'ETH', kind: 'future' })).result as unknown[];
    expect(futures).toHaveLength(8);
  });

  test('gives a late subscriber a snapshot of the book as it stands', async () => {
    const { server, port } = await serve();
    const early = await client(port);
    await early.call('public/subscribe', { channels: [BOOK] });
    await until(() => server.ended);
    const late = await client(port);
    await late.call('public/subscribe', { channels: [BOOK] });
    const snapshot = await until(() => late.received.find((text) => parsed(text).method === 'subscription'));
    const { data } = (JSON.parse(snapshot) as { params: { data: { type: string; change_id: number; bids: unknown } } })
      .params;
    expect(data.type).toBe('snapshot');
    expect(data.bids).toEqual([['new', 0.0005, 153.1]]);
    const last = early.received.filter((text) => parsed(text).method === 'subscription').at(-1)!;
    expect(last).toContain(`"change_id":${data.change_id}`);
  });

  test('plays at the recorded pace, or a multiple of it', async () => {
    const { server, port } = await serve({ speed: 100 });
    const { call } = await client(port);
    await call('public/subscribe', { channels: [BOOK] });
    const started = performance.now();
    await until(() => server.ended);
    // 31 seconds, and the moment that it waits for more subscriptions.
    expect(performance.now() - started).toBeGreaterThan(300);
  });

  test('refuses what the venue refuses, in its words', async () => {
    const { port } = await serve();
    const { socket, received, call } = await client(port);
    expect((await call('public/no_such_method')).error).toMatchObject({ code: -32601 });
    expect((await call('public/subscribe', { channels: ['book.NOBODY.raw'] })).error).toMatchObject({ code: 11_052 });
    expect((await call('public/subscribe', { channels: 'book' })).error).toMatchObject({ code: -32602 });
    expect((await call('public/set_heartbeat', { interval: 1 })).error).toMatchObject({ code: -32602 });
    socket.send('{');
    socket.send(`"${'x'.repeat(40_000)}"`);
    await until(
      () => received.some((text) => text.includes('-32700')) && received.some((text) => text.includes('-32600')),
    );
  });

  test('holds nothing where there is no recording', () => {
    expect(() => readRecording(join(path!, 'PROVENANCE.md'))).toThrow(
      /PROVENANCE.md, line 1: expected a recorded message/,
    );
    expect(() => readRecording(join(path!, 'DERIBIT.0.jsonl'))).toThrow(/holds no message of a channel/);
  });
});

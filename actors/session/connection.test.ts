import { describe, expect, test } from 'vitest';
import { Connection } from './connection.js';
import { FakeHost } from './testing/fake-host.js';

function connection(host: FakeHost) {
  const seen: string[] = [];
  const made = new Connection(
    host,
    { url: 'ws://venue', backoff: { firstMs: 100, longestMs: 1000 }, silenceMs: 5000 },
    {
      up: () => seen.push('up'),
      bytes: ({ bytes }, start, end) => seen.push(Buffer.from(bytes.subarray(start, end)).toString()),
      down: (why) => seen.push(`down: ${why}`),
    },
  );
  made.start();
  return { made, seen };
}

describe('a connection', () => {
  test('that cannot be made is tried again, after pauses that double up to the longest', async () => {
    const host = new FakeHost(1);
    connection(host);
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 6; attempt++) {
      const failedMs = host.nowMs();
      const { length } = host.sockets;
      host.socket.close('refused');
      while (host.sockets.length === length) await host.pass(1);
      pauses.push(host.nowMs() - failedMs);
    }
    expect(pauses).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  test('that has lasted begins its pauses anew', async () => {
    const host = new FakeHost(1);
    const { made } = connection(host);
    for (let attempt = 0; attempt < 4; attempt++) {
      host.socket.close('refused');
      await host.pass(1000);
    }
    host.socket.open();
    for (let second = 0; second < 40; second++) {
      host.socket.say('x');
      await host.pass(1000);
    }
    host.socket.close('gone');
    await host.pass(100);
    host.socket.open();
    expect(made.isUp).toBe(true);
    expect(made.counters).toEqual({ connects: 2, disconnects: 1, messages: 40, bytes: 40, binary: 0 });
  });

  test('on which nothing is heard is given up', async () => {
    const host = new FakeHost();
    const { seen } = connection(host);
    host.socket.open();
    await host.pass(3000);
    host.socket.say('still here');
    await host.pass(4999);
    expect(seen).toEqual(['up', 'still here']);
    await host.pass(2);
    expect(seen.at(-1)).toBe('down: nothing was heard for 5000 ms');
    expect(host.sockets).toHaveLength(1);
    await host.pass(100);
    expect(host.sockets).toHaveLength(2);
  });

  test('that we do not read from is not called silent', async () => {
    const host = new FakeHost();
    const { made, seen } = connection(host);
    host.socket.open();
    made.pause();
    await host.pass(60_000);
    made.resume();
    expect(seen).toEqual(['up']);
    expect(host.socket.isPaused).toBe(false);
  });

  test('that is stopped stays down', async () => {
    const host = new FakeHost();
    const { made } = connection(host);
    host.socket.open();
    made.stop();
    await host.pass(60_000);
    expect(made.isUp).toBe(false);
    expect(made.send('anything')).toBe(false);
    expect(host.sockets).toHaveLength(1);
  });
});

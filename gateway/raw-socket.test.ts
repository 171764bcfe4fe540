import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayDesk } from './testing/gateway-desk.js';
import type { TransportChoice } from './transport/choose-transport.js';
import { loadUws } from './transport/uws-transport.js';

const transports: TransportChoice[] = 'uws' in loadUws() ? ['ws', 'uws'] : ['ws'];

describe.each(transports)('bytes from anybody, by %s', (choice) => {
  let desk: GatewayDesk;
  beforeAll(async () => {
    desk = new GatewayDesk();
    await desk.serve(choice);
  });
  afterAll(() => desk.close());

  const dial = async (): Promise<Socket> => {
    const socket = connect(desk.port, '127.0.0.1');
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('connect', resolve));
    return socket;
  };
  /** A socket whose upgrade to a WebSocket has been answered. */
  const upgraded = async (): Promise<Socket> => {
    const socket = await dial();
    socket.write(
      `GET /api/v1/ws HTTP/1.1\r\nHost: 127.0.0.1:${desk.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: volfilter.v1\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    );
    const answer = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 101/);
    return socket;
  };
  const lives = async (): Promise<void> => {
    expect((await fetch(`http://127.0.0.1:${desk.port}/healthz`)).status).toBe(200);
    expect(desk.commandTypes()).toEqual([]);
  };
  const written = (socket: Socket, bytes: Uint8Array): Promise<void> =>
    new Promise((resolve) => socket.write(bytes, () => resolve()));

  it('that are no HTTP harm nobody and command nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 2000 }), async (bytes) => {
        const socket = await dial();
        await written(socket, bytes);
        socket.destroy();
        await lives();
      }),
      { numRuns: 40 },
    );
  });

  it('that are no frames, behind a good upgrade, harm nobody and command nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 2000 }), async (bytes) => {
        const socket = await upgraded();
        await written(socket, bytes);
        socket.destroy();
        await lives();
      }),
      { numRuns: 40 },
    );
  });

  it('that come one at a time and never end keep nobody else waiting', async () => {
    const sockets = await Promise.all(Array.from({ length: 100 }, dial));
    for (const letter of 'GET /healthz HTTP/1.1\r\nX-Slow: ') {
      await Promise.all(sockets.map((socket) => written(socket, Buffer.from(letter))));
      if (letter === ' ') await lives();
    }
    await lives();
    for (const socket of sockets) socket.destroy();
  });
});

describe('who takes too long, by ws', () => {
  let desk: GatewayDesk;
  beforeAll(async () => {
    desk = new GatewayDesk();
    await desk.serve('ws', undefined, { requestMs: 1000 });
  });
  afterAll(() => desk.close());

  it.each([
    ['a head', 'GET /healthz HTTP/1.1\r\nX-Slow: '],
    ['a body', 'POST /api/v1/login HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{'],
  ])('over %s is shut out, while others are served', async (_name, begun) => {
    const sockets = Array.from({ length: 20 }, () => connect(desk.port, '127.0.0.1'));
    const ends = sockets.map((socket) => {
      socket.on('error', () => {});
      socket.resume();
      return new Promise((resolve) => socket.once('close', resolve));
    });
    for (const socket of sockets) socket.write(begun);
    const drip = setInterval(() => {
      for (const socket of sockets) if (socket.writable) socket.write('a');
    }, 20);
    expect((await fetch(`http://127.0.0.1:${desk.port}/healthz`)).status).toBe(200);
    await Promise.all(ends);
    clearInterval(drip);
    expect((await fetch(`http://127.0.0.1:${desk.port}/healthz`)).status).toBe(200);
  });
});

describe.each(transports)('heads without an end, by %s', (choice) => {
  it('are shut out long before they have filled the memory', async () => {
    const desk = new GatewayDesk();
    await desk.serve(choice);
    const socket = connect(desk.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    let isOver = false;
    const end = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    void end.then(() => {
      isOver = true;
    });
    socket.write('GET /healthz HTTP/1.1\r\n');
    let sent = 0;
    for (; !isOver && sent < 1 << 20; sent += 4096) {
      await new Promise((resolve) => socket.write(`X-${sent}: ${'a'.repeat(4080)}\r\n`, resolve));
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.destroy();
    expect(sent).toBeLessThan(1 << 20);
    expect((await fetch(`http://127.0.0.1:${desk.port}/healthz`)).status).toBe(200);
    await desk.close();
  });
});

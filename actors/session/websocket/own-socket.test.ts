import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket as NetSocket, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Socket } from '../host.js';
import { hostWith } from '../node-host.js';
import { serverFrame } from '../testing/server-frames.js';
import { frameFaults } from './frame-fault.js';
import { Opcode } from './frame-reader.js';
import { acceptOf } from './handshake.js';
import { connectOwn, type OwnSocketOptions } from './own-socket.js';

const OPTIONS: OwnSocketOptions = { mostBytes: 4 << 20, checksText: true, handshakeMs: 10_000 };
const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** What a client hears, and a way to wait for so much of it. */
class Heard {
  readonly lines: string[] = [];
  readonly #waiting: { count: number; resume: () => void }[] = [];
  readonly handlers = {
    opened: () => this.#hear('opened'),
    frame: ({ bytes }: { bytes: Uint8Array }, start: number, end: number, isBinary: boolean) =>
      this.#hear(`${isBinary ? 'binary' : 'text'} ${Buffer.from(bytes.subarray(start, end)).toString('latin1')}`),
    closed: (why: string) => this.#hear(`closed ${why}`),
  };

  async atLeast(count: number): Promise<string[]> {
    if (this.lines.length < count) await new Promise<void>((resume) => this.#waiting.push({ count, resume }));
    return this.lines;
  }

  async closed(): Promise<string[]> {
    while (!this.lines.at(-1)?.startsWith('closed')) await this.atLeast(this.lines.length + 1);
    return this.lines;
  }

  #hear(line: string): void {
    this.lines.push(line);
    for (const { count, resume } of this.#waiting) if (this.lines.length >= count) resume();
  }
}

/** A server by the library, and a client of a kind that is connected to it. */
async function against(kind: 'own' | 'ws') {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  closers.push(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  await once(server, 'listening');
  const heard = new Heard();
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/path?with=query`;
  const arrived = once(server, 'connection') as Promise<[WebSocket, { url: string }]>;
  const client: Socket = hostWith(kind).connect(url, heard.handlers);
  closers.push(() => client.end());
  const [peer, request] = await arrived;
  await heard.atLeast(1);
  return { peer, client, heard, url: request.url };
}

/** A server of bare bytes: it answers the handshake, and then `serve` has the socket. */
async function bare(serve: (socket: NetSocket, key: string) => void): Promise<string> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (request) => {
      serve(socket, /Sec-WebSocket-Key: (\S+)/.exec(request.toString())?.[1] ?? '');
    });
  });
  server.listen(0, '127.0.0.1');
  closers.push(() => server.close());
  await once(server, 'listening');
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const accepted = (key: string): string =>
  `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(key)}\r\n\r\n`;

describe.each(['own', 'ws'] as const)("a client ('%s') of a server by the library", (kind) => {
  test('sends and hears texts of every form of length, the same both ways', async () => {
    const { peer, client, heard, url } = await against(kind);
    expect(url).toBe('/path?with=query');
    peer.on('message', (data, isBinary) => peer.send(data, { binary: isBinary }));
    const sizes = [0, 1, 2, 3, 4, 5, 125, 126, 127, 1000, 65_535, 65_536, 300_000];
    const sent = sizes.map((size, index) => String.fromCharCode(97 + index).repeat(size));
    for (const [index, text] of sent.entries()) client.send(index % 2 === 0 ? text : Buffer.from(text));
    expect(await heard.atLeast(1 + sent.length)).toEqual(['opened', ...sent.map((text) => `text ${text}`)]);
  });

  test('puts fragments together, passes binary on as such, and answers a ping between them', async () => {
    const { peer, heard } = await against(kind);
    peer.send('one ', { fin: false });
    peer.ping('still there?');
    peer.send('two ', { fin: false });
    peer.send('', { fin: false });
    peer.send('three', { fin: true });
    peer.send(Buffer.of(0, 255), { binary: true });
    const [pong] = (await once(peer, 'pong')) as [Buffer];
    expect(pong.toString()).toBe('still there?');
    expect(await heard.atLeast(3)).toEqual(['opened', 'text one two three', 'binary \u0000\u00ff']);
  });

  test('takes leave as the server asks, and says why', async () => {
    for (const [code, reason, why] of [
      [1001, 'maintenance', 'maintenance'],
      [4000, '', 'code 4000'],
    ] as const) {
      const { peer, heard } = await against(kind);
      const gone = once(peer, 'close') as Promise<[number]>;
      peer.close(code, reason);
      expect(await heard.closed()).toEqual(['opened', `closed ${why}`]);
      expect((await gone)[0]).toBe(code);
    }
  });

  test('notices a connection that breaks off', async () => {
    const { peer, heard } = await against(kind);
    peer.terminate();
    expect(await heard.closed()).toEqual(['opened', 'closed code 1006']);
  });

  test('ends at once when it is told to, and hears nothing more', async () => {
    const { peer, client, heard } = await against(kind);
    const gone = once(peer, 'close');
    client.end();
    for (let message = 0; message < 10; message++) peer.send('late');
    await gone;
    expect((await heard.closed()).length).toBe(2);
  });

  test('holds the server back while it does not read, and loses nothing', async () => {
    const { peer, client, heard } = await against(kind);
    client.pause();
    const parts = 400;
    for (let part = 0; part < parts; part++) peer.send(`${part}`.padEnd(50_000, '.'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(heard.lines.length).toBeLessThan(parts);
    client.resume();
    const lines = await heard.atLeast(1 + parts);
    expect(lines.slice(1).map((line) => Number(/\d+/.exec(line)![0]))).toEqual(
      Array.from({ length: parts }, (_, i) => i),
    );
  });

  test('says that nobody answers', async () => {
    const heard = new Heard();
    hostWith(kind).connect('ws://127.0.0.1:1/', heard.handlers);
    expect((await heard.closed())[0]).toContain('ECONNREFUSED');
  });
});

describe('our own client', () => {
  test('hears the same of a stream whose packets end at every byte, the handshake included', async () => {
    const stream = Buffer.concat([
      serverFrame({ opcode: Opcode.TEXT, payload: Buffer.from('first') }),
      serverFrame({ opcode: Opcode.TEXT, payload: Buffer.from('x'.repeat(200)), isFinal: false }),
      serverFrame({ opcode: Opcode.CONTINUATION, payload: Buffer.from('y') }),
      serverFrame({ opcode: Opcode.CLOSE, payload: Buffer.concat([Buffer.of(3, 0xe8), Buffer.from('done')]) }),
    ]);
    const expected = ['opened', 'text first', `text ${'x'.repeat(200)}y`, 'closed done'];
    const url = await bare((socket, key) => {
      socket.setNoDelay(true);
      const bytes = Buffer.concat([Buffer.from(accepted(key)), stream]);
      let at = 0;
      const next = (): void => {
        if (at < bytes.length) socket.write(bytes.subarray(at, ++at), () => setImmediate(next));
      };
      next();
    });
    const heard = new Heard();
    connectOwn(url, heard.handlers, OPTIONS);
    expect(await heard.closed()).toEqual(expected);
  });

  test('hears the same wherever a stream is cut in two', async () => {
    const stream = Buffer.concat([
      serverFrame({ opcode: Opcode.TEXT, payload: Buffer.from('first') }),
      serverFrame({ opcode: Opcode.CLOSE, payload: Buffer.concat([Buffer.of(3, 0xe8), Buffer.from('done')]) }),
    ]);
    let cut = 0;
    const url = await bare((socket, key) => {
      const bytes = Buffer.concat([Buffer.from(accepted(key)), stream]);
      const at = bytes.length - stream.length - 2 + cut;
      socket.setNoDelay(true);
      socket.write(bytes.subarray(0, at), () => setTimeout(() => socket.write(bytes.subarray(at)), 1));
    });
    for (; cut < stream.length + 2; cut++) {
      const heard = new Heard();
      connectOwn(url, heard.handlers, OPTIONS);
      expect(await heard.closed()).toEqual(['opened', 'text first', 'closed done']);
    }
  });

  test('masks what it sends, each frame otherwise, and closes with the code of what was wrong', async () => {
    const received: Buffer[] = [];
    const ended = new Promise<void>((resolve) => {
      bare((socket, key) => {
        socket.write(accepted(key));
        socket.on('data', (data: Buffer) => {
          received.push(data);
          if (Buffer.concat(received).length >= 22) socket.write(Buffer.of(0xf1, 0));
        });
        socket.on('close', () => resolve());
      }).then((url) => {
        const heard = new Heard();
        const client = connectOwn(
          url,
          {
            ...heard.handlers,
            opened: () => {
              client.send('hello');
              client.send('hello');
            },
          },
          OPTIONS,
        );
      });
    });
    await ended;
    const bytes = Buffer.concat(received);
    const unmasked = (at: number, length: number): string =>
      Buffer.from(
        bytes.subarray(at + 4, at + 4 + length).map((byte, index) => byte ^ bytes[at + (index & 3)]!),
      ).toString('latin1');
    expect([...bytes.subarray(0, 2), ...bytes.subarray(11, 13)]).toEqual([0x81, 0x85, 0x81, 0x85]);
    expect([unmasked(2, 5), unmasked(13, 5)]).toEqual(['hello', 'hello']);
    expect(bytes.subarray(2, 6).equals(bytes.subarray(13, 17))).toBe(false);
    expect([...bytes.subarray(22, 24)]).toEqual([0x88, 0x82]);
    expect(Buffer.from(unmasked(24, 2), 'latin1').readUInt16BE()).toBe(1002);
  });

  test.each([
    ['RESERVED_BITS', Buffer.of(0xf1, 0)],
    ['TOO_LONG', Buffer.of(0x81, 127, 0, 0, 0, 0, 0, 0xa0, 0, 0)],
    ['NOT_UTF8', Buffer.of(0x81, 1, 0xff)],
  ] as const)('gives a connection up by %s', async (fault, bytes) => {
    const url = await bare((socket, key) => {
      socket.write(accepted(key));
      socket.write(bytes);
      socket.write(serverFrame({ opcode: Opcode.TEXT, payload: Buffer.from('late') }));
    });
    const heard = new Heard();
    connectOwn(url, heard.handlers, OPTIONS);
    expect(await heard.closed()).toEqual(['opened', `closed ${frameFaults[fault].text} (${fault})`]);
  });

  test.each([
    ['ANSWER_NOT_HTTP', () => 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['ANSWER_NOT_HTTP', (key: string) => accepted(key).replace('Upgrade:', 'Upgrade')],
    ['NOT_SWITCHED: expected status 101, found 403 Forbidden', () => 'HTTP/1.1 403 Forbidden\r\n\r\n'],
    ['NOT_A_WEBSOCKET', (key: string) => accepted(key).replace('Upgrade: websocket', 'Upgrade: h2c')],
    ['NOT_A_WEBSOCKET', (key: string) => accepted(key).replace('Connection: Upgrade', 'Connection: close')],
    ['WRONG_ACCEPT', () => accepted('another')],
    ['NOT_ASKED_FOR', (key: string) => accepted(key).replace('\r\n\r\n', '\r\nSec-WebSocket-Protocol: x\r\n\r\n')],
    [
      'NOT_ASKED_FOR',
      (key: string) => accepted(key).replace('\r\n\r\n', '\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n'),
    ],
    ['ANSWER_TOO_LONG', () => 'x'.repeat(20_000)],
    ['it ended before it was a WebSocket', () => ''],
  ])('refuses an answer to its handshake by %s', async (fault, answer) => {
    const url = await bare((socket, key) => socket.end(answer(key)));
    const heard = new Heard();
    connectOwn(url, heard.handlers, OPTIONS);
    const [line, ...more] = await heard.closed();
    expect(line).toContain(`closed ${fault}`);
    expect(more).toEqual([]);
  });

  test('gives up a server that does not answer', async () => {
    const url = await bare(() => {});
    const heard = new Heard();
    connectOwn(url, heard.handlers, { ...OPTIONS, handshakeMs: 20 });
    expect(await heard.closed()).toEqual(['closed no WebSocket within 20 ms']);
  });

  test('speaks over TLS, and hears what came with the answer', async () => {
    // A key that both know in place of certificates, which would have to be made.
    const psk = Buffer.alloc(16, 7);
    const shared = { ciphers: 'PSK-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' as const };
    const server = createTlsServer({ ...shared, pskCallback: () => psk }, (socket) => {
      socket.on('error', () => {});
      socket.once('data', (request: Buffer) => {
        const key = /Sec-WebSocket-Key: (\S+)/.exec(request.toString())![1]!;
        const greeting = serverFrame({ opcode: Opcode.TEXT, payload: Buffer.from('hello') });
        socket.write(Buffer.concat([Buffer.from(accepted(key)), greeting]));
        for (let part = 0; part < 3; part++)
          socket.write(serverFrame({ opcode: Opcode.TEXT, payload: Buffer.alloc(100_000, 97 + part) }));
      });
    });
    server.listen(0, '127.0.0.1');
    closers.push(() => server.close());
    await once(server, 'listening');
    const heard = new Heard();
    const tls = { ...shared, pskCallback: () => ({ psk, identity: 'test' }), checkServerIdentity: () => undefined };
    const url = `wss://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const client = connectOwn(url, heard.handlers, { ...OPTIONS, tls });
    const lines = await heard.atLeast(5);
    expect(lines.slice(0, 2)).toEqual(['opened', 'text hello']);
    expect(lines.slice(2)).toEqual(['a', 'b', 'c'].map((letter) => `text ${letter.repeat(100_000)}`));
    client.end();
    await heard.closed();
  });

  test('refuses an address of another kind', () => {
    expect(() => connectOwn('http://venue/', new Heard().handlers, OPTIONS)).toThrow('begins with ws:// or wss://');
  });
});

import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HEADER_BYTES } from '../engine/runtime/edge/record.js';
import type { UntrustedStreamReader } from '../engine/runtime/edge/untrusted-stream-reader.js';
import {
  CommandCode,
  CommandWriter,
  commandChannelBytes,
  formatCommandChannel,
  readCommandChannel,
} from '../engine/runtime/peers/command-channel.js';
import { type Board, boardBytes, formatBoard } from '../engine/runtime/supervision/board.js';
import { EngineStateCode, RiskBan } from '../engine/runtime/supervision/engine-state.js';
import { KillReason } from '../engine/runtime/supervision/kill-reason.js';
import { OperatorCommand } from '../schemas/generated/operator-command.js';
import { EngineView } from './engine-view.js';
import { serve } from './http-server.js';

const TOKEN = 'the-token';
const plan = { threads: ['core'], actors: ['book'] };
const reads = ['/healthz', '/readyz', '/api/v1/state', '/api/v1/tops'];
const commandPaths = ['/api/v1/kill', '/api/v1/quoting/pause', '/api/v1/quoting/resume'];

let server: Server;
let board: Board;
let channel: UntrustedStreamReader;
let port: number;

beforeEach(async () => {
  const file = new SharedArrayBuffer(commandChannelBytes());
  formatCommandChannel(file, 'gateway', 1);
  channel = readCommandChannel(file);
  const writer = new CommandWriter(file, 'gateway', 0, 1, 0);
  board = formatBoard(new SharedArrayBuffer(boardBytes(plan)), plan, 1, [writer.words]);
  board.state = EngineStateCode.ACTIVE;
  server = serve({ host: '127.0.0.1', port: 0, token: TOKEN }, new EngineView(board, undefined), writer);
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const ask = (path: string, method = 'GET', token?: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
  });

/** What the server says to these bytes, whatever they are. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  socket.end(bytes);
  await once(socket, 'close');
  return text;
}

function given(): number[] {
  const codes: number[] = [];
  channel.poll((_type, buffer, offset) => {
    codes.push(new OperatorCommand().__init(offset + HEADER_BYTES, buffer).command());
  }, 1000);
  return codes;
}

describe('the gateway', () => {
  it.each(reads)('answers GET %s', async (path) => {
    const response = await ask(path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toBeTruthy();
    expect((await ask(path, 'HEAD')).status).toBe(200);
  });

  it.each(reads)('refuses to write %s, and says what it takes', async (path) => {
    const response = await ask(path, 'POST', TOKEN);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it.each(commandPaths)('takes POST %s with the token only', async (path) => {
    expect((await ask(path, 'GET', TOKEN)).headers.get('allow')).toBe('POST');
    for (const token of [undefined, '', 'wrong-tok', `${TOKEN}x`]) {
      expect((await ask(path, 'POST', token)).status).toBe(401);
    }
    expect([given(), board.killed()]).toEqual([[], KillReason.NONE]);
    expect((await ask(path, 'POST', TOKEN)).status).toBe(202);
  });

  it('passes a pause and a resumption on, and a kill past everything', async () => {
    await ask('/api/v1/quoting/pause', 'POST', TOKEN);
    await ask('/api/v1/quoting/resume', 'POST', TOKEN);
    expect(given()).toEqual([CommandCode.PAUSE, CommandCode.RESUME]);
    await ask('/api/v1/kill', 'POST', TOKEN);
    expect(board.killed()).toBe(KillReason.OPERATOR);
    expect(((await (await ask('/api/v1/state')).json()) as { killed: string }).killed).toMatch(/operator/);
  });

  it('says that it takes no command while the engine does not read them', async () => {
    const statuses = new Set<number>();
    for (let count = 0; count < 300; count++) statuses.add((await ask('/api/v1/quoting/pause', 'POST', TOKEN)).status);
    expect([...statuses]).toEqual([202, 503]);
  });

  it('is not ready unless the engine is active', async () => {
    board.forbidRisk(RiskBan.LOG_FULL);
    const response = await ask('/readyz');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ title: 'the engine is reducing' });
    expect(await (await ask('/api/v1/state')).json()).toMatchObject({ reducing: ['the log is half full'] });
  });

  it.each(['/', '/api', '/api/v1/state/', '/constructor', '/__proto__', '/api/v1/%6bill'])(
    'has nothing at %s',
    async (path) => {
      expect((await ask(path)).status).toBe(404);
      expect((await ask(path, 'POST', TOKEN)).status).toBe(404);
    },
  );

  it.each([
    ['a URL of 20 kB', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, /^HTTP\/1.1 431 /],
    ['no HTTP at all', 'hello\r\n\r\n', /^HTTP\/1.1 400 /],
    ['a path without a slash', 'GET constructor HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1.1 40[04] /],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', /^HTTP\/1.1 404 /],
    ['two lengths', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n', /^HTTP\/1.1 400 /],
  ])('survives %s', async (_name, bytes, answer) => {
    expect(await raw(bytes)).toMatch(answer);
    expect((await ask('/healthz')).status).toBe(200);
  });
});

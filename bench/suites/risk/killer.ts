import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { createMappedFile, createPeerFile, mappedFilesUnavailable } from '../../../engine/runtime/arena/mapped-file.js';
import { createRunFolder, removeRunFolder } from '../../../engine/runtime/arena/run-folder.js';
import { newEpoch } from '../../../engine/runtime/clock/monotonic-clock.js';
import { commandChannelBytes, formatCommandChannel } from '../../../engine/runtime/peers/command-channel.js';
import { PeerHost } from '../../../engine/runtime/peers/peer-host.js';
import { boardBytes, formatBoard } from '../../../engine/runtime/supervision/board.js';
import { EngineStateCode } from '../../../engine/runtime/supervision/engine-state.js';
import { KillReason } from '../../../engine/runtime/supervision/kill-reason.js';
import type { BenchResult } from '../../report.js';
import { distributionOf } from '../../rig/distribution.js';

const TRIGGERS = 200;
/** The first ones run code that was never compiled. */
const WARM_UP = 20;
/** The venue's credits let the killer ask this often; between two triggers the latch is opened again. */
const PAUSE_MS = 160;
const PLAN = { threads: ['core'], actors: ['sequencer', 'recorder'] };
const ENGINE_RUN = 1;

/** A venue that answers what the killer asks, and notes when a cancel arrives. */
class CancelVenue {
  readonly #server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  /** Called when the first bytes of a cancel are here. */
  onCancel: () => void = () => {};
  /** Called when somebody is signed on. */
  onReady: () => void = () => {};

  async listen(): Promise<string> {
    this.#server.on('connection', (socket) => socket.on('message', (data) => this.#answer(socket, data.toString())));
    if (this.#server.address() === null) await once(this.#server, 'listening');
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
  }

  #answer(socket: WebSocket, text: string): void {
    if (text.includes('private/cancel')) this.onCancel();
    const { id, method } = JSON.parse(text) as { id: number; method: string };
    const results: Record<string, unknown> = {
      'public/get_time': Date.now(),
      'public/auth': { access_token: 'token', expires_in: 3600, token_type: 'bearer' },
      'private/get_open_orders': [],
    };
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, result: results[method] ?? 0 }));
    if (method === 'public/set_heartbeat') this.onReady();
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** From the latch being set in the engine's memory to the cancel at the venue's socket: the killer is a process of its own. */
export async function killerReaction(progress: (line: string) => void): Promise<BenchResult> {
  const name = 'from the latch to the cancel at the socket';
  const unavailable = mappedFilesUnavailable();
  if (unavailable !== undefined) return { name, unit: 'ms', note: `not measured: ${unavailable}` };
  const venue = new CancelVenue();
  const url = await venue.listen();
  const run = createRunFolder(ENGINE_RUN);
  const file = createMappedFile(run, 'board', boardBytes(PLAN));
  const commands = createPeerFile(run, 'commands-killer', commandChannelBytes());
  formatCommandChannel(commands.memory, 'killer', ENGINE_RUN);
  const board = formatBoard(file.memory, PLAN, ENGINE_RUN, [new Int32Array(commands.memory)]);
  board.state = EngineStateCode.ACTIVE;
  const host = new PeerHost(
    new URL('../../../actors/killer/main.js', import.meta.url).href,
    {
      name: 'killer',
      peer: 0,
      engineRun: ENGINE_RUN,
      epoch: newEpoch(),
      board: { kind: 'file', path: file.path, bytes: boardBytes(PLAN) },
      boardPlan: PLAN,
      shown: [],
      commands: { kind: 'file', path: commands.path, bytes: commandChannelBytes() },
      start: 0,
      settings: { venue: { url, credentials: { grant: 'client_credentials', clientId: 'k', clientSecret: 's' } } },
    },
    { note: () => {} },
  );
  // The engine is alive: whoever watches it must see nothing but the latch.
  const heart = setInterval(() => board.beat(), 20);
  try {
    const ready = new Promise<void>((resolve) => {
      venue.onReady = resolve;
    });
    host.start();
    await ready;
    const samples = new Float64Array(TRIGGERS);
    for (let trigger = -WARM_UP; trigger < TRIGGERS; trigger++) {
      await pause(PAUSE_MS);
      const arrived = new Promise<number>((resolve) => {
        venue.onCancel = () => {
          venue.onCancel = () => {};
          resolve(performance.now());
        };
      });
      const set = performance.now();
      board.kill(KillReason.OPERATOR);
      const ms = (await arrived) - set;
      if (trigger >= 0) samples[trigger] = ms;
      board.rearm();
      if (trigger % 50 === 0) progress(`risk: ${trigger} triggers of the killer`);
    }
    return {
      name,
      unit: 'ms',
      ...distributionOf(samples),
      note: `${TRIGGERS} triggers; killer and venue are processes on the loopback interface; bar: 99th percentile 5 ms`,
    };
  } finally {
    clearInterval(heart);
    await host.stop();
    venue.close();
    removeRunFolder(run);
  }
}

import { createRequire } from 'node:module';
import type { WebSocket as LibrarySocket } from 'ws';
import { FrameMemory } from '../feed/wire/frame-memory.js';
import type { SessionHost, Socket, SocketHandlers } from './host.js';
import { connectOwn } from './websocket/own-socket.js';

/** Longest message that a venue may send: a whole list of instruments is half of it. */
const MOST_MESSAGE_BYTES = 4 << 20;
const HANDSHAKE_MS = 10_000;

/** Which WebSocket: `own` makes no object for a frame; `ws` is the library that everybody uses. */
export type SocketKind = 'own' | 'ws';

const SOCKET: SocketKind = 'own';

/** The world outside as Node has it. */
export function hostWith(socket: SocketKind = SOCKET): SessionHost {
  return {
    nowMs: () => performance.now(),
    random: () => Math.random(),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    connect: socket === 'own' ? connectAsOwn : connectByLibrary,
  };
}

export const nodeHost: SessionHost = hostWith();

/** Text is checked by the decoder, which refuses one frame and not the connection. */
function connectAsOwn(url: string, handlers: SocketHandlers): Socket {
  return connectOwn(url, handlers, {
    mostBytes: MOST_MESSAGE_BYTES,
    checksText: false,
    handshakeMs: HANDSHAKE_MS,
  });
}

/** Loaded with its first socket alone: a thread that has the other kind starts a tenth of a second sooner without it. */
const load = createRequire(import.meta.url);

/** Frames of `ws` on their way to whoever reads them: one at a time, so one memory for all sockets of the thread. */
const passing = new FrameMemory(MOST_MESSAGE_BYTES);

/** `ws` sets TCP_NODELAY itself. */
function connectByLibrary(url: string, handlers: SocketHandlers): Socket {
  const { WebSocket } = load('ws') as { WebSocket: typeof LibrarySocket };
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    skipUTF8Validation: true,
    maxPayload: MOST_MESSAGE_BYTES,
    handshakeTimeout: HANDSHAKE_MS,
  });
  let why = '';
  socket.on('open', () => handlers.opened());
  // One buffer a message: the default binary type, and a client never gets fragments.
  socket.on('message', (data, isBinary) => handlers.frame(passing, 0, passing.load(data as Buffer), isBinary));
  socket.on('error', (error) => {
    why = error.message;
  });
  socket.on('close', (code, reason) => handlers.closed(why || reason.toString() || `code ${code}`));
  return {
    // Masking copies what is given, so that a buffer may be used again at once.
    send: (data) => socket.send(data, { binary: false }),
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    end: () => socket.terminate(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
}

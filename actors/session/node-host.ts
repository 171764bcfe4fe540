import { WebSocket } from 'ws';
import type { SessionHost, Socket, SocketHandlers } from './host.js';

/** Longest message that a venue may send: a whole list of instruments is half of it. */
const MOST_MESSAGE_BYTES = 4 << 20;
const HANDSHAKE_MS = 10_000;

/** The world outside as Node has it. */
export const nodeHost: SessionHost = {
  nowMs: () => performance.now(),
  random: () => Math.random(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  connect,
};

/** `ws` sets TCP_NODELAY itself. Text is checked by the decoder, which refuses one frame and not the connection. */
function connect(url: string, handlers: SocketHandlers): Socket {
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    skipUTF8Validation: true,
    maxPayload: MOST_MESSAGE_BYTES,
    handshakeTimeout: HANDSHAKE_MS,
  });
  let why = '';
  socket.on('open', () => handlers.opened());
  // One buffer a message: the default binary type, and a client never gets fragments.
  socket.on('message', (data, isBinary) => handlers.frame(data as Buffer, isBinary));
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

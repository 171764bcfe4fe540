// Stands in the page itself: the socket and the session are on their way while the terminal's script still comes.
import { type Early, isSignedInOtherwise, SUBPROTOCOL, socketUrl } from './net/early.js';

const early: Early = {
  socket: new WebSocket(socketUrl(), SUBPROTOCOL),
  session: isSignedInOtherwise()
    ? undefined
    : fetch('/api/v1/session', { headers: { accept: 'application/json' } }).catch(() => undefined),
};
globalThis.early = early;

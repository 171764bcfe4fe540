/** Entry of the venue's peer: a WebSocket server that answers each order with a text as long as a venue's. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

const TAIL = `,"result":{"order":{"order_id":"1","pad":"${'x'.repeat(560)}"}}}`;

const http = createServer();
const sockets = new WebSocketServer({ server: http, perMessageDeflate: false });
sockets.on('connection', (socket) => {
  socket.on('message', (data: Buffer) => {
    const id = /"id":(\d+)/.exec(data.toString('latin1'))?.[1] ?? '0';
    socket.send(`{"jsonrpc":"2.0","id":${id}${TAIL}`);
  });
});
http.listen(0, '127.0.0.1', () => process.send?.((http.address() as AddressInfo).port));
process.once('disconnect', () => process.exit(0));

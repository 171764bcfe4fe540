/**
 * A thread that is a venue to whoever connects: it answers the handshake and sends the same frames over and over, as fast as they
 * are read, until it is told to stop or so many have left.
 */
import { createHash } from 'node:crypto';
import { type AddressInfo, createServer } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

export interface SenderData {
  /** Texts of the messages, in turn. */
  texts: string[];
  /** Messages that a client gets before its connection is closed. */
  messages: number;
}

const { texts, messages } = workerData as SenderData;
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** Bytes of one write: several readings of a socket. */
const WRITE_BYTES = 256 * 1024;

function frameOf(text: string): Buffer {
  const payload = Buffer.from(text);
  const short = payload.length < 126;
  const header = Buffer.alloc(short ? 2 : 4);
  header[0] = 0x81;
  header[1] = short ? payload.length : 126;
  if (!short) header.writeUInt16BE(payload.length, 2);
  return Buffer.concat([header, payload]);
}

const frames = texts.map(frameOf);
const around = Buffer.concat(frames);
const rounds = Math.max(1, Math.round(WRITE_BYTES / around.length));
const burst = Buffer.concat(Array.from({ length: rounds }, () => around));
const bursts = Math.ceil(messages / (rounds * frames.length));

const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.once('data', (request: Buffer) => {
    const key = /Sec-WebSocket-Key: (\S+)/i.exec(request.toString())![1]!;
    const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    let sent = 0;
    const send = (): void => {
      while (sent < bursts) {
        sent++;
        if (!socket.write(burst)) {
          socket.once('drain', send);
          return;
        }
      }
      socket.end();
    };
    send();
  });
});
server.listen(0, '127.0.0.1', () => parentPort!.postMessage((server.address() as AddressInfo).port));

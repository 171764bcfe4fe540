import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  type HttpAnswer,
  type HttpRequest,
  MAX_BODY_BYTES,
  MAX_BUFFERED_BYTES,
  MAX_HEADER_BYTES,
  offersSubprotocol,
  problemAnswer,
  REQUEST_MS,
  type Service,
  SOCKET_PATH,
  type Socket,
  SUBPROTOCOL,
  TOO_LARGE,
  type Transport,
  type TransportSettings,
} from './transport.js';

const NOTHING = new Uint8Array(0);

/** HTTP by Node.js, WebSockets by `ws`: runs everywhere. */
export class NodeTransport implements Transport {
  readonly name = 'ws';
  readonly server: Server;
  private readonly settings: TransportSettings;
  private readonly service: Service;
  private readonly sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_BODY_BYTES,
    perMessageDeflate: false,
    handleProtocols: () => SUBPROTOCOL,
  });

  constructor(settings: TransportSettings, service: Service) {
    this.settings = settings;
    this.service = service;
    const { tls, requestMs = REQUEST_MS } = settings;
    const options = {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: requestMs,
      requestTimeout: requestMs,
      // Node looks for who is too slow twice a minute unless it is told otherwise.
      connectionsCheckingInterval: requestMs / 4,
    };
    this.server =
      tls === undefined
        ? createServer(options)
        : createSecureServer({ ...options, cert: readFileSync(tls.certificate), key: readFileSync(tls.key) });
    this.server.on('request', (request: IncomingMessage, response: ServerResponse) =>
      this.onRequest(request, response),
    );
    this.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.onUpgrade(request, socket, head);
    });
  }

  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.settings.port, this.settings.host, () => {
        resolve((this.server.address() as AddressInfo).port);
      });
    });
  }

  async close(): Promise<void> {
    for (const socket of this.sockets.clients) socket.terminate();
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
  }

  private onRequest(request: IncomingMessage, response: ServerResponse): void {
    // Most requests have no body: nothing to wait for.
    const declared = Number(request.headers['content-length'] ?? (request.headers['transfer-encoding'] ? 1 : 0));
    if (declared > MAX_BODY_BYTES) {
      response.shouldKeepAlive = false;
      send(response, TOO_LARGE);
      request.resume();
      return;
    }
    if (declared === 0) {
      this.respond(requestOf(request, NOTHING), response);
      return;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
      else if (!response.headersSent) {
        response.shouldKeepAlive = false;
        send(response, TOO_LARGE);
      }
    });
    request.on('end', () => {
      if (bytes <= MAX_BODY_BYTES) this.respond(requestOf(request, Buffer.concat(chunks)), response);
    });
  }

  private respond(request: HttpRequest, response: ServerResponse): void {
    const answer = this.service.answer(request);
    if (answer instanceof Promise) void answer.then((later) => send(response, later));
    else send(response, answer);
  }

  private onUpgrade(incoming: IncomingMessage, connection: Duplex, head: Buffer): void {
    const request = requestOf(incoming, NOTHING);
    const refusal =
      request.path !== SOCKET_PATH
        ? problemAnswer(404, `there is no WebSocket at ${request.path.slice(0, 80)}`)
        : offersSubprotocol(request.header('sec-websocket-protocol'))
          ? this.service.refuseUpgrade(request)
          : problemAnswer(400, `the subprotocol is ${SUBPROTOCOL}`);
    connection.on('error', () => {});
    if (refusal !== undefined) {
      connection.end(
        `HTTP/1.1 ${refusal.status} Refused\r\nconnection: close\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(refusal.body as string)}\r\n\r\n${refusal.body as string}`,
      );
      return;
    }
    this.sockets.handleUpgrade(incoming, connection, head, (socket) => this.onSocket(socket, request.remote));
  }

  private onSocket(socket: WebSocket, remote: string): void {
    const end = this.service.connected(new NodeSocket(socket, remote));
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) end.onBinary();
      else end.onText(data.toString());
    });
    socket.on('close', () => end.onClosed());
    // What is no WebSocket frame closes the socket; the event must have a listener.
    socket.on('error', () => {});
  }
}

class NodeSocket implements Socket {
  readonly remote: string;
  private readonly socket: WebSocket;

  constructor(socket: WebSocket, remote: string) {
    this.socket = socket;
    this.remote = remote;
  }

  send(message: string | Uint8Array): boolean {
    const { socket } = this;
    if (socket.readyState !== socket.OPEN) return false;
    if (socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      socket.terminate();
      return false;
    }
    socket.send(message, { binary: typeof message !== 'string' });
    return true;
  }

  sendAll(messages: readonly Uint8Array[]): void {
    for (const message of messages) if (!this.send(message)) return;
  }

  buffered(): number {
    return this.socket.bufferedAmount;
  }

  close(code: number, reason: string): void {
    this.socket.close(code, reason.slice(0, 120));
  }
}

function requestOf(request: IncomingMessage, body: Uint8Array): HttpRequest {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  return {
    method: request.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    header: (name) => {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join(', ') : (value ?? '');
    },
    remote: request.socket.remoteAddress ?? '',
    body,
  };
}

function send(response: ServerResponse, { status, headers, body, id }: HttpAnswer): void {
  const known = id === undefined ? {} : { 'x-request-id': id };
  response.writeHead(status, { ...headers, ...known, 'content-length': Buffer.byteLength(body) });
  // Node.js itself keeps the body of an answer to HEAD back.
  response.end(body);
}

import type {
  HttpResponse,
  TemplatedApp,
  HttpRequest as UwsRequest,
  us_listen_socket,
  WebSocket,
} from 'uWebSockets.js';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import {
  type HttpAnswer,
  type HttpRequest,
  MAX_BODY_BYTES,
  MAX_BUFFERED_BYTES,
  offersSubprotocol,
  problemAnswer,
  type Service,
  SOCKET_PATH,
  type Socket,
  type SocketEnd,
  SUBPROTOCOL,
  TOO_LARGE,
  type Transport,
  type TransportSettings,
} from './transport.js';

type Uws = typeof import('uWebSockets.js');

/**
 * SHA-256 of the binaries that may be loaded, by platform, processor and Node's ABI. The package is a republication by a third
 * party, so what is loaded is what was looked at, whatever the registry gives out. Those for newer ABIs need glibc 2.38.
 */
const KNOWN_BINARIES: Record<string, string> = {
  linux_x64_115: 'f4fa5d7b697529b45ac8aa3d57385d9af51bc1d2b26aa9f5b68ca4361542e665',
  linux_x64_137: '3b549c14e01d9d1faf234cdf4b6f0fb08158605e3692cd0eb1b905e327bd3449',
};

/** uWebSockets.js, where its binary is one that is known and loads here; else why not. */
export function loadUws(): { uws: Uws } | { why: string } {
  const require = createRequire(import.meta.url);
  const name = `${process.platform}_${process.arch}_${process.versions.modules}`;
  const expected = KNOWN_BINARIES[name];
  if (expected === undefined) return { why: `no binary of uWebSockets.js for ${name} is known` };
  try {
    const entry = require.resolve('uWebSockets.js');
    const binary = join(dirname(entry), `uws_${name}.node`);
    if (!existsSync(binary)) return { why: `uWebSockets.js has no binary for ${name}` };
    const found = createHash('sha256').update(readFileSync(binary)).digest('hex');
    if (found !== expected)
      return { why: `the binary of uWebSockets.js is not the known one: its SHA-256 is ${found}` };
    return { uws: require('uWebSockets.js') as Uws };
  } catch (error) {
    return { why: `uWebSockets.js does not load: ${(error as Error).message.split('\n')[0]}` };
  }
}

type Listen = (host: string, port: number, options: number, done: (token: us_listen_socket | false) => void) => void;
const LISTEN_EXCLUSIVE = 1;

/** What stands on a socket. It is the socket object itself that has these fields, so none may be called like a method of it. */
interface Opened {
  remote: string;
  client?: SocketEnd;
  wrapped?: UwsSocket;
}

/** HTTP and WebSockets by uWebSockets.js. */
export class UwsTransport implements Transport {
  readonly name = 'uWebSockets.js';
  private readonly app: TemplatedApp;
  private readonly uws: Uws;
  private readonly settings: TransportSettings;
  private readonly service: Service;

  constructor(uws: Uws, settings: TransportSettings, service: Service) {
    this.uws = uws;
    this.settings = settings;
    this.service = service;
    const { tls } = settings;
    this.app = tls === undefined ? uws.App() : uws.SSLApp({ cert_file_name: tls.certificate, key_file_name: tls.key });
    this.app.ws<Opened>(SOCKET_PATH, {
      maxPayloadLength: MAX_BODY_BYTES,
      maxBackpressure: MAX_BUFFERED_BYTES,
      closeOnBackpressureLimit: 1,
      idleTimeout: 60,
      sendPingsAutomatically: true,
      upgrade: (response, request, context) => {
        const asked = requestOf(request, remoteOf(response), NOTHING);
        const protocols = asked.header('sec-websocket-protocol');
        const refusal = offersSubprotocol(protocols)
          ? this.service.refuseUpgrade(asked)
          : problemAnswer(400, `the subprotocol is ${SUBPROTOCOL}`);
        if (refusal !== undefined) {
          write(response, refusal, 'GET');
          return;
        }
        response.upgrade<Opened>(
          { remote: asked.remote },
          asked.header('sec-websocket-key'),
          SUBPROTOCOL,
          asked.header('sec-websocket-extensions'),
          context,
        );
      },
      open: (socket) => {
        const data = socket.getUserData();
        data.wrapped = new UwsSocket(socket, data.remote);
        data.client = this.service.connected(data.wrapped);
      },
      message: (socket, message, isBinary) => {
        const { client } = socket.getUserData();
        if (isBinary) client?.onBinary();
        else client?.onText(decoder.decode(message));
      },
      close: (socket) => {
        const { client, wrapped } = socket.getUserData();
        wrapped?.gone();
        client?.onClosed();
      },
    });
    this.app.any('/*', (response, request) => this.onRequest(response, request));
  }

  listen(): Promise<number> {
    const { host, port } = this.settings;
    return new Promise((resolve, reject) => {
      // Exclusive: without it the system lets two processes listen on one port. The types know this form with a port alone.
      (this.app.listen as unknown as Listen).call(this.app, host, port, LISTEN_EXCLUSIVE, (token) => {
        if (token === false) reject(Object.assign(new Error('cannot listen'), { code: 'EADDRINUSE' }));
        else resolve(this.uws.us_socket_local_port(token));
      });
    });
  }

  close(): Promise<void> {
    this.app.close();
    return Promise.resolve();
  }

  private onRequest(response: HttpResponse, uwsRequest: UwsRequest): void {
    const method = uwsRequest.getMethod().toUpperCase();
    const declared = Number(
      uwsRequest.getHeader('content-length') || (uwsRequest.getHeader('transfer-encoding') ? 1 : 0),
    );
    // The request is gone after this call: what is asked later must be read now.
    const request = requestOf(uwsRequest, remoteOf(response), NOTHING);
    let aborted = false;
    // Always: what cannot be written in one piece is not over when this call is.
    response.onAborted(() => {
      aborted = true;
    });
    const respond = (answer: HttpAnswer): void => {
      if (!aborted) response.cork(() => write(response, answer, method));
    };
    if (declared > MAX_BODY_BYTES) {
      write(response, TOO_LARGE, method);
      return;
    }
    if (declared === 0) {
      const answer = this.service.answer(request);
      if (!(answer instanceof Promise)) {
        // Most questions are answered at once, within the call that brought them: what is written is one write.
        write(response, answer, method);
        return;
      }
      void answer.then(respond);
      return;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.onData((chunk, isLast) => {
      bytes += chunk.byteLength;
      if (bytes > MAX_BODY_BYTES) {
        if (!aborted) response.cork(() => write(response, TOO_LARGE, method, true));
        aborted = true;
        return;
      }
      // The chunk's memory is taken back after this call.
      chunks.push(Buffer.from(new Uint8Array(chunk.slice(0))));
      if (!isLast || aborted) return;
      const answer = this.service.answer({ ...request, body: Buffer.concat(chunks) });
      if (answer instanceof Promise) void answer.then(respond);
      else respond(answer);
    });
  }
}

class UwsSocket implements Socket {
  readonly remote: string;
  private socket: WebSocket<Opened> | undefined;

  constructor(socket: WebSocket<Opened>, remote: string) {
    this.socket = socket;
    this.remote = remote;
  }

  send(message: string | Uint8Array): boolean {
    if (this.socket === undefined) return false;
    // 2: dropped, and the socket is being closed for it.
    return this.socket.send(message, typeof message !== 'string') !== 2;
  }

  sendAll(messages: readonly Uint8Array[]): void {
    this.socket?.cork(() => {
      // One that is dropped closes the socket.
      for (const message of messages) if (this.socket?.send(message, true) === 2) return;
    });
  }

  buffered(): number {
    return this.socket?.getBufferedAmount() ?? 0;
  }

  close(code: number, reason: string): void {
    this.socket?.end(code, reason.slice(0, 120));
  }

  /** Any use after this would be an error. */
  gone(): void {
    this.socket = undefined;
  }
}

const decoder = new TextDecoder();
const NOTHING = new Uint8Array(0);

function remoteOf(response: HttpResponse): string {
  return decoder.decode(response.getRemoteAddressAsText());
}

function requestOf(request: UwsRequest, remote: string, body: Uint8Array): HttpRequest {
  const headers = new Map<string, string>();
  request.forEach((name, value) => {
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  });
  return {
    method: request.getMethod().toUpperCase(),
    path: request.getUrl(),
    query: request.getQuery() ?? '',
    header: (name) => headers.get(name) ?? '',
    remote,
    body,
  };
}

const reasons: Record<number, string> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  421: 'Misdirected Request',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

function write(response: HttpResponse, { status, headers, body, id }: HttpAnswer, method: string, close = false): void {
  // What is not said otherwise is 200 OK.
  if (status !== 200) response.writeStatus(`${status} ${reasons[status] ?? 'Answer'}`);
  for (const name in headers) response.writeHeader(name, headers[name]!);
  if (id !== undefined) response.writeHeader('x-request-id', id);
  if (method === 'HEAD') response.endWithoutBody(Buffer.byteLength(body), close);
  else if (status === 304) response.endWithoutBody(undefined, close);
  else response.end(body, close);
}

/** What is asked over HTTP, read whole. */
export interface HttpRequest {
  method: string;
  /** Path without the query, as it stands in the request: nothing is decoded. */
  path: string;
  /** What follows the question mark; empty where nothing does. */
  query: string;
  /** A header by its lower-case name; empty where there is none. */
  header(name: string): string;
  /** Address of the other side. */
  remote: string;
  body: Uint8Array;
}

export interface HttpAnswer {
  status: number;
  headers?: Readonly<Record<string, string>>;
  body: string | Uint8Array;
  /** Id of the request, which the answer bears. */
  id?: string;
}

/** One WebSocket. */
export interface Socket {
  readonly remote: string;
  /** False where the socket takes no more, or is closed. Text for strings, binary for bytes. */
  send(message: string | Uint8Array): boolean;
  /** Several binary messages, in one write where the transport can. */
  sendAll(messages: readonly Uint8Array[]): void;
  /** Bytes that wait in this process. */
  buffered(): number;
  close(code: number, reason: string): void;
}

/** What becomes of a WebSocket's messages. */
export interface SocketEnd {
  onText(text: string): void;
  onBinary(): void;
  onClosed(): void;
}

/** What answers; the same for every transport. */
export interface Service {
  /** Throws nothing. */
  answer(request: HttpRequest): HttpAnswer | Promise<HttpAnswer>;
  /** What refuses an upgrade; undefined where it may go on. */
  refuseUpgrade(request: HttpRequest): HttpAnswer | undefined;
  connected(socket: Socket): SocketEnd;
}

export interface TransportSettings {
  host: string;
  port: number;
  /** Files of certificate and key in PEM; plain HTTP without. */
  tls?: { certificate: string; key: string };
  /** Milliseconds that a request may take to arrive, by `ws`; uWebSockets.js has its own ten seconds. */
  requestMs?: number;
}

/** HTTP and WebSocket, whatever carries them. */
export interface Transport {
  readonly name: string;
  /** The port that it listens on. */
  listen(): Promise<number>;
  close(): Promise<void>;
}

export const SUBPROTOCOL = 'volfilter.v1';
export const SOCKET_PATH = '/api/v1/ws';
/** Largest body of a request, and largest message of a client. */
export const MAX_BODY_BYTES = 64 * 1024;
/** Largest head of a request. */
export const MAX_HEADER_BYTES = 16 * 1024;
/** A client that does not take this much is closed: what is sent is bounded long before. */
export const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
/** Time that a request may take to arrive. */
export const REQUEST_MS = 10_000;

export const TOO_LARGE: HttpAnswer = problemAnswer(413, `a request may have ${MAX_BODY_BYTES} bytes of body`);

/** An error as RFC 9457 wants it. */
export function problemAnswer(
  status: number,
  title: string,
  headers: Record<string, string> = {},
  more: Record<string, unknown> = {},
): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
    body: `${JSON.stringify({ type: 'about:blank', title, status, ...more })}\n`,
  };
}

/** Whether a list of subprotocols, as the client's header has it, holds ours. */
export function offersSubprotocol(header: string): boolean {
  return header.split(',').some((name) => name.trim() === SUBPROTOCOL);
}

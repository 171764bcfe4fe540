import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Frame, MOST_REQUESTS_WAITING, type VenueConnection } from '../connection.js';
import { HttpCall } from '../http.js';
import { MOST_REQUEST_BYTES } from '../rpc/request.js';
import type { Venue } from '../venue.js';
import { Turns } from './turns.js';

/** Where in a turn no other piece of work begins, microseconds: the longest piece must end before the limit. */
const WORK_UNTIL_MICROS = 12;
/** How often the venue looks at its clock when nothing is to be done, milliseconds. */
const LOOK_MS = 2;
/** Who has so much waiting to be read is cut, bytes. */
const MOST_UNREAD_BYTES = 16 << 20;
/** Frames beyond what the venue takes are read this far, to be refused in words. */
const MOST_FRAME_BYTES = 4 * MOST_REQUEST_BYTES;
const MOST_CONNECTIONS = 64;
const MOST_HTTP_CALLS = 256;
/** Bytes of a long answer that are written in one turn. */
const PIECE_BYTES = 16 << 10;

interface Client {
  socket: WebSocket;
  /** What the socket writes to. */
  stream: Duplex;
  connection: VenueConnection;
  /** Messages, or parts of long ones, that wait for a turn. */
  waiting: { text: string; isLast: boolean }[];
  waitingAt: number;
  waitingBytes: number;
  isPaused: boolean;
  /** It did not read, and is told nothing more. */
  isCut: boolean;
}

interface HttpTask {
  call: HttpCall;
  response: ServerResponse;
}

/**
 * The venue on sockets of the loopback interface. Each turn of its thread does pieces of work as long as it is short: whoever
 * shares the core waits for no more than one.
 */
export class VenueServer {
  readonly turns = new Turns(() => this.#didLast());
  /** Clients that were cut because they did not read. */
  slowReaders = 0;
  readonly #venue: Venue;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #clients = new Set<Client>();
  readonly #writing: Client[] = [];
  /** The client that this turn writes to, and how much. */
  #corked: Client | undefined;
  #corkedBytes = 0;
  readonly #tasks: HttpTask[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isScheduled = false;
  #isClosed = false;
  /** What the turn at hand did last. */
  #did: 'receive' | 'venue' | 'encode' | 'send' | 'http' | 'look' = 'look';

  constructor(venue: Venue) {
    this.#venue = venue;
    venue.driverCounters = () => this.#counters();
    this.#http = createServer((request, response) => this.#take(request, response));
    this.#sockets = new WebSocketServer({
      server: this.#http,
      perMessageDeflate: false,
      maxPayload: MOST_FRAME_BYTES,
      // One message a turn.
      allowSynchronousEvents: false,
      clientTracking: false,
    });
    this.#sockets.on('connection', (socket, request) => this.#connect(socket, request.socket));
  }

  /** Listens on 127.0.0.1 and lives from then on; resolves with the port. @param port 0 for any that is free */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(port, '127.0.0.1', resolve);
    });
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    return (this.#http.address() as AddressInfo).port;
  }

  /** Ends all connections and stops to listen. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.turns.close();
    clearInterval(this.#timer);
    for (const { socket } of this.#clients) socket.terminate();
    this.#sockets.close();
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  #counters(): Record<string, unknown> {
    return { ...this.turns.counters(), slow_readers: this.slowReaders };
  }

  /** In words. */
  #didLast(): string {
    return this.#did === 'venue' ? this.#venue.didLast() : this.#did;
  }

  #connect(socket: WebSocket, stream: Duplex): void {
    if (this.#clients.size >= MOST_CONNECTIONS) {
      socket.close(1013, 'too many connections');
      return;
    }
    const client = {
      socket,
      stream,
      waiting: [],
      waitingAt: 0,
      waitingBytes: 0,
      isPaused: false,
      isCut: false,
    } as unknown as Client;
    client.connection = this.#venue.connect(
      {
        send: (frame) => this.#send(client, frame),
        end: (why, isAbrupt) => this.#end(client, why, isAbrupt),
      },
      this.#venue.machineNow(),
    );
    this.#clients.add(client);
    socket.on('message', (data, isBinary) => this.#receive(client, data as Buffer, isBinary));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      client.connection.end('closed', '');
      this.#clients.delete(client);
      this.#schedule();
    });
  }

  #receive(client: Client, data: Buffer, isBinary: boolean): void {
    const { turns } = this;
    const venue = this.#venue;
    const { connection, socket } = client;
    this.#did = 'receive';
    turns.begin();
    const now = venue.machineNow();
    // What is binary is no request: it is refused as any other that cannot be read.
    connection.receive(isBinary ? '\u0000' : data.toString(), now);
    venue.hasRequests(connection);
    if (connection.waiting >= MOST_REQUESTS_WAITING && !client.isPaused) {
      client.isPaused = true;
      socket.pause();
    }
    // Who waits for nobody is served at once. Writing the answer takes as long again, and is the next turn's.
    if (connection.waiting === 1 && !venue.isMidway && !venue.hasEarlier(now) && connection.hasWork(now)) {
      this.#did = 'venue';
      venue.serve(connection, now);
      while (venue.isMidway && turns.micros < WORK_UNTIL_MICROS) venue.goOn();
    }
    turns.end();
    this.#schedule();
  }

  #send(client: Client, frame: Frame): void {
    if (client.connection.hasEnded && client.socket.readyState !== client.socket.OPEN) return;
    if (client.waitingAt === client.waiting.length && !this.#writing.includes(client)) this.#writing.push(client);
    if (typeof frame === 'string') this.#queue(client, frame, true);
    else {
      let part = '';
      for (const piece of frame) {
        part += piece;
        if (part.length < PIECE_BYTES) continue;
        this.#queue(client, part, false);
        part = '';
      }
      this.#queue(client, part, true);
    }
    this.#schedule();
  }

  #queue(client: Client, text: string, isLast: boolean): void {
    if (client.isCut) return;
    client.waiting.push({ text, isLast });
    client.waitingBytes += text.length;
    if (client.waitingBytes + client.socket.bufferedAmount <= MOST_UNREAD_BYTES) return;
    this.slowReaders++;
    client.isCut = true;
    client.waiting = [];
    client.waitingAt = 0;
    client.connection.end('slow', 'the client does not read');
    client.socket.terminate();
  }

  /** Whether what waits to be written is of another client than the one that this turn writes to: a call of the system a turn is enough. */
  get #isForAnother(): boolean {
    return this.#corked !== undefined && this.#writing[0] !== this.#corked;
  }

  /** Writes one message, or one part of a long one; the turn's end hands all of them to the system together. */
  #write(): void {
    const client = this.#writing[0]!;
    const next = client.waiting[client.waitingAt];
    this.#did = 'encode';
    if (next === undefined || client.socket.readyState !== client.socket.OPEN) {
      client.waiting = [];
      client.waitingAt = 0;
      client.waitingBytes = 0;
      this.#writing.shift();
      return;
    }
    if (this.#corked === undefined) {
      this.#corked = client;
      client.stream.cork();
    }
    client.waitingAt++;
    client.waitingBytes -= next.text.length;
    this.#corkedBytes += next.text.length;
    client.socket.send(next.text, { binary: false, fin: next.isLast });
    if (client.waitingAt < client.waiting.length) {
      // Whoever has much to be sent does not hold up the others, once his message is whole.
      if (next.isLast && this.#writing.length > 1) this.#writing.push(this.#writing.shift()!);
      return;
    }
    client.waiting = [];
    client.waitingAt = 0;
    this.#writing.shift();
  }

  /** Hands what was written to the system, which takes as long as all else: it is a turn's work. */
  #uncork(): void {
    this.#did = 'send';
    this.#corked?.stream.uncork();
    this.#corked = undefined;
    this.#corkedBytes = 0;
  }

  #end(client: Client, why: string, isAbrupt: boolean): void {
    const { socket } = client;
    if (isAbrupt) socket.terminate();
    else {
      // What was said goes out before the goodbye.
      for (; client.waitingAt < client.waiting.length; client.waitingAt++) {
        const { text, isLast } = client.waiting[client.waitingAt]!;
        socket.send(text, { binary: false, fin: isLast });
      }
      socket.close(1000, why.slice(0, 100));
    }
    this.#schedule();
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const { method: verb = 'GET', url: uri = '/' } = request;
    if ((verb !== 'GET' && verb !== 'POST') || this.#tasks.length >= MOST_HTTP_CALLS) {
      response.writeHead(verb === 'GET' || verb === 'POST' ? 503 : 405).end();
      return;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      // The rest is read and thrown away: the refusal says why.
      if (bytes <= MOST_FRAME_BYTES) chunks.push(chunk);
      else if (bytes > MOST_UNREAD_BYTES) request.destroy();
    });
    request.on('error', () => response.destroy());
    request.on('end', () => {
      const { authorization } = request.headers;
      const body = Buffer.concat(chunks).toString();
      const call = new HttpCall(this.#venue, { verb, uri, body, authorization }, this.#venue.machineNow());
      this.#tasks.push({ call, response });
      this.#schedule();
    });
  }

  #workOnHttp(now: number): void {
    const task = this.#tasks.shift()!;
    this.#did = 'http';
    if (task.response.destroyed) return;
    const answer = task.call.work(now);
    if (answer === undefined) {
      this.#tasks.push(task);
      return;
    }
    task.response.writeHead(answer.status, { 'content-type': 'application/json' });
    for (const piece of answer.pieces) task.response.write(piece);
    task.response.end();
  }

  #look(): void {
    const { turns } = this;
    this.#did = 'look';
    turns.begin();
    this.#venue.look(this.#venue.machineNow());
    turns.end();
    this.#schedule();
  }

  /** Does pieces of work as long as the turn is short. */
  #workAWhile(): void {
    const { turns } = this;
    do {
      if (this.#isForAnother || this.#corkedBytes >= PIECE_BYTES) return;
      if (this.#writing.length > 0) this.#write();
      else if (!this.#workOnVenue()) return;
    } while (turns.micros < WORK_UNTIL_MICROS);
  }

  /** Does a piece of the venue's work, or of a call over HTTP; whether there was one. */
  #workOnVenue(): boolean {
    const venue = this.#venue;
    if (venue.isMidway) {
      this.#did = 'venue';
      venue.goOn();
      return true;
    }
    const now = venue.machineNow();
    if (this.#tasks.length > 0 && !venue.hasDue(now)) this.#workOnHttp(now);
    else if (venue.hasWork(now)) {
      this.#did = 'venue';
      venue.work(now);
    } else return false;
    return true;
  }

  /** The clock is read only where all else leaves it open: that takes as long as some pieces of work. */
  #hasWork(): boolean {
    const venue = this.#venue;
    return (
      this.#corked !== undefined ||
      this.#writing.length > 0 ||
      this.#tasks.length > 0 ||
      venue.isMidway ||
      venue.hasWork(venue.machineNow())
    );
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isClosed || !this.#hasWork()) return;
    this.#isScheduled = true;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    const { turns } = this;
    this.#isScheduled = false;
    if (this.#isClosed) return;
    turns.begin();
    if (this.#corked !== undefined) this.#uncork();
    else this.#workAWhile();
    for (const client of this.#clients) {
      if (!client.isPaused || client.connection.waiting > MOST_REQUESTS_WAITING / 2) continue;
      client.isPaused = false;
      client.socket.resume();
    }
    turns.end();
    this.#schedule();
  };
}

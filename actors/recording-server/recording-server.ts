import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { BinanceVenue } from './binance-venue.js';
import { DeribitVenue, type VenueClient } from './deribit-venue.js';
import { Playback, type PlaybackSpeed } from './playback.js';
import type { RecordedFrame, Recording } from './recording.js';

export interface RecordingServerOptions {
  recording: Recording;
  speed: PlaybackSpeed;
  /** 0 for any free port. */
  port: number;
  /**
   * Starts at once, so many milliseconds of recorded time before the first message, and not with the first subscription: for
   * clients whose clock must be set before they connect.
   */
  leadMs?: number;
  /**
   * Plays once so many clients follow everything that was recorded, however long their requests take; else when a client has asked for
   * nothing more for a moment.
   */
  completeClients?: number;
  /**
   * What a client is sent in place of a recorded frame: for tests of what networks and venues do to a stream.
   * @param client number of the connection, from 0
   */
  tamper?: (frame: RecordedFrame, client: number) => readonly (Buffer | string)[];
}

/** A client that has so much waiting takes nothing more for now. */
const MOST_WAITING_BYTES = 1 << 20;
/** A client asks for its channels in several requests, and should miss nothing of any. */
const START_AFTER_MS = 200;
/** No request of ours is longer. */
const MOST_PAYLOAD_BYTES = 1 << 20;

/**
 * A venue on the loopback interface that speaks its protocol and serves what was recorded, byte for byte. Playing begins
 * once a client has subscribed and asks for nothing more. Who subscribes late is given what the venue would give: a snapshot of the book as it
 * stands, or the channel's last message.
 */
export class RecordingServer {
  readonly #options: RecordingServerOptions;
  readonly #playback: Playback;
  readonly #venue: DeribitVenue | BinanceVenue;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  /** Every channel that was recorded. */
  readonly #recorded: ReadonlySet<string>;
  readonly #clients = new Map<WebSocket, { client: VenueClient; number: number }>();
  #connected = 0;
  #startTimer: NodeJS.Timeout | undefined;

  constructor(options: RecordingServerOptions) {
    this.#options = options;
    const { recording, speed, leadMs } = options;
    const events = {
      frame: (frame: RecordedFrame) => this.#send(frame),
      isFull: () => [...this.#clients.keys()].some(({ bufferedAmount }) => bufferedAmount > MOST_WAITING_BYTES),
    };
    this.#recorded = new Set(recording.frames.map(({ channel }) => channel));
    this.#playback = new Playback(recording.frames, speed, events, leadMs);
    const now = (): number => this.#playback.nowMicros();
    const start = (): void => this.#startSoon();
    const Venue = recording.venue === 'deribit' ? DeribitVenue : BinanceVenue;
    this.#venue = new Venue(recording.frames, recording.answers, now, start);
    this.#http = createServer((request, response) => {
      if (this.#venue instanceof BinanceVenue) this.#venue.answer(request.url ?? '/', response);
      else response.writeHead(404).end();
    });
    this.#sockets = new WebSocketServer({
      server: this.#http,
      perMessageDeflate: false,
      maxPayload: MOST_PAYLOAD_BYTES,
    });
    this.#sockets.on('connection', (socket, request) => this.#connect(socket, request.url ?? '/'));
  }

  /** Listens on 127.0.0.1; resolves with the port. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(this.#options.port, '127.0.0.1', resolve);
    });
    if (this.#options.leadMs !== undefined) this.#playback.start();
    return (this.#http.address() as AddressInfo).port;
  }

  /** Whether every recorded frame has been played. */
  get ended(): boolean {
    return this.#playback.ended;
  }

  /** Recorded time, microseconds since the Unix epoch. */
  get nowMicros(): number {
    return this.#playback.nowMicros();
  }

  /** Connections so far. */
  get connected(): number {
    return this.#connected;
  }

  /** Ends every connection at once, as a network that fails does. */
  cut(): void {
    for (const socket of this.#clients.keys()) socket.terminate();
  }

  async close(): Promise<void> {
    clearTimeout(this.#startTimer);
    this.#playback.stop();
    this.cut();
    this.#sockets.close();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  #startSoon(): void {
    const { completeClients } = this.#options;
    if (completeClients !== undefined) {
      if (this.#complete() >= completeClients) this.#playback.start();
      return;
    }
    clearTimeout(this.#startTimer);
    this.#startTimer = setTimeout(() => this.#playback.start(), START_AFTER_MS);
  }

  /** Clients that follow all that was recorded. */
  #complete(): number {
    const all = [...this.#recorded];
    return [...this.#clients.values()].filter(({ client }) => all.every((channel) => client.channels.has(channel)))
      .length;
  }

  #connect(socket: WebSocket, path: string): void {
    const link = {
      send: (bytes: Buffer | string) => socket.send(bytes, { binary: false }),
      close: (code: number, why: string) => socket.close(code, why),
    };
    const client = this.#venue.connect(link, path);
    this.#clients.set(socket, { client, number: this.#connected++ });
    socket.on('message', (data, isBinary) => {
      if (!isBinary) client.onText((data as Buffer).toString());
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      client.onClose();
      this.#clients.delete(socket);
    });
  }

  #send(frame: RecordedFrame): void {
    this.#venue.played(frame);
    const { tamper } = this.#options;
    for (const [socket, { client, number }] of this.#clients) {
      if (!client.channels.has(frame.channel)) continue;
      for (const bytes of tamper?.(frame, number) ?? [frame.bytes]) socket.send(bytes, { binary: false });
    }
  }
}

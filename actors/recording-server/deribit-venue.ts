import type { RecordedAnswer, RecordedFrame } from './recording.js';
import { VenueBook } from './venue-book.js';

/** Where answers and messages to one client go. */
export interface ClientLink {
  send(bytes: Buffer | string): void;
  close(code: number, why: string): void;
}

/** A client's connection as the venue sees it. */
export interface VenueClient {
  readonly channels: Set<string>;
  onText(text: string): void;
  onClose(): void;
}

/** Requests longer than this are refused by the venue. */
const MOST_REQUEST_BYTES = 32 * 1024;
const LEAST_HEARTBEAT_S = 10;

const RpcError = { PARSE: -32700, REQUEST: -32600, METHOD: -32601, PARAMS: -32602, SUBSCRIBED_NOTHING: 11052 } as const;

interface Request {
  id?: unknown;
  method?: unknown;
  params?: Record<string, unknown>;
}

/** A refusal that the client is told of. */
class RefusedRequest extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

interface BookData {
  type?: string;
  timestamp: number;
  change_id: number;
  bids: [string, number, number][];
  asks: [string, number, number][];
}

/** Deribit as a recording knows it: its JSON-RPC methods, answered with what was recorded. */
export class DeribitVenue {
  readonly #now: () => number;
  readonly #start: () => void;
  readonly #recorded: ReadonlySet<string>;
  readonly #instruments = new Map<string, Buffer>();
  /** Books and other channels' last frames as played so far. */
  readonly #books = new Map<string, VenueBook<number>>();
  readonly #latest = new Map<string, Buffer>();
  readonly #indexPrices = new Map<string, number>();

  /**
   * @param now recorded time, microseconds since the Unix epoch
   * @param start called when a client has subscribed to something
   */
  constructor(
    frames: readonly RecordedFrame[],
    answers: readonly RecordedAnswer[],
    now: () => number,
    start: () => void,
  ) {
    this.#now = now;
    this.#start = start;
    this.#recorded = new Set(frames.map(({ channel }) => channel));
    for (const { url, bytes } of answers) {
      const currency = url.includes('/public/get_instruments') ? new URL(url).searchParams.get('currency') : null;
      if (currency !== null) this.#instruments.set(currency, resultOf(bytes));
    }
    for (const frame of frames) {
      if (!frame.channel.startsWith('ticker.')) continue;
      const { instrument_name, index_price } = dataOf(frame) as { instrument_name: string; index_price?: number };
      const index = `${instrument_name.split(/[-_]/)[0]!.toLowerCase()}_usd`;
      if (index_price !== undefined && !this.#indexPrices.has(index)) this.#indexPrices.set(index, index_price);
    }
  }

  /** A frame was played: what late subscribers are given follows it. */
  played(frame: RecordedFrame): void {
    if (!frame.channel.startsWith('book.')) {
      this.#latest.set(frame.channel, frame.bytes);
      return;
    }
    const data = dataOf(frame) as BookData;
    let book = this.#books.get(frame.channel);
    if (book === undefined) {
      book = new VenueBook();
      this.#books.set(frame.channel, book);
    }
    if (data.type === 'snapshot') book.clear();
    for (const side of ['bids', 'asks'] as const) {
      for (const [action, price, amount] of data[side]) book.set(side, price, action === 'delete' ? 0 : amount);
    }
    book.changeId = data.change_id;
    book.timestamp = data.timestamp;
  }

  connect(link: ClientLink): VenueClient {
    return new DeribitClient(this, link);
  }

  /** Milliseconds since the Unix epoch. */
  get timeMs(): number {
    return Math.floor(this.#now() / 1000);
  }

  get timeMicros(): number {
    return this.#now();
  }

  /** The bytes of the venue's list of a currency's instruments. */
  instruments(currency: string, kind: string | undefined): Buffer {
    const listed = this.#instruments.get(currency);
    if (listed === undefined || kind === undefined) return listed ?? Buffer.from('[]');
    const entries = JSON.parse(listed.toString()) as { kind: string }[];
    return Buffer.from(JSON.stringify(entries.filter((entry) => entry.kind === kind)));
  }

  indexPrice(index: string): number | undefined {
    return this.#indexPrices.get(index);
  }

  /** Which of these channels can be had; the venue leaves the others out without a word. */
  granted(channels: readonly string[]): string[] {
    return channels.filter((channel) => this.#recorded.has(channel));
  }

  /** Sends what a new subscriber is given at once, and begins to play. */
  welcome(channel: string, link: ClientLink): void {
    const book = this.#books.get(channel);
    const latest = channel.startsWith('ticker.') ? this.#latest.get(channel) : undefined;
    if (book !== undefined) link.send(snapshotOf(channel, book));
    else if (latest !== undefined) link.send(latest);
    this.#start();
  }
}

class DeribitClient implements VenueClient {
  readonly channels = new Set<string>();
  readonly #venue: DeribitVenue;
  readonly #link: ClientLink;
  #heartbeat: NodeJS.Timeout | undefined;
  #owesTest = false;

  constructor(venue: DeribitVenue, link: ClientLink) {
    this.#venue = venue;
    this.#link = link;
  }

  onText(text: string): void {
    const received = this.#venue.timeMicros;
    let request: Request | undefined;
    try {
      if (text.length > MOST_REQUEST_BYTES) throw new RefusedRequest(RpcError.REQUEST, 'request entity too large');
      request = parseRequest(text);
      this.#answer(request.id, received, 'result', this.#call(request.method as string, request.params ?? {}));
      this.#after(request);
    } catch (error) {
      if (!(error instanceof RefusedRequest)) throw error;
      const { code, message } = error;
      this.#answer(request?.id, received, 'error', Buffer.from(JSON.stringify({ code, message })));
    }
  }

  onClose(): void {
    clearInterval(this.#heartbeat);
  }

  #call(method: string, params: Record<string, unknown>): Buffer {
    switch (method) {
      case 'public/auth':
        return json({ access_token: 'recording', expires_in: 900, refresh_token: 'recording', scope: 'connection' });
      case 'public/hello':
      case 'public/test':
        this.#owesTest = false;
        return json({ version: '1.2.26' });
      case 'public/get_time':
        return json(this.#venue.timeMs);
      case 'public/set_heartbeat':
        this.#beat(params.interval);
        return json('ok');
      case 'public/disable_heartbeat':
        clearInterval(this.#heartbeat);
        return json('ok');
      case 'public/get_instruments':
        return this.#venue.instruments(
          text(params, 'currency'),
          params.kind === undefined ? undefined : text(params, 'kind'),
        );
      case 'public/get_index_price':
        return this.#indexPrice(text(params, 'index_name'));
      case 'public/subscribe':
      case 'private/subscribe':
        return json(this.#subscribe(list(params, 'channels')));
      case 'public/unsubscribe':
      case 'private/unsubscribe': {
        const channels = list(params, 'channels');
        for (const channel of channels) this.channels.delete(channel);
        return json(channels);
      }
      default:
        throw new RefusedRequest(RpcError.METHOD, 'Method not found');
    }
  }

  #indexPrice(index: string): Buffer {
    const price = this.#venue.indexPrice(index);
    if (price === undefined) throw new RefusedRequest(RpcError.PARAMS, `no price of '${index}' was recorded`);
    return json({ index_price: price, estimated_delivery_price: price });
  }

  #subscribe(channels: readonly string[]): string[] {
    const granted = this.#venue.granted(channels);
    if (granted.length === 0)
      throw new RefusedRequest(RpcError.SUBSCRIBED_NOTHING, 'none of the channels was recorded');
    for (const channel of granted) this.channels.add(channel);
    return granted;
  }

  /** The answer to a subscription comes before the first data. */
  #after(request: Request): void {
    if (request.method !== 'public/subscribe' && request.method !== 'private/subscribe') return;
    for (const channel of this.#venue.granted(list(request.params ?? {}, 'channels'))) {
      this.#venue.welcome(channel, this.#link);
    }
  }

  #beat(interval: unknown): void {
    if (typeof interval !== 'number' || interval < LEAST_HEARTBEAT_S) {
      throw new RefusedRequest(RpcError.PARAMS, `interval must be a number of at least ${LEAST_HEARTBEAT_S}`);
    }
    clearInterval(this.#heartbeat);
    this.#heartbeat = setInterval(() => {
      if (this.#owesTest) this.#link.close(1000, 'a test request was not answered');
      else this.#link.send('{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"test_request"}}');
      this.#owesTest = true;
    }, interval * 1000);
  }

  #answer(id: unknown, received: number, field: 'result' | 'error', value: Buffer): void {
    const { timeMicros } = this.#venue;
    const given = id === undefined ? '' : `"id":${JSON.stringify(id)},`;
    const head = `{"jsonrpc":"2.0",${given}"${field}":`;
    const tail = `,"usIn":${received},"usOut":${timeMicros},"usDiff":${timeMicros - received},"testnet":false}`;
    this.#link.send(Buffer.concat([Buffer.from(head), value, Buffer.from(tail)]));
  }
}

function parseRequest(text: string): Request {
  let request: unknown;
  try {
    request = JSON.parse(text);
  } catch {
    throw new RefusedRequest(RpcError.PARSE, 'Parse error');
  }
  if (typeof request !== 'object' || request === null || typeof (request as Request).method !== 'string') {
    throw new RefusedRequest(RpcError.REQUEST, 'Invalid request');
  }
  return request as Request;
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function text(params: Record<string, unknown>, name: string): string {
  const value = params[name];
  if (typeof value !== 'string') throw new RefusedRequest(RpcError.PARAMS, `'${name}' must be a string`);
  return value;
}

function list(params: Record<string, unknown>, name: string): string[] {
  const value = params[name];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw new RefusedRequest(RpcError.PARAMS, `'${name}' must be a list of strings`);
  }
  return value;
}

/** The bytes of a recorded answer's result. */
function resultOf(answer: Buffer): Buffer {
  const key = Buffer.from('"result":');
  const start = answer.indexOf(key) + key.length;
  // The list is followed by nothing but the answer's own times.
  return answer.subarray(start, answer.lastIndexOf(']') + 1);
}

function dataOf(frame: RecordedFrame): unknown {
  return (JSON.parse(frame.bytes.toString()) as { params: { data: unknown } }).params.data;
}

function snapshotOf(channel: string, book: VenueBook<number>): string {
  const levels = (side: 'bids' | 'asks') => book.levels(side).map(([price, amount]) => ['new', price, amount]);
  const data = {
    type: 'snapshot',
    timestamp: book.timestamp,
    instrument_name: channel.split('.')[1],
    change_id: book.changeId,
    bids: levels('bids'),
    asks: levels('asks'),
  };
  return JSON.stringify({ jsonrpc: '2.0', method: 'subscription', params: { channel, data } });
}

import { answerHead, answerTail, refusalText } from '../venue-sim/api/rpc/answer.js';
import { invalidParam, RefusedRequest, RpcCode, refused } from '../venue-sim/api/rpc/errors.js';
import { Params } from '../venue-sim/api/rpc/params.js';
import { parseRequest, type Request, UnreadableRequest } from '../venue-sim/api/rpc/request.js';
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

const LEAST_HEARTBEAT_S = 10;
const MOST_CHANNELS = 1000;

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
    let id: Request['id'];
    try {
      const request = parseRequest(text);
      ({ id } = request);
      const params = new Params(request.params);
      const result = this.#call(request.method, params);
      const times = this.#times(received);
      this.#link.send(Buffer.concat([Buffer.from(answerHead(id)), result, Buffer.from(answerTail(times, false))]));
      this.#after(request.method, params);
    } catch (error) {
      if (!(error instanceof RefusedRequest)) throw error;
      const given = error instanceof UnreadableRequest ? error.id : id;
      this.#link.send(refusalText(given, error, this.#times(received), false));
    }
  }

  onClose(): void {
    clearInterval(this.#heartbeat);
  }

  #call(method: string, params: Params): Buffer {
    switch (method) {
      case 'public/auth':
        return json({ access_token: 'recording', expires_in: 900, refresh_token: 'recording', scope: 'connection' });
      case 'public/hello':
      case 'public/test':
        this.#owesTest = false;
        return json({ version: '1.2.26' });
      case 'public/get_time':
        return json(this.#venue.timeMs);
      case 'public/status':
        return json({ locked: 'false' });
      case 'public/set_heartbeat':
        this.#beat(params);
        return json('ok');
      case 'public/disable_heartbeat':
        clearInterval(this.#heartbeat);
        return json('ok');
      case 'public/get_instruments':
        return this.#venue.instruments(params.text('currency'), params.optionalText('kind'));
      case 'public/get_index_price':
        return this.#indexPrice(params.text('index_name'));
      case 'public/subscribe':
      case 'private/subscribe':
        return json(this.#subscribe(params.texts('channels', MOST_CHANNELS)));
      case 'public/unsubscribe':
      case 'private/unsubscribe': {
        const channels = params.texts('channels', MOST_CHANNELS);
        for (const channel of channels) this.channels.delete(channel);
        return json(channels);
      }
      default:
        throw new RefusedRequest(RpcCode.METHOD, 'Method not found');
    }
  }

  #indexPrice(index: string): Buffer {
    const price = this.#venue.indexPrice(index);
    if (price === undefined) throw invalidParam('index_name', `no price of '${index}' was recorded`);
    return json({ index_price: price, estimated_delivery_price: price });
  }

  #subscribe(channels: readonly string[]): string[] {
    const granted = this.#venue.granted(channels);
    if (granted.length === 0) throw refused('subscribe_error_unsubscribed');
    for (const channel of granted) this.channels.add(channel);
    return granted;
  }

  /** The answer to a subscription comes before the first data. */
  #after(method: string, params: Params): void {
    if (method !== 'public/subscribe' && method !== 'private/subscribe') return;
    for (const channel of this.#venue.granted(params.texts('channels', MOST_CHANNELS))) {
      this.#venue.welcome(channel, this.#link);
    }
  }

  #beat(params: Params): void {
    const interval = params.number('interval');
    if (interval < LEAST_HEARTBEAT_S) throw invalidParam('interval', `must be at least ${LEAST_HEARTBEAT_S}`);
    clearInterval(this.#heartbeat);
    this.#heartbeat = setInterval(() => {
      if (this.#owesTest) this.#link.close(1000, 'a test request was not answered');
      else this.#link.send('{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"test_request"}}');
      this.#owesTest = true;
    }, interval * 1000);
  }

  #times(received: number): { usIn: number; usOut: number } {
    return { usIn: received, usOut: this.#venue.timeMicros };
  }
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
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

import type { ServerResponse } from 'node:http';
import type { ClientLink, VenueClient } from './deribit-venue.js';
import type { RecordedAnswer, RecordedFrame } from './recording.js';
import { VenueBook } from './venue-book.js';

interface DepthData {
  s: string;
  u: number;
  T: number;
  b: [string, string][];
  a: [string, string][];
}

interface DepthAnswer {
  lastUpdateId: number;
  T: number;
  bids: [string, string][];
  asks: [string, string][];
}

const DEPTH_LIMIT = 1000;

/** Binance's public streams of perpetuals as a recording knows them: combined streams, and the REST requests for them. */
export class BinanceVenue {
  readonly #now: () => number;
  readonly #start: () => void;
  readonly #recorded: ReadonlySet<string>;
  readonly #books = new Map<string, VenueBook<string>>();
  /** Recorded REST books, applied when their time comes. */
  readonly #snapshots: { symbol: string; answer: DepthAnswer; timeMicros: number }[] = [];
  readonly #waiting: { symbol: string; response: ServerResponse }[] = [];
  readonly #steps: ReadonlyMap<string, { tick: string; lot: string }>;

  constructor(
    frames: readonly RecordedFrame[],
    answers: readonly RecordedAnswer[],
    now: () => number,
    start: () => void,
  ) {
    this.#now = now;
    this.#start = start;
    this.#recorded = new Set(frames.map(({ channel }) => channel));
    const only = frames
      .find(({ channel }) => channel.includes('@depth'))
      ?.channel.split('@')[0]
      ?.toUpperCase();
    for (const { url, bytes, timeMicros } of answers) {
      const symbol = url === '' ? only : (new URL(url).searchParams.get('symbol') ?? undefined);
      const answer = JSON.parse(bytes.toString()) as DepthAnswer;
      if (symbol !== undefined && answer.lastUpdateId !== undefined)
        this.#snapshots.push({ symbol, answer, timeMicros });
    }
    this.#steps = stepsOf(frames);
  }

  /** A frame was played: the books that requests are answered from follow it. */
  played(frame: RecordedFrame): void {
    while (this.#snapshots.length > 0 && this.#snapshots[0]!.timeMicros <= frame.timeMicros) this.#startBook();
    if (!frame.channel.includes('@depth')) return;
    const { s, u, T, b, a } = (JSON.parse(frame.bytes.toString()) as { data: DepthData }).data;
    const book = this.#books.get(s);
    if (book === undefined || u <= book.changeId) return;
    for (const [price, amount] of b) book.set('bids', price, amount);
    for (const [price, amount] of a) book.set('asks', price, amount);
    book.changeId = u;
    book.timestamp = T;
  }

  connect(link: ClientLink, path: string): VenueClient {
    const wanted = new URL(path, 'ws://localhost').searchParams.get('streams')?.split('/') ?? [];
    const channels = new Set(wanted.filter((stream) => this.#recorded.has(stream)));
    if (channels.size > 0) this.#start();
    return {
      channels,
      onText: (text) => {
        const reply = this.#command(text, channels);
        if (reply !== undefined) link.send(reply);
      },
      onClose: () => {},
    };
  }

  /** Answers a REST request; one for a book waits until the recording has one. */
  answer(url: string, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    const symbol = searchParams.get('symbol') ?? '';
    if (pathname.endsWith('/time')) send(response, { serverTime: Math.floor(this.#now() / 1000) });
    else if (pathname.endsWith('/exchangeInfo')) send(response, { symbols: this.#symbols() });
    else if (!pathname.endsWith('/depth')) send(response, { code: -1121, msg: 'Invalid path.' }, 404);
    else if (this.#books.has(symbol)) this.#sendBook(symbol, response);
    else if (this.#snapshots.some((snapshot) => snapshot.symbol === symbol)) this.#waiting.push({ symbol, response });
    else send(response, { code: -1121, msg: 'Invalid symbol.' }, 400);
  }

  #startBook(): void {
    const { symbol, answer } = this.#snapshots.shift()!;
    const book = new VenueBook<string>();
    for (const [price, amount] of answer.bids) book.set('bids', price, amount);
    for (const [price, amount] of answer.asks) book.set('asks', price, amount);
    book.changeId = answer.lastUpdateId;
    book.timestamp = answer.T;
    this.#books.set(symbol, book);
    for (const waiting of this.#waiting.splice(0)) this.#sendBook(waiting.symbol, waiting.response);
  }

  #sendBook(symbol: string, response: ServerResponse): void {
    const book = this.#books.get(symbol)!;
    const levels = (side: 'bids' | 'asks') => book.levels(side).slice(0, DEPTH_LIMIT);
    const { changeId, timestamp } = book;
    send(response, { lastUpdateId: changeId, E: timestamp, T: timestamp, bids: levels('bids'), asks: levels('asks') });
  }

  /** `{"method":"SUBSCRIBE","params":[streams],"id":1}` */
  #command(text: string, channels: Set<string>): string | undefined {
    let request: { method?: unknown; params?: unknown; id?: unknown } | null;
    try {
      request = JSON.parse(text) as typeof request;
    } catch {
      return JSON.stringify({ error: { code: 3, msg: 'Invalid JSON' } });
    }
    const streams = Array.isArray(request?.params) ? request.params.filter((item) => typeof item === 'string') : [];
    if (request?.method === 'SUBSCRIBE') {
      for (const stream of streams) if (this.#recorded.has(stream)) channels.add(stream);
      if (channels.size > 0) this.#start();
    } else if (request?.method === 'UNSUBSCRIBE') for (const stream of streams) channels.delete(stream);
    else return JSON.stringify({ error: { code: 2, msg: 'Invalid request' }, id: request?.id ?? null });
    return JSON.stringify({ result: null, id: request.id ?? null });
  }

  #symbols(): unknown[] {
    return [...this.#steps].map(([symbol, { tick, lot }]) => {
      const [base, quote] = /^(.+?)(USDT|USDC|USD)(?:_.*)?$/.exec(symbol)?.slice(1) ?? [symbol, 'USDT'];
      return {
        symbol,
        contractType: 'PERPETUAL',
        status: 'TRADING',
        contractStatus: 'TRADING',
        baseAsset: base,
        quoteAsset: quote,
        marginAsset: quote === 'USD' ? base : quote,
        filters: [
          { filterType: 'PRICE_FILTER', tickSize: tick },
          { filterType: 'LOT_SIZE', stepSize: lot, minQty: lot },
        ],
      };
    });
  }
}

function send(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** No recording holds the venue's list of symbols: the steps are the coarsest that every recorded price and amount is a multiple of. */
function stepsOf(frames: readonly RecordedFrame[]): Map<string, { tick: string; lot: string }> {
  const steps = new Map<string, { price: Step; amount: Step }>();
  for (const { channel, bytes } of frames) {
    if (!channel.includes('@depth')) continue;
    const { s, b, a } = (JSON.parse(bytes.toString()) as { data: DepthData }).data;
    let found = steps.get(s);
    if (found === undefined) {
      found = { price: new Step(), amount: new Step() };
      steps.set(s, found);
    }
    for (const levels of [b, a]) {
      for (const [price, amount] of levels) {
        found.price.see(price);
        found.amount.see(amount);
      }
    }
  }
  return new Map([...steps].map(([symbol, { price, amount }]) => [symbol, { tick: price.text, lot: amount.text }]));
}

/** The greatest common divisor of decimal numbers that are written with equally many decimals. */
class Step {
  #units = 0;
  #decimals = 0;

  see(text: string): void {
    this.#decimals = text.length - 1 - text.indexOf('.');
    if (!text.includes('.')) this.#decimals = 0;
    let units = Number(text.replace('.', ''));
    while (units !== 0) [this.#units, units] = [units, this.#units % units];
  }

  get text(): string {
    const digits = String(Math.max(1, this.#units)).padStart(this.#decimals + 1, '0');
    const point = digits.length - this.#decimals;
    return this.#decimals === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  }
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A trade in the venue's form. */
export interface VenueTrade {
  trade_id: string;
  trade_seq: number;
  timestamp: number;
  price: number;
  amount: number;
  direction: 'buy' | 'sell';
  tick_direction: number;
  index_price: number;
  mark_price: number;
  instrument_name: string;
  [more: string]: unknown;
}

/** What such a venue does instead of answering. */
export type Mishap = 'busy' | 'too many' | 'hangs' | 'cut off' | 'page' | 'refuses' | 'drops';

const TRADES_A_PAGE = 1000;
const BARS_A_PAGE = 5000;
const POINTS_A_PAGE = 1000;

/** A venue on the loopback interface that answers Deribit's history methods in its own format, page by page, from given data. */
export class HistoryVenue {
  /** By instrument, oldest first. */
  readonly trades = new Map<string, VenueTrade[]>();
  /** Closing prices of minutes by instrument: a bar for each from `firstMinuteMs` on, but for those without a price (NaN). */
  readonly minutes = new Map<string, Float64Array>();
  readonly volatility = new Map<string, Float64Array>();
  instruments: unknown[] = [];
  expired: unknown[] = [];
  firstMinuteMs = 0;
  /** What becomes of the next requests, in order; then all is well. */
  mishaps: Mishap[] = [];
  /** Every request, as method and parameters. */
  readonly asked: { method: string; params: URLSearchParams; atMs: number }[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => this.#on(request, response));
  }

  /** Resolves with the address of the methods. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api/v2`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #on(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://venue');
    const method = url.pathname.replace('/api/v2/', '');
    this.asked.push({ method, params: url.searchParams, atMs: performance.now() });
    const mishap = this.mishaps.shift();
    const send = (status: number, body: string, headers: Record<string, string> = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(body);
    };
    const error = (code: number, message: string) => JSON.stringify({ jsonrpc: '2.0', error: { code, message } });
    switch (mishap) {
      case 'busy':
        send(503, '');
        break;
      case 'too many':
        send(429, error(10028, 'too_many_requests'), { 'retry-after': '0.05' });
        break;
      case 'hangs':
        break;
      case 'cut off':
        send(200, '{"jsonrpc":"2.0","result":{"tra');
        break;
      case 'page':
        send(200, '<html>back soon</html>');
        break;
      case 'refuses':
        send(400, error(-32602, 'Invalid params'));
        break;
      case 'drops':
        request.socket.destroy();
        break;
    }
    if (mishap !== undefined) return;
    const result = this.#answer(method, url.searchParams);
    if (result === undefined) send(400, error(-32601, 'Method not found'));
    else send(200, JSON.stringify({ jsonrpc: '2.0', result, usIn: 0, usOut: 0, usDiff: 0, testnet: false }));
  }

  #answer(method: string, params: URLSearchParams): unknown {
    const number = (name: string) => Number(params.get(name));
    const startMs = number('start_timestamp');
    const endMs = number('end_timestamp');
    switch (method) {
      case 'public/get_last_trades_by_instrument_and_time': {
        const all = this.trades.get(params.get('instrument_name') ?? '') ?? [];
        const within = all.filter(({ timestamp }) => timestamp >= startMs && timestamp <= endMs);
        const count = Math.min(TRADES_A_PAGE, number('count') || 10);
        return { trades: within.slice(0, count), has_more: within.length > count };
      }
      case 'public/get_tradingview_chart_data':
        return this.#chart(params.get('instrument_name') ?? '', Number(params.get('resolution')), startMs, endMs);
      case 'public/get_volatility_index_data':
        return this.#points(params.get('currency') ?? '', startMs, endMs);
      case 'public/get_instruments':
        return params.get('expired') === 'true' ? this.expired : this.instruments;
      default:
        return undefined;
    }
  }

  #chart(instrument: string, minutesABar: number, startMs: number, endMs: number): unknown {
    const closes = this.minutes.get(instrument) ?? new Float64Array(0);
    const ticks: number[] = [];
    const prices: number[] = [];
    // The bar that holds the start is the first.
    const first = Math.floor((startMs - this.firstMinuteMs) / 60_000 / minutesABar) * minutesABar;
    for (let minute = Math.max(0, first); minute < closes.length; minute += minutesABar) {
      const tick = this.firstMinuteMs + minute * 60_000;
      if (tick > endMs) break;
      if (Number.isNaN(closes[minute]!)) continue;
      ticks.push(tick);
      prices.push(closes[minute]!);
    }
    const from = Math.max(0, ticks.length - BARS_A_PAGE);
    const newest = prices.slice(from);
    return {
      status: ticks.length === 0 ? 'no_data' : 'ok',
      ticks: ticks.slice(from),
      open: newest,
      high: newest,
      low: newest,
      close: newest,
      volume: newest.map(() => 1.5),
      cost: newest.map((price) => 1.5 * price),
    };
  }

  /** The newest come first, and the answer says where the older ones end. */
  #points(currency: string, startMs: number, endMs: number): unknown {
    const values = this.volatility.get(currency) ?? new Float64Array(0);
    const points = Array.from(values, (value, minute) => [
      this.firstMinuteMs + minute * 60_000,
      value,
      value,
      value,
      value,
    ]).filter(([time]) => time! >= startMs && time! <= endMs);
    const page = points.slice(-POINTS_A_PAGE);
    const more = points.length > page.length;
    return { data: page, continuation: more ? page[0]![0]! - 60_000 : null };
  }
}

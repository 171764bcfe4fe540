import { createHmac } from 'node:crypto';
import type { ChaosConfig } from '../../chaos/config.js';
import { MarginModel, OrderType, SelfMatch, Side, TimeInForce } from '../../exchange/codes.js';
import { defaultConfig } from '../../exchange/config.js';
import { instrumentOf } from '../../exchange/contracts.js';
import { Exchange } from '../../exchange/exchange.js';
import type { Frame, VenueConnection } from '../connection.js';
import { openAccounts } from '../server/simulation.js';
import type { VenueSecrets } from '../session/keys.js';
import type { RateLimits } from '../session/rate-limits.js';
import { SinkRelay } from '../sink-relay.js';
import { Venue } from '../venue.js';

/** 2026-01-02 00:00 UTC. */
export const START_MS = 1_767_312_000_000;
export const PERPETUAL = 'BTC-PERPETUAL';
export const FUTURE = 'BTC-27MAR26';
export const CALL = 'BTC-27MAR26-100000-C';
export const PUT = 'BTC-27MAR26-80000-P';
export const ETH_CALL = 'ETH-27MAR26-3000-C';

export const KEYS = [
  { clientId: 'maker', clientSecret: 'maker secret', account: 'maker' },
  { clientId: 'maker-killer', clientSecret: 'killer secret', account: 'maker' },
  { clientId: 'other', clientSecret: 'other secret', account: 'other' },
  { clientId: 'reader', clientSecret: 'reader secret', account: 'maker', scope: 'account:read trade:read' },
  {
    clientId: 'treasurer',
    clientSecret: 'wallet secret',
    account: 'maker',
    scope: 'account:read_write trade:read_write wallet:read',
  },
] as const;

/** Room for a test: a venue's would be most of its time. */
const SMALL = { maxAccounts: 12, maxInstruments: 32, maxOrders: 4096, maxPositions: 64, maxTrades: 2048 };

const wide = { capacity: 1e12, refillPerSecond: 1e12 };
/** As good as none. */
export const NO_LIMITS: RateLimits = {
  requests: wide,
  subscriptions: wide,
  instruments: wide,
  matching: wide,
  massQuotes: wide,
  cancelAll: wide,
};

export interface Message {
  id?: number;
  method?: string;
  params?: { channel?: string; type?: string; data?: Record<string, unknown> };
  result?: unknown;
  error?: { code: number; message: string; data?: { reason: string; param: string } };
  usIn?: number;
  usOut?: number;
}

/** A client of the venue in the same thread, on the test's clock. */
export class TestClient {
  readonly connection: VenueConnection;
  /** Everything that was sent, as it came. */
  readonly texts: string[] = [];
  ended: string | undefined;
  readonly #venue: TestVenue;
  #lastId = 0;

  constructor(venue: TestVenue) {
    this.#venue = venue;
    this.connection = venue.venue.connect(
      {
        send: (frame: Frame) => this.texts.push(typeof frame === 'string' ? frame : frame.join('')),
        end: (why) => {
          this.ended = why;
        },
      },
      venue.now,
    );
  }

  /** Sends a text as it is. */
  send(text: string): void {
    this.connection.receive(text, this.#venue.now);
    this.#venue.venue.hasRequests(this.connection);
    this.#venue.settle();
  }

  /** The whole answer; undefined where none came. */
  ask(method: string, params: unknown = {}): Message | undefined {
    const id = ++this.#lastId;
    this.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return this.messages().find((message) => message.id === id);
  }

  /** The result of a request that must succeed. */
  call<Result = Record<string, unknown>>(method: string, params: unknown = {}): Result {
    const answer = this.ask(method, params);
    if (answer?.result === undefined) throw new Error(`${method}: ${JSON.stringify(answer)}`);
    return answer.result as Result;
  }

  /** The code of a request that must be refused. */
  refusal(method: string, params: unknown = {}): number | undefined {
    return this.ask(method, params)?.error?.code;
  }

  signOn(key: (typeof KEYS)[number] = KEYS[0]): this {
    this.call('public/auth', {
      grant_type: 'client_credentials',
      client_id: key.clientId,
      client_secret: key.clientSecret,
    });
    return this;
  }

  messages(): Message[] {
    return this.texts.map((text) => JSON.parse(text) as Message);
  }

  /** Data that a channel has brought. */
  data(channel: string): Record<string, unknown>[] {
    return this.messages()
      .filter(({ params }) => params?.channel === channel)
      .map(({ params }) => params!.data!);
  }

  /** The connection breaks. */
  break(): void {
    this.connection.end('closed', '');
    this.#venue.settle();
  }
}

/** A venue with a few instruments and a clock that only the test moves. */
export class TestVenue {
  readonly exchange: Exchange;
  readonly venue: Venue;
  readonly notes: string[] = [];
  /** Microseconds since the Unix epoch. */
  now = START_MS * 1000;
  /** An account that nobody limits, to trade with. */
  readonly crowd: number;

  constructor(options: { limits?: RateLimits; chaos?: ChaosConfig } = {}) {
    const relay = new SinkRelay();
    this.exchange = new Exchange({ ...defaultConfig, ...SMALL, startTime: START_MS }, relay);
    const { exchange } = this;
    for (const name of [PERPETUAL, FUTURE, CALL, PUT, ETH_CALL]) exchange.list(instrumentOf(name));
    this.crowd = exchange.openAccount({ name: 'crowd', margin: MarginModel.NONE, selfMatch: SelfMatch.ALLOW });
    exchange.setFutureMark(0, 90_000);
    exchange.setFutureMark(1, 90_900);
    exchange.setOptionMark(2, 90_900, 0.5);
    exchange.setOptionMark(3, 90_900, 0.55);
    exchange.setOptionMark(4, 3030, 0.7);
    this.venue = new Venue({
      exchange,
      relay,
      keys: openAccounts(exchange, KEYS),
      limits: options.limits ?? NO_LIMITS,
      ...(options.chaos === undefined ? {} : { chaos: options.chaos }),
      secrets: testSecrets(),
      now: () => this.now,
      note: (message) => this.notes.push(message),
    });
  }

  client(): TestClient {
    return new TestClient(this);
  }

  /** Lets time pass, with a look every so many milliseconds; what is due by then happens before, in turns of its own. */
  pass(milliseconds: number, step = 10): void {
    for (let left = milliseconds; left > 0; left -= step) {
      this.now += Math.min(step, left) * 1000;
      this.settle();
      this.venue.look(this.now);
      this.settle();
    }
  }

  /** Does all that there is to do at this moment. */
  settle(): void {
    while (this.venue.hasWork(this.now)) this.venue.work(this.now);
  }

  /** An order of the crowd's. */
  crowdOrder(name: string, side: 'buy' | 'sell', price: number, amount: number): number {
    const { instruments } = this.exchange;
    const id = instruments.idOf(name);
    const answer = this.exchange.place(
      this.crowd,
      id,
      side === 'buy' ? Side.BUY : Side.SELL,
      OrderType.LIMIT,
      instruments.ticksOf(id, price),
      instruments.lotsOf(id, amount),
      TimeInForce.GOOD_TIL_CANCELLED,
      0,
      0,
    );
    this.venue.hub.endStep();
    this.settle();
    if (answer < 0) throw new Error(`the crowd's order was refused: ${-answer}`);
    return answer;
  }
}

function testSecrets(): VenueSecrets {
  let words = 0;
  return {
    hmacSha256: (secret, text) => createHmac('sha256', secret).update(text).digest('hex'),
    word: () => `word${++words}`,
  };
}

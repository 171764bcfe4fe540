import {
  Armed,
  ConnectionRole,
  ConnectionState,
  CreditPool,
  DownReason,
  MmpState,
  NotSentReason,
  OrderAction,
  onlyAsks,
  onlyReduces,
  SendOutcome,
} from '../../engine/market/orders/codes.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import type { Board } from '../../engine/runtime/supervision/board.js';
import { fieldOffset, structOffset } from '../../schemas/field-offset.js';
import { ApprovedOrder } from '../../schemas/generated/approved-order.js';
import { Refusal as RefusalRecord } from '../../schemas/generated/refusal.js';
import { RequestReport } from '../../schemas/generated/request-report.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import type { ProtectionSettings } from '../execution/deribit/config.js';
import { groupNameOf, MOST_QUOTES } from '../execution/deribit/encoder.js';
import { InstrumentNames } from '../execution/deribit/instrument-names.js';
import type { DefinitionMemory } from '../feed/entry/definition-memory.js';
import { type RateLimits, type RatePool, RatePools } from '../venue-sim/api/session/rate-limits.js';
import { type Chaos, MessageKind, RequestFate, RequestKind } from '../venue-sim/chaos/chaos.js';
import { ChaosLine } from '../venue-sim/chaos/line.js';
import { CancelReason, Refusal } from '../venue-sim/exchange/codes.js';
import type { Exchange } from '../venue-sim/exchange/exchange.js';
import { everyOrder } from '../venue-sim/exchange/withdrawals.js';
import { LatencySource } from '../venue-sim/latency.js';
import { AccountNews } from './account-news.js';
import { AccountQuery, type QueryVenue } from './account-query.js';
import type { Paths } from './paths.js';
import { RecordLane, type RecordSink } from './record-lane.js';
import { ReportPost } from './report-post.js';
import { freshAnswer, identityOf, VenueDesk } from './venue-desk.js';
import { VenueMessages } from './venue-messages.js';
import type { VirtualLog } from './virtual-log.js';

export interface SessionOptions {
  exchange: Exchange;
  account: number;
  definitions: DefinitionMemory;
  instruments: number;
  paths: Paths;
  seed: number;
  chaos: Chaos;
  /** What the venue allows. */
  limits: RateLimits;
  protection: readonly ProtectionSettings[];
  /** Currencies that the account is asked about. */
  currencies: readonly string[];
}

/** What of a request stays with the client until it is answered. */
interface InFlight {
  askedMicros: number;
  query: AccountQuery | undefined;
}

/** One message of the venue on its way through chaos. */
interface Letter {
  bytes: Uint8Array;
  tag: number;
  isCorrupt: boolean;
}

const VENUE = 1;
const CONNECTION = 0;
const BODY_BYTES = ApprovedOrder.sizeOf();
const REFUSED_ORDER = structOffset(RefusalRecord, 'order');
const ROUND_TRIP = fieldOffset(RequestReport, 'roundTrip');
const ASKED = fieldOffset(RequestReport, 'asked');
/** Orders of quotes that wait for their frame. */
const MOST_WAITING = 256;
/** From the opening of a connection until it is armed and subscribed, and pauses before the next attempt. */
const SETUP_MS = 30;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;
/** How often messages that wait for chaos are looked at. */
const LOOK_MS = 1;

const kinds: Record<number, RequestKind> = {
  [OrderAction.PLACE]: RequestKind.ORDER,
  [OrderAction.AMEND]: RequestKind.EDIT,
  [OrderAction.CANCEL]: RequestKind.CANCEL,
  [OrderAction.MASS_CANCEL]: RequestKind.CANCEL,
  [OrderAction.QUOTE]: RequestKind.MASS_QUOTE,
};
const pools: Record<number, RatePool> = {
  [OrderAction.MASS_CANCEL]: 'cancelAll',
  [OrderAction.QUOTE]: 'massQuotes',
};

/**
 * Execution and its connection to the venue, in virtual time and without a wire: takes what risk approves, brings it to the exchange, and
 * reports what execution on Deribit would report, by that execution's own writer of reports. Everything is on its way for as long as
 * its path says; a connection that breaks loses what is on it, and takes the quotes with it.
 */
export class VirtualSession {
  readonly messages: VenueMessages;
  readonly news: AccountNews;
  /** Requests that were written, and those the venue refused for their number. */
  requests = 0;
  rateRefusals = 0;
  breaks = 0;
  readonly #options: SessionOptions;
  readonly #names: InstrumentNames;
  readonly #chaos: Chaos;
  readonly #desk: VenueDesk;
  /** Reports that the venue's messages bring, and those of execution itself. */
  readonly #venuePost: ReportPost;
  readonly #ownPost: ReportPost;
  readonly #line: ChaosLine<Letter>;
  readonly #toVenue = new RecordLane();
  readonly #toClient = new RecordLane();
  readonly #local = new RecordLane();
  readonly #decision: LatencySource;
  readonly #way: LatencySource;
  readonly #back: LatencySource;
  readonly #pools: RatePools;
  readonly #order = new ApprovedOrder();
  readonly #inFlight = new Map<number, InFlight>();
  readonly #steps = new Map<number, () => void>();
  readonly #queries = new Set<AccountQuery>();
  readonly #armed = new Set<string>();
  readonly #onRequest: RecordSink;
  readonly #onMessage: RecordSink;
  /** Records of the request that arrives: where each body stands. */
  readonly #arriving = new RecordLane();
  #bodies: number[] = [];
  #requestSeq = 0;
  #log: VirtualLog | undefined;
  #board: Board | undefined;
  /** Quotes of the event under way. */
  readonly #waiting = new RecordLane();
  #waitingBodies: number[] = [];
  #waitingSeq = 0;
  #waitingGroup = -1;
  #lastId = 0;
  #isOpen = false;
  #isReady = false;
  /** The venue's end is gone, and the client does not know it yet. */
  #isBroken = false;
  #attempts = 0;
  #failures = 0;
  #downReason = 0;
  #downCode = 0;
  /** [connects, is ready, hears that it is down, looks at what chaos holds back], milliseconds. */
  readonly #at = new Float64Array(4).fill(Number.POSITIVE_INFINITY);
  /** When groups that were triggered may quote again, by underlying, milliseconds. */
  #resets: { underlying: number; due: number }[] = [];

  constructor(options: SessionOptions) {
    const { exchange, account, definitions, instruments, paths, seed, chaos, protection } = options;
    this.#options = options;
    this.#chaos = chaos;
    this.#names = new InstrumentNames(definitions.memory, instruments);
    const groups = new Map(protection.map(({ index }) => [groupNameOf(index), index]));
    const groupOf = (name: string | undefined): number => {
      const index = groups.get(name ?? '');
      return index === undefined ? 0 : this.#names.underlyingOf(index) + 1;
    };
    this.#venuePost = new ReportPost(this.#names, VENUE, groupOf);
    this.#ownPost = new ReportPost(this.#names, VENUE, groupOf);
    this.messages = new VenueMessages(exchange, account);
    const parts = { exchange, account, names: this.#names, messages: this.messages, post: this.#venuePost, chaos };
    this.#desk = new VenueDesk(parts);
    this.news = new AccountNews({
      ...parts,
      groupOf: (index) => {
        const underlying = this.#names.underlyingOf(exchange.config.indices[index]!.name);
        return { group: underlying + 1, underlying };
      },
      send: (kind) => this.#tell(kind, 0),
    });
    this.#line = new ChaosLine<Letter>(chaos, {
      deliver: (letter) => this.#post(letter),
      corrupt: (letter) => ({ ...letter, isCorrupt: true }),
      overflow: () => this.break(DownReason.CLOSED),
    });
    this.#decision = new LatencySource(paths.decision, seed, 'decisions');
    this.#way = new LatencySource(paths.order, seed, `orders of ${account}`);
    this.#back = new LatencySource(paths.answer, seed, `answers to ${account}`);
    this.#pools = new RatePools(options.limits, exchange.now);
    this.#onRequest = { take: (memory, word, _, type) => this.#takeRequest(memory, word, type) };
    this.#onMessage = {
      take: (memory, word, length, type) => {
        this.#patch(memory, word, type);
        this.#log!.take(memory, word, length, type);
      },
    };
  }

  /** Begins, with the log that reports go to and the board of the kill latch; again after a restart of the engine. */
  begin(log: VirtualLog, board: Board): void {
    this.#log = log;
    this.#board = board;
    this.#armed.clear();
    this.#resets = [];
    this.#attempts = 0;
    this.#failures = 0;
    // The core must hear of the connection before it hears that it is ready.
    this.#reportConnection(ConnectionState.DOWN, 0, DownReason.NONE, 0);
    this.#at[CONNECT] = this.#now;
  }

  /** The engine dies: its socket closes, and all that it knew is gone. */
  end(): void {
    this.#breakAtVenue();
    this.#local.clear();
    this.#waiting.clear();
    this.#waitingBodies = [];
    this.#isOpen = false;
    this.#isReady = false;
    this.#isBroken = false;
    this.#at.fill(Number.POSITIVE_INFINITY);
    this.#log = undefined;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** Requests that wait for their answers. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** When something of this connection happens next, milliseconds. */
  get next(): number {
    const at = this.#at;
    let next = Math.min(this.#toVenue.next, this.#toClient.next, this.#local.next);
    for (let index = 0; index < at.length; index++) if (at[index]! < next) next = at[index]!;
    if (this.news.next < next) next = this.news.next;
    for (const { due } of this.#resets) if (due < next) next = due;
    return next;
  }

  /** Lets happen what is due: at the venue first, then at the client. The exchange's clock stands at the moment. */
  act(): void {
    const now = this.#now;
    const at = this.#at;
    if (this.#toVenue.next <= now) this.#serve();
    this.news.flush();
    if (at[LOOK]! <= now) {
      this.#line.look(now * 1000);
      at[LOOK] = this.#line.isEmpty ? Number.POSITIVE_INFINITY : now + LOOK_MS;
    }
    if (this.#toClient.next <= now) this.#hear();
    if (this.#local.next <= now) {
      this.#log!.at(now * 1000);
      this.#local.arrive(this.#log!);
    }
    if (at[DOWN]! <= now) this.#down();
    if (at[CONNECT]! <= now) this.#connect();
    if (at[READY]! <= now) this.#ready();
    for (const { underlying, due } of this.#resets) {
      if (due > now) continue;
      this.#ownPost.writer.receive(0, due * 1000);
      this.#ownPost.writer.protection(MmpState.RESET, underlying + 1, underlying, 0, Number.NaN);
      this.#sendLocal(now);
    }
    if (this.#resets.length > 0) this.#resets = this.#resets.filter(({ due }) => due > now);
  }

  /** Takes a record of approved orders: to be called while the core's answers are heard. */
  readonly take = (type: number, buffer: ViewBuffer, offset: number): void => {
    const seq = buffer.view.getFloat64(offset + HeaderOffset.SEQ, true);
    const body = offset + HEADER_BYTES;
    if (type === MessageType.REFUSAL) {
      this.flush();
      const code = new RefusalRecord().__init(body, buffer).code();
      this.#notSent(buffer, body + REFUSED_ORDER, seq, NotSentReason.REFUSED, code);
      return;
    }
    if (type !== MessageType.APPROVED_ORDER) return;
    const order = this.#order.__init(body, buffer);
    const action = order.action();
    if (action === OrderAction.QUOTE) {
      const isSame = seq === this.#waitingSeq && order.group() === this.#waitingGroup;
      if (this.#waitingBodies.length > 0 && (!isSame || this.#waitingBodies.length === MOST_WAITING)) this.flush();
      this.#waiting.copy(buffer.view, offset);
      this.#waitingBodies.push(this.#waitingBodies.length);
      this.#waitingSeq = seq;
      this.#waitingGroup = this.#order.__init(body, buffer).group();
      return;
    }
    this.flush();
    if (onlyAsks(action)) this.#ask(buffer, offset, seq);
    else this.#write(buffer, offset, seq, action);
  };

  /** Writes the quotes that wait: the core has answered the event. */
  flush(): void {
    const count = this.#waitingBodies.length;
    if (count === 0) return;
    const lane = this.#waiting;
    const step = (HEADER_BYTES + BODY_BYTES + 7) & ~7;
    const { buffer } = lane;
    const seq = this.#waitingSeq;
    const offsets = this.#waitingBodies.map((place) => place * step);
    const instrumentAt = (offset: number): number => this.#order.__init(offset + HEADER_BYTES, buffer).instrument();
    // The sides of an instrument side by side.
    offsets.sort((left, right) => instrumentAt(left) - instrumentAt(right) || left - right);
    const isKnown = this.#names.indexOf(this.#waitingGroup - 1) !== undefined;
    if (!isKnown || !this.#isReady) {
      const reason = isKnown ? NotSentReason.NOT_CONNECTED : NotSentReason.NOT_ARMED;
      for (const offset of offsets) this.#notSent(buffer, offset + HEADER_BYTES, seq, reason);
    } else {
      for (let next = 0; next < offsets.length; ) {
        const frame: number[] = [];
        let instruments = 0;
        let last = -1;
        for (; next < offsets.length; next++) {
          const instrument = instrumentAt(offsets[next]!);
          if (instrument !== last && instruments++ === MOST_QUOTES) break;
          last = instrument;
          frame.push(offsets[next]!);
        }
        this.#send(buffer, frame, seq, OrderAction.QUOTE);
      }
    }
    this.#waitingBodies = [];
    lane.clear();
  }

  /** The connection breaks at the venue's end; the client hears of it after a while. */
  break(reason: number, code = 0): void {
    if (!this.#isOpen || this.#isBroken) return;
    this.breaks++;
    this.#breakAtVenue();
    this.#isBroken = true;
    this.#downReason = reason;
    this.#downCode = code;
    this.#at[DOWN] = this.#now + this.#back.next();
    this.#at[READY] = Number.POSITIVE_INFINITY;
  }

  get #now(): number {
    return this.#options.exchange.now;
  }

  /** What is on the wire is lost; orders go with the connection. */
  #breakAtVenue(): void {
    const { exchange, account } = this.#options;
    this.#toVenue.clear();
    this.#toClient.clear();
    this.#line.clear();
    this.#steps.clear();
    if (this.#isOpen) exchange.cancelMany(account, { ...everyOrder, reason: CancelReason.CANCEL_ON_DISCONNECT });
    this.news.forget();
  }

  #down(): void {
    this.#at[DOWN] = Number.POSITIVE_INFINITY;
    this.#isOpen = false;
    this.#isReady = false;
    this.#isBroken = false;
    this.#inFlight.clear();
    const { writer } = this.#ownPost;
    writer.receive(0, this.#now * 1000);
    for (const query of this.#queries) query.lose(writer, this.#now * 1000);
    this.#queries.clear();
    this.#reportConnection(ConnectionState.DOWN, 0, this.#downReason, this.#downCode);
    this.#connectLater();
  }

  #connectLater(): void {
    let pause = FIRST_PAUSE_MS;
    for (let failure = 0; failure < this.#failures; failure++) pause = Math.min(LONGEST_PAUSE_MS, 2 * pause);
    this.#failures++;
    this.#at[CONNECT] = this.#now + pause;
  }

  #connect(): void {
    this.#at[CONNECT] = Number.POSITIVE_INFINITY;
    this.#attempts++;
    if (this.#chaos.isUnderMaintenance(this.#now)) {
      this.#connectLater();
      return;
    }
    this.#isOpen = true;
    this.news.forget();
    this.#reportConnection(ConnectionState.AUTHORISED, 0, 0, 0);
    this.#at[READY] = this.#now + SETUP_MS;
  }

  /** Armed and subscribed: what the venue is told on the way there is done here at once. */
  #ready(): void {
    const { exchange, account, protection, limits } = this.#options;
    // The underlyings are known with their first instruments.
    if (protection.some(({ index }) => this.#names.underlyingOf(index) < 0)) {
      this.#at[READY] = this.#now + SETUP_MS;
      return;
    }
    this.#at[READY] = Number.POSITIVE_INFINITY;
    this.#isReady = true;
    this.#failures = 0;
    const { writer } = this.#ownPost;
    writer.receive(0, this.#now * 1000);
    for (const settings of protection) {
      const underlying = this.#names.underlyingOf(settings.index);
      if (this.#armed.has(settings.index)) continue;
      const index = exchange.config.indices.findIndex(({ name }) => name === settings.index);
      const allowed = {
        interval: settings.intervalSeconds * 1000,
        frozenTime: settings.frozenSeconds * 1000,
        quantityLimit: settings.quantityLimit,
        deltaLimit: settings.deltaLimit ?? 0,
        vegaLimit: settings.vegaLimit ?? 0,
        maxQuoteQuantity: settings.maxQuoteQuantity,
      };
      exchange.setProtection(account, index, 0, allowed);
      exchange.setProtection(account, index, underlying + 1, allowed);
      this.#armed.add(settings.index);
      writer.protection(MmpState.ARMED, underlying + 1, underlying, 0, Number.NaN, settings);
    }
    const rate = (
      { capacity, refillPerSecond }: RateLimits['matching'],
      cost = 1,
    ): { burst: number; rate: number } => ({
      burst: capacity / cost,
      rate: refillPerSecond / cost,
    });
    writer.rateLimit(CreditPool.MATCHING, rate(limits.matching), false);
    writer.rateLimit(CreditPool.NON_MATCHING, rate(limits.requests, 500), false);
    writer.rateLimit(CreditPool.MASS_QUOTES, rate(limits.massQuotes), false, limits.massQuotes.refillPerSecond);
    writer.rateLimit(CreditPool.CANCEL_ALL, rate(limits.cancelAll), false);
    const mmp = protection.length > 0 ? Armed.MMP | Armed.MASS_QUOTES : Armed.MMP;
    this.#reportConnection(ConnectionState.READY, Armed.CANCEL_ON_DISCONNECT | mmp, 0, 0);
  }

  #write(buffer: ViewBuffer, offset: number, seq: number, action: number): void {
    // A cancel goes by whatever way there is.
    const usable = this.#isReady || (onlyReduces(action) && this.#isOpen);
    if (usable) this.#send(buffer, [offset], seq, action);
    else this.#notSent(buffer, offset + HEADER_BYTES, seq, NotSentReason.NOT_CONNECTED);
  }

  #send(buffer: ViewBuffer, offsets: readonly number[], seq: number, action: number): void {
    const isKilled = this.#board!.killed() !== 0 && !onlyReduces(action);
    if (isKilled) {
      for (const offset of offsets) this.#notSent(buffer, offset + HEADER_BYTES, seq, NotSentReason.KILLED);
      return;
    }
    const sent = this.#sentAt();
    const id = this.#request(sent, undefined, (lane) => {
      for (const offset of offsets) lane.copy(buffer.view, offset);
    });
    const { writer } = this.#ownPost;
    writer.receive(0, sent * 1000);
    for (const offset of offsets) {
      writer.sent(buffer, offset + HEADER_BYTES, seq, {
        outcome: SendOutcome.SENT,
        reason: NotSentReason.NONE,
        code: 0,
        connection: CONNECTION,
        venueRequest: id,
        sentMicros: sent * 1000,
      });
    }
    this.#sendLocal(sent);
  }

  /** Puts a request on the wire; its number. On a wire that is broken it is lost. */
  #request(sent: number, query: AccountQuery | undefined, write: (lane: RecordLane) => void): number {
    const id = ++this.#lastId;
    this.requests++;
    this.#inFlight.set(id, { askedMicros: sent * 1000, query });
    if (this.#isBroken) return id;
    write(this.#toVenue);
    const delay = this.#chaos.isOn ? this.#chaos.readingDelay() / 1000 : 0;
    this.#toVenue.send(sent + this.#way.next() + delay, id);
    return id;
  }

  #ask(buffer: ViewBuffer, offset: number, seq: number): void {
    const body = offset + HEADER_BYTES;
    if (!this.#isReady) {
      this.#notSent(buffer, body, seq, NotSentReason.NOT_CONNECTED);
      return;
    }
    const sent = this.#sentAt();
    const { writer } = this.#ownPost;
    writer.receive(0, sent * 1000);
    writer.sent(buffer, body, seq, {
      outcome: SendOutcome.SENT,
      reason: NotSentReason.NONE,
      code: 0,
      connection: CONNECTION,
      venueRequest: 0,
      sentMicros: sent * 1000,
    });
    const order = this.#order.__init(body, buffer);
    const query = new AccountQuery(this.#queryVenue(), identityOf(order, seq), order, buffer, body);
    this.#queries.add(query);
    query.begin(writer, sent * 1000);
    this.#sendLocal(sent);
    this.#askNext(query, sent);
  }

  /** Asks a query's next question, or ends it. */
  #askNext(query: AccountQuery, at: number): void {
    const { writer } = this.#ownPost;
    writer.receive(0, at * 1000);
    if (!query.hasNext) {
      query.end(writer, at * 1000);
      this.#queries.delete(query);
      this.#sendLocal(at);
      return;
    }
    const id = this.#request(at, query, () => {});
    if (!this.#isBroken) this.#steps.set(id, () => query.answer());
  }

  #queryVenue(): QueryVenue {
    const { exchange, currencies } = this.#options;
    return { exchange, currencies, messages: this.messages, trades: this.news.trades, post: this.#venuePost };
  }

  #sentAt(): number {
    return this.#log!.time / 1000 + this.#decision.next();
  }

  #notSent(buffer: ViewBuffer, body: number, seq: number, reason: number, code = 0): void {
    const at = this.#sentAt();
    this.#ownPost.writer.receive(0, at * 1000);
    this.#ownPost.writer.sent(buffer, body, seq, {
      outcome: SendOutcome.NOT_SENT,
      reason,
      code,
      connection: CONNECTION,
      venueRequest: 0,
      sentMicros: 0,
    });
    this.#sendLocal(at);
  }

  #reportConnection(state: number, armed: number, reason: number, code: number): void {
    const { writer } = this.#ownPost;
    writer.receive(0, this.#now * 1000);
    const role = ConnectionRole.SENDS | ConnectionRole.PRIVATE_STREAM;
    writer.connection(CONNECTION, state, role, armed, reason, code, this.#attempts);
    this.#sendLocal(this.#now);
  }

  #sendLocal(at: number): void {
    this.#ownPost.drain(this.#local);
    this.#local.send(at);
  }

  /** A request arrives at the venue. */
  #serve(): void {
    const id = this.#toVenue.tag;
    this.#bodies = [];
    this.#toVenue.arrive(this.#onRequest);
    const step = this.#steps.get(id);
    this.#steps.delete(id);
    const { buffer } = this.#arriving;
    const bodies = this.#bodies;
    const action = step === undefined ? this.#order.__init(bodies[0]!, buffer).action() : OrderAction.RECONCILE;
    this.#answer(id, action, buffer, bodies, step);
    this.#arriving.clear();
  }

  #answer(
    id: number,
    action: number,
    buffer: ViewBuffer,
    bodies: readonly number[],
    step: (() => void) | undefined,
  ): void {
    const now = this.#now;
    const chaos = this.#chaos;
    const answer = freshAnswer(id, this.#inFlight.get(id)?.askedMicros ?? now * 1000);
    this.#venuePost.writer.receive(0, now * 1000, this.messages.stamp(now) * 1000);
    const kind = kinds[action] ?? RequestKind.OTHER;
    const messageKind =
      kind === RequestKind.OTHER
        ? MessageKind.ANSWER
        : kind === RequestKind.CANCEL
          ? MessageKind.CANCELLED
          : MessageKind.ACKNOWLEDGEMENT;
    const refuse = (code: number): void => {
      if (step === undefined) this.#desk.refuse(buffer, bodies, this.#requestSeq, code, answer);
      else this.#inFlight.get(id)?.query?.refuse(code);
      this.#tell(messageKind, id);
    };
    if (chaos.isUnderMaintenance(now)) {
      refuse(Refusal.MAINTENANCE);
      return;
    }
    const isPaid = this.#pools.take(pools[action] ?? (step === undefined ? 'matching' : 'requests'), now);
    const fate = isPaid ? chaos.request(kind) : RequestFate.RATE_LIMIT;
    this.messages.shiftMs = chaos.clockShiftMicros / 1000;
    if (fate === RequestFate.RATE_LIMIT) {
      if (!isPaid) this.rateRefusals++;
      refuse(TOO_MANY_REQUESTS);
      this.break(DownReason.NO_CREDITS, TOO_MANY_REQUESTS);
      return;
    }
    if (fate === RequestFate.BREAK_BEFORE) {
      this.break(DownReason.CLOSED);
      return;
    }
    if (fate === RequestFate.REJECT) {
      refuse(chaos.rejection());
      return;
    }
    if (step === undefined) this.#desk.serve(buffer, bodies, this.#requestSeq, answer);
    else step();
    if (fate === RequestFate.BREAK_AFTER) this.break(DownReason.CLOSED);
    // Its reports were written: they are thrown away.
    if (fate === RequestFate.SERVE) this.#tell(messageKind, id);
    else this.#forgetWritten();
  }

  /** What stands in the post is one message. */
  #tell(kind: MessageKind, tag: number): void {
    const lane = this.#toClient;
    if (!this.#isOpen || this.#isBroken) {
      this.#forgetWritten();
      return;
    }
    this.#venuePost.drain(lane);
    if (!this.#chaos.isOn && this.#line.isEmpty) {
      lane.send(this.#now + this.#back.next(), tag);
      return;
    }
    this.#line.send({ bytes: lane.takeBack(), tag, isCorrupt: false }, kind, this.#now * 1000);
    if (!this.#line.isEmpty && this.#at[LOOK] === Number.POSITIVE_INFINITY) this.#at[LOOK] = this.#now + LOOK_MS;
  }

  /** Chaos lets a message go. One that no client should believe is lost, or makes the client give the connection up. */
  #post({ bytes, tag, isCorrupt }: Letter): void {
    if (!this.#isOpen || this.#isBroken) return;
    if (isCorrupt) {
      if (this.#chaos.place(2) === 0) this.break(DownReason.CLOSED);
      return;
    }
    this.#toClient.restore(bytes);
    this.#toClient.send(this.#now + this.#back.next(), tag);
  }

  #forgetWritten(): void {
    this.#venuePost.drain(this.#arriving);
    this.#arriving.takeBack();
  }

  #takeRequest(memory: Float64Array, word: number, type: number): void {
    if (type !== MessageType.APPROVED_ORDER) return;
    const view = new DataView(memory.buffer);
    this.#arriving.copy(view, word << 3);
    const step = (HEADER_BYTES + BODY_BYTES + 7) & ~7;
    this.#bodies.push(this.#bodies.length * step + HEADER_BYTES);
    this.#requestSeq = view.getFloat64((word << 3) + HeaderOffset.SEQ, true);
  }

  /** A message arrives at the client. */
  #hear(): void {
    const lane = this.#toClient;
    const { tag } = lane;
    const now = this.#now;
    const waiting = tag > 0 ? this.#inFlight.get(tag) : undefined;
    if (tag > 0 && waiting === undefined) {
      // A second copy of an answer: nobody waits for it.
      lane.drop();
      return;
    }
    this.#inFlight.delete(tag);
    this.#log!.at(now * 1000);
    lane.arrive(this.#onMessage);
    const query = waiting?.query;
    if (query !== undefined && this.#queries.has(query)) this.#askNext(query, now);
  }

  /** What only the client knows: how long it waited; and that a freeze ends. */
  #patch(memory: Float64Array, word: number, type: number): void {
    const body = word + (HEADER_BYTES >> 3);
    if (type === MessageType.REQUEST_REPORT) {
      memory[body + (ROUND_TRIP >> 3)] = this.#now * 1000 - memory[body + (ASKED >> 3)]!;
    } else if (type === MessageType.MMP_REPORT) {
      const words = new Int32Array(memory.buffer);
      const until = memory[body + 2]! / 1000;
      if (words[2 * body] !== MmpState.TRIGGERED || !(until > 0)) return;
      this.#resets.push({ underlying: words[2 * body + 2]!, due: Math.max(this.#now, until) });
    }
  }
}

const CONNECT = 0;
const READY = 1;
const DOWN = 2;
const LOOK = 3;
const TOO_MANY_REQUESTS = 10_028;

import {
  Armed,
  ConnectionState,
  DownReason,
  MmpState,
  NotSentReason,
  OrderAction,
  onlyAsks,
  onlyReduces,
} from '../../../engine/market/orders/codes.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import type { Board } from '../../../engine/runtime/supervision/board.js';
import { fieldOffset, structOffset } from '../../../schemas/field-offset.js';
import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import { Refusal as RefusalRecord } from '../../../schemas/generated/refusal.js';
import { RequestReport } from '../../../schemas/generated/request-report.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import type { ProtectionSettings } from '../../execution/deribit/config.js';
import { DeliveryPrices } from '../../execution/deribit/delivery-prices.js';
import { groupNameOf } from '../../execution/deribit/encoder.js';
import { InstrumentNames } from '../../execution/deribit/instrument-names.js';
import type { DefinitionMemory } from '../../feed/entry/definition-memory.js';
import type { RateLimits } from '../../venue-sim/api/session/rate-limits.js';
import type { Chaos } from '../../venue-sim/chaos/chaos.js';
import { CancelReason } from '../../venue-sim/exchange/codes.js';
import type { Exchange } from '../../venue-sim/exchange/exchange.js';
import { everyOrder } from '../../venue-sim/exchange/withdrawals.js';
import { LatencySource } from '../../venue-sim/latency.js';
import type { Paths } from '../paths.js';
import type { RecordLane, RecordSink } from '../record-lane.js';
import type { VirtualLog } from '../virtual-log.js';
import { AccountNews } from './account-news.js';
import type { AccountQuery } from './account-query.js';
import { Arming } from './arming.js';
import { Connection, Moment } from './connection.js';
import { Freezes } from './freezes.js';
import { Inquiries } from './inquiries.js';
import { OwnReports } from './own-reports.js';
import { ReportPost } from './report-post.js';
import { VenueDesk } from './venue-desk.js';
import { VenueDoor } from './venue-door.js';
import { VenueMail } from './venue-mail.js';
import { VenueMessages } from './venue-messages.js';
import { WaitingQuotes } from './waiting-quotes.js';

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

const VENUE = 1;
const REFUSED_ORDER = structOffset(RefusalRecord, 'order');
const ROUND_TRIP = fieldOffset(RequestReport, 'roundTrip');
const ASKED = fieldOffset(RequestReport, 'asked');

/**
 * Execution and its connection to the venue, in virtual time and without a wire: takes what risk approves, brings it to the exchange, and
 * reports what execution on Deribit would report, by that execution's own writer of reports. Everything is on its way for as long as
 * its path says; a connection that breaks loses what is on it, and takes the quotes with it.
 */
export class VirtualSession {
  readonly messages: VenueMessages;
  readonly news: AccountNews;
  /** Requests that were written. */
  requests = 0;
  breaks = 0;
  readonly #options: SessionOptions;
  readonly #names: InstrumentNames;
  readonly #deliveries: DeliveryPrices;
  readonly #connection = new Connection();
  readonly #arming: Arming;
  /** What the venue hears, and what it says. */
  readonly #door: VenueDoor;
  readonly #mail: VenueMail;
  /** Reports that the venue's messages bring, and those of execution itself. */
  readonly #venuePost: ReportPost;
  readonly #own: OwnReports;
  readonly #decision: LatencySource;
  readonly #way: LatencySource;
  readonly #back: LatencySource;
  readonly #order = new ApprovedOrder();
  readonly #waiting = new WaitingQuotes();
  readonly #freezes = new Freezes();
  readonly #inquiries: Inquiries;
  readonly #inFlight = new Map<number, InFlight>();
  readonly #onMessage: RecordSink;
  #log: VirtualLog | undefined;
  #board: Board | undefined;
  #lastId = 0;

  constructor(options: SessionOptions) {
    const { exchange, account, definitions, instruments, paths, seed, chaos, protection, limits, currencies } = options;
    this.#options = options;
    this.#names = new InstrumentNames(definitions.memory, instruments);
    const names = this.#names;
    this.#deliveries = new DeliveryPrices(names);
    const groups = new Map(protection.map(({ index }) => [groupNameOf(index), index]));
    const groupOf = (name: string | undefined): number => {
      const index = groups.get(name ?? '');
      return index === undefined ? 0 : names.underlyingOf(index) + 1;
    };
    this.#way = new LatencySource(paths.order, seed, `orders of ${account}`);
    this.#back = new LatencySource(paths.answer, seed, `answers to ${account}`);
    this.#venuePost = new ReportPost(names, VENUE, groupOf);
    this.#own = new OwnReports(new ReportPost(names, VENUE, groupOf));
    this.#decision = new LatencySource(paths.decision, seed, 'decisions');
    this.messages = new VenueMessages(exchange, account);
    const venue = { exchange, account, chaos, names, messages: this.messages, post: this.#venuePost };
    this.#mail = new VenueMail({
      ...venue,
      connection: this.#connection,
      way: this.#back,
      giveUp: () => this.break(DownReason.CLOSED),
    });
    this.#door = new VenueDoor({
      ...venue,
      limits,
      desk: new VenueDesk(venue),
      mail: this.#mail,
      askedMicros: (id) => this.#inFlight.get(id)?.askedMicros,
      break: (reason, code) => this.break(reason, code),
    });
    this.news = new AccountNews({
      ...venue,
      groupOf: (index) => {
        const underlying = names.underlyingOf(exchange.config.indices[index]!.name);
        return { group: underlying + 1, underlying };
      },
      send: (kind) => this.#mail.send(kind, 0),
    });
    this.#inquiries = new Inquiries({
      own: this.#own,
      venue: () => ({
        exchange,
        currencies,
        deliveries: this.#deliveries,
        messages: this.messages,
        trades: this.news.trades,
        post: this.#venuePost,
      }),
      ask: (query, at) => {
        const id = this.#request(at, query, () => {});
        if (!this.#connection.isBroken) this.#door.expect(id, query);
      },
    });
    this.#arming = new Arming({ exchange, account, names, limits, protection });
    this.#onMessage = {
      take: (memory, word, length, type) => {
        this.#complete(memory, word, type);
        this.#log!.take(memory, word, length, type);
      },
    };
  }

  /** Begins, with the log that reports go to and the board of the kill latch; again after a restart of the engine. */
  begin(log: VirtualLog, board: Board): void {
    this.#log = log;
    this.#board = board;
    this.#arming.forget();
    this.#freezes.clear();
    this.#deliveries.forget();
    this.#connection.begin(this.#now);
    // The core must hear of the connection before it hears that it is ready.
    this.#tellConnection(ConnectionState.DOWN, 0, DownReason.NONE, 0);
  }

  /** The engine dies: its socket closes, and all that it knew is gone. */
  end(): void {
    this.#breakAtVenue();
    this.#mail.end();
    this.#own.lane.clear();
    this.#waiting.clear();
    this.#connection.end();
    this.#log = undefined;
  }

  get isReady(): boolean {
    return this.#connection.isReady;
  }

  /** Requests that wait for their answers. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Requests that the venue refused for their number. */
  get rateRefusals(): number {
    return this.#door.rateRefusals;
  }

  /** When something of this connection happens next, milliseconds. */
  get next(): number {
    return Math.min(
      this.#door.lane.next,
      this.#mail.next,
      this.#own.lane.next,
      this.#connection.next,
      this.news.next,
      this.#freezes.next,
    );
  }

  /** Lets happen what is due: at the venue first, then at the client. The exchange's clock stands at the moment. */
  act(): void {
    const now = this.#now;
    const connection = this.#connection;
    if (this.#door.lane.next <= now) this.#door.serve();
    this.news.flush();
    this.#mail.look(now);
    if (this.#mail.lane.next <= now) this.#hear();
    if (this.#own.lane.next <= now) {
      this.#log!.at(now * 1000);
      this.#own.lane.arrive(this.#log!);
    }
    if (connection.comes(Moment.DOWN, now)) this.#down();
    if (connection.comes(Moment.CONNECT, now)) this.#connect();
    if (connection.comes(Moment.READY, now)) this.#ready();
    this.#freezes.end(now, this.#own.writer, () => this.#own.send(now));
  }

  /** Takes a record of approved orders: to be called while the core's answers are heard. */
  readonly take = (type: number, buffer: ViewBuffer, offset: number): void => {
    const seq = buffer.view.getFloat64(offset + HeaderOffset.SEQ, true);
    const body = offset + HEADER_BYTES;
    if (type === MessageType.REFUSAL) {
      // The quotes that wait are no frame of their own: one of them was refused, and the others go together.
      const code = new RefusalRecord().__init(body, buffer).code();
      this.#notSent(buffer, body + REFUSED_ORDER, seq, NotSentReason.REFUSED, code);
      return;
    }
    if (type !== MessageType.APPROVED_ORDER) return;
    const order = this.#order.__init(body, buffer);
    const action = order.action();
    if (action === OrderAction.QUOTE) {
      const group = order.group();
      if (!this.#waiting.goesWith(seq, group)) this.flush();
      this.#waiting.add(buffer, offset, seq, group);
      return;
    }
    this.flush();
    if (onlyAsks(action)) this.#ask(buffer, offset, seq);
    else this.#write(buffer, offset, seq, action);
  };

  /** Writes the quotes that wait: the core has answered the event. */
  flush(): void {
    const waiting = this.#waiting;
    if (waiting.isEmpty) return;
    const { buffer, seq, group } = waiting;
    const isKnown = this.#names.indexOf(group - 1) !== undefined;
    if (isKnown && this.isReady) {
      for (const frame of waiting.frames()) this.#send(buffer, frame, seq, OrderAction.QUOTE);
    } else {
      const reason = isKnown ? NotSentReason.NOT_CONNECTED : NotSentReason.NOT_ARMED;
      for (const offset of waiting.offsets()) this.#notSent(buffer, offset + HEADER_BYTES, seq, reason);
    }
    waiting.clear();
  }

  /** The connection breaks at the venue's end; the client hears of it after a while. */
  break(reason: number, code = 0): void {
    if (!this.#connection.isWhole) return;
    this.breaks++;
    this.#breakAtVenue();
    this.#connection.break(reason, code, this.#now + this.#back.next());
  }

  get #now(): number {
    return this.#options.exchange.now;
  }

  /** What is on the wire is lost; orders go with the connection. */
  #breakAtVenue(): void {
    const { exchange, account } = this.#options;
    this.#door.clear();
    this.#mail.clear();
    if (this.#connection.isOpen)
      exchange.cancelMany(account, { ...everyOrder, reason: CancelReason.CANCEL_ON_DISCONNECT });
    this.news.forget();
  }

  #down(): void {
    const connection = this.#connection;
    connection.close();
    this.#inFlight.clear();
    const { writer } = this.#own;
    writer.receive(0, this.#now * 1000);
    this.#inquiries.lose(this.#now);
    this.#tellConnection(ConnectionState.DOWN, 0, connection.reason, connection.code);
    connection.tryLater(this.#now);
  }

  #connect(): void {
    const connection = this.#connection;
    connection.attempts++;
    if (this.#options.chaos.isUnderMaintenance(this.#now)) {
      connection.tryLater(this.#now);
      return;
    }
    connection.open(this.#now);
    this.news.forget();
    this.#tellConnection(ConnectionState.AUTHORISED, 0, 0, 0);
  }

  /** Armed and subscribed: what the venue is told on the way there is done here at once. */
  #ready(): void {
    if (!this.#arming.isPossible) {
      this.#connection.setUp(this.#now);
      return;
    }
    this.#connection.ready();
    const { writer } = this.#own;
    writer.receive(0, this.#now * 1000);
    this.#arming.arm(writer);
    const mmp = this.#options.protection.length > 0 ? Armed.MMP | Armed.MASS_QUOTES : Armed.MMP;
    this.#tellConnection(ConnectionState.READY, Armed.CANCEL_ON_DISCONNECT | mmp, 0, 0);
  }

  #write(buffer: ViewBuffer, offset: number, seq: number, action: number): void {
    // A cancel goes by whatever way there is.
    const usable = this.isReady || (onlyReduces(action) && this.#connection.isOpen);
    if (usable) this.#send(buffer, [offset], seq, action);
    else this.#notSent(buffer, offset + HEADER_BYTES, seq, NotSentReason.NOT_CONNECTED);
  }

  #send(buffer: ViewBuffer, offsets: readonly number[], seq: number, action: number): void {
    const isKilled = this.#board!.killed() !== 0 && !onlyReduces(action);
    if (isKilled) {
      for (const offset of offsets) this.#notSent(buffer, offset + HEADER_BYTES, seq, NotSentReason.KILLED);
      return;
    }
    const at = this.#sentAt();
    const id = this.#request(at, undefined, (lane) => {
      for (const offset of offsets) lane.copy(buffer.view, offset);
    });
    this.#own.writer.receive(0, at * 1000);
    for (const offset of offsets) this.#own.sent(buffer, offset + HEADER_BYTES, seq, id, at);
    this.#own.send(at);
  }

  /** Puts a request on the wire; its number. On a wire that is broken it is lost. */
  #request(sent: number, query: AccountQuery | undefined, write: (lane: RecordLane) => void): number {
    const id = ++this.#lastId;
    const { chaos } = this.#options;
    this.requests++;
    this.#inFlight.set(id, { askedMicros: sent * 1000, query });
    if (this.#connection.isBroken) return id;
    const { lane } = this.#door;
    write(lane);
    const delay = chaos.isOn ? chaos.readingDelay() / 1000 : 0;
    lane.send(sent + this.#way.next() + delay, id);
    return id;
  }

  #ask(buffer: ViewBuffer, offset: number, seq: number): void {
    const body = offset + HEADER_BYTES;
    if (!this.isReady) {
      this.#notSent(buffer, body, seq, NotSentReason.NOT_CONNECTED);
      return;
    }
    this.#inquiries.begin(this.#order.__init(body, buffer), buffer, body, seq, this.#sentAt());
  }

  /** When what the core has just decided is on the wire, milliseconds. */
  #sentAt(): number {
    return this.#log!.time / 1000 + this.#decision.next();
  }

  #notSent(buffer: ViewBuffer, body: number, seq: number, reason: number, code = 0): void {
    this.#own.notSent(buffer, body, seq, reason, code, this.#sentAt());
  }

  #tellConnection(state: number, armed: number, reason: number, code: number): void {
    this.#own.connection(state, armed, reason, code, this.#connection.attempts, this.#now);
  }

  /** A message arrives at the client. */
  #hear(): void {
    const { lane } = this.#mail;
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
    if (query !== undefined) this.#inquiries.goOn(query, now);
  }

  /** What only the client knows: how long it waited; and that a freeze ends. */
  #complete(memory: Float64Array, word: number, type: number): void {
    const body = word + (HEADER_BYTES >> 3);
    if (type === MessageType.REQUEST_REPORT) {
      memory[body + (ROUND_TRIP >> 3)] = this.#now * 1000 - memory[body + (ASKED >> 3)]!;
    } else if (type === MessageType.MMP_REPORT) {
      const words = new Int32Array(memory.buffer);
      const until = memory[body + 2]! / 1000;
      if (words[2 * body] !== MmpState.TRIGGERED || !(until > 0)) return;
      this.#freezes.add(words[2 * body + 2]!, Math.max(this.#now, until));
    }
  }
}

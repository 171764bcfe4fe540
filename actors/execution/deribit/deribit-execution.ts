import { NotSentReason, OrderAction, onlyAsks, onlyReduces, SendOutcome } from '../../../engine/market/orders/codes.js';
import { quoteIdOf } from '../../../engine/market/orders/other-engine.js';
import { readVenueId } from '../../../engine/market/orders/venue-id.js';
import type { IoActor, IoContext } from '../../../engine/runtime/actor/definition.js';
import { wallClockOf } from '../../../engine/runtime/clock/event-clock.js';
import { copyBody, HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import { structOffset } from '../../../schemas/field-offset.js';
import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import { Refusal } from '../../../schemas/generated/refusal.js';
import { SendReport } from '../../../schemas/generated/send-report.js';
import { MessageType } from '../../../schemas/message-type.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import type { SessionHost } from '../../session/host.js';
import { nodeHost } from '../../session/node-host.js';
import { writeThroughGate } from '../order-gate.js';
import type { DeribitExecutionConfig } from './config.js';
import { CoreFreshness } from './core-freshness.js';
import { DeliveryPrices } from './delivery-prices.js';
import { groupNameOf, OrderEncoder } from './encoder.js';
import { InstrumentNames } from './instrument-names.js';
import { OrderSession } from './order-session.js';
import { type QueryDesk, queryOrder, reconcileAccount } from './queries.js';
import { ReportWriter } from './report-writer.js';
import { identityOf } from './request-identity.js';

/** Orders taken in one turn, so that the reports of a burst fit into their ring. */
const ORDERS_PER_TURN = 256;
const SENT_BYTES = HEADER_BYTES + SendReport.sizeOf() + 16;
/** Kept free for what the venue says while nobody reads: sockets are held back below it. */
const RESERVE_BYTES = 1 << 20;
const LOOK_EVERY_MS = 100;
const ROOM_AGAIN_MS = 2;
const REFUSED_ORDER = structOffset(Refusal, 'order');
const VENUE_ID = structOffset(ApprovedOrder, 'venueOrderId');
const BODY_BYTES = ApprovedOrder.sizeOf();
/** Sides of quotes that wait for their frame. */
const MOST_WAITING = 256;

/**
 * Execution on Deribit: writes approved orders to the venue and reports what it hears, and decides nothing. The kill latch is looked
 * at before each write.
 */
export class DeribitExecution implements IoActor {
  readonly sessions: OrderSession[] = [];
  readonly #context: IoContext<DeribitExecutionConfig>;
  readonly #host: SessionHost;
  readonly #names: InstrumentNames;
  readonly #deliveries: DeliveryPrices;
  readonly #encoder: OrderEncoder;
  readonly #reports: ReportWriter;
  readonly #clock = wallClockOf({ kind: 'wall' });
  readonly #freshness: CoreFreshness;
  readonly #order = new ApprovedOrder();
  readonly #refusal = new Refusal();
  /** Quotes of the event under way, and their events. */
  readonly #waiting = new ViewBuffer(new ArrayBuffer(MOST_WAITING * BODY_BYTES));
  #waitingCount = 0;
  #waitingSeq = 0;
  #waitingGroup = -1;
  #waitingAccount = 0;
  #isPaused = false;
  #isStopping = false;
  #isFresh = true;
  /** What was warned of last: it is asked for every minute. */
  #uncounted = '';
  #timer: NodeJS.Timeout | undefined;
  readonly #onRecord = (type: number, buffer: ViewBuffer, offset: number): void => {
    if (type === MessageType.APPROVED_ORDER) this.#take(buffer, offset);
    else if (type === MessageType.REFUSAL) this.#reportRefusal(buffer, offset);
  };

  constructor(context: IoContext<DeribitExecutionConfig>, host: SessionHost = nodeHost) {
    const { config } = context;
    this.#context = context;
    this.#host = host;
    this.#names = new InstrumentNames(config.definitions, config.instruments);
    this.#deliveries = new DeliveryPrices(this.#names);
    this.#encoder = new OrderEncoder(this.#names);
    const groups = new Map(config.protection.map(({ index }) => [groupNameOf(index), index]));
    this.#reports = new ReportWriter(context.out!, this.#names, config.venue, (name) => {
      const index = groups.get(name ?? '');
      return index === undefined ? 0 : this.#names.underlyingOf(index) + 1;
    });
    this.#freshness = new CoreFreshness(context.board, host.nowMs());
    let connection = 0;
    for (const account of config.accounts) {
      const armedIndices = new Set<string>();
      for (let each = 0; each < account.connections; each++) {
        this.sessions.push(
          new OrderSession(
            host,
            {
              config,
              account,
              connection: connection++,
              isPrivate: each === 0,
              names: this.#names,
              reports: this.#reports,
              armedIndices,
            },
            {
              reported: () => this.#publish(),
              isFresh: () => this.#isFresh,
              nowMicros: () => this.#nowMicros(),
              note: (level, message) => context.log(level, message),
            },
          ),
        );
      }
    }
  }

  start(): void {
    for (const session of this.sessions) session.start();
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  turn(): number {
    const { inputs, out } = this.#context;
    this.#hold(!out!.hasRoom(RESERVE_BYTES));
    // Never takes an order whose report it could not write.
    if (!out!.hasRoom((ORDERS_PER_TURN + MOST_WAITING) * SENT_BYTES)) return 0;
    const taken = inputs[0]!.poll(this.#onRecord, ORDERS_PER_TURN);
    // Where a turn ends within an event the rest of its quotes comes with the next: in two frames they would cost a credit that nobody has counted.
    if (taken < ORDERS_PER_TURN) this.#flush();
    if (taken > 0) this.#publish();
    return taken;
  }

  /** Orders that are approved still are written: cancels may be among them. The venue pulls the rest when the sockets close. */
  stop(): void {
    this.#isStopping = true;
  }

  close(): void {
    clearInterval(this.#timer);
    for (const session of this.sessions) session.stop();
    this.#publish();
  }

  #look(): void {
    const { out } = this.#context;
    this.#hold(!out!.hasRoom(RESERVE_BYTES));
    const isFresh = this.#freshness.isFresh(this.#host.nowMs());
    if (isFresh === this.#isFresh) return;
    this.#isFresh = isFresh;
    if (isFresh || this.#isStopping) return;
    this.#context.log(
      'error',
      'the core makes no progress: the connections are given up, so that the venue pulls the quotes',
    );
    for (const session of this.sessions) session.abandon();
  }

  /** Holds the sockets back while the log cannot take what they bring. */
  #hold(mustWait: boolean): void {
    if (mustWait === this.#isPaused) return;
    this.#isPaused = mustWait;
    for (const { session } of this.sessions) {
      if (mustWait) session.connection.pause();
      else session.connection.resume();
    }
  }

  #take(buffer: ViewBuffer, offset: number): void {
    const order = this.#order.__init(offset + HEADER_BYTES, buffer);
    const seq = buffer.view.getFloat64(offset + HeaderOffset.SEQ, true);
    const action = order.action();
    if (action === OrderAction.QUOTE) {
      this.#gather(buffer, offset + HEADER_BYTES, seq, order);
      return;
    }
    // In the order in which they were decided.
    this.#flush();
    if (onlyAsks(action)) this.#ask(buffer, offset + HEADER_BYTES, seq);
    else this.#write(buffer, offset + HEADER_BYTES, seq);
  }

  #gather(buffer: ViewBuffer, body: number, seq: number, order: ApprovedOrder): void {
    const group = order.group();
    const account = order.account();
    const isSame = seq === this.#waitingSeq && group === this.#waitingGroup && account === this.#waitingAccount;
    if (this.#waitingCount > 0 && (!isSame || this.#waitingCount === MOST_WAITING)) this.#flush();
    copyBody(buffer, body, this.#waiting, this.#waitingCount * BODY_BYTES, BODY_BYTES);
    this.#waitingCount++;
    this.#waitingSeq = seq;
    this.#waitingGroup = group;
    this.#waitingAccount = account;
  }

  /** Writes the quotes that wait: one mass quote, or more where a frame is full. */
  #flush(): void {
    const count = this.#waitingCount;
    if (count === 0) return;
    this.#waitingCount = 0;
    const places = Array.from({ length: count }, (_, place) => place * BODY_BYTES);
    const order = this.#order;
    const instrumentAt = (place: number): number => order.__init(place, this.#waiting).instrument();
    // The sides of an instrument side by side.
    places.sort((left, right) => instrumentAt(left) - instrumentAt(right) || left - right);
    const index = this.#names.indexOf(this.#waitingGroup - 1);
    const session = this.#sessionOf(this.#waitingAccount, this.#waitingGroup);
    if (index === undefined || session === undefined || !session.takesOrders) {
      const reason = index === undefined ? NotSentReason.NOT_ARMED : reasonOf(session);
      for (const place of places) this.#reportNotSent(this.#waiting, place, this.#waitingSeq, reason);
      return;
    }
    const encoder = this.#encoder;
    for (let next = 0; next < places.length; ) {
      const id = session.nextId();
      const run = order.__init(places[next]!, this.#waiting).run();
      encoder.beginQuotes(id, quoteIdOf(run, id), groupNameOf(index), 0);
      const written: number[] = [];
      for (; next < places.length && encoder.takesQuote; next++) {
        const place = places[next]!;
        if (encoder.quote(this.#waiting, place)) written.push(place);
        else this.#reportNotSent(this.#waiting, place, this.#waitingSeq, NotSentReason.UNKNOWN_INSTRUMENT);
      }
      encoder.endQuotes();
      if (written.length > 0) this.#send(session, OrderAction.QUOTE, this.#waiting, written, this.#waitingSeq);
    }
  }

  #write(buffer: ViewBuffer, body: number, seq: number): void {
    const order = this.#order.__init(body, buffer);
    const action = order.action();
    const own = this.#sessionOf(order.account(), order.instrument());
    const session =
      own?.takesOrders === true ? own : onlyReduces(action) ? this.#cancelWay(order.account(), own) : undefined;
    if (session === undefined) {
      this.#reportNotSent(buffer, body, seq, reasonOf(own));
      return;
    }
    if (!this.#encoder.encode(session.nextId(), buffer, body)) {
      this.#reportNotSent(buffer, body, seq, NotSentReason.UNKNOWN_INSTRUMENT);
      return;
    }
    this.#send(session, action, buffer, [body], seq);
  }

  /** Through the gate, and reports on each of the orders at these places. */
  #send(session: OrderSession, action: number, buffer: ViewBuffer, places: readonly number[], seq: number): void {
    const requests = places.map((place) => identityOf(this.#order.__init(place, buffer), seq));
    const venueRequest = session.nextId();
    const frame = this.#encoder.frame.frame();
    let outcome: number = SendOutcome.NOT_SENT;
    let reason: number = NotSentReason.NOT_CONNECTED;
    const passed = writeThroughGate(this.#context.board, action, () => {
      try {
        if (session.write(frame, requests)) outcome = SendOutcome.SENT;
      } catch (error) {
        // Nobody knows how much of it went out.
        outcome = SendOutcome.CONNECTION_LOST;
        this.#context.log('error', `a request broke while it was written: ${(error as Error).message}`);
      }
    });
    if (!passed) reason = NotSentReason.KILLED;
    if (outcome !== SendOutcome.NOT_SENT) reason = NotSentReason.NONE;
    const now = this.#nowMicros();
    this.#reports.receive(session.account, now);
    for (const place of places) {
      this.#reports.sent(buffer, place, seq, {
        outcome,
        reason,
        code: 0,
        connection: session.connection,
        venueRequest,
        sentMicros: now,
      });
    }
  }

  #ask(buffer: ViewBuffer, body: number, seq: number): void {
    const order = this.#order.__init(body, buffer);
    const session = this.sessions.find(({ account, isReady }) => account === order.account() && isReady);
    if (session === undefined) {
      this.#reportNotSent(buffer, body, seq, NotSentReason.NOT_CONNECTED);
      return;
    }
    const request = identityOf(order, seq);
    const now = this.#nowMicros();
    this.#reports.receive(session.account, now);
    this.#reports.sent(buffer, body, seq, {
      outcome: SendOutcome.SENT,
      reason: NotSentReason.NONE,
      code: 0,
      connection: session.connection,
      venueRequest: 0,
      sentMicros: now,
    });
    const desk: QueryDesk = {
      session: session.session,
      account: session.account,
      connection: session.connection,
      names: this.#names,
      deliveries: this.#deliveries,
      reports: this.#reports,
      currencies: this.#context.config.currencies,
      nowMicros: () => this.#nowMicros(),
      room: () => this.#room(),
      reported: () => this.#publish(),
      uncounted: (names) => this.#warnOf(names),
      note: (level, message) => this.#context.log(level, message),
    };
    const venueOrderId = readVenueId(buffer.view, body + VENUE_ID);
    const asking =
      order.action() === OrderAction.QUERY
        ? queryOrder(desk, request, venueOrderId)
        : reconcileAccount(desk, {
            ...request,
            number: order.reconcile(),
            subject: order.subject(),
            since: order.since(),
          });
    asking.catch((error: Error) => this.#context.log('error', `a query broke: ${error.message}`));
  }

  #warnOf(uncounted: readonly string[]): void {
    const names = uncounted.join(', ');
    if (names === this.#uncounted) return;
    this.#uncounted = names;
    if (names === '') return;
    this.#context.log(
      'warn',
      `the account holds ${names}, which the feed does not follow: no position, limit or profit counts it`,
    );
  }

  /** Orders of one instrument, and quotes of one group, go by one connection, so that they arrive in order. */
  #sessionOf(account: number, key: number): OrderSession | undefined {
    const sessions = this.sessions.filter((session) => session.account === account);
    return sessions.length === 0 ? undefined : sessions[(key >>> 0) % sessions.length];
  }

  /**
   * A cancel goes by whatever way there is. Quotes go by their group's connection, so what an instrument's cancel takes back may rest on one that stands while the
   * instrument's own is down.
   */
  #cancelWay(account: number, own: OrderSession | undefined): OrderSession | undefined {
    const ways = this.sessions.filter((session) => session.account === account && session.isSignedOn);
    return ways.find(({ takesOrders }) => takesOrders) ?? ways.find((session) => session === own) ?? ways[0];
  }

  /** The core learns only from the log what risk refused: this is how it gets there. The quotes that wait go on waiting, for one frame. */
  #reportRefusal(buffer: ViewBuffer, offset: number): void {
    const body = offset + HEADER_BYTES;
    const seq = buffer.view.getFloat64(offset + HeaderOffset.SEQ, true);
    const { code } = { code: this.#refusal.__init(body, buffer).code() };
    this.#reportNotSent(buffer, body + REFUSED_ORDER, seq, NotSentReason.REFUSED, code);
  }

  #reportNotSent(buffer: ViewBuffer, body: number, seq: number, reason: number, code = 0): void {
    this.#reports.receive(0, this.#nowMicros());
    this.#reports.sent(buffer, body, seq, {
      outcome: SendOutcome.NOT_SENT,
      reason,
      code,
      connection: 0,
      venueRequest: 0,
      sentMicros: 0,
    });
  }

  async #room(): Promise<void> {
    while (!this.#context.out!.hasRoom(RESERVE_BYTES)) {
      await new Promise<void>((resolve) => this.#host.after(ROOM_AGAIN_MS, resolve));
    }
  }

  #nowMicros(): number {
    this.#clock.tick();
    return this.#clock.now[0]!;
  }

  #publish(): void {
    const { clock } = this.#context;
    clock.tick();
    this.#context.publish(clock.now[0]!);
  }
}

function reasonOf(session: OrderSession | undefined): number {
  return session?.isReady === true ? NotSentReason.SOCKET_FULL : NotSentReason.NOT_CONNECTED;
}

export function create(context: IoContext<DeribitExecutionConfig>): IoActor {
  return new DeribitExecution(context);
}

import {
  Armed,
  ConnectionRole,
  ConnectionState,
  DownReason,
  MmpState,
  ReportSource,
  RequestOutcome,
  VenueReason,
} from '../../../engine/market/orders/codes.js';
import { DeribitSession } from '../../session/deribit/deribit-session.js';
import type { SessionHost } from '../../session/host.js';
import { AccountArming } from './account-arming.js';
import type { AccountSettings, DeribitExecutionConfig } from './config.js';
import type { InstrumentNames } from './instrument-names.js';
import { changesMessage, mmpStatusAnswer, mmpTriggerMessage, portfolioMessage } from './messages.js';
import type { OrderSessionEvents } from './order-session-events.js';
import type { ReportWriter } from './report-writer.js';
import { RequestAnswers, type VenueError } from './request-answers.js';
import type { Answered, RequestIdentity } from './request-identity.js';
import { VenueFreezes } from './venue-freezes.js';

/** Ids of orders begin here; those of everything else, which the session gives, stay below. */
const FIRST_ORDER_ID = 1_000_000_000;
/** The least that the venue takes: a session that hangs is noticed as soon as may be. */
const HEARTBEAT_SECONDS = 10;
const CHANGES = 'user.changes.any.any.raw';
/** Protection that the venue does not keep is not armed more often. */
const RENEW_EVERY_MS = 60_000;
const LOOK_AGAIN_MS = 50;
/** Between two questions whether the venue's protection still freezes: it does not tell who resets it by hand. */
const FREEZES_AGAIN_MS = 2000;
/** Bytes that wait in a socket which is too slow for orders. */
const MOST_BUFFERED_BYTES = 1 << 20;

interface InFlight {
  requests: readonly RequestIdentity[];
  askedMicros: number;
}

interface AnswerMessage {
  id?: unknown;
  result?: unknown;
  error?: VenueError;
  usIn?: unknown;
  usDiff?: unknown;
}

/** One connection for orders: arms what has to be armed before it is ready, writes requests, and reports what comes back. */
export class OrderSession {
  readonly session: DeribitSession;
  readonly connection: number;
  readonly account: number;
  readonly #host: SessionHost;
  readonly #config: DeribitExecutionConfig;
  readonly #names: InstrumentNames;
  readonly #reports: ReportWriter;
  readonly #answers: RequestAnswers;
  readonly #arming: AccountArming;
  readonly #events: OrderSessionEvents;
  readonly #isPrivate: boolean;
  readonly #freezes = new VenueFreezes();
  /** How often protection was triggered; and whether the end of a freeze is asked for. */
  #triggers = 0;
  #isWatching = false;
  readonly #armedIndices: Set<string>;
  /** When protection was found gone, by the host's clock. */
  #renewedMs = Number.NEGATIVE_INFINITY;
  readonly #inFlight = new Map<number, InFlight>();
  #lastId = FIRST_ORDER_ID;
  #generation = 0;
  #isReady = false;
  #isStopping = false;
  #attempts = 0;
  #downReason: number = DownReason.CLOSED;

  constructor(
    host: SessionHost,
    options: {
      config: DeribitExecutionConfig;
      account: AccountSettings;
      connection: number;
      /** Carries the private stream beside its orders, and arms the account. */
      isPrivate: boolean;
      names: InstrumentNames;
      reports: ReportWriter;
      /** Indices whose protection this process has armed: to arm it again would end a freeze. */
      armedIndices: Set<string>;
    },
    events: OrderSessionEvents,
  ) {
    this.#host = host;
    this.#config = options.config;
    this.#names = options.names;
    this.#reports = options.reports;
    this.#events = events;
    this.#isPrivate = options.isPrivate;
    this.#armedIndices = options.armedIndices;
    this.#answers = new RequestAnswers(options.names, options.reports, (message) => events.note('error', message));
    this.connection = options.connection;
    this.account = options.account.account;
    this.session = new DeribitSession(
      host,
      { url: options.config.url, credentials: options.account.credentials, heartbeatSeconds: HEARTBEAT_SECONDS },
      {
        ready: () => this.#arm(),
        down: (why) => this.#down(why),
        frame: (data) => this.#frame(data),
        subscribed: () => {},
        // The feed tells the log of it: what the venue locks stops orders there.
        platform: () => {},
        note: events.note,
        nowMicros: events.nowMicros,
      },
    );
    this.#arming = new AccountArming(
      {
        call: (method, params) => this.session.call(method, params),
        pause: (ms) => this.#pause(ms),
        receive: () => this.#receive(0),
        events,
      },
      options,
    );
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** The venue takes cancels of the account by it, though it may not be armed yet. */
  get isSignedOn(): boolean {
    return this.session.isReady;
  }

  /** Orders may be written now. */
  get takesOrders(): boolean {
    return this.#isReady && this.session.connection.bufferedBytes < MOST_BUFFERED_BYTES;
  }

  get role(): number {
    return ConnectionRole.SENDS | (this.#isPrivate ? ConnectionRole.PRIVATE_STREAM : 0);
  }

  start(): void {
    // The core must hear of the connection before it hears that it is ready.
    this.#report(ConnectionState.DOWN, 0, DownReason.NONE, 0);
    this.session.start();
  }

  stop(): void {
    this.#isStopping = true;
    this.#downReason = DownReason.STOPPED;
    this.session.stop();
  }

  /** The core does not move: the venue has to take the quotes, which it does when this is gone. */
  abandon(): void {
    this.#downReason = DownReason.CORE_NOT_FRESH;
    this.session.connection.fail('the core makes no progress');
  }

  nextId(): number {
    return this.#lastId + 1;
  }

  /** Writes a frame whose id is `nextId()`; what is asked for waits for its answer. False where there is no connection. */
  write(frame: Uint8Array, requests: readonly RequestIdentity[]): boolean {
    const id = this.#lastId + 1;
    if (!this.session.connection.send(frame)) return false;
    this.#lastId = id;
    this.#inFlight.set(id, { requests, askedMicros: this.#events.nowMicros() });
    return true;
  }

  async #arm(): Promise<void> {
    const generation = ++this.#generation;
    const isCurrent = (): boolean => generation === this.#generation;
    this.#attempts++;
    this.#report(ConnectionState.AUTHORISED, 0, 0, 0);
    let armed = 0;
    try {
      await this.session.call('private/enable_cancel_on_disconnect', { scope: 'connection' });
      armed |= Armed.CANCEL_ON_DISCONNECT;
    } catch (error) {
      this.#events.note('error', `cancel on disconnect cannot be armed: ${(error as Error).message}`);
    }
    if (!isCurrent()) return;
    const isProtected = (await this.#arming.armProtection(isCurrent)) && this.#config.protection.length > 0;
    // A mass quote needs a protection group.
    if (isProtected) armed |= this.#config.massQuotes ? Armed.MMP | Armed.MASS_QUOTES : Armed.MMP;
    if (this.#isPrivate && isCurrent()) {
      await this.#arming.readLimits();
      const channels = this.#channels();
      this.session.want(channels);
      // Nothing may be missed: without its private stream the connection is not ready.
      while (isCurrent() && !this.session.subscriptions.held.has(CHANGES)) await this.#pause(LOOK_AGAIN_MS);
      // What was triggered or reset while nobody listened.
      if (isProtected && isCurrent()) await this.#askFreezes();
    }
    if (!isCurrent()) return;
    this.#isReady = true;
    this.#report(ConnectionState.READY, armed, 0, 0);
    this.#events.note('info', `connection ${this.connection} is ready for orders`);
  }

  #channels(): string[] {
    const currencies = this.#config.currencies.map((currency) => currency.toLowerCase());
    const indices = this.#config.protection.map(({ index }) => index);
    return [
      CHANGES,
      ...currencies.map((currency) => `user.portfolio.${currency}`),
      ...indices.map((index) => `user.mmp_trigger.${index}`),
    ];
  }

  #frame(data: Buffer): void {
    let message: AnswerMessage & { method?: unknown; params?: { channel?: unknown; data?: unknown; type?: unknown } };
    try {
      message = JSON.parse(data.toString()) as typeof message;
    } catch {
      this.#events.note('error', `a frame that is no JSON: ${data.toString('utf8', 0, 200)}`);
      return;
    }
    if (message.method === 'subscription') this.#onData(String(message.params?.channel), message.params?.data);
    else if (message.method === 'heartbeat' && !this.#events.isFresh()) {
      this.#events.note('error', 'a heartbeat is left unanswered, because the core makes no progress');
    } else if (typeof message.id === 'number' && message.id > FIRST_ORDER_ID) this.#onAnswer(message.id, message);
    else this.session.onControl(message);
  }

  #onData(channel: string, data: unknown): void {
    this.#receive(0);
    const [, family, subject] = channel.split('.');
    if (channel === CHANGES) this.#onChanges(data);
    else if (family === 'portfolio') {
      const portfolio = portfolioMessage.safeParse(data);
      if (portfolio.success) this.#reports.funds(portfolio.data, ReportSource.STREAM, 0);
      else this.#unreadable(channel, data);
    } else if (family === 'mmp_trigger') this.#onTrigger(subject ?? '', data);
    this.#events.reported();
  }

  /** Orders before trades, so that a fill finds its order. */
  #onChanges(data: unknown): void {
    const parsed = changesMessage.safeParse(data);
    if (!parsed.success) {
      this.#unreadable(CHANGES, data);
      return;
    }
    for (const order of parsed.data.orders ?? []) this.#reports.order(order, ReportSource.STREAM, 0);
    for (const trade of parsed.data.trades ?? []) this.#reports.fill(trade, ReportSource.STREAM, 0);
    for (const position of parsed.data.positions ?? []) this.#reports.position(position, ReportSource.STREAM, 0);
  }

  #onTrigger(index: string, data: unknown): void {
    const parsed = mmpTriggerMessage.safeParse(data);
    if (!parsed.success) {
      this.#unreadable(`user.mmp_trigger.${index}`, data);
      return;
    }
    const { index_name: name, mmp_group: group = '', frozen_until: frozenUntil } = parsed.data;
    this.#triggers++;
    this.#freezes.freeze(name, group, frozenUntil * 1000);
    this.#events.note('warn', `market maker protection of ${name} was triggered`);
    this.#tellFreeze(name);
    this.#watchFreezes();
  }

  /** Tells until when an index is frozen, and when that is over. */
  #tellFreeze(index: string): void {
    const underlying = this.#names.underlyingOf(index);
    const until = this.#freezes.until(index);
    if (until === 0) {
      this.#reports.protection(MmpState.RESET, underlying + 1, underlying, 0, Number.NaN);
      return;
    }
    const isEndless = until === Number.POSITIVE_INFINITY;
    this.#reports.protection(MmpState.TRIGGERED, underlying + 1, underlying, 0, isEndless ? 0 : until);
    if (isEndless) return;
    this.#host.after(Math.max(0, until - this.#events.nowMicros()) / 1000, () => {
      // Another trigger may have made it longer meanwhile, or a hand has ended it.
      if (this.#freezes.until(index) !== until) return;
      this.#receive(0);
      this.#reports.protection(MmpState.RESET, underlying + 1, underlying, 0, Number.NaN);
      this.#events.reported();
    });
  }

  /** Asks what is frozen for as long as something is. */
  async #watchFreezes(): Promise<void> {
    if (this.#isWatching) return;
    this.#isWatching = true;
    for (;;) {
      await this.#pause(FREEZES_AGAIN_MS);
      if (this.#isStopping || !this.#freezes.isAnyAt(this.#events.nowMicros())) break;
      if (this.session.connection.isUp) await this.#askFreezes();
    }
    this.#isWatching = false;
  }

  /** The venue is asked what it freezes. */
  async #askFreezes(): Promise<void> {
    const triggers = this.#triggers;
    try {
      const frozen = mmpStatusAnswer.parse(await this.session.call('private/get_mmp_status', {}));
      // What was triggered meanwhile may be missing in the answer.
      if (triggers !== this.#triggers) return;
      const told = frozen.map(({ index_name: index, mmp_group: group = '', frozen_until: untilMs }) => ({
        index,
        group,
        untilMicros: untilMs * 1000,
      }));
      this.#receive(0);
      for (const index of this.#freezes.tell(told, this.#events.nowMicros())) this.#tellFreeze(index);
      this.#events.reported();
      if (told.length > 0) this.#watchFreezes();
    } catch (error) {
      this.#events.note('warn', `what the venue freezes cannot be asked: ${(error as Error).message}`);
    }
  }

  /** What cannot be understood may have been a fill: the connection is given up, and the account asked about anew. */
  #unreadable(channel: string, data: unknown): void {
    this.#events.note(
      'error',
      `${channel}: a message of another form than documented: ${JSON.stringify(data)?.slice(0, 300)}`,
    );
    this.session.connection.fail(`an unreadable message on ${channel}`);
  }

  #onAnswer(id: number, message: AnswerMessage): void {
    const waiting = this.#inFlight.get(id);
    if (waiting === undefined) {
      this.#events.note('warn', `an answer to request ${id}, which nobody waits for`);
      return;
    }
    this.#inFlight.delete(id);
    const usDiff = Number(message.usDiff ?? Number.NaN);
    this.#receive(Number(message.usIn ?? 0));
    const answer: Answered = {
      outcome: RequestOutcome.ACCEPTED,
      reason: VenueReason.NONE,
      venueCode: 0,
      limit: Number.NaN,
      connection: this.connection,
      cancelled: 0,
      venueRequest: id,
      askedMicros: waiting.askedMicros,
      answeredMicros: this.#events.nowMicros(),
      venueMicros: usDiff,
    };
    if (message.error !== undefined) this.#answers.refused(waiting.requests, message.error, answer);
    else this.#answers.done(waiting.requests, message.result, answer);
    this.#events.reported();
    if (message.error !== undefined) this.session.hearRefusal(Number(message.error.code));
    if (this.#answers.takeUnprotected() && this.#isPrivate) this.#renewProtection();
  }

  /** Somebody has taken the account's protection away, and every quote is refused: the connection is made anew, which arms what it needs first. */
  #renewProtection(): void {
    const now = this.#host.nowMs();
    if (now < this.#renewedMs + RENEW_EVERY_MS) return;
    this.#renewedMs = now;
    this.#armedIndices.clear();
    this.session.connection.fail('the account has no market maker protection at the venue any more');
  }

  #down(why: string): void {
    this.#generation++;
    this.#isReady = false;
    // The core takes what was in flight on it for unknown.
    this.#inFlight.clear();
    this.#report(ConnectionState.DOWN, 0, this.#downReason, 0);
    if (!this.#isStopping) this.#events.note('warn', `connection ${this.connection} for orders is down: ${why}`);
    this.#downReason = DownReason.CLOSED;
  }

  #report(state: number, armed: number, reason: number, code: number): void {
    this.#receive(0);
    this.#reports.connection(this.connection, state, this.role, armed, reason, code, this.#attempts);
    this.#events.reported();
  }

  #receive(venueMicros: number): void {
    this.#reports.receive(this.account, this.#events.nowMicros(), venueMicros);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#host.after(ms, resolve));
  }
}

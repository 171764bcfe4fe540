import { type ClientLink, type ConnectionHost, VenueConnection } from './connection.js';
import { Departures } from './departures.js';
import { goOn, refusalOfError, serve } from './desk.js';
import { rounded } from './encode/number.js';
import type { RefusedRequest } from './rpc/errors.js';
import type { Request } from './rpc/request.js';
import type { Continued } from './rpc/result.js';
import type { EndCause, Served } from './rpc/served.js';
import { type ServiceOptions, VenueServices } from './services.js';
import type { SinkRelay } from './sink-relay.js';

/** Whoever moves the market: it does its next step when that is due. */
export interface Market {
  /** When its next step is due, milliseconds since the Unix epoch. */
  readonly next: number;
  step(): void;
  /** What the last step was, in words. */
  didLast?(): string;
}

export interface VenueOptions extends ServiceOptions {
  /** Where the exchange tells what happens: the venue hears it there. */
  relay: SinkRelay;
  market?: Market;
}

/**
 * The venue as its clients see it: the exchange behind its protocol. It does nothing by itself: `receive` on its connections,
 * `work` and `look` are all its turns, each of them short, so that it shares a thread, and runs the same on a virtual clock.
 */
export class Venue extends VenueServices implements ConnectionHost {
  readonly #market: Market | undefined;
  readonly #connections = new Set<VenueConnection>();
  readonly #busy: VenueConnection[] = [];
  readonly #departures = new Departures(this);
  readonly #ending: { connection: VenueConnection; cause: EndCause }[] = [];
  /** Whose request is half served, and when that began: nothing else happens before it is served. */
  #midway: VenueConnection | undefined;
  #midwayNow = 0;
  #connected = 0;
  /** Connections are served in turns with the market and the channels. */
  #turn = 0;
  /** Requests served since the start. */
  served = 0;
  #did: 'request' | 'market' | 'exchange' | 'channels' | 'linked orders' | 'goodbye' = 'request';
  driverCounters: () => Record<string, unknown> = () => ({});

  constructor(options: VenueOptions) {
    super(options);
    this.#market = options.market;
    options.relay.to = this.hub;
  }

  /** A client has connected. @param now microseconds since the Unix epoch, as in all calls */
  connect(link: ClientLink, now: number): VenueConnection {
    const connection = new VenueConnection(this, ++this.#connected, link, now);
    this.#connections.add(connection);
    return connection;
  }

  connections(): VenueConnection[] {
    return [...this.#connections];
  }

  /** Tells the venue that a connection has something to be served. */
  hasRequests(connection: VenueConnection): void {
    if (!this.#busy.includes(connection)) this.#busy.push(connection);
  }

  /** Whether anything is left to do at a moment. */
  hasWork(now: number): boolean {
    return (
      this.isMidway ||
      this.#busy.some((connection) => connection.hasWork(now)) ||
      this.#departures.hasWork ||
      this.#ending.length > 0 ||
      this.hub.hasWork ||
      this.linked.hasWork ||
      this.hasEarlier(now)
    );
  }

  /** Whether a request is half served: nothing but `work` may go on then. */
  get isMidway(): boolean {
    return this.#midway !== undefined;
  }

  /** When the market's next step is due, milliseconds since the Unix epoch; Infinity without a market. */
  get nextStep(): number {
    return this.#market === undefined || this.isPaused ? Number.POSITIVE_INFINITY : this.#market.next;
  }

  /** Does one piece of what there is to do. */
  work(now: number): void {
    if (this.#midway !== undefined) {
      this.goOn();
      return;
    }
    this.#turn++;
    if (this.hub.isFull) {
      this.#tellChannels();
      return;
    }
    if (this.linked.hasWork) {
      this.#did = 'linked orders';
      this.endStep();
      return;
    }
    // What happened before a request goes before it, as far as it can be done in turns: a settlement takes one for each instrument.
    if (this.hasDue(now)) {
      this.#did = 'exchange';
      this.exchange.advanceOnce(this.#caughtUp(now));
      this.endStep();
      return;
    }
    if (this.#hasStepDue(now) && this.#turn % 2 === 0) {
      this.#stepMarket();
      return;
    }
    const connection = this.#nextBusy(now);
    if (connection !== undefined) {
      this.serve(connection, now);
      return;
    }
    if (this.#hasStepDue(now)) this.#stepMarket();
    else if (this.#ending.length > 0) {
      this.#did = 'goodbye';
      const { connection: ending, cause } = this.#ending.shift()!;
      ending.end(cause, 'a control of the simulated venue');
    } else if (this.#departures.hasWork) {
      this.#did = 'goodbye';
      this.#departures.work();
    } else if (this.hub.hasWork) this.#tellChannels();
  }

  /** What the last piece of work was, in words. */
  didLast(): string {
    if (this.#did === 'request') return this.lastMethod;
    return this.#did === 'market' ? `market: ${this.#market?.didLast?.() ?? 'step'}` : this.#did;
  }

  #tellChannels(): void {
    this.#did = 'channels';
    this.hub.work();
  }

  #stepMarket(): void {
    this.#did = 'market';
    this.#market!.step();
    this.endStep();
  }

  /** Begins to serve a request of a connection, or a piece of its answer: where it has more parts than one, `work` does the others. */
  serve(connection: VenueConnection, now: number): void {
    this.catchUp(now);
    this.served++;
    this.#midwayNow = now;
    this.#serveOn(connection);
  }

  /** Does the next part of the request that is half served: it asks for no time, since to the exchange all of them happen at one moment. */
  goOn(): void {
    if (this.#midway !== undefined) this.#serveOn(this.#midway);
  }

  #serveOn(connection: VenueConnection): void {
    this.#did = 'request';
    connection.work(this.#midwayNow);
    this.#midway = connection.isMidway ? connection : undefined;
    if (this.#midway === undefined) this.endStep();
  }

  /** Brings the exchange's clock up. */
  catchUp(now: number): void {
    this.exchange.advance(this.#caughtUp(now));
  }

  /** How far the exchange's clock may go: not beyond what the market has still to do. */
  #caughtUp(now: number): number {
    return Math.min(now / 1000, this.nextStep);
  }

  /** Heartbeats, intervals, messages that are due: to be called every few milliseconds. In the midst of a request it does nothing. */
  look(now: number): void {
    if (this.isMidway) return;
    if (!this.hasEarlier(now)) {
      this.catchUp(now);
      this.endStep();
    }
    this.triggers.look();
    this.funding.look();
    this.advanced.look();
    this.endStep();
    for (const connection of this.#connections) connection.look(now);
    this.indices.look();
    this.hub.look(now / 1000);
  }

  endSoon(connection: VenueConnection, cause: EndCause): void {
    this.#ending.push({ connection, cause });
  }

  serveRequest({ method, params }: Request, connection: VenueConnection, now: number): Served {
    return serve(this, method, params, false, connection, undefined, now);
  }

  serveRest({ method }: Request, served: Served, rest: Continued): void {
    goOn(this, method, served, rest);
  }

  refusalOf(method: string, error: unknown): RefusedRequest {
    return refusalOfError(this, method, error);
  }

  left(connection: VenueConnection, cause: EndCause): void {
    this.#connections.delete(connection);
    this.tokens.endConnection(connection.number);
    this.#departures.add(connection, cause);
  }

  counters(): Record<string, unknown> {
    return {
      ...this.driverCounters(),
      // How far the market is behind the clock.
      lag_ms: Math.max(0, rounded(this.machineNow() / 1000 - this.nextStep, 1)),
      connections: this.#connections.size,
      requests: this.served,
      trades: this.exchange.trades.last,
      orders_open: this.exchange.orders.openCount,
      instruments: this.exchange.instruments.size,
    };
  }

  /** Whether the exchange or the market has something to do first. */
  hasEarlier(now: number): boolean {
    return this.hasDue(now) || this.#hasStepDue(now);
  }

  /** Whether something of the exchange's own is due: it goes before all else. */
  hasDue(now: number): boolean {
    return this.exchange.nextDue <= this.#caughtUp(now);
  }

  #hasStepDue(now: number): boolean {
    return this.nextStep <= now / 1000;
  }

  #nextBusy(now: number): VenueConnection | undefined {
    for (let tries = this.#busy.length; tries > 0; tries--) {
      const connection = this.#busy.shift()!;
      const isBusy = connection.waiting > 0 || connection.isAnswering;
      if (connection.hasEnded || !isBusy) continue;
      this.#busy.push(connection);
      if (connection.hasWork(now)) return connection;
    }
    return undefined;
  }
}

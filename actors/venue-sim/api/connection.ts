import { type Chaos, MessageKind, RequestFate } from '../chaos/chaos.js';
import { corruptText } from '../chaos/corrupt-text.js';
import { ChaosLine } from '../chaos/line.js';
import type { Subscriber } from './channels/channel.js';
import type { OpenFeed } from './channels/feed.js';
import { answerHead, answerTail, refusalText } from './rpc/answer.js';
import { RefusedRequest } from './rpc/errors.js';
import { parseRequest, type Request, type RequestId, UnreadableRequest } from './rpc/request.js';
import { Continued, GO_ON } from './rpc/result.js';
import type { EndCause, Served } from './rpc/served.js';
import { Heartbeat, Pulse } from './session/heartbeat.js';
import { type RateLimits, RatePools } from './session/rate-limits.js';
import type { Session } from './session/tokens.js';

/** A message to a client: its text, or the pieces of a long one. */
export type Frame = string | readonly string[];

/** Where a client's messages go. */
export interface ClientLink {
  send(frame: Frame): void;
  /** @param isAbrupt as a network breaks, not as a peer says goodbye */
  end(why: string, isAbrupt: boolean): void;
}

/** The venue, as far as a connection has to do with it. */
export interface ConnectionHost {
  readonly chaos: Chaos;
  readonly limits: RateLimits;
  readonly testnet: boolean;
  /** Microseconds since the Unix epoch. */
  readonly machineNow: () => number;
  /** The method that is served, or what else is done. */
  lastMethod: string;
  /** The venue's clock at a moment of the machine's, microseconds. */
  clock(now: number): number;
  serveRequest(request: Request, connection: VenueConnection, now: number): Served;
  /** Does the next part of what a request takes. */
  serveRest(request: Request, served: Served, rest: Continued): void;
  /** What a client is told of an error. */
  refusalOf(method: string, error: unknown): RefusedRequest;
  /** A connection has ended. */
  left(connection: VenueConnection, cause: EndCause): void;
}

/** Requests that may wait; a client that sends more is not read meanwhile. */
export const MOST_REQUESTS_WAITING = 64;
/** Beyond this the client ignores that it is not read. */
const TOO_MANY_REQUESTS_WAITING = 16_384;

/** A request that is being served, as far as that has come: what is left is done before anything else. */
interface Underway {
  request: Request;
  usIn: number;
  served: Served | undefined;
}

interface LongAnswer {
  pieces: Iterator<string>;
  done: string[];
  id: RequestId;
  usIn: number;
  name: string;
  kind: MessageKind;
}

const FEW_PIECES = 8;

/** One client's connection as the venue sees it. It does nothing by itself: `work` and `look` are its turns. */
export class VenueConnection implements Subscriber {
  /** Counts the venue's connections, from 1. */
  readonly number: number;
  readonly heartbeat: Heartbeat;
  /** Credits as long as nobody has signed on here. */
  readonly pools: RatePools;
  session: Session | undefined;
  cancelsOnDisconnect = false;
  /** Whether the client chose that itself, so that the account's habit counts no more. */
  choseCancelOnDisconnect = false;
  /** Channels that it follows. */
  readonly channels = new Map<string, OpenFeed>();
  readonly #venue: ConnectionHost;
  readonly #link: ClientLink;
  readonly #line: ChaosLine<Frame>;
  #inbox: string[] = [];
  #inboxAt = 0;
  /** The next request is not read before this moment, microseconds. */
  #readFrom = 0;
  #underway: Underway | undefined;
  #long: LongAnswer | undefined;
  /** A piece of the long answer is half done. */
  #isPieceUnderway = false;
  /** What is told while a request is served comes after its answer. */
  #held: { text: string; kind: MessageKind }[] | undefined;
  #now: number;
  #hasEnded = false;

  /** @param now microseconds since the Unix epoch, by the machine's clock; so in all calls */
  constructor(venue: ConnectionHost, number: number, link: ClientLink, now: number) {
    this.#venue = venue;
    this.number = number;
    this.#link = link;
    this.#now = now;
    this.heartbeat = new Heartbeat(now);
    this.pools = new RatePools(venue.limits, now / 1000);
    this.#line = new ChaosLine<Frame>(venue.chaos, {
      deliver: (frame) => link.send(frame),
      corrupt: (frame, chaos: Chaos) => corruptText(typeof frame === 'string' ? frame : frame.join(''), chaos),
      overflow: () => this.end('slow', 'too much is waiting to be sent'),
    });
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether a long answer is under way. */
  get isAnswering(): boolean {
    return this.#long !== undefined;
  }

  /** Whether a step is half done: `work` must end it before anything else happens at the venue. */
  get isMidway(): boolean {
    return this.#underway !== undefined || this.#isPieceUnderway;
  }

  /** Requests that wait. */
  get waiting(): number {
    return this.#inbox.length - this.#inboxAt;
  }

  /** Whether `work` has something to do now. */
  hasWork(now: number): boolean {
    return (
      !this.#hasEnded &&
      (this.#underway !== undefined || this.#long !== undefined || (this.waiting > 0 && now >= this.#readFrom))
    );
  }

  /** A frame came: it waits for a turn. */
  receive(text: string, now: number): void {
    if (this.#hasEnded) return;
    this.heartbeat.heard(now);
    if (this.waiting >= TOO_MANY_REQUESTS_WAITING) {
      this.end('slow', 'more requests than can wait');
      return;
    }
    if (this.#venue.chaos.isOn) this.#readFrom = Math.max(this.#readFrom, now + this.#venue.chaos.readingDelay());
    this.#inbox.push(text);
  }

  /** Does a part of serving a request, or of one more piece of a long answer. */
  work(now: number): void {
    this.#now = now;
    if (this.#hasEnded) return;
    if (this.#underway !== undefined) {
      this.#serve(this.#underway);
      return;
    }
    if (this.#long !== undefined) {
      this.#continue(this.#long);
      return;
    }
    if (this.waiting === 0 || now < this.#readFrom) return;
    const text = this.#inbox[this.#inboxAt++]!;
    if (this.#inboxAt === this.#inbox.length) {
      this.#inbox.length = 0;
      this.#inboxAt = 0;
    }
    this.#read(text);
  }

  /** Heartbeats, silences, and messages that are due. */
  look(now: number): void {
    if (this.#hasEnded) return;
    this.#now = now;
    this.#line.look(now);
    const pulse = this.heartbeat.look(now);
    if (pulse === Pulse.ASK) {
      this.notify('{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"heartbeat"}}', MessageKind.HEARTBEAT);
      this.notify('{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"test_request"}}', MessageKind.HEARTBEAT);
    } else if (pulse === Pulse.DEAD) this.end('heartbeat', 'nothing was heard from the client');
  }

  notify(text: string, kind: MessageKind): void {
    if (this.#hasEnded) return;
    if (this.#held === undefined) this.#line.send(text, kind, this.#now);
    else this.#held.push({ text, kind });
  }

  /** Sends nothing for so long, microseconds; nothing is lost. */
  stall(micros: number, now: number): void {
    this.#line.stall(now + micros);
  }

  /** Ends the connection from the venue's side, or says that it has ended. */
  end(cause: EndCause, why: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#inbox = [];
    this.#inboxAt = 0;
    this.#underway = undefined;
    this.#long = undefined;
    this.#isPieceUnderway = false;
    this.#line.clear();
    this.#venue.left(this, cause);
    if (cause !== 'closed') this.#link.end(why, cause === 'broken' || cause === 'slow' || cause === 'restart');
  }

  /** Reads a request, which of a long one takes as long as to serve it. */
  #read(text: string): void {
    const venue = this.#venue;
    const usIn = venue.clock(this.#now);
    venue.lastMethod = 'reading of a request';
    try {
      this.#underway = { request: parseRequest(text), usIn, served: undefined };
    } catch (error) {
      if (!(error instanceof UnreadableRequest)) throw error;
      this.#answer(refusalText(error.id, error, { usIn, usOut: usIn }, venue.testnet), MessageKind.ANSWER);
    }
  }

  #serve(underway: Underway): void {
    const venue = this.#venue;
    const { request, usIn } = underway;
    this.#held ??= [];
    if (underway.served === undefined) {
      underway.served = venue.serveRequest(request, this, this.#now);
    } else if (underway.served.result instanceof Continued) {
      venue.serveRest(request, underway.served, underway.served.result);
    }
    const { served } = underway;
    // It may have ended the connection itself.
    if (served.result instanceof Continued && !this.#hasEnded) return;
    this.#underway = undefined;
    this.#answerServed(request, served, usIn);
    if (this.#hasEnded) return;
    this.#tell();
    if (served.ends !== undefined) this.end(served.ends, served.why);
  }

  #answerServed({ id, method }: Request, { fate, result, messageKind }: Served, usIn: number): void {
    const venue = this.#venue;
    if (fate === RequestFate.BREAK_BEFORE || fate === RequestFate.BREAK_AFTER) {
      this.end('broken', 'chaos');
    } else if (fate !== RequestFate.LOSE_ANSWER && !(result instanceof Continued)) {
      const times = { usIn, usOut: venue.clock(venue.machineNow()) };
      if (result instanceof RefusedRequest) {
        this.#answer(refusalText(id, result, times, venue.testnet), messageKind);
      } else if (typeof result === 'string') {
        this.#answer(answerHead(id) + result + answerTail(times, venue.testnet), messageKind);
      } else if (result !== undefined) {
        this.#long = { pieces: result, done: [answerHead(id)], id, usIn, name: method, kind: messageKind };
      }
    }
  }

  #continue(long: LongAnswer): void {
    const venue = this.#venue;
    let next: IteratorResult<string>;
    this.#held ??= [];
    this.#isPieceUnderway = false;
    venue.lastMethod = long.name;
    try {
      next = long.pieces.next();
    } catch (error) {
      this.#long = undefined;
      const times = { usIn: long.usIn, usOut: venue.clock(venue.machineNow()) };
      this.#answer(refusalText(long.id, venue.refusalOf(long.name, error), times, venue.testnet), long.kind);
      this.#tell();
      return;
    }
    if (next.value === GO_ON) {
      this.#isPieceUnderway = true;
      return;
    }
    if (next.done !== true) {
      if (next.value !== '') long.done.push(next.value);
      this.#tell();
      return;
    }
    long.done.push(answerTail({ usIn: long.usIn, usOut: venue.clock(venue.machineNow()) }, venue.testnet));
    this.#long = undefined;
    // Few pieces are one text: a socket writes one message faster than its parts.
    this.#answer(long.done.length <= FEW_PIECES ? long.done.join('') : long.done, long.kind);
    this.#tell();
  }

  /** Tells what has happened while a request was served. */
  #tell(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const { text, kind } of held) this.notify(text, kind);
  }

  #answer(frame: Frame, kind: MessageKind): void {
    this.#line.send(frame, kind, this.#now);
  }
}

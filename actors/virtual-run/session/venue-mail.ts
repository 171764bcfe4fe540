import type { Chaos, MessageKind } from '../../venue-sim/chaos/chaos.js';
import { ChaosLine } from '../../venue-sim/chaos/line.js';
import type { Exchange } from '../../venue-sim/exchange/exchange.js';
import type { LatencySource } from '../../venue-sim/latency.js';
import { RecordLane } from '../record-lane.js';
import type { Connection } from './connection.js';
import type { ReportPost } from './report-post.js';

/** One message of the venue on its way through chaos. */
interface Letter {
  bytes: Uint8Array;
  tag: number;
  isCorrupt: boolean;
}

export interface MailParts {
  exchange: Exchange;
  connection: Connection;
  chaos: Chaos;
  /** Where a message's reports are written before it is sent. */
  post: ReportPost;
  /** How long the way to the client is. */
  way: LatencySource;
  /** The venue, or a client that believes nothing any more, gives the connection up. */
  giveUp(): void;
}

/** How often messages that wait for chaos are looked at, milliseconds. */
const LOOK_MS = 1;

/** Messages of the venue on their way to its client, where chaos may have them first. */
export class VenueMail {
  readonly lane = new RecordLane();
  readonly #parts: MailParts;
  readonly #line: ChaosLine<Letter>;
  /** Takes what is thrown away. */
  readonly #waste = new RecordLane();
  /** [when what chaos holds back is looked at] */
  readonly #look = Float64Array.of(Number.POSITIVE_INFINITY);

  constructor(parts: MailParts) {
    this.#parts = parts;
    this.#line = new ChaosLine<Letter>(parts.chaos, {
      deliver: (letter) => this.#post(letter),
      corrupt: (letter) => ({ ...letter, isCorrupt: true }),
      overflow: () => parts.giveUp(),
    });
  }

  /** When a message arrives or chaos is looked at next, milliseconds. */
  get next(): number {
    return Math.min(this.lane.next, this.#look[0]!);
  }

  /** What stands in the post is one message: an answer to the request of a number, 0 for what nobody asked for. */
  send(kind: MessageKind, tag: number): void {
    const { lane } = this;
    const { connection, chaos, post, way, exchange } = this.#parts;
    if (!connection.isWhole) {
      this.discard();
      return;
    }
    post.drain(lane);
    if (!chaos.isOn && this.#line.isEmpty) {
      lane.send(exchange.now + way.next(), tag);
      return;
    }
    this.#line.send({ bytes: lane.takeBack(), tag, isCorrupt: false }, kind, exchange.now * 1000);
    const look = this.#look;
    if (!this.#line.isEmpty && look[0] === Number.POSITIVE_INFINITY) look[0] = exchange.now + LOOK_MS;
  }

  /** What stands in the post is never sent. */
  discard(): void {
    this.#parts.post.drain(this.#waste);
    this.#waste.takeBack();
  }

  /** Lets go what chaos has held back for long enough. */
  look(now: number): void {
    const look = this.#look;
    if (look[0]! > now) return;
    this.#line.look(now * 1000);
    look[0] = this.#line.isEmpty ? Number.POSITIVE_INFINITY : now + LOOK_MS;
  }

  /** What is on its way is lost. */
  clear(): void {
    this.lane.clear();
    this.#line.clear();
  }

  end(): void {
    this.clear();
    this.#look[0] = Number.POSITIVE_INFINITY;
  }

  /** Chaos lets a message go. One that no client should believe is lost, or makes the client give the connection up. */
  #post({ bytes, tag, isCorrupt }: Letter): void {
    const { connection, chaos, exchange, way, giveUp } = this.#parts;
    if (!connection.isWhole) return;
    if (isCorrupt) {
      if (chaos.place(2) === 0) giveUp();
      return;
    }
    this.lane.restore(bytes);
    this.lane.send(exchange.now + way.next(), tag);
  }
}

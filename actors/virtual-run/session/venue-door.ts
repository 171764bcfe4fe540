import { DownReason, OrderAction } from '../../../engine/market/orders/codes.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import { MessageType } from '../../../schemas/message-type.js';
import { type RateLimits, type RatePool, RatePools } from '../../venue-sim/api/session/rate-limits.js';
import { type Chaos, MessageKind, RequestFate, RequestKind } from '../../venue-sim/chaos/chaos.js';
import { Refusal } from '../../venue-sim/exchange/codes.js';
import type { Exchange } from '../../venue-sim/exchange/exchange.js';
import { RecordLane, type RecordSink } from '../record-lane.js';
import type { AccountQuery } from './account-query.js';
import type { ReportPost } from './report-post.js';
import { freshAnswer, type VenueDesk } from './venue-desk.js';
import type { VenueMail } from './venue-mail.js';
import type { VenueMessages } from './venue-messages.js';

export interface DoorParts {
  exchange: Exchange;
  chaos: Chaos;
  /** What the venue allows. */
  limits: RateLimits;
  desk: VenueDesk;
  messages: VenueMessages;
  post: ReportPost;
  mail: VenueMail;
  /** When the request of a number was sent, microseconds; undefined where the client has forgotten it. */
  askedMicros(id: number): number | undefined;
  /** The connection breaks at this end. */
  break(reason: number, code?: number): void;
}

const TOO_MANY_REQUESTS = 10_028;
const RECORD_BYTES = (HEADER_BYTES + ApprovedOrder.sizeOf() + 7) & ~7;
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
const answers: Record<number, MessageKind> = {
  [RequestKind.OTHER]: MessageKind.ANSWER,
  [RequestKind.CANCEL]: MessageKind.CANCELLED,
};

/** The venue's end of the connection: requests arrive, are paid for, meet what chaos has in mind for them, and are answered. */
export class VenueDoor {
  /** Requests on their way. */
  readonly lane = new RecordLane();
  /** Requests that were refused for their number. */
  rateRefusals = 0;
  readonly #parts: DoorParts;
  readonly #pools: RatePools;
  readonly #queries = new Map<number, AccountQuery>();
  readonly #order = new ApprovedOrder();
  /** Records of the request that arrives, and where each body stands. */
  readonly #arriving = new RecordLane();
  #bodies: number[] = [];
  #seq = 0;
  readonly #onRequest: RecordSink = { take: (memory, word, _, type) => this.#take(memory, word, type) };

  constructor(parts: DoorParts) {
    this.#parts = parts;
    this.#pools = new RatePools(parts.limits, parts.exchange.now);
  }

  /** The request of a number will be the next question of a query. */
  expect(id: number, query: AccountQuery): void {
    this.#queries.set(id, query);
  }

  /** What is on its way is lost. */
  clear(): void {
    this.lane.clear();
    this.#queries.clear();
  }

  /** The next request arrives. */
  serve(): void {
    const id = this.lane.tag;
    this.#bodies = [];
    this.lane.arrive(this.#onRequest);
    const query = this.#queries.get(id);
    this.#queries.delete(id);
    const { buffer } = this.#arriving;
    const action = query === undefined ? this.#order.__init(this.#bodies[0]!, buffer).action() : OrderAction.RECONCILE;
    this.#answer(id, action, query);
    this.#arriving.clear();
  }

  #answer(id: number, action: number, query: AccountQuery | undefined): void {
    const { exchange, chaos, post, messages, mail, desk } = this.#parts;
    const { now } = exchange;
    const { buffer } = this.#arriving;
    const answer = freshAnswer(id, this.#parts.askedMicros(id) ?? now * 1000);
    post.writer.receive(0, now * 1000, messages.stamp(now) * 1000);
    const kind = kinds[action] ?? RequestKind.OTHER;
    const messageKind = answers[kind] ?? MessageKind.ACKNOWLEDGEMENT;
    const refuse = (code: number): void => {
      if (query === undefined) desk.refuse(buffer, this.#bodies, this.#seq, code, answer);
      else query.refuse(code);
      mail.send(messageKind, id);
    };
    if (chaos.isUnderMaintenance(now)) {
      refuse(Refusal.MAINTENANCE);
      return;
    }
    const isPaid = this.#pools.take(pools[action] ?? (query === undefined ? 'matching' : 'requests'), now);
    const fate = isPaid ? chaos.request(kind) : RequestFate.RATE_LIMIT;
    messages.shiftMs = chaos.clockShiftMicros / 1000;
    if (fate === RequestFate.RATE_LIMIT) {
      if (!isPaid) this.rateRefusals++;
      refuse(TOO_MANY_REQUESTS);
      this.#parts.break(DownReason.NO_CREDITS, TOO_MANY_REQUESTS);
      return;
    }
    if (fate === RequestFate.BREAK_BEFORE) {
      this.#parts.break(DownReason.CLOSED);
      return;
    }
    if (fate === RequestFate.REJECT) {
      refuse(chaos.rejection());
      return;
    }
    if (query === undefined) desk.serve(buffer, this.#bodies, this.#seq, answer);
    else query.answer();
    if (fate === RequestFate.BREAK_AFTER) this.#parts.break(DownReason.CLOSED);
    // Its reports were written: they are thrown away.
    if (fate === RequestFate.SERVE) mail.send(messageKind, id);
    else mail.discard();
  }

  #take(memory: Float64Array, word: number, type: number): void {
    if (type !== MessageType.APPROVED_ORDER) return;
    const view = new DataView(memory.buffer);
    this.#arriving.copy(view, word << 3);
    this.#bodies.push(this.#bodies.length * RECORD_BYTES + HEADER_BYTES);
    this.#seq = view.getFloat64((word << 3) + HeaderOffset.SEQ, true);
  }
}

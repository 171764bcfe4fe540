import { ConnectionRole, NotSentReason, SendOutcome } from '../../../engine/market/orders/codes.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import type { ReportWriter } from '../../execution/deribit/report-writer.js';
import { RecordLane } from '../record-lane.js';
import type { ReportPost } from './report-post.js';

/** The only connection there is. */
const CONNECTION = 0;

/** What execution reports by itself: what it sent, what it did not, and how its connection is. Times are milliseconds. */
export class OwnReports {
  /** Reports on their way to the log. */
  readonly lane = new RecordLane();
  readonly #post: ReportPost;

  constructor(post: ReportPost) {
    this.#post = post;
  }

  get writer(): ReportWriter {
    return this.#post.writer;
  }

  /** A request of the venue's number, 0 for one that asks in several, is on the wire. It goes to the log with what `send` sends. */
  sent(buffer: ViewBuffer, body: number, seq: number, venueRequest: number, at: number): void {
    this.writer.sent(buffer, body, seq, {
      outcome: SendOutcome.SENT,
      reason: NotSentReason.NONE,
      code: 0,
      connection: CONNECTION,
      venueRequest,
      sentMicros: at * 1000,
    });
  }

  notSent(buffer: ViewBuffer, body: number, seq: number, reason: number, code: number, at: number): void {
    this.writer.receive(0, at * 1000);
    this.writer.sent(buffer, body, seq, {
      outcome: SendOutcome.NOT_SENT,
      reason,
      code,
      connection: CONNECTION,
      venueRequest: 0,
      sentMicros: 0,
    });
    this.send(at);
  }

  connection(state: number, armed: number, reason: number, code: number, attempts: number, at: number): void {
    this.writer.receive(0, at * 1000);
    const role = ConnectionRole.SENDS | ConnectionRole.PRIVATE_STREAM;
    this.writer.connection(CONNECTION, state, role, armed, reason, code, attempts);
    this.send(at);
  }

  /** What was written reaches the log at a time. */
  send(at: number): void {
    this.#post.drain(this.lane);
    this.lane.send(at);
  }
}

import type { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { identityOf } from '../../execution/deribit/request-identity.js';
import { AccountQuery, type QueryVenue } from './account-query.js';
import type { OwnReports } from './own-reports.js';

/** What inquiries need of the session. Times are milliseconds. */
export interface InquiryParts {
  own: OwnReports;
  venue(): QueryVenue;
  /** Puts a query's next question on the wire. */
  ask(query: AccountQuery, at: number): void;
}

/** The questions to the venue that are under way, each of several requests one after the other. */
export class Inquiries {
  readonly #parts: InquiryParts;
  readonly #open = new Set<AccountQuery>();

  constructor(parts: InquiryParts) {
    this.#parts = parts;
  }

  /** Begins what an approved order asks. @param body where that order begins in the buffer */
  begin(order: ApprovedOrder, buffer: ViewBuffer, body: number, seq: number, at: number): void {
    const { own, venue } = this.#parts;
    const { writer } = own;
    writer.receive(0, at * 1000);
    own.sent(buffer, body, seq, 0, at);
    const query = new AccountQuery(venue(), identityOf(order, seq), order, buffer, body);
    this.#open.add(query);
    query.begin(writer, at * 1000);
    own.send(at);
    this.#next(query, at);
  }

  /** An answer has come: the next question is asked, or the query ends. One that was lost meanwhile stays lost. */
  goOn(query: AccountQuery, at: number): void {
    if (this.#open.has(query)) this.#next(query, at);
  }

  /** The connection is gone, and with it all that was asked. Goes to the log with what `send` sends. */
  lose(at: number): void {
    const { writer } = this.#parts.own;
    for (const query of this.#open) query.lose(writer, at * 1000);
    this.#open.clear();
  }

  #next(query: AccountQuery, at: number): void {
    const { own, ask } = this.#parts;
    const { writer } = own;
    writer.receive(0, at * 1000);
    if (query.hasNext) {
      ask(query, at);
      return;
    }
    query.end(writer, at * 1000);
    this.#open.delete(query);
    own.send(at);
  }
}

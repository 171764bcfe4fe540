import { OrderAction, ReportSource, RequestOutcome, Side, VenueReason } from '../../../engine/market/orders/codes.js';
import { limitOf, meaningOf } from './errors.js';
import type { InstrumentNames } from './instrument-names.js';
import { massQuoteAnswer, orderAnswer, orderMessage } from './messages.js';
import type { ReportWriter } from './report-writer.js';
import type { Answered, RequestIdentity } from './request-identity.js';

/** What the venue answers to requests on orders, told request by request: what is neither shown nor refused is unknown. */
export class RequestAnswers {
  readonly #names: InstrumentNames;
  readonly #reports: ReportWriter;
  readonly #complain: (message: string) => void;
  #isUnprotected = false;

  /** @param complain hears of answers that cannot be understood */
  constructor(names: InstrumentNames, reports: ReportWriter, complain: (message: string) => void) {
    this.#names = names;
    this.#reports = reports;
    this.#complain = complain;
  }

  /** Whether an answer since the last look said that the account has no market maker protection. */
  takeUnprotected(): boolean {
    const isUnprotected = this.#isUnprotected;
    this.#isUnprotected = false;
    return isUnprotected;
  }

  refused(requests: readonly RequestIdentity[], error: VenueError, answer: Answered): void {
    const refusal = this.#refusalOf(error);
    for (const request of requests) this.#reports.answered(request, { ...answer, ...refusal });
  }

  done(requests: readonly RequestIdentity[], result: unknown, answer: Answered): void {
    const [first] = requests;
    switch (first!.action) {
      case OrderAction.QUOTE:
        this.#onQuotes(requests, result, answer);
        return;
      case OrderAction.MASS_CANCEL:
        this.#reports.answered(first!, { ...answer, cancelled: typeof result === 'number' ? result : 0 });
        return;
      case OrderAction.CANCEL: {
        // By label the venue says how many there were, by id it shows the order.
        const order = orderMessage.safeParse(result);
        if (order.success) this.#reports.order(order.data, ReportSource.ANSWER, 0, first);
        const none = result === 0 ? { outcome: RequestOutcome.REJECTED, reason: VenueReason.ORDER_NOT_FOUND } : {};
        this.#reports.answered(first!, { ...answer, ...none });
        return;
      }
      default: {
        const parsed = orderAnswer.safeParse(result);
        if (!parsed.success) {
          this.#unreadable(result);
          this.#reports.answered(first!, { ...answer, outcome: RequestOutcome.UNKNOWN });
          return;
        }
        this.#reports.order(parsed.data.order, ReportSource.ANSWER, 0, first);
        for (const trade of parsed.data.trades ?? []) this.#reports.fill(trade, ReportSource.ANSWER, 0);
        this.#reports.answered(first!, answer);
      }
    }
  }

  /** Each side of a mass quote is judged alone. */
  #onQuotes(requests: readonly RequestIdentity[], result: unknown, answer: Answered): void {
    const parsed = massQuoteAnswer.safeParse(result);
    if (!parsed.success) {
      this.#unreadable(result);
      for (const request of requests) this.#reports.answered(request, { ...answer, outcome: RequestOutcome.UNKNOWN });
      return;
    }
    const { errors = [], orders = [], trades = [] } = parsed.data;
    const key = (name: string, buys: boolean): string => `${name}:${buys}`;
    const refused = new Map(errors.map((error) => [key(error.instrument_name, error.side === 'bid'), error.error]));
    const shown = new Map(orders.map((order) => [key(order.instrument_name, order.direction === 'buy'), order]));
    for (const request of requests) {
      const of = key(this.#names.name(request.instrument) ?? '', request.side === Side.BUY);
      const order = shown.get(of);
      if (order !== undefined) this.#reports.order(order, ReportSource.ANSWER, 0, request);
      const error = refused.get(of);
      if (error !== undefined) this.#reports.answered(request, { ...answer, ...this.#refusalOf(error) });
      // Neither shown nor refused: what became of it has to be asked for.
      else if (order === undefined) this.#reports.answered(request, { ...answer, outcome: RequestOutcome.UNKNOWN });
      else this.#reports.answered(request, answer);
    }
    for (const trade of trades) this.#reports.fill(trade, ReportSource.ANSWER, 0);
  }

  #refusalOf(error: VenueError): Partial<Answered> {
    const code = Number(error.code);
    const { reason, definite } = meaningOf(code);
    if (reason === VenueReason.MMP_REQUIRED) this.#isUnprotected = true;
    return {
      outcome: definite ? RequestOutcome.REJECTED : RequestOutcome.UNKNOWN,
      reason,
      venueCode: code,
      limit: limitOf(String(error.message)),
    };
  }

  #unreadable(result: unknown): void {
    this.#complain(`an answer of another form than documented: ${JSON.stringify(result)?.slice(0, 300)}`);
  }
}

/** An error of the venue as it stands in an answer. */
export interface VenueError {
  code?: unknown;
  message?: unknown;
}

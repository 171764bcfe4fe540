import type { FillReport } from '../../../schemas/generated/fill-report.js';
import type { OrderReport } from '../../../schemas/generated/order-report.js';
import type { RequestReport } from '../../../schemas/generated/request-report.js';
import type { SendReport } from '../../../schemas/generated/send-report.js';
import type { Cells } from './cells.js';
import { AbsentOrders } from './keeper/absent-orders.js';
import { AdoptedOrders } from './keeper/adopted-orders.js';
import { CountedFills } from './keeper/counted-fills.js';
import { KeeperMemory, type KeeperSettings, type KeeperSink } from './keeper/keeper-memory.js';
import { MissingFills } from './keeper/missing-fills.js';
import { OrderFinder } from './keeper/order-finder.js';
import { OrderLife } from './keeper/order-life.js';
import { OrderPictures } from './keeper/order-pictures.js';
import { OrderQueries } from './keeper/order-queries.js';
import { RequestDoubts } from './keeper/request-doubts.js';
import { RequestsInFlight } from './keeper/requests-in-flight.js';
import { SentRequests } from './keeper/sent-requests.js';
import { VenueAnswers } from './keeper/venue-answers.js';
import type { OrderTable } from './order-table.js';
import type { RequestTable } from './request-table.js';

export { KeeperCount, type KeeperSettings, type KeeperSink } from './keeper/keeper-memory.js';

/**
 * Every order and what became of every request on it, from nothing but execution's reports. The order's status and the status
 * of the requests on it are apart: a refused amendment leaves the order as it was, and only a definite refusal is one.
 */
export class OrderKeeper {
  readonly orders: OrderTable;
  readonly requests: RequestTable;
  readonly counts: Float64Array;
  /** Orders of each instrument that may still trade. */
  readonly working: Int32Array;
  /** Signed sum of the fills counted, by instrument. */
  readonly positions: Float64Array;
  /** The inferred fill that is being told: price, amount (negative where one is taken back), filled before it. */
  readonly inferred: Float64Array;
  /** Event time, log event, time from which fills count, run of the engine. Set by whoever calls. */
  readonly now: Float64Array;
  private readonly sent: SentRequests;
  private readonly answers: VenueAnswers;
  private readonly pictures: OrderPictures;
  private readonly fills: CountedFills;
  private readonly doubts: RequestDoubts;
  private readonly queries: OrderQueries;
  private readonly missingFills: MissingFills;
  private readonly absences: AbsentOrders;

  constructor(cells: Cells, settings: KeeperSettings, sink: KeeperSink) {
    const memory = new KeeperMemory(cells, settings, sink);
    this.orders = memory.orders;
    this.requests = memory.requests;
    this.counts = memory.counts;
    this.working = memory.working;
    this.positions = memory.positions;
    this.inferred = memory.inferred;
    this.now = memory.now;
    const queries = new OrderQueries(memory);
    const requests = new RequestsInFlight(memory);
    const life = new OrderLife(memory, requests, queries);
    const doubts = new RequestDoubts(memory, requests, life, queries);
    const missing = new MissingFills(memory, life, queries);
    const adopted = new AdoptedOrders(memory, life);
    const finder = new OrderFinder(memory, requests, life, adopted, queries);
    const absences = new AbsentOrders(memory, requests, life);
    this.queries = queries;
    this.doubts = doubts;
    this.missingFills = missing;
    this.absences = absences;
    this.sent = new SentRequests(memory, requests, doubts, life, queries);
    this.answers = new VenueAnswers(memory, requests, doubts, life, queries, missing);
    this.pictures = new OrderPictures(memory, requests, life, missing, finder, absences);
    this.fills = new CountedFills(memory, requests, life, queries, missing, finder, adopted);
  }

  /** Amount that the venue calls filled and nobody told. */
  missing(slot: number): number {
    return this.missingFills.of(slot);
  }

  /** Execution wrote a request, or did not. */
  onSend(report: SendReport): void {
    this.sent.onSend(report);
  }

  /** The venue answered a request, or will not. */
  onRequest(report: RequestReport): void {
    this.answers.onRequest(report);
  }

  /** The venue's picture of an order; `begunAtEvent`: log event at which the reconciliation that brings it began, 0 for none. */
  onOrder(report: OrderReport, begunAtEvent: number): void {
    this.pictures.onOrder(report, begunAtEvent);
  }

  /** A trade is told: counted unless it was. */
  onFill(report: FillReport): void {
    this.fills.onFill(report);
  }

  /** The engine that wrote what is in flight is gone, with every connection it had. */
  onNewRun(): void {
    this.doubts.onNewRun();
  }

  /** A connection that requests were written on is gone. `guarded`: cancel on disconnect was armed on it. */
  onConnectionLost(connection: number, guarded: boolean): void {
    this.doubts.onConnectionLost(connection, guarded);
  }

  /** Requests that are overdue, and orders that must be asked about. Some times a second. */
  sweep(): void {
    this.doubts.sweep();
    this.queries.sweep();
    this.missingFills.sweep();
  }

  /** A reconciliation has ended that began at this log event: what it should have told and did not is inferred. */
  inferMissing(begunAtEvent: number, begunTime: number): void {
    this.missingFills.inferAll(begunAtEvent, begunTime);
  }

  /** Orders that a reconciliation should have mentioned and did not: how many are in doubt now. */
  findAbsent(number: number, begunAtEvent: number, withFills: boolean): number {
    return this.absences.find(number, begunAtEvent, withFills);
  }
}

import { Hold } from '../../engine/market/analytics/attribution-book.js';
import { LifeCycle } from '../../engine/market/instrument.js';
import { memoryOf } from '../../engine/market/orders/cells.js';
import { contractOf } from '../../engine/market/portfolio/contract.js';
import { MARKOUT_SECONDS } from '../../engine/market/quoting/markouts.js';
import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import { Attribution } from '../../schemas/generated/attribution.js';
import { Markout } from '../../schemas/generated/markout.js';
import { Performance } from '../../schemas/generated/performance.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { readDefinition } from '../stage-parts/read-definition.js';
import { RecordRoutes } from '../stage-parts/record-routes.js';
import {
  analytics as analyticsStream,
  exposures,
  log,
  orderStates,
  shownAttributions,
  shownMarkouts,
  shownPerformances,
  theos,
  tops,
} from '../streams.js';
import { type AnalyticsConfig, AnalyticsMemory, MARKOUT_BUCKETS, WATCHED_FILLS } from './analytics-memory.js';
import { Own, Pot } from './analytics-rows.js';
import { AttributionWriter } from './attribution-writer.js';
import { FillMarkouts } from './fill-markouts.js';
import { MarkIntake } from './mark-intake.js';
import { PerformanceScore } from './performance-score.js';
import { QuotingDuty } from './quoting-duty.js';
import { TradeIntake } from './trade-intake.js';

const TIMER = 0;
const LOOK_MICROS = 1e6;

/** Where profit comes from, what becomes of fills, and whether the duty to quote is met. It decides nothing. */
class Analytics implements CoreActor {
  private readonly context: CoreContext<AnalyticsConfig>;
  private readonly memory: AnalyticsMemory;
  private readonly now = new Float64Array(1);
  private readonly markouts: FillMarkouts;
  private readonly duty: QuotingDuty;
  private readonly attribution: AttributionWriter;
  private readonly score: PerformanceScore;
  private readonly routes: RecordRoutes;

  constructor(context: CoreContext<AnalyticsConfig>) {
    const { config, state } = context;
    const memory = new AnalyticsMemory(state, config);
    this.context = context;
    this.memory = memory;
    this.markouts = new FillMarkouts(context, memory);
    this.duty = new QuotingDuty(config, memory);
    this.attribution = new AttributionWriter(context, memory);
    this.score = new PerformanceScore(context, memory);
    const { duty, score } = this;
    const marks = new MarkIntake(context, memory);
    const trades = new TradeIntake(context, memory, this.markouts);
    this.routes = new RecordRoutes([
      [MessageType.THEO_RUN, (buffer, body) => marks.takeValues(buffer, body)],
      [MessageType.BOOK_TOP, (buffer, body) => marks.takeTop(buffer, body)],
      [MessageType.TICKER, (buffer, body) => marks.takeTicker(buffer, body)],
      [MessageType.UNDERLYING_EXPOSURE, (buffer, body) => marks.takeExposure(buffer, body)],
      [MessageType.PROFIT_LOSS, (buffer, body) => marks.takeProfit(buffer, body)],
      [MessageType.FILL, (buffer, body) => trades.takeFill(buffer, body)],
      [MessageType.BOOKED_TRADE, (buffer, body) => trades.takeBooked(buffer, body)],
      [MessageType.POSITION, (buffer, body) => trades.takePosition(buffer, body)],
      [MessageType.SETTLEMENT, (buffer, body) => trades.takeSettlement(buffer, body)],
      [MessageType.ORDER_UPDATE, (buffer, body) => duty.takeOrder(buffer, body)],
      [MessageType.REQUEST_UPDATE, (buffer, body) => score.takeRequest(buffer, body)],
      [MessageType.INSTRUMENT_STATE, (buffer, body) => duty.takeState(buffer, body)],
      [MessageType.INSTRUMENT_DEFINITION, (buffer, body) => this.takeDefinition(buffer, body)],
    ]);
  }

  onRestore(): void {
    this.memory.shelf.restore();
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    this.routes.deliver(type, buffer, offset);
  }

  onTimer(): void {
    const { memory, now } = this;
    const { config, event } = this.context;
    now[0] = event.time;
    this.context.schedule(TIMER, event.time + LOOK_MICROS);
    this.markouts.look(now);
    for (let id = 0; id < memory.shelf.end; id++) {
      if (memory.book.holds[id * Hold.FIELDS + Hold.SIZE] !== 0) memory.book.look(id);
    }
    memory.ints[1]! += 1;
    for (let underlying = 0; underlying < Math.min(config.underlyings, memory.underlyings.size); underlying++) {
      this.lookAt(underlying);
    }
  }

  private lookAt(underlying: number): void {
    const { memory, score, duty, now } = this;
    const total = memory.book.total(underlying);
    const totalUsd = total * (this.isCoin(underlying) ? memory.pots[underlying * Pot.SIZE + Pot.INDEX]! : 1);
    score.look(underlying, totalUsd, now);
    duty.count(underlying, now);
    this.attribution.tell(underlying, total, totalUsd);
    score.tell(underlying, totalUsd, duty, now);
  }

  /** Whether an underlying's instruments settle in its coin. */
  private isCoin(underlying: number): boolean {
    const { shelf, underlyings } = this.memory;
    for (let id = 0; id < shelf.end; id++) {
      if (underlyings.of(id) === underlying) return shelf.isInverse(id);
    }
    return false;
  }

  private takeDefinition(buffer: ViewBuffer, body: number): void {
    const { memory } = this;
    // The first instrument starts the timer: before it there is nothing to look at.
    if (memory.ints[0] === 0) {
      memory.ints[0] = 1;
      this.context.schedule(TIMER, this.context.event.time + LOOK_MICROS);
    }
    const { id, instrument } = readDefinition(buffer, body);
    memory.underlyings.define(id, instrument.venue, instrument.priceIndex);
    const underlying = memory.underlyingOf(id);
    if (underlying < 0) return;
    memory.shelf.define(id, instrument);
    memory.book.define(id, contractOf(instrument), underlying, instrument.strike, instrument.right === 'call');
    memory.own[id * Own.SIZE + Own.OPEN] = instrument.state === LifeCycle.OPEN ? 1 : 0;
  }
}

export function analytics(config: AnalyticsConfig): CoreDefinition {
  const markouts = WATCHED_FILLS * MARKOUT_SECONDS.length;
  return defineStage<AnalyticsConfig>({
    name: 'analytics',
    reads: [log, tops, theos, orderStates, exposures],
    writes: analyticsStream,
    ignores: [
      MessageType.BOOK_UPDATE,
      MessageType.QUOTE,
      MessageType.TRADE_RUN,
      MessageType.ORDER_REPORT,
      MessageType.SEND_REPORT,
      MessageType.REQUEST_REPORT,
      MessageType.EXPIRY_STATE,
      MessageType.CREDIT_STATE,
      MessageType.EXPIRY_EXPOSURE,
    ],
    config,
    // A look at everything; or the costs of hedges, of which one event tells fewer.
    burst: {
      records: markouts + 2 * config.underlyings,
      bodyBytes: markouts * Markout.sizeOf() + config.underlyings * (Attribution.sizeOf() + Performance.sizeOf()),
    },
    shows: [
      shownAttributions(config.underlyings),
      shownPerformances(config.underlyings),
      shownMarkouts(MARKOUT_BUCKETS * MARKOUT_SECONDS.length),
    ],
    ...memoryOf((cells) => new AnalyticsMemory(cells, config)),
    timers: 1,
    create: (context) => new Analytics(context),
  });
}

import { memoryOf } from '../../engine/market/orders/cells.js';
import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import { DesiredHedge } from '../../schemas/generated/desired-hedge.js';
import { DesiredQuote } from '../../schemas/generated/desired-quote.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { RecordRoutes } from '../stage-parts/record-routes.js';
import { desiredHedges, exposures, log, orderStates, shownHedges, theos, tops } from '../streams.js';
import { CheapestHedge } from './cheapest-hedge.js';
import { DeltaHedges } from './delta-hedges.js';
import { GreekHedges } from './greek-hedges.js';
import { HedgeCommands } from './hedge-commands.js';
import { Pot } from './hedge-rows.js';
import { HedgeWriter } from './hedge-writer.js';
import { type HedgerConfig, HedgerMemory } from './hedger-memory.js';
import { ListingIntake } from './listing-intake.js';
import { MarketIntake } from './market-intake.js';
import { OrderIntake } from './order-intake.js';
import { PositionIntake } from './position-intake.js';
import { SmileDelta } from './smile-delta.js';
import { TouchedUnderlyings } from './touched-underlyings.js';
import { TraderOrders } from './trader-orders.js';
import { UntoldFills } from './untold-fills.js';
import { ValueIntake } from './value-intake.js';

const TIMER = 0;
const TIMER_MICROS = 500_000;

/**
 * Keeps the delta of each underlying within its band, on the cheapest of its perpetual and futures, and works the orders that
 * traders give by hand.
 */
class Hedger implements CoreActor {
  private readonly context: CoreContext<HedgerConfig>;
  private readonly memory: HedgerMemory;
  private readonly touched: TouchedUnderlyings;
  private readonly smile: SmileDelta;
  private readonly cheapest: CheapestHedge;
  private readonly deltas: DeltaHedges;
  private readonly greeks: GreekHedges;
  private readonly routes: RecordRoutes;

  constructor(context: CoreContext<HedgerConfig>) {
    const { config, state } = context;
    const memory = new HedgerMemory(state, config);
    const touched = new TouchedUnderlyings(config.underlyings);
    const smile = new SmileDelta(memory, config.underlyings);
    const cheapest = new CheapestHedge(memory, config.hedging, config.instruments);
    const writer = new HedgeWriter(context, memory);
    const greeks = new GreekHedges(context, memory, writer);
    this.context = context;
    this.memory = memory;
    this.touched = touched;
    this.smile = smile;
    this.cheapest = cheapest;
    this.greeks = greeks;
    this.deltas = new DeltaHedges(context, memory, cheapest, writer);
    const values = new ValueIntake(context, memory, smile, greeks.isUsed);
    const market = new MarketIntake(context, memory, touched, greeks);
    const positions = new PositionIntake(context, memory, smile);
    const traders = new TraderOrders(context, memory);
    const orders = new OrderIntake(context, greeks, new UntoldFills(memory, touched), traders);
    const commands = new HedgeCommands(memory, touched);
    const listing = new ListingIntake(context, memory, touched, cheapest);
    this.routes = new RecordRoutes([
      [MessageType.THEO_RUN, (buffer, body) => values.takeValues(buffer, body)],
      [MessageType.BOOK_TOP, (buffer, body) => market.takeTop(buffer, body)],
      [MessageType.TICKER, (buffer, body) => market.takeTicker(buffer, body)],
      [MessageType.UNDERLYING_EXPOSURE, (buffer, body) => market.takeExposure(buffer, body)],
      [MessageType.UNDERLYING_STATE, (buffer, body) => market.takeState(buffer, body)],
      [MessageType.POSITION, (buffer, body) => positions.takePosition(buffer, body)],
      [MessageType.ORDER_UPDATE, (buffer, body) => orders.takeUpdate(buffer, body)],
      [MessageType.FILL, (buffer, body) => traders.takeFill(buffer, body)],
      [MessageType.RUN_STARTED, () => commands.onNewRun()],
      [MessageType.MANUAL_ORDER, (buffer, body) => traders.takeOrder(buffer, body)],
      [MessageType.MANUAL_HEDGE, (buffer, body) => commands.takeManualHedge(buffer, body)],
      [MessageType.OPERATOR_COMMAND, (buffer, body) => commands.takeCommand(buffer, body)],
      [MessageType.RISK_COMMAND, (buffer, body) => commands.takeRiskCommand(buffer, body)],
      [MessageType.INSTRUMENT_STATE, (buffer, body) => listing.takeState(buffer, body)],
      [
        MessageType.INSTRUMENT_DEFINITION,
        (buffer, body) => {
          this.start();
          listing.takeDefinition(buffer, body);
        },
      ],
    ]);
  }

  onRestore(): void {
    this.memory.shelf.restore();
    this.cheapest.list();
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    this.routes.deliver(type, buffer, offset);
  }

  onTimer(): void {
    const { touched, greeks } = this;
    this.context.schedule(TIMER, this.context.event.time + TIMER_MICROS);
    this.smile.addUp();
    for (let underlying = 0; underlying < touched.size; underlying++) {
      touched.add(underlying);
      if (greeks.isUsed) greeks.consider(underlying);
    }
  }

  endOfEvent(): void {
    const { touched, memory } = this;
    if (!touched.takeAny()) return;
    for (let underlying = 0; underlying < touched.size; underlying++) {
      if (!touched.take(underlying)) continue;
      if (memory.pots[underlying * Pot.SIZE + Pot.KNOWN] === 1) this.deltas.consider(underlying);
    }
  }

  /** The first instrument starts the timer: before it there is nothing to look at. */
  private start(): void {
    const { started } = this.memory;
    if (started[0] !== 0) return;
    started[0] = 1;
    this.context.schedule(TIMER, this.context.event.time + TIMER_MICROS);
  }
}

export function hedger(config: HedgerConfig): CoreDefinition {
  return defineStage<HedgerConfig>({
    name: 'hedger',
    reads: [log, tops, theos, orderStates, exposures],
    writes: desiredHedges,
    ignores: [
      MessageType.BOOK_UPDATE,
      MessageType.QUOTE,
      MessageType.TRADE_RUN,
      MessageType.ORDER_REPORT,
      MessageType.SEND_REPORT,
      MessageType.REQUEST_REPORT,
      MessageType.EXPIRY_STATE,
      MessageType.REQUEST_UPDATE,
      MessageType.CREDIT_STATE,
      MessageType.EXPIRY_EXPOSURE,
      MessageType.PROFIT_LOSS,
    ],
    config,
    // Two hedges an underlying, where one moves to another instrument, and as many with options; and traders' orders, of which one event may end many.
    burst: {
      records: 4 * config.underlyings + 64,
      bodyBytes: 4 * config.underlyings * DesiredHedge.sizeOf() + 64 * DesiredQuote.sizeOf(),
    },
    shows: [shownHedges(config.underlyings)],
    ...memoryOf((cells) => new HedgerMemory(cells, config)),
    timers: 1,
    create: (context) => new Hedger(context),
  });
}

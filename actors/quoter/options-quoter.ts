import { memoryOf } from '../../engine/market/orders/cells.js';
import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import { EVENT_TIME } from '../../engine/runtime/actor/event.js';
import { DesiredQuote } from '../../schemas/generated/desired-quote.js';
import { QuotePull } from '../../schemas/generated/quote-pull.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { forgetNonces } from '../stage-parts/nonces.js';
import { RecordRoutes } from '../stage-parts/record-routes.js';
import { desiredQuotes, exposures, log, orderStates, shownQuotes, theos, tops } from '../streams.js';
import { FillLosses } from './fill-losses.js';
import { HoldingsIntake } from './holdings-intake.js';
import { ListingIntake } from './listing-intake.js';
import { MarketOfOthers } from './market-of-others.js';
import { PauseSwitch } from './pause-switch.js';
import { QuoteWriter } from './quote-writer.js';
import { type OptionsQuoterConfig, QuoterMemory } from './quoter-memory.js';
import { TouchedInstruments } from './touched-instruments.js';
import { TraderWishes } from './trader-wishes.js';
import { UnderlyingIntake } from './underlying-intake.js';
import { ValueIntake } from './value-intake.js';
import { WantedOptions } from './wanted-options.js';
import { WantedPerpetual } from './wanted-perpetual.js';

const TIMER = 0;
const TIMER_MICROS = 1e6;

/**
 * Quotes every option around the filter's theoretical value. It knows nothing of orders, requests or credits: what is wanted is
 * told, and dispatch brings the orders there. Only what an event has touched is made again, once, at the end of the event.
 */
class OptionsQuoter implements CoreActor {
  private readonly context: CoreContext<OptionsQuoterConfig>;
  private readonly memory: QuoterMemory;
  private readonly touched: TouchedInstruments;
  private readonly pause: PauseSwitch;
  private readonly losses: FillLosses;
  private readonly options: WantedOptions;
  /** Absent where the perpetual is not quoted. */
  private readonly perpetual: WantedPerpetual | undefined;
  private readonly routes: RecordRoutes;
  private readonly now = new Float64Array(1);

  constructor(context: CoreContext<OptionsQuoterConfig>) {
    const { config, state } = context;
    const { quoting, instruments } = config;
    const memory = new QuoterMemory(state, config);
    const touched = new TouchedInstruments(memory, instruments, quoting.perpetual !== undefined);
    const writer = new QuoteWriter(context, memory.rows, quoting.tolerance);
    this.context = context;
    this.memory = memory;
    this.touched = touched;
    this.pause = new PauseSwitch(context, memory, touched);
    this.losses = new FillLosses(context, memory);
    this.options = new WantedOptions(context, memory, writer, this.now);
    this.perpetual =
      quoting.perpetual === undefined ? undefined : new WantedPerpetual(quoting.perpetual, memory, writer);
    const values = new ValueIntake(context, memory, touched);
    const others = new MarketOfOthers(context, memory, touched);
    const holdings = new HoldingsIntake(context, memory, touched);
    const underlying = new UnderlyingIntake(context, memory, touched);
    const traders = new TraderWishes(context, memory, touched);
    const listing = new ListingIntake(context, memory, touched);
    const { pause, losses } = this;
    this.routes = new RecordRoutes([
      [MessageType.THEO_RUN, (buffer, body) => values.takeValues(buffer, body)],
      [MessageType.BOOK_TOP, (buffer, body) => others.takeTop(buffer, body)],
      [MessageType.ORDER_UPDATE, (buffer, body) => others.takeOrder(buffer, body)],
      [MessageType.UNDERLYING_EXPOSURE, (buffer, body) => holdings.takeExposure(buffer, body)],
      [MessageType.POSITION, (buffer, body) => holdings.takePosition(buffer, body)],
      [MessageType.UNDERLYING_STATE, (buffer, body) => underlying.takeState(buffer, body)],
      [MessageType.TRADE_RUN, (buffer, body) => underlying.takeTrades(buffer, body)],
      [MessageType.FILL, (buffer, body) => losses.takeFill(buffer, body)],
      [MessageType.RUN_STARTED, () => this.onNewRun()],
      [MessageType.TRADER_CONTROL, (buffer, body) => traders.takeControl(buffer, body)],
      [MessageType.RISK_COMMAND, (buffer, body) => traders.takeRiskCommand(buffer, body)],
      [
        MessageType.OPERATOR_COMMAND,
        (buffer, body) => {
          traders.takeOperatorCommand(buffer, body);
          pause.takeCommand(buffer, body);
        },
      ],
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
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    this.routes.deliver(type, buffer, offset);
  }

  onTimer(): void {
    const { memory, touched, now } = this;
    const { conditions, inputs } = this.options;
    now[0] = this.context.event.time;
    this.context.schedule(TIMER, this.context.event.time + TIMER_MICROS);
    this.losses.look(now);
    for (let id = 0; id < memory.shelf.end; id++) {
      if (!memory.isValued(id)) continue;
      if (inputs.hasEvents || conditions.isOld(id) || conditions.isEnding(id)) touched.add(id);
    }
  }

  endOfEvent(): void {
    this.now[0] = this.context.event.moment[EVENT_TIME]!;
    const { touched, memory } = this;
    const { ids } = touched;
    const count = touched.take();
    const { reason } = this.pause;
    for (let place = 0; place < count; place++) {
      const id = ids[place]!;
      if (!memory.isPerpetual(id)) this.options.consider(id, reason);
      else if (this.perpetual !== undefined) this.perpetual.consider(id, reason);
    }
  }

  private onNewRun(): void {
    forgetNonces(this.memory.controls.nonces);
    this.pause.onNewRun();
  }

  /** The first instrument starts the timer: before it there is nothing to look at. */
  private start(): void {
    const { started } = this.memory;
    if (started[0] !== 0) return;
    started[0] = 1;
    this.context.schedule(TIMER, this.context.event.time + TIMER_MICROS);
  }
}

export function optionsQuoter(config: OptionsQuoterConfig): CoreDefinition {
  return defineStage<OptionsQuoterConfig>({
    name: 'quoter',
    reads: [log, tops, theos, orderStates, exposures],
    writes: desiredQuotes,
    ignores: [
      MessageType.BOOK_UPDATE,
      MessageType.TICKER,
      MessageType.QUOTE,
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
    // Each option once an event, and one pull of everything.
    burst: {
      records: config.instruments + 1,
      bodyBytes: config.instruments * DesiredQuote.sizeOf() + QuotePull.sizeOf(),
    },
    shows: [shownQuotes(config.instruments)],
    ...memoryOf((cells) => new QuoterMemory(cells, config)),
    timers: 1,
    create: (context) => new OptionsQuoter(context),
  });
}

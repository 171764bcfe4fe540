import { memoryOf } from '../../engine/market/orders/cells.js';
import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import { EVENT_TIME } from '../../engine/runtime/actor/event.js';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { ExpiryState } from '../../schemas/generated/expiry-state.js';
import { OrderReport } from '../../schemas/generated/order-report.js';
import { RequestReport } from '../../schemas/generated/request-report.js';
import { SendReport } from '../../schemas/generated/send-report.js';
import { SmileAdjustment } from '../../schemas/generated/smile-adjustment.js';
import { Theo } from '../../schemas/generated/theo.js';
import { TheoRun } from '../../schemas/generated/theo-run.js';
import { UnderlyingState } from '../../schemas/generated/underlying-state.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import type { OwnOrders } from '../book/own-orders.js';
import { readDefinition } from '../stage-parts/read-definition.js';
import { log, shownChains, shownExpiries, shownTheos, shownUnderlyings, theos, tops } from '../streams.js';
import { ChainRegistry } from './chain-registry.js';
import { Condition } from './condition.js';
import { NOW } from './event-moment.js';
import type { FilterConfig } from './filter-config.js';
import { FilterMemory } from './filter-memory.js';
import { EXPIRY_WORD, EXPIRY_WORDS, type FilterState } from './filter-state.js';
import { ForwardTrack } from './forward-track.js';
import { MarketReader } from './market-reader.js';
import { ParityForwards } from './parity-forwards.js';
import { PriceMoves } from './price-moves.js';
import { Pulses } from './pulses.js';
import { QuoteIntake } from './quote-intake.js';
import { QuoteNudge } from './quote-nudge.js';
import { RealisedVol } from './realised-vol.js';
import { largestSnapshot, RefitRequests } from './refit-requests.js';
import { SmileDynamics } from './smile-dynamics.js';
import { SmileModes } from './smile-modes.js';
import { StateReports } from './state-reports.js';
import { SurfaceAdoption } from './surface-adoption.js';
import { TheoBatch } from './theo-batch.js';
import { TheoPricer } from './theo-pricer.js';
import { TheoWriter } from './theo-writer.js';
import { TraderShifts } from './trader-shifts.js';
import { VolForecasts } from './vol-forecasts.js';

/** Standard deviations per square root of a year of the walks of level, lean and bend, as relative moves of total variance. */
const DRIFT: readonly number[] = [8, 4, 4];

/**
 * The volatility filter: quotes of options and of what they are on go in, theoretical values come out. Between fits, which come from the
 * calibrator by way of the log, each quote nudges its smile and each tick of the underlying moves its forwards; what changed by more than is worth
 * telling is told.
 */
class Filter implements CoreActor {
  private readonly context: CoreContext<FilterConfig>;
  private readonly state: FilterState;
  private readonly forecasts: VolForecasts;
  /** Event time, shared by the parts. */
  private readonly moment = new Float64Array(1);
  private readonly registry: ChainRegistry;
  private readonly reader: MarketReader;
  private readonly pulses: Pulses;
  private readonly shifts: TraderShifts;
  private readonly condition: Condition;
  private readonly adoption: SurfaceAdoption;
  private readonly writer: TheoWriter;
  private readonly reports: StateReports;
  private readonly adjustment = new SmileAdjustment();
  /** What tickers and best prices hold of ours; absent where that is nothing. Books are told without it. */
  private readonly own: OwnOrders | undefined;
  private readonly send = new SendReport();
  private readonly report = new OrderReport();
  private readonly refusal = new RequestReport();

  constructor(context: CoreContext<FilterConfig>) {
    const { config } = context;
    const { moment } = this;
    const noise = Float64Array.from(DRIFT, (deviation) => deviation * deviation);
    const { state, forecasts, own } = new FilterMemory(context.state, config);
    this.context = context;
    this.state = state;
    this.forecasts = new VolForecasts(forecasts, config.model);
    this.registry = new ChainRegistry(state);
    const intake = new QuoteIntake(state, moment);
    const modes = new SmileModes(state);
    const dynamics = new SmileDynamics(state, moment);
    const forwards = new ForwardTrack(state, moment, modes, dynamics);
    const pricer = new TheoPricer(state, moment, noise);
    const nudge = new QuoteNudge(state, moment, pricer, modes, noise);
    this.adoption = new SurfaceAdoption(state, modes, dynamics, nudge);
    const realised = new RealisedVol(state, moment, this.forecasts);
    const condition = new Condition(state, moment, forwards);
    const writer = new TheoWriter(context, state, new TheoBatch(state, pricer, moment), moment);
    const requests = new RefitRequests(context, state, moment);
    const reports = new StateReports(context, state, moment, forwards, dynamics, modes);
    this.own = own;
    this.condition = condition;
    this.writer = writer;
    this.reports = reports;
    const parity = new ParityForwards(state, forwards);
    const pulses = new Pulses({
      context,
      state,
      moment,
      forwards,
      parity,
      realised,
      condition,
      writer,
      requests,
      reports,
    });
    const moves = new PriceMoves({ state, moment, intake, forwards, nudge, condition, writer, reports });
    this.pulses = pulses;
    this.reader = new MarketReader({ state, moment, intake, forwards, moves, pulses, own: this.own });
    this.shifts = new TraderShifts({ state, forwards, modes, condition, writer, reports, pulses });
  }

  onRestore(): void {
    this.forecasts.restore();
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    this.moment[NOW] = this.context.event.moment[EVENT_TIME]!;
    const body = offset + HEADER_BYTES;
    switch (type) {
      case MessageType.TICKER:
        this.reader.onTicker(buffer, body);
        break;
      case MessageType.BOOK_TOP:
        this.reader.onBookTop(buffer, body);
        break;
      case MessageType.QUOTE:
        this.reader.onQuote(buffer, body);
        break;
      case MessageType.TOP_OF_BOOK:
        this.reader.onTopOfBook(buffer, body);
        break;
      case MessageType.TRADE_RUN:
        this.reader.onTrades(buffer, body);
        break;
      case MessageType.SURFACE_FIT:
        this.onFit(buffer, offset);
        break;
      case MessageType.SMILE_ADJUSTMENT:
        this.shifts.apply(this.adjustment.__init(body, buffer));
        break;
      case MessageType.INSTRUMENT_DEFINITION:
        this.onDefinition(buffer, offset);
        break;
      case MessageType.SEND_REPORT:
        this.own?.onSend(this.send.__init(body, buffer));
        break;
      case MessageType.ORDER_REPORT:
        this.own?.onReport(this.report.__init(body, buffer));
        break;
      case MessageType.REQUEST_REPORT:
        this.own?.onRefusal(this.refusal.__init(body, buffer));
        break;
    }
  }

  onTimer(underlying: number): void {
    this.moment[NOW] = this.context.event.moment[EVENT_TIME]!;
    this.pulses.pulse(underlying);
  }

  /** A surface from the calibrator, or its failure. */
  private onFit(buffer: ViewBuffer, offset: number): void {
    const { state } = this;
    const underlying = this.adoption.adopt(buffer, offset);
    const concerned = buffer.view.getUint32(offset + HEADER_BYTES, true);
    if (concerned >= state.config.underlyings) return;
    this.pulses.hear(concerned);
    this.condition.judgeUnderlying(concerned);
    for (let expiry = 0; expiry < state.config.expiries; expiry++) {
      const words = expiry * EXPIRY_WORDS;
      if (state.expiryWords[words + EXPIRY_WORD.underlying] !== concerned + 1) continue;
      if (state.expiryWords[words + EXPIRY_WORD.over] === 1 || state.expiryWords[words + EXPIRY_WORD.options] === 0)
        continue;
      const changed = this.condition.judgeExpiry(expiry) + 1 !== state.expiryWords[words + EXPIRY_WORD.told];
      if (underlying < 0 && !changed) continue;
      if (state.hasValues(expiry)) this.writer.writeExpiry(expiry);
      this.reports.writeExpiry(expiry);
    }
    this.reports.writeUnderlying(concerned);
  }

  private onDefinition(buffer: ViewBuffer, offset: number): void {
    const { id, instrument } = readDefinition(buffer, offset + HEADER_BYTES);
    this.registry.define(id, instrument);
  }
}

export function filter(config: FilterConfig): CoreDefinition {
  const { instruments, underlyings, expiries, optionsPerExpiry } = config;
  const snapshot = largestSnapshot(instruments);
  return defineStage<FilterConfig>({
    name: 'filter',
    reads: [log, tops],
    writes: theos,
    ignores: [
      MessageType.BOOK_UPDATE,
      // What is our own is asked for only where the market holds it.
      ...(config.ownInMarket === true
        ? []
        : [MessageType.ORDER_REPORT, MessageType.SEND_REPORT, MessageType.REQUEST_REPORT]),
    ],
    config,
    shows: [
      shownExpiries(expiries),
      shownUnderlyings(underlyings),
      shownTheos(expiries, optionsPerExpiry),
      shownChains(underlyings, snapshot),
    ],
    // A pulse or a fit may tell all values, twice where a forward moved in it, and all states.
    burst: {
      records: 4 * expiries + 3 * underlyings,
      bodyBytes:
        2 * (instruments * Theo.sizeOf() + expiries * (TheoRun.sizeOf() + ExpiryState.sizeOf())) +
        underlyings * (2 * UnderlyingState.sizeOf() + snapshot),
    },
    ...memoryOf((cells) => new FilterMemory(cells, config)),
    timers: underlyings,
    create: (context) => new Filter(context),
  });
}

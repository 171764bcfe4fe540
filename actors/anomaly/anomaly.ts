import { BARS } from '../../engine/market/anomaly/bars.js';
import { MarketState, MOST_UNDERLYINGS } from '../../engine/market/anomaly/market-state.js';
import { MarketWatch, WatchMemory } from '../../engine/market/anomaly/market-watch.js';
import { type Cells, memoryOf } from '../../engine/market/orders/cells.js';
import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import { EVENT_SEQ, EVENT_TIME } from '../../engine/runtime/actor/event.js';
import { copyBody, HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { AlertChange } from '../../schemas/generated/alert-change.js';
import { MarketStatistics } from '../../schemas/generated/market-statistics.js';
import { Trade } from '../../schemas/generated/trade.js';
import { TradeRun } from '../../schemas/generated/trade-run.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { anomalies, log, theos, tops } from '../streams.js';
import { AnomalyReports } from './anomaly-reports.js';
import { FilterReports } from './filter-reports.js';
import { type FilterRule, FilterRules } from './filter-rules.js';
import { MarketInput } from './market-input.js';
import {
  ALERTS_SHOWN,
  shownAlerts,
  shownAnomalies,
  shownFilterEvents,
  shownFilteredBars,
  shownFilterRules,
  shownStatistics,
} from './shown.js';
import { StatisticsReports } from './statistics-reports.js';
import { MOST_RECORDS, SHOWN, Teller } from './teller.js';

export interface AnomalyConfig {
  instruments: number;
  /** Length of the bars that statistics and filter rules are taken over. */
  barSeconds: number;
  /** Seconds for which the same anomaly of the same instrument is not told again. */
  coolDownSeconds: number;
  /** Smallest arbitrage that is told, USD after fees. */
  leastArbitrageUsd: number;
  /** Rules of the volatility filter. */
  rules: readonly FilterRule[];
  /** Whether the volatility filter's stage is there to be read. */
  readsTheos: boolean;
}

/** What is used where a configuration says nothing else. */
export const ANOMALY_DEFAULTS: Omit<AnomalyConfig, 'instruments' | 'readsTheos'> = {
  barSeconds: 5,
  coolDownSeconds: 60,
  leastArbitrageUsd: 10,
  rules: [
    {
      measure: 'realised',
      rule: { mode: 'deviations', level: 4, window: 2160, lag: 12, release: 0.8, hold: 6 },
    },
    { measure: 'jump', rule: { mode: 'absolute', level: 6, window: 0, lag: 0, release: 0.6, hold: 1 } },
  ],
};

const CELLS = 4;
const BAR_TIMER = 0;
const LARGEST_BODY = MarketStatistics.sizeOf();
const TRADE_PRICE = fieldOffset(Trade, 'price');
const TRADE_AMOUNT = fieldOffset(Trade, 'amount');
const ALERT_RULE = HEADER_BYTES + fieldOffset(AlertChange, 'rule');
const ALERT_TEXT = HEADER_BYTES + fieldOffset(AlertChange, 'textBytes');
const MICROS = 1e6;

/** Everything that the stage remembers. */
class AnomalyMemory {
  /** Deadline of the bar under way; then what was told so far. */
  readonly cells: Float64Array;
  readonly watch: WatchMemory;
  readonly filters: FilterRules;

  constructor(cells: Cells, { instruments, rules, barSeconds }: AnomalyConfig) {
    this.cells = cells.float64(CELLS, 'bar deadline, counts told');
    this.watch = new WatchMemory(cells, instruments);
    this.filters = new FilterRules(rules, barSeconds, cells);
  }
}

/**
 * Watches the market for what ought not to be there, keeps its statistics, and marks what the rules of the volatility filter
 * filter out. Constant time for each event, but for the end of a bar, which goes through the underlyings.
 */
class AnomalyStage implements CoreActor {
  private readonly context: CoreContext<AnomalyConfig>;
  private readonly watch: MarketWatch;
  private readonly filters: FilterRules;
  private readonly input: MarketInput;
  private readonly teller: Teller;
  private readonly filtered: FilterReports;
  private readonly statistics: StatisticsReports;
  /** Deadline of the bar under way; then what was told so far. */
  private readonly cells: Float64Array;

  constructor(context: CoreContext<AnomalyConfig>) {
    const { config, state } = context;
    const { barSeconds } = config;
    this.context = context;
    const memory = new AnomalyMemory(state, config);
    this.cells = memory.cells;
    const teller = new Teller(context, this.cells.subarray(1));
    const watch = new MarketWatch(config, new AnomalyReports(teller), memory.watch);
    const { filters } = memory;
    this.watch = watch;
    this.filters = filters;
    this.teller = teller;
    this.input = new MarketInput(watch);
    this.filtered = new FilterReports(teller, filters, watch.state, watch.clock, barSeconds);
    this.statistics = new StatisticsReports(teller, watch.state, watch.bars, filters, barSeconds);
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    const { clock } = this.watch;
    const { moment } = this.context.event;
    clock[0] = moment[EVENT_TIME]!;
    clock[1] = moment[EVENT_SEQ]!;
    if (this.cells[0] === 0) this.scheduleBar();
    if (type === MessageType.TICKER) this.input.onTicker(buffer, offset);
    else if (type === MessageType.BOOK_TOP) this.input.onTop(buffer, offset);
    else if (type === MessageType.TRADE_RUN) this.onTrades(buffer, offset);
    else if (type === MessageType.THEO_RUN) this.input.onTheos(buffer, offset);
    else if (type === MessageType.UNDERLYING_STATE) this.input.onUnderlying(buffer, offset);
    else if (type === MessageType.QUOTE) this.input.onQuote(buffer, offset);
    else if (type === MessageType.INSTRUMENT_DEFINITION) this.input.onDefinition(buffer, offset);
    else if (type === MessageType.ALERT_CHANGE) this.showAlert(buffer, offset);
  }

  endOfEvent(): void {
    this.teller.endOfEvent();
  }

  onTimer(timer: number): void {
    if (timer !== BAR_TIMER) return;
    const { watch, filters, context } = this;
    watch.clock[0] = context.event.time;
    watch.clock[1] = context.event.seq;
    watch.bars.close();
    for (let underlying = 0; underlying < MOST_UNDERLYINGS; underlying++) {
      if (watch.state.underlyings[MarketState.underlyingRow(underlying) + BARS] === 0) continue;
      filters.step(underlying, watch.state, watch.clock, this.filtered);
      this.filtered.markBar(underlying, this.cells);
      this.statistics.tell(underlying);
      this.filtered.showRules(underlying);
    }
    watch.bars.begin();
    this.scheduleBar();
  }

  private scheduleBar(): void {
    const { cells, context } = this;
    const bar = context.config.barSeconds * MICROS;
    // Bars begin on whole multiples, whatever the hour at which the engine was started.
    cells[0] = (Math.floor(context.event.time / bar) + 1) * bar;
    context.schedule(BAR_TIMER, cells[0]!);
  }

  private onTrades(buffer: ViewBuffer, offset: number): void {
    const { watch, filtered, context } = this;
    const { view } = buffer;
    const count = view.getUint32(offset + HEADER_BYTES, true);
    for (let index = 0; index < count; index++) {
      const at = offset + HEADER_BYTES + TradeRun.sizeOf() + index * Trade.sizeOf();
      const id = view.getUint32(at, true);
      watch.input[0] = view.getFloat64(at + TRADE_PRICE, true);
      watch.input[1] = view.getFloat64(at + TRADE_AMOUNT, true);
      watch.trade(id);
      const underlying = id < context.config.instruments ? watch.state.underlyingOf(id) : -1;
      if (underlying >= 0) filtered.markTrade(underlying, view, at);
    }
  }

  /** Alerts change outside the core; people see them here, where what is shown has its place. */
  private showAlert(buffer: ViewBuffer, offset: number): void {
    const latest = this.teller.latest(SHOWN.alerts);
    const rule = buffer.view.getUint32(offset + ALERT_RULE, true);
    if (latest === undefined || rule >= ALERTS_SHOWN) return;
    const bytes = AlertChange.sizeOf() + ((buffer.view.getUint32(offset + ALERT_TEXT, true) + 3) & ~3);
    const place = latest.claim(rule, MessageType.ALERT_CHANGE, bytes) + HEADER_BYTES;
    copyBody(buffer, offset + HEADER_BYTES, latest.buffer, place, bytes);
    latest.publish(rule);
  }
}

export function anomaly(config: AnomalyConfig): CoreDefinition {
  return defineStage<AnomalyConfig>({
    name: 'anomaly',
    reads: config.readsTheos ? [log, tops, theos] : [log, tops],
    writes: anomalies,
    ignores: [
      MessageType.BOOK_UPDATE,
      MessageType.ORDER_REPORT,
      MessageType.SEND_REPORT,
      MessageType.REQUEST_REPORT,
      MessageType.EXPIRY_STATE,
    ],
    config,
    shows: [
      shownAnomalies(),
      shownStatistics(),
      shownAlerts(),
      shownFilterRules(config.rules.length),
      shownFilterEvents(),
      shownFilteredBars(),
    ],
    burst: { records: MOST_RECORDS, bodyBytes: MOST_RECORDS * LARGEST_BODY },
    ...memoryOf((cells) => new AnomalyMemory(cells, config)),
    timers: 1,
    create: (context) => new AnomalyStage(context),
  });
}

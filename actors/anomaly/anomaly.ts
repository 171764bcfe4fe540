import {
  ABSOLUTE_AUTO,
  ABSOLUTE_VARIANCE,
  AUTO,
  BARS,
  FOURTH,
  JUMP_RATIO,
  MEAN,
  REALISED,
  THIRD,
  VARIANCE,
} from '../../engine/market/anomaly/bars.js';
import type { AnomalyKindCode } from '../../engine/market/anomaly/kinds.js';
import {
  ANOMALIES_TOLD,
  BAR_HIGH,
  BAR_LOW,
  BAR_OPEN,
  BAR_VOLUME,
  CROSSED_NOW,
  FILTERED_BARS,
  FORECAST,
  FORECAST_1H,
  FORECAST_1S,
  FORECAST_15M,
  FROZEN_NOW,
  IMPLIED,
  MarketState,
  MEAN_BASIS,
  MEAN_SPREAD,
  MOST_UNDERLYINGS,
  NEAR_VOL,
  PRICE,
  PRODUCTS,
  RISK_PREMIUM,
  TWO_SIDED_NOW,
} from '../../engine/market/anomaly/market-state.js';
import {
  IN_ASK,
  IN_ASK_AMOUNT,
  IN_ASK_VOL,
  IN_BID,
  IN_BID_AMOUNT,
  IN_BID_VOL,
  IN_FORWARD,
  IN_INDEX,
  IN_MARK,
  IN_MARK_VOL,
  IN_OPEN_INTEREST,
  MarketWatch,
} from '../../engine/market/anomaly/market-watch.js';
import { FOUND, SUPPRESSED, type VerdictSink } from '../../engine/market/anomaly/verdicts.js';
import { decodeInstrument } from '../../engine/market/instrument-codec.js';
import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import type { LatestWriter } from '../../engine/runtime/edge/latest-writer.js';
import { copyBody, HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { AlertChange } from '../../schemas/generated/alert-change.js';
import { Anomaly } from '../../schemas/generated/anomaly.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { FilterEvent } from '../../schemas/generated/filter-event.js';
import { FilterRuleState } from '../../schemas/generated/filter-rule-state.js';
import { FilteredBar } from '../../schemas/generated/filtered-bar.js';
import { FilteredTrade } from '../../schemas/generated/filtered-trade.js';
import { MarketStatistics } from '../../schemas/generated/market-statistics.js';
import { Quote } from '../../schemas/generated/quote.js';
import { Theo } from '../../schemas/generated/theo.js';
import { TheoRun } from '../../schemas/generated/theo-run.js';
import { Ticker } from '../../schemas/generated/ticker.js';
import { Trade } from '../../schemas/generated/trade.js';
import { TradeRun } from '../../schemas/generated/trade-run.js';
import { UnderlyingState } from '../../schemas/generated/underlying-state.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { BookState } from '../book/book.js';
import { anomalies, log, theos, tops } from '../streams.js';
import { type FilterRule, FilterRules } from './filter-rules.js';
import {
  ALERTS_SHOWN,
  ANOMALIES_SHOWN,
  FILTER_EVENTS_SHOWN,
  FILTERED_BARS_SHOWN,
  shownAlerts,
  shownAnomalies,
  shownFilterEvents,
  shownFilteredBars,
  shownFilterRules,
  shownStatistics,
} from './shown.js';

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
/** Places of what is shown, in the order of the definition below. */
const SHOWN = { anomalies: 0, statistics: 1, alerts: 2, rules: 3, events: 4, bars: 5 } as const;
/** The most records that one event may lead to; what is beyond is counted and not written. */
const MOST_RECORDS = 256;
const LARGEST_BODY = MarketStatistics.sizeOf();

/** Where the numbers of a record stand behind its header, and where they go. Past the accessors, which box what they do not inline. */
function places(pairs: readonly [number, number][]): { from: Int32Array; to: Int32Array } {
  return {
    from: Int32Array.from(pairs, ([from]) => HEADER_BYTES + from),
    to: Int32Array.from(pairs, ([, to]) => to),
  };
}

const OF_TICKER = places([
  [fieldOffset(Ticker, 'bestBidPrice'), IN_BID],
  [fieldOffset(Ticker, 'bestBidAmount'), IN_BID_AMOUNT],
  [fieldOffset(Ticker, 'bestAskPrice'), IN_ASK],
  [fieldOffset(Ticker, 'bestAskAmount'), IN_ASK_AMOUNT],
  [fieldOffset(Ticker, 'markPrice'), IN_MARK],
  [fieldOffset(Ticker, 'markIv'), IN_MARK_VOL],
  [fieldOffset(Ticker, 'bidIv'), IN_BID_VOL],
  [fieldOffset(Ticker, 'askIv'), IN_ASK_VOL],
  [fieldOffset(Ticker, 'underlyingPrice'), IN_FORWARD],
  [fieldOffset(Ticker, 'indexPrice'), IN_INDEX],
  [fieldOffset(Ticker, 'openInterest'), IN_OPEN_INTEREST],
]);
const OF_QUOTE = places([
  [fieldOffset(Quote, 'bidPrice'), IN_BID],
  [fieldOffset(Quote, 'bidAmount'), IN_BID_AMOUNT],
  [fieldOffset(Quote, 'askPrice'), IN_ASK],
  [fieldOffset(Quote, 'askAmount'), IN_ASK_AMOUNT],
  [fieldOffset(Quote, 'markPrice'), IN_MARK],
  [fieldOffset(Quote, 'markIv'), IN_MARK_VOL],
  [fieldOffset(Quote, 'underlyingPrice'), IN_FORWARD],
  [fieldOffset(Quote, 'indexPrice'), IN_INDEX],
  [fieldOffset(Quote, 'openInterest'), IN_OPEN_INTEREST],
]);
const OF_TOP = places([
  [fieldOffset(BookTop, 'bidPrice'), IN_BID],
  [fieldOffset(BookTop, 'bidAmount'), IN_BID_AMOUNT],
  [fieldOffset(BookTop, 'askPrice'), IN_ASK],
  [fieldOffset(BookTop, 'askAmount'), IN_ASK_AMOUNT],
]);
const TOP_STATE = HEADER_BYTES + fieldOffset(BookTop, 'state');
const TRADE_PRICE = fieldOffset(Trade, 'price');
const TRADE_AMOUNT = fieldOffset(Trade, 'amount');
const TRADE_ID = fieldOffset(Trade, 'tradeId');
const TRADE_TIME = fieldOffset(Trade, 'exchangeTime');
const THEO_VOLATILITY = fieldOffset(Theo, 'volatility');
const RUN_COUNT = HEADER_BYTES + fieldOffset(TheoRun, 'count');
const STATE_OPTION = HEADER_BYTES + fieldOffset(UnderlyingState, 'option');
const STATE_VOL = HEADER_BYTES + fieldOffset(UnderlyingState, 'vol1m');
const STATE_IMPLIED = HEADER_BYTES + fieldOffset(UnderlyingState, 'implied30d');
const STATE_VOL_1S = HEADER_BYTES + fieldOffset(UnderlyingState, 'vol1s');
const STATE_VOL_15M = HEADER_BYTES + fieldOffset(UnderlyingState, 'vol15m');
const STATE_VOL_1H = HEADER_BYTES + fieldOffset(UnderlyingState, 'vol1h');
const STATE_PREMIUM = HEADER_BYTES + fieldOffset(UnderlyingState, 'riskPremium');
const FIRST_NUMBER = fieldOffset(Anomaly, 'found');
const ALERT_RULE = HEADER_BYTES + fieldOffset(AlertChange, 'rule');
const ALERT_TEXT = HEADER_BYTES + fieldOffset(AlertChange, 'textBytes');
const MICROS = 1e6;

/**
 * Watches the market for what ought not to be there, keeps its statistics, and marks what the rules of the volatility filter
 * filter out. Constant time for each event, but for the end of a bar, which goes through the underlyings.
 */
class AnomalyStage implements CoreActor, VerdictSink {
  private readonly context: CoreContext<AnomalyConfig>;
  private readonly watch: MarketWatch;
  private readonly filters: FilterRules;
  /** Deadline of the bar under way; anomalies, events of the filter and filtered bars told so far. */
  private readonly cells: Float64Array;
  private readonly anomaly = new Anomaly();
  private readonly statistics = new MarketStatistics();
  private readonly event = new FilterEvent();
  private readonly bar = new FilteredBar();
  private readonly ruleState = new FilterRuleState();
  private written = 0;

  constructor(context: CoreContext<AnomalyConfig>) {
    const { config, state } = context;
    this.context = context;
    this.cells = state.float64(CELLS);
    this.watch = new MarketWatch(config, this, state);
    this.filters = new FilterRules(config.rules, config.barSeconds, state);
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    const { clock } = this.watch;
    const { event } = this.context;
    clock[0] = event.time;
    clock[1] = event.seq;
    if (this.cells[0] === 0) this.scheduleBar();
    if (type === MessageType.TICKER) this.onTicker(OF_TICKER, buffer, offset);
    else if (type === MessageType.BOOK_TOP) this.onTop(buffer, offset);
    else if (type === MessageType.TRADE_RUN) this.onTrades(buffer, offset);
    else if (type === MessageType.THEO_RUN) this.onTheos(buffer, offset);
    else if (type === MessageType.UNDERLYING_STATE) this.onUnderlying(buffer, offset);
    else if (type === MessageType.QUOTE) this.onQuote(buffer, offset);
    else if (type === MessageType.INSTRUMENT_DEFINITION) this.onDefinition(buffer, offset);
    else if (type === MessageType.ALERT_CHANGE) this.showAlert(buffer, offset);
  }

  endOfEvent(): void {
    this.written = 0;
  }

  onTimer(timer: number): void {
    if (timer !== BAR_TIMER) return;
    const { watch, filters, context } = this;
    watch.clock[0] = context.event.time;
    watch.clock[1] = context.event.seq;
    watch.bars.close();
    for (let underlying = 0; underlying < MOST_UNDERLYINGS; underlying++) {
      if (watch.state.underlyings[MarketState.underlyingRow(underlying) + BARS] === 0) continue;
      filters.step(underlying, watch.state, watch.clock, this);
      this.markBar(underlying);
      this.tellStatistics(underlying);
      this.showRules(underlying);
    }
    watch.bars.begin();
    this.scheduleBar();
  }

  onAnomaly(
    kind: AnomalyKindCode,
    severity: number,
    instrument: number,
    second: number,
    third: number,
    underlying: number,
  ): void {
    if (this.written++ >= MOST_RECORDS) return;
    const { out, shown } = this.context;
    const count = this.cells[1]!;
    this.cells[1] = count + 1;
    const at = out.emit(MessageType.ANOMALY, Anomaly.sizeOf());
    this.writeAnomaly(out.buffer, at, kind, severity, instrument, second, third, underlying);
    const latest = shown[SHOWN.anomalies];
    if (latest === undefined) return;
    const key = count % ANOMALIES_SHOWN;
    const place = this.claimShown(latest, key, MessageType.ANOMALY, Anomaly.sizeOf());
    this.writeAnomaly(latest.buffer, place, kind, severity, instrument, second, third, underlying);
    latest.publish(key);
  }

  onFilterEvent(rule: number, underlying: number, phase: number): void {
    if (this.written++ >= MOST_RECORDS) return;
    const { filters, watch, event } = this;
    const { out } = this.context;
    const filter = filters.filterOf(rule, underlying);
    const body = out.emit(MessageType.FILTER_EVENT, FilterEvent.sizeOf());
    event.__init(body, out.buffer);
    event.mutate_rule(rule);
    event.mutate_underlying(underlying);
    event.mutate_phase(phase);
    event.mutate_cause(filters.cause(rule, underlying));
    event.mutate_measure(filters.measureOf(rule));
    event.mutate_mode(filters.modeOf(rule));
    event.mutate_value(filter.input[0]!);
    event.mutate_threshold(filter.threshold);
    event.mutate_excess(phase === 1 ? filter.excess : filter.peakExcess);
    event.mutate_duration((watch.clock[0]! - filters.since(rule, underlying)) / MICROS);
    event.mutate_since(filters.since(rule, underlying));
    event.mutate_firstSeq(filters.firstSeq(rule, underlying));
    event.mutate_trades(filters.tradesOf(rule, underlying));
    event.mutate_bars(filters.barsOf(rule, underlying));
    this.showLast(SHOWN.events, FILTER_EVENTS_SHOWN, MessageType.FILTER_EVENT, body, FilterEvent.sizeOf());
  }

  /** Shows a record that was just written at `body`, in the place of the oldest of its kind. */
  private showLast(edge: number, keys: number, type: number, body: number, bytes: number): void {
    const { out, shown } = this.context;
    const told = edge - SHOWN.events + 2;
    const key = this.cells[told]! % keys;
    this.cells[told]! += 1;
    const latest = shown[edge];
    if (latest === undefined) return;
    copyBody(out.buffer, body, latest.buffer, this.claimShown(latest, key, type, bytes), bytes);
    latest.publish(key);
  }

  /** Where the body of what is shown under a key goes. Event and time stand in its header, so that a screen can put events in order and say how old they are. */
  private claimShown(latest: LatestWriter, key: number, type: number, bytes: number): number {
    const { clock } = this.watch;
    const at = latest.claim(key, type, bytes);
    latest.buffer.view.setFloat64(at + HeaderOffset.SEQ, clock[1]!, true);
    latest.buffer.view.setFloat64(at + HeaderOffset.EVENT_TIME, clock[0]!, true);
    return at + HEADER_BYTES;
  }

  private scheduleBar(): void {
    const { cells, context } = this;
    const bar = context.config.barSeconds * MICROS;
    // Bars begin on whole multiples, whatever the hour at which the engine was started.
    cells[0] = (Math.floor(context.event.time / bar) + 1) * bar;
    context.schedule(BAR_TIMER, cells[0]!);
  }

  private onTicker(fields: { from: Int32Array; to: Int32Array }, buffer: ViewBuffer, offset: number): void {
    this.take(fields, buffer, offset);
    this.watch.ticker(buffer.view.getUint32(offset + HEADER_BYTES, true));
  }

  private onQuote(buffer: ViewBuffer, offset: number): void {
    const { input } = this.watch;
    input[IN_BID_VOL] = Number.NaN;
    input[IN_ASK_VOL] = Number.NaN;
    this.onTicker(OF_QUOTE, buffer, offset);
  }

  private onTop(buffer: ViewBuffer, offset: number): void {
    this.take(OF_TOP, buffer, offset);
    const { input } = this.watch;
    if (buffer.view.getUint32(offset + TOP_STATE, true) === BookState.STALE) {
      // What stands in a stale book is nobody's quote.
      input[IN_BID] = Number.NaN;
      input[IN_ASK] = Number.NaN;
    }
    this.watch.top(buffer.view.getUint32(offset + HEADER_BYTES, true));
  }

  private take({ from, to }: { from: Int32Array; to: Int32Array }, buffer: ViewBuffer, offset: number): void {
    const { input } = this.watch;
    const { view } = buffer;
    for (let field = 0; field < from.length; field++) input[to[field]!] = view.getFloat64(offset + from[field]!, true);
  }

  private onTrades(buffer: ViewBuffer, offset: number): void {
    const { watch, filters, context } = this;
    const { view } = buffer;
    const count = view.getUint32(offset + HEADER_BYTES, true);
    for (let index = 0; index < count; index++) {
      const at = offset + HEADER_BYTES + TradeRun.sizeOf() + index * Trade.sizeOf();
      const id = view.getUint32(at, true);
      watch.input[0] = view.getFloat64(at + TRADE_PRICE, true);
      watch.input[1] = view.getFloat64(at + TRADE_AMOUNT, true);
      watch.trade(id);
      const underlying = id < context.config.instruments ? watch.state.underlyingOf(id) : -1;
      if (underlying < 0 || filters.active[underlying] === 0) continue;
      filters.marked(underlying);
      if (this.written++ >= MOST_RECORDS) continue;
      const { out } = context;
      const body = out.emit(MessageType.FILTERED_TRADE, FilteredTrade.sizeOf());
      const target = out.buffer.view;
      target.setUint32(body, id, true);
      target.setUint32(body + 4, filters.active[underlying]!, true);
      target.setFloat64(body + 8, view.getFloat64(at + TRADE_ID, true), true);
      target.setFloat64(body + 16, view.getFloat64(at + TRADE_TIME, true), true);
      target.setFloat64(body + 24, watch.input[0]!, true);
      target.setFloat64(body + 32, watch.input[1]!, true);
    }
  }

  private onTheos(buffer: ViewBuffer, offset: number): void {
    const { watch } = this;
    const { view } = buffer;
    const count = view.getUint32(offset + RUN_COUNT, true);
    for (let index = 0; index < count; index++) {
      const at = offset + HEADER_BYTES + TheoRun.sizeOf() + index * Theo.sizeOf();
      watch.input[0] = view.getFloat64(at + THEO_VOLATILITY, true);
      watch.model(view.getUint32(at, true), watch.input, 0);
    }
  }

  private onUnderlying(buffer: ViewBuffer, offset: number): void {
    const { state } = this.watch;
    const { view } = buffer;
    const option = view.getUint32(offset + STATE_OPTION, true);
    const underlying = option < this.context.config.instruments ? state.underlyingOf(option) : -1;
    if (underlying < 0) return;
    const row = MarketState.underlyingRow(underlying);
    state.underlyings[row + FORECAST] = view.getFloat64(offset + STATE_VOL, true);
    state.underlyings[row + IMPLIED] = view.getFloat64(offset + STATE_IMPLIED, true);
    state.underlyings[row + FORECAST_1S] = view.getFloat64(offset + STATE_VOL_1S, true);
    state.underlyings[row + FORECAST_15M] = view.getFloat64(offset + STATE_VOL_15M, true);
    state.underlyings[row + FORECAST_1H] = view.getFloat64(offset + STATE_VOL_1H, true);
    state.underlyings[row + RISK_PREMIUM] = view.getFloat64(offset + STATE_PREMIUM, true);
  }

  private onDefinition(buffer: ViewBuffer, offset: number): void {
    const length = buffer.view.getUint32(offset + HeaderOffset.LENGTH, true);
    const bytes = new Uint8Array(length - HEADER_BYTES);
    for (let index = 0; index < bytes.length; index++) bytes[index] = buffer.readUint8(offset + HEADER_BYTES + index);
    const { id, instrument } = decodeInstrument(bytes);
    this.watch.define(id, instrument);
  }

  private writeAnomaly(
    buffer: ViewBuffer,
    at: number,
    kind: number,
    severity: number,
    instrument: number,
    second: number,
    third: number,
    underlying: number,
  ): void {
    const { anomaly } = this;
    const { numbers } = this.watch.verdicts;
    anomaly.__init(at, buffer);
    anomaly.mutate_kind(kind);
    anomaly.mutate_severity(severity);
    anomaly.mutate_instrument(instrument);
    anomaly.mutate_second(second);
    anomaly.mutate_third(third);
    anomaly.mutate_underlying(underlying);
    // The numbers stand in the record in the order of their places.
    for (let number = FOUND; number <= SUPPRESSED; number++) {
      buffer.view.setFloat64(at + FIRST_NUMBER + 8 * number, numbers[number]!, true);
    }
  }

  private markBar(underlying: number): void {
    const rules = this.filters.active[underlying]!;
    if (rules === 0 || this.written++ >= MOST_RECORDS) return;
    const { out, config } = this.context;
    const u = this.watch.state.underlyings;
    const row = MarketState.underlyingRow(underlying);
    u[row + FILTERED_BARS]! += 1;
    const body = out.emit(MessageType.FILTERED_BAR, FilteredBar.sizeOf());
    const bar = this.bar.__init(body, out.buffer);
    bar.mutate_underlying(underlying);
    bar.mutate_rules(rules);
    bar.mutate_time(this.cells[0]! - config.barSeconds * MICROS);
    bar.mutate_seconds(config.barSeconds);
    bar.mutate_open(u[row + BAR_OPEN]!);
    bar.mutate_high(u[row + BAR_HIGH]!);
    bar.mutate_low(u[row + BAR_LOW]!);
    bar.mutate_close(u[row + PRICE]!);
    bar.mutate_realised(this.realised(row));
    bar.mutate_jump(u[row + JUMP_RATIO]!);
    bar.mutate_volume(u[row + BAR_VOLUME]!);
    this.showLast(SHOWN.bars, FILTERED_BARS_SHOWN, MessageType.FILTERED_BAR, body, FilteredBar.sizeOf());
  }

  /** Where each rule stands on an underlying, for people to look at. */
  private showRules(underlying: number): void {
    const { filters, context, ruleState } = this;
    const latest = context.shown[SHOWN.rules];
    if (latest === undefined) return;
    for (let rule = 0; rule < filters.count; rule++) {
      const key = rule * MOST_UNDERLYINGS + underlying;
      const filter = filters.filterOf(rule, underlying);
      const at = this.claimShown(latest, key, MessageType.FILTER_RULE_STATE, FilterRuleState.sizeOf());
      const s = ruleState.__init(at, latest.buffer);
      s.mutate_rule(rule);
      s.mutate_underlying(underlying);
      s.mutate_measure(filters.measureOf(rule));
      s.mutate_mode(filters.modeOf(rule));
      s.mutate_active(filter.active ? 1 : 0);
      s.mutate_cause(filters.cause(rule, underlying));
      s.mutate_level(filter.rule.level);
      s.mutate_release(filter.rule.release);
      s.mutate_window(filter.rule.mode === 'absolute' ? 0 : filter.rule.window);
      s.mutate_lag(filter.rule.lag);
      s.mutate_value(filter.input[0]!);
      s.mutate_threshold(filter.threshold);
      s.mutate_excess(filter.input[0]! / filter.threshold);
      s.mutate_peakExcess(filter.peakExcess);
      s.mutate_since(filters.since(rule, underlying));
      s.mutate_duration(filters.lasted(rule, underlying) / MICROS);
      s.mutate_events(filters.eventsOf(rule, underlying));
      s.mutate_trades(filters.allTradesOf(rule, underlying));
      s.mutate_bars(filters.allBarsOf(rule, underlying));
      s.mutate_barSeconds(context.config.barSeconds);
      latest.publish(key);
    }
  }

  private tellStatistics(underlying: number): void {
    const { out, shown } = this.context;
    if (this.written++ < MOST_RECORDS) {
      this.writeStatistics(out.buffer, out.emit(MessageType.MARKET_STATISTICS, MarketStatistics.sizeOf()), underlying);
    }
    const latest = shown[SHOWN.statistics];
    if (latest === undefined) return;
    const place = this.claimShown(latest, underlying, MessageType.MARKET_STATISTICS, MarketStatistics.sizeOf());
    this.writeStatistics(latest.buffer, place, underlying);
    latest.publish(underlying);
  }

  private writeStatistics(buffer: ViewBuffer, at: number, underlying: number): void {
    const { watch, filters } = this;
    const u = watch.state.underlyings;
    const row = MarketState.underlyingRow(underlying);
    const s = this.statistics.__init(at, buffer);
    const variance = u[row + VARIANCE]!;
    const deviation = Math.sqrt(variance);
    const realised = this.realised(row);
    const implied =
      u[row + IMPLIED]! > 0 ? u[row + IMPLIED]! : u[row + NEAR_VOL]! > 0 ? u[row + NEAR_VOL]! : Number.NaN;
    s.mutate_underlying(underlying);
    s.mutate_bars(u[row + BARS]!);
    s.mutate_price(u[row + PRICE]!);
    s.mutate_mean(u[row + MEAN]!);
    s.mutate_deviation(deviation);
    s.mutate_skewness(u[row + THIRD]! / (variance * deviation));
    s.mutate_kurtosis(u[row + FOURTH]! / (variance * variance));
    s.mutate_autocorrelation(u[row + AUTO]! / variance);
    s.mutate_absoluteAutocorrelation(u[row + ABSOLUTE_AUTO]! / u[row + ABSOLUTE_VARIANCE]!);
    s.mutate_realised(realised);
    s.mutate_implied(implied);
    s.mutate_realisedOverImplied(realised / implied);
    s.mutate_correlation(watch.bars.correlation(underlying, 0, PRODUCTS));
    s.mutate_jump(u[row + JUMP_RATIO]!);
    s.mutate_volume(u[row + BAR_VOLUME]!);
    s.mutate_spread(u[row + MEAN_SPREAD]!);
    s.mutate_crossed(u[row + CROSSED_NOW]!);
    s.mutate_frozen(u[row + FROZEN_NOW]!);
    s.mutate_rules(filters.active[underlying]!);
    s.mutate_quotes(u[row + TWO_SIDED_NOW]!);
    s.mutate_anomalies(u[row + ANOMALIES_TOLD]!);
    s.mutate_filtered(u[row + FILTERED_BARS]!);
    s.mutate_basis(u[row + MEAN_BASIS]!);
  }

  private realised(row: number): number {
    const perYear = (365 * 86_400) / this.context.config.barSeconds;
    return Math.sqrt(this.watch.state.underlyings[row + REALISED]! * perYear);
  }

  /** Alerts change outside the core; people see them here, where what is shown has its place. */
  private showAlert(buffer: ViewBuffer, offset: number): void {
    const latest: LatestWriter | undefined = this.context.shown[SHOWN.alerts];
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
    stateBytes: 8 * CELLS + MarketWatch.bytes(config.instruments) + FilterRules.bytes(config.rules),
    timers: 1,
    create: (context) => new AnomalyStage(context),
  });
}

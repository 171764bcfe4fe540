import { JUMP_RATIO } from '../../engine/market/anomaly/bars.js';
import {
  BAR_HIGH,
  BAR_LOW,
  BAR_OPEN,
  BAR_VOLUME,
  FILTERED_BARS,
  MarketState,
  MOST_UNDERLYINGS,
  PRICE,
} from '../../engine/market/anomaly/market-state.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { FilterEvent } from '../../schemas/generated/filter-event.js';
import { FilterRuleState } from '../../schemas/generated/filter-rule-state.js';
import { FilteredBar } from '../../schemas/generated/filtered-bar.js';
import { FilteredTrade } from '../../schemas/generated/filtered-trade.js';
import { Trade } from '../../schemas/generated/trade.js';
import { MessageType } from '../../schemas/message-type.js';
import { realisedVol } from './bar-vol.js';
import type { FilterOutcome, FilterRules } from './filter-rules.js';
import { FILTER_EVENTS_SHOWN, FILTERED_BARS_SHOWN } from './shown.js';
import { SHOWN, type Teller, TOLD } from './teller.js';

const TRADE_PRICE = fieldOffset(Trade, 'price');
const TRADE_AMOUNT = fieldOffset(Trade, 'amount');
const TRADE_ID = fieldOffset(Trade, 'tradeId');
const TRADE_TIME = fieldOffset(Trade, 'exchangeTime');
const MICROS = 1e6;

/** Tells what the rules of the volatility filter filter out, when their events begin and end, and where each of them stands. */
export class FilterReports implements FilterOutcome {
  private readonly teller: Teller;
  private readonly filters: FilterRules;
  private readonly state: MarketState;
  /** Time and number of the event. */
  private readonly clock: Float64Array;
  private readonly barSeconds: number;
  private readonly event = new FilterEvent();
  private readonly bar = new FilteredBar();
  private readonly ruleState = new FilterRuleState();

  constructor(teller: Teller, filters: FilterRules, state: MarketState, clock: Float64Array, barSeconds: number) {
    this.teller = teller;
    this.filters = filters;
    this.state = state;
    this.clock = clock;
    this.barSeconds = barSeconds;
  }

  onFilterEvent(rule: number, underlying: number, phase: number): void {
    const { filters, clock, event, teller } = this;
    if (!teller.mayWrite()) return;
    const { out } = teller;
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
    event.mutate_duration((clock[0]! - filters.since(rule, underlying)) / MICROS);
    event.mutate_since(filters.since(rule, underlying));
    event.mutate_firstSeq(filters.firstSeq(rule, underlying));
    event.mutate_trades(filters.tradesOf(rule, underlying));
    event.mutate_bars(filters.barsOf(rule, underlying));
    const bytes = FilterEvent.sizeOf();
    teller.showLast(SHOWN.events, TOLD.events, FILTER_EVENTS_SHOWN, MessageType.FILTER_EVENT, body, bytes);
  }

  /** Marks a trade, which stands at `at`, where its underlying has an event under way. */
  markTrade(underlying: number, view: DataView, at: number): void {
    const { filters, teller } = this;
    if (filters.active[underlying] === 0) return;
    filters.marked(underlying);
    if (!teller.mayWrite()) return;
    const { out } = teller;
    const body = out.emit(MessageType.FILTERED_TRADE, FilteredTrade.sizeOf());
    const target = out.buffer.view;
    target.setUint32(body, view.getUint32(at, true), true);
    target.setUint32(body + 4, filters.active[underlying]!, true);
    target.setFloat64(body + 8, view.getFloat64(at + TRADE_ID, true), true);
    target.setFloat64(body + 16, view.getFloat64(at + TRADE_TIME, true), true);
    target.setFloat64(body + 24, view.getFloat64(at + TRADE_PRICE, true), true);
    target.setFloat64(body + 32, view.getFloat64(at + TRADE_AMOUNT, true), true);
  }

  /** Marks the bar that has ended, where a rule filters it. @param ends at [0]: when, microseconds */
  markBar(underlying: number, ends: Float64Array): void {
    const { teller, barSeconds } = this;
    const rules = this.filters.active[underlying]!;
    if (rules === 0 || !teller.mayWrite()) return;
    const { out } = teller;
    const u = this.state.underlyings;
    const row = MarketState.underlyingRow(underlying);
    u[row + FILTERED_BARS]! += 1;
    const body = out.emit(MessageType.FILTERED_BAR, FilteredBar.sizeOf());
    const bar = this.bar.__init(body, out.buffer);
    bar.mutate_underlying(underlying);
    bar.mutate_rules(rules);
    bar.mutate_time(ends[0]! - barSeconds * MICROS);
    bar.mutate_seconds(barSeconds);
    bar.mutate_open(u[row + BAR_OPEN]!);
    bar.mutate_high(u[row + BAR_HIGH]!);
    bar.mutate_low(u[row + BAR_LOW]!);
    bar.mutate_close(u[row + PRICE]!);
    bar.mutate_realised(realisedVol(u, row, barSeconds));
    bar.mutate_jump(u[row + JUMP_RATIO]!);
    bar.mutate_volume(u[row + BAR_VOLUME]!);
    const bytes = FilteredBar.sizeOf();
    teller.showLast(SHOWN.bars, TOLD.bars, FILTERED_BARS_SHOWN, MessageType.FILTERED_BAR, body, bytes);
  }

  /** Where each rule stands on an underlying, for people to look at. */
  showRules(underlying: number): void {
    const { filters, ruleState, teller } = this;
    const latest = teller.latest(SHOWN.rules);
    if (latest === undefined) return;
    for (let rule = 0; rule < filters.count; rule++) {
      const key = rule * MOST_UNDERLYINGS + underlying;
      const filter = filters.filterOf(rule, underlying);
      const at = teller.claimShown(latest, key, MessageType.FILTER_RULE_STATE, FilterRuleState.sizeOf());
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
      s.mutate_barSeconds(this.barSeconds);
      latest.publish(key);
    }
  }
}

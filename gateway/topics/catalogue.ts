import { fieldOffset } from '../../schemas/field-offset.js';
import { AlertChange } from '../../schemas/generated/alert-change.js';
import { Anomaly } from '../../schemas/generated/anomaly.js';
import { Attribution } from '../../schemas/generated/attribution.js';
import { BookLevel } from '../../schemas/generated/book-level.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { CommandReceipt } from '../../schemas/generated/command-receipt.js';
import { CreditState } from '../../schemas/generated/credit-state.js';
import { DesiredHedge } from '../../schemas/generated/desired-hedge.js';
import { DesiredQuote } from '../../schemas/generated/desired-quote.js';
import { EdgeRow } from '../../schemas/generated/edge-row.js';
import { EngineStatus } from '../../schemas/generated/engine-status.js';
import { ExpiryState } from '../../schemas/generated/expiry-state.js';
import { FeedRow } from '../../schemas/generated/feed-row.js';
import { Fill } from '../../schemas/generated/fill.js';
import { FilterEvent } from '../../schemas/generated/filter-event.js';
import { FilterRuleState } from '../../schemas/generated/filter-rule-state.js';
import { FilteredBar } from '../../schemas/generated/filtered-bar.js';
import { HedgeCost } from '../../schemas/generated/hedge-cost.js';
import { HopBucket } from '../../schemas/generated/hop-bucket.js';
import { HopLatency } from '../../schemas/generated/hop-latency.js';
import { InstrumentRow } from '../../schemas/generated/instrument-row.js';
import { LimitState } from '../../schemas/generated/limit-state.js';
import { LogLine } from '../../schemas/generated/log-line.js';
import { MarketStatistics } from '../../schemas/generated/market-statistics.js';
import { Markout } from '../../schemas/generated/markout.js';
import { MmpReport } from '../../schemas/generated/mmp-report.js';
import { OrderUpdate } from '../../schemas/generated/order-update.js';
import { OutsideRow } from '../../schemas/generated/outside-row.js';
import { Performance } from '../../schemas/generated/performance.js';
import { Position } from '../../schemas/generated/position.js';
import { ProfitLoss } from '../../schemas/generated/profit-loss.js';
import { Refusal } from '../../schemas/generated/refusal.js';
import { RiskState } from '../../schemas/generated/risk-state.js';
import { SliceFit } from '../../schemas/generated/slice-fit.js';
import { StartStep } from '../../schemas/generated/start-step.js';
import { Theo } from '../../schemas/generated/theo.js';
import { ThreadRow } from '../../schemas/generated/thread-row.js';
import { Ticker } from '../../schemas/generated/ticker.js';
import { TieOut } from '../../schemas/generated/tie-out.js';
import { Trade } from '../../schemas/generated/trade.js';
import { TradingState } from '../../schemas/generated/trading-state.js';
import { UnderlyingExposure } from '../../schemas/generated/underlying-exposure.js';
import { UnderlyingState } from '../../schemas/generated/underlying-state.js';
import { WorstCase } from '../../schemas/generated/worst-case.js';
import { MessageType } from '../../schemas/message-type.js';
import { BUCKET_KEYS } from './hop-buckets.js';
import { alertText, type TextOf, tailText } from './sources.js';
import type { Role, TopicClass } from './topic.js';

/** Where the rows of a topic come from. */
export type TopicOrigin =
  /** A shown edge whose keys are the topic's. */
  | { kind: 'shown'; edge: string; textOf?: TextOf }
  /** Shown by expiry, asked for by instrument. */
  | { kind: 'theos'; edge: string; keysOf: string }
  /** Runs of rows under one key, so many at most: a row's key is its run's times that and its place in the run. */
  | { kind: 'runs'; edge: string; most: number }
  /** A shown edge whose keys are the places of a ring; `numberAt` as in EventSource. */
  | { kind: 'events'; edge: string; numberAt?: number; textOf?: TextOf }
  | { kind: 'board'; keys: number };

/** A topic as it is declared: how many keys it has is known when the edge is there. */
export interface DeclaredTopic {
  name: string;
  class: TopicClass;
  rowType: number;
  row: string;
  stride: number;
  text: boolean;
  role: Role;
  origin: TopicOrigin;
}

interface RowStruct {
  name: string;
  sizeOf(): number;
}

/** Events that are kept of each topic. */
export const EVENTS_KEPT = 4096;

function merge(name: string, rowType: number, struct: RowStruct, edge: string, textOf?: TextOf): DeclaredTopic {
  return {
    name,
    class: 'MERGE',
    ...rowOf(rowType, struct, textOf !== undefined),
    origin: { kind: 'shown', edge, ...(textOf === undefined ? {} : { textOf }) },
  };
}

function events(
  name: string,
  rowType: number,
  struct: RowStruct,
  edge: string,
  numberAt?: number,
  textOf?: TextOf,
): DeclaredTopic {
  const origin = {
    kind: 'events' as const,
    edge,
    ...(numberAt === undefined ? {} : { numberAt }),
    ...(textOf === undefined ? {} : { textOf }),
  };
  return { name, class: 'EVENT', ...rowOf(rowType, struct, textOf !== undefined), origin };
}

function board(
  name: string,
  rowType: number,
  struct: RowStruct,
  keys: number,
  kind: TopicClass = 'MERGE',
): DeclaredTopic {
  return { name, class: kind, ...rowOf(rowType, struct, true), origin: { kind: 'board', keys } };
}

function rowOf(
  rowType: number,
  struct: RowStruct,
  text: boolean,
): Pick<DeclaredTopic, 'rowType' | 'row' | 'stride' | 'text' | 'role'> {
  return { rowType, row: struct.name, stride: struct.sizeOf(), text, role: 'viewer' };
}

/** Ten of each side; a test holds it to what is shown. */
const LEVELS_PER_BOOK = 20;

/** Actors and threads that there is room for. */
const MOST_ON_BOARD = 64;

/** Every topic; its number is its place here. A topic whose edge is not there has no rows. */
export const TOPICS: readonly DeclaredTopic[] = [
  board('engine', MessageType.ENGINE_STATUS, EngineStatus, 1, 'REPLACE'),
  board('latency', MessageType.HOP_LATENCY, HopLatency, MOST_ON_BOARD),
  board('threads', MessageType.THREAD_ROW, ThreadRow, MOST_ON_BOARD),
  merge(
    'instruments',
    MessageType.INSTRUMENT_ROW,
    InstrumentRow,
    'instruments-shown',
    tailText(InstrumentRow.sizeOf()),
  ),
  merge('tops', MessageType.BOOK_TOP, BookTop, 'tops-shown'),
  merge('tickers', MessageType.TICKER, Ticker, 'tickers-shown'),
  merge('expiries', MessageType.EXPIRY_STATE, ExpiryState, 'expiries-shown'),
  merge('underlyings', MessageType.UNDERLYING_STATE, UnderlyingState, 'underlyings-shown'),
  {
    name: 'theos',
    class: 'MERGE',
    ...rowOf(MessageType.THEO, Theo, false),
    origin: { kind: 'theos', edge: 'theos-shown', keysOf: 'tops-shown' },
  },
  merge('quotes', MessageType.DESIRED_QUOTE, DesiredQuote, 'quotes-shown'),
  merge('orders', MessageType.ORDER_UPDATE, OrderUpdate, 'orders-shown'),
  merge('positions', MessageType.POSITION, Position, 'positions-shown'),
  merge('exposures', MessageType.UNDERLYING_EXPOSURE, UnderlyingExposure, 'exposures-shown'),
  merge('profits', MessageType.PROFIT_LOSS, ProfitLoss, 'profits-shown'),
  merge('worst-cases', MessageType.WORST_CASE, WorstCase, 'worst-cases-shown'),
  merge('risk-states', MessageType.RISK_STATE, RiskState, 'risk-states-shown'),
  merge('limits', MessageType.LIMIT_STATE, LimitState, 'limits-shown'),
  { ...merge('trading', MessageType.TRADING_STATE, TradingState, 'trading-shown'), class: 'REPLACE' },
  merge('credits', MessageType.CREDIT_STATE, CreditState, 'trading-shown'),
  merge('statistics', MessageType.MARKET_STATISTICS, MarketStatistics, 'statistics-shown'),
  merge('alerts', MessageType.ALERT_CHANGE, AlertChange, 'alerts-shown', alertText),
  events('anomalies', MessageType.ANOMALY, Anomaly, 'anomalies-shown'),
  events('fills', MessageType.FILL, Fill, 'fills-shown'),
  events('refusals', MessageType.REFUSAL, Refusal, 'refusals-shown'),
  events(
    'receipts',
    MessageType.COMMAND_RECEIPT,
    CommandReceipt,
    'receipts-shown',
    fieldOffset(CommandReceipt, 'number'),
  ),
  events(
    'logged-commands',
    MessageType.COMMAND_RECEIPT,
    CommandReceipt,
    'logged-commands-shown',
    fieldOffset(CommandReceipt, 'number'),
  ),
  events('log', MessageType.LOG_LINE, LogLine, 'log-shown', fieldOffset(LogLine, 'number'), tailText(LogLine.sizeOf())),
  merge('feed', MessageType.FEED_ROW, FeedRow, 'feed-shown'),
  merge('hedges', MessageType.DESIRED_HEDGE, DesiredHedge, 'hedges-shown'),
  merge('attributions', MessageType.ATTRIBUTION, Attribution, 'attributions-shown'),
  merge('performances', MessageType.PERFORMANCE, Performance, 'performances-shown'),
  merge('markouts', MessageType.MARKOUT, Markout, 'markouts-shown'),
  merge('protections', MessageType.MMP_REPORT, MmpReport, 'protections-shown'),
  { ...board('latency-buckets', MessageType.HOP_BUCKET, HopBucket, MOST_ON_BOARD * BUCKET_KEYS), text: false },
  events('trades', MessageType.TRADE, Trade, 'trades-shown'),
  merge('edges', MessageType.EDGE_ROW, EdgeRow, 'edges-shown', tailText(EdgeRow.sizeOf())),
  {
    name: 'levels',
    class: 'MERGE',
    ...rowOf(MessageType.BOOK_LEVEL, BookLevel, false),
    origin: { kind: 'runs', edge: 'ladders-shown', most: LEVELS_PER_BOOK },
  },
  merge('slices', MessageType.SLICE_FIT, SliceFit, 'slices-shown'),
  events('hedge-costs', MessageType.HEDGE_COST, HedgeCost, 'hedge-costs-shown'),
  merge('filter-rules', MessageType.FILTER_RULE_STATE, FilterRuleState, 'filter-rules-shown'),
  events('filter-events', MessageType.FILTER_EVENT, FilterEvent, 'filter-events-shown'),
  events('filtered-bars', MessageType.FILTERED_BAR, FilteredBar, 'filtered-bars-shown'),
  merge('outside', MessageType.OUTSIDE_ROW, OutsideRow, 'outside-shown', tailText(OutsideRow.sizeOf())),
  merge('start', MessageType.START_STEP, StartStep, 'start-shown', tailText(StartStep.sizeOf())),
  merge('tie-outs', MessageType.TIE_OUT, TieOut, 'tie-outs-shown'),
];

import { Anomaly } from '../../schemas/generated/anomaly.js';
import { BookLevel } from '../../schemas/generated/book-level.js';
import { CommandReceipt } from '../../schemas/generated/command-receipt.js';
import { CreditState } from '../../schemas/generated/credit-state.js';
import { DesiredHedge } from '../../schemas/generated/desired-hedge.js';
import { FeedRow } from '../../schemas/generated/feed-row.js';
import { Fill } from '../../schemas/generated/fill.js';
import { HedgeCost } from '../../schemas/generated/hedge-cost.js';
import { LogLine } from '../../schemas/generated/log-line.js';
import { MarketStatistics } from '../../schemas/generated/market-statistics.js';
import { Markout } from '../../schemas/generated/markout.js';
import { MmpReport } from '../../schemas/generated/mmp-report.js';
import { OrderUpdate } from '../../schemas/generated/order-update.js';
import { Performance } from '../../schemas/generated/performance.js';
import { Refusal } from '../../schemas/generated/refusal.js';
import { Trade } from '../../schemas/generated/trade.js';
import { MessageType } from '../../schemas/message-type.js';
import type { Topic } from '../store/channel.js';

// What pages show that are loaded when they are opened.
export const orders: Topic<OrderUpdate> = {
  name: 'orders',
  rowType: MessageType.ORDER_UPDATE,
  struct: OrderUpdate,
  hz: 10,
  silence: 0,
};
export const fills: Topic<Fill> = {
  name: 'fills',
  rowType: MessageType.FILL,
  struct: Fill,
  events: true,
  hz: 10,
  silence: 0,
};
export const refusals: Topic<Refusal> = {
  name: 'refusals',
  rowType: MessageType.REFUSAL,
  struct: Refusal,
  events: true,
  hz: 10,
  silence: 0,
};
export const receipts: Topic<CommandReceipt> = {
  name: 'receipts',
  rowType: MessageType.COMMAND_RECEIPT,
  struct: CommandReceipt,
  events: true,
  hz: 10,
  silence: 0,
};
export const loggedCommands: Topic<CommandReceipt> = {
  name: 'logged-commands',
  rowType: MessageType.COMMAND_RECEIPT,
  struct: CommandReceipt,
  events: true,
  hz: 10,
  silence: 0,
};
export const anomalies: Topic<Anomaly> = {
  name: 'anomalies',
  rowType: MessageType.ANOMALY,
  struct: Anomaly,
  events: true,
  hz: 10,
  silence: 0,
};
export const logLines: Topic<LogLine> = {
  name: 'log',
  rowType: MessageType.LOG_LINE,
  struct: LogLine,
  events: true,
  texts: true,
  hz: 10,
  silence: 0,
};
export const credits: Topic<CreditState> = {
  name: 'credits',
  rowType: MessageType.CREDIT_STATE,
  struct: CreditState,
  hz: 4,
  silence: 0,
};
export const statistics: Topic<MarketStatistics> = {
  name: 'statistics',
  rowType: MessageType.MARKET_STATISTICS,
  struct: MarketStatistics,
  hz: 1,
  silence: 0,
};
export const feed: Topic<FeedRow> = { name: 'feed', rowType: MessageType.FEED_ROW, struct: FeedRow, hz: 1, silence: 6 };
export const hedges: Topic<DesiredHedge> = {
  name: 'hedges',
  rowType: MessageType.DESIRED_HEDGE,
  struct: DesiredHedge,
  hz: 4,
  silence: 0,
};
export const performances: Topic<Performance> = {
  name: 'performances',
  rowType: MessageType.PERFORMANCE,
  struct: Performance,
  hz: 1,
  silence: 0,
};
export const markouts: Topic<Markout> = {
  name: 'markouts',
  rowType: MessageType.MARKOUT,
  struct: Markout,
  hz: 1,
  silence: 0,
};
export const protections: Topic<MmpReport> = {
  name: 'protections',
  rowType: MessageType.MMP_REPORT,
  struct: MmpReport,
  hz: 4,
  silence: 0,
};
export const trades: Topic<Trade> = {
  name: 'trades',
  rowType: MessageType.TRADE,
  struct: Trade,
  events: true,
  hz: 10,
  silence: 0,
};
export const levels: Topic<BookLevel> = {
  name: 'levels',
  rowType: MessageType.BOOK_LEVEL,
  struct: BookLevel,
  hz: 10,
  silence: 0,
};
export const hedgeCosts: Topic<HedgeCost> = {
  name: 'hedge-costs',
  rowType: MessageType.HEDGE_COST,
  struct: HedgeCost,
  events: true,
  hz: 4,
  silence: 0,
};

import { AlertChange } from '../../schemas/generated/alert-change.js';
import { Attribution } from '../../schemas/generated/attribution.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { DesiredQuote } from '../../schemas/generated/desired-quote.js';
import { EngineStatus } from '../../schemas/generated/engine-status.js';
import { ExpiryState } from '../../schemas/generated/expiry-state.js';
import { InstrumentRow } from '../../schemas/generated/instrument-row.js';
import { LimitState } from '../../schemas/generated/limit-state.js';
import { Position } from '../../schemas/generated/position.js';
import { ProfitLoss } from '../../schemas/generated/profit-loss.js';
import { RiskState } from '../../schemas/generated/risk-state.js';
import { Theo } from '../../schemas/generated/theo.js';
import { Ticker } from '../../schemas/generated/ticker.js';
import { TradingState } from '../../schemas/generated/trading-state.js';
import { UnderlyingExposure } from '../../schemas/generated/underlying-exposure.js';
import { UnderlyingState } from '../../schemas/generated/underlying-state.js';
import { WorstCase } from '../../schemas/generated/worst-case.js';
import { MessageType } from '../../schemas/message-type.js';
import type { Topic } from '../store/channel.js';

// What the first screen shows, in the bundle that is loaded first. Silences in seconds: 0 where a topic may rightly say nothing.
export const engine: Topic<EngineStatus> = {
  name: 'engine',
  rowType: MessageType.ENGINE_STATUS,
  struct: EngineStatus,
  texts: true,
  hz: 4,
  silence: 6,
};
export const instruments: Topic<InstrumentRow> = {
  name: 'instruments',
  rowType: MessageType.INSTRUMENT_ROW,
  struct: InstrumentRow,
  texts: true,
  hz: 1,
  silence: 0,
};
export const tops: Topic<BookTop> = {
  name: 'tops',
  rowType: MessageType.BOOK_TOP,
  struct: BookTop,
  hz: 10,
  silence: 5,
};
export const tickers: Topic<Ticker> = {
  name: 'tickers',
  rowType: MessageType.TICKER,
  struct: Ticker,
  hz: 4,
  silence: 10,
};
export const expiries: Topic<ExpiryState> = {
  name: 'expiries',
  rowType: MessageType.EXPIRY_STATE,
  struct: ExpiryState,
  hz: 4,
  silence: 10,
};
export const underlyings: Topic<UnderlyingState> = {
  name: 'underlyings',
  rowType: MessageType.UNDERLYING_STATE,
  struct: UnderlyingState,
  hz: 4,
  silence: 10,
};
export const exposures: Topic<UnderlyingExposure> = {
  name: 'exposures',
  rowType: MessageType.UNDERLYING_EXPOSURE,
  struct: UnderlyingExposure,
  hz: 4,
  silence: 0,
};
export const profits: Topic<ProfitLoss> = {
  name: 'profits',
  rowType: MessageType.PROFIT_LOSS,
  struct: ProfitLoss,
  hz: 4,
  silence: 10,
};
export const positions: Topic<Position> = {
  name: 'positions',
  rowType: MessageType.POSITION,
  struct: Position,
  hz: 4,
  silence: 0,
};
export const quotes: Topic<DesiredQuote> = {
  name: 'quotes',
  rowType: MessageType.DESIRED_QUOTE,
  struct: DesiredQuote,
  hz: 10,
  silence: 0,
};
export const worstCases: Topic<WorstCase> = {
  name: 'worst-cases',
  rowType: MessageType.WORST_CASE,
  struct: WorstCase,
  hz: 4,
  silence: 0,
};
export const riskStates: Topic<RiskState> = {
  name: 'risk-states',
  rowType: MessageType.RISK_STATE,
  struct: RiskState,
  hz: 4,
  silence: 0,
};
export const limits: Topic<LimitState> = {
  name: 'limits',
  rowType: MessageType.LIMIT_STATE,
  struct: LimitState,
  hz: 1,
  silence: 0,
};
export const trading: Topic<TradingState> = {
  name: 'trading',
  rowType: MessageType.TRADING_STATE,
  struct: TradingState,
  hz: 4,
  silence: 0,
};
export const alerts: Topic<AlertChange> = {
  name: 'alerts',
  rowType: MessageType.ALERT_CHANGE,
  struct: AlertChange,
  texts: true,
  hz: 4,
  silence: 0,
};
export const theos: Topic<Theo> = { name: 'theos', rowType: MessageType.THEO, struct: Theo, hz: 10, silence: 10 };
export const attributions: Topic<Attribution> = {
  name: 'attributions',
  rowType: MessageType.ATTRIBUTION,
  struct: Attribution,
  hz: 4,
  silence: 0,
};

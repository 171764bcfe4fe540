import {
  FORECAST,
  FORECAST_1H,
  FORECAST_1S,
  FORECAST_15M,
  IMPLIED,
  MarketState,
  RISK_PREMIUM,
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
  type MarketWatch,
} from '../../engine/market/anomaly/market-watch.js';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { Quote } from '../../schemas/generated/quote.js';
import { Theo } from '../../schemas/generated/theo.js';
import { TheoRun } from '../../schemas/generated/theo-run.js';
import { Ticker } from '../../schemas/generated/ticker.js';
import { UnderlyingState } from '../../schemas/generated/underlying-state.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { BookState } from '../book/book.js';
import { readDefinition } from '../stage-parts/read-definition.js';

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
const THEO_VOLATILITY = fieldOffset(Theo, 'volatility');
const RUN_COUNT = HEADER_BYTES + fieldOffset(TheoRun, 'count');
const STATE_OPTION = HEADER_BYTES + fieldOffset(UnderlyingState, 'option');
const STATE_VOL = HEADER_BYTES + fieldOffset(UnderlyingState, 'vol1m');
const STATE_IMPLIED = HEADER_BYTES + fieldOffset(UnderlyingState, 'implied30d');
const STATE_VOL_1S = HEADER_BYTES + fieldOffset(UnderlyingState, 'vol1s');
const STATE_VOL_15M = HEADER_BYTES + fieldOffset(UnderlyingState, 'vol15m');
const STATE_VOL_1H = HEADER_BYTES + fieldOffset(UnderlyingState, 'vol1h');
const STATE_PREMIUM = HEADER_BYTES + fieldOffset(UnderlyingState, 'riskPremium');

/** Reads the market's records, and what the volatility filter says of it, into the watch. */
export class MarketInput {
  private readonly watch: MarketWatch;

  constructor(watch: MarketWatch) {
    this.watch = watch;
  }

  onTicker(buffer: ViewBuffer, offset: number): void {
    this.takeSummary(OF_TICKER, buffer, offset);
  }

  onQuote(buffer: ViewBuffer, offset: number): void {
    const { input } = this.watch;
    input[IN_BID_VOL] = Number.NaN;
    input[IN_ASK_VOL] = Number.NaN;
    this.takeSummary(OF_QUOTE, buffer, offset);
  }

  onTop(buffer: ViewBuffer, offset: number): void {
    this.take(OF_TOP, buffer, offset);
    const { input } = this.watch;
    if (buffer.view.getUint32(offset + TOP_STATE, true) === BookState.STALE) {
      // What stands in a stale book is nobody's quote.
      input[IN_BID] = Number.NaN;
      input[IN_ASK] = Number.NaN;
    }
    this.watch.top(buffer.view.getUint32(offset + HEADER_BYTES, true));
  }

  onTheos(buffer: ViewBuffer, offset: number): void {
    const { watch } = this;
    const { view } = buffer;
    const count = view.getUint32(offset + RUN_COUNT, true);
    for (let index = 0; index < count; index++) {
      const at = offset + HEADER_BYTES + TheoRun.sizeOf() + index * Theo.sizeOf();
      watch.input[0] = view.getFloat64(at + THEO_VOLATILITY, true);
      watch.model(view.getUint32(at, true), watch.input, 0);
    }
  }

  onUnderlying(buffer: ViewBuffer, offset: number): void {
    const { state } = this.watch;
    const { view } = buffer;
    const option = view.getUint32(offset + STATE_OPTION, true);
    const underlying = option < state.instruments ? state.underlyingOf(option) : -1;
    if (underlying < 0) return;
    const row = MarketState.underlyingRow(underlying);
    state.underlyings[row + FORECAST] = view.getFloat64(offset + STATE_VOL, true);
    state.underlyings[row + IMPLIED] = view.getFloat64(offset + STATE_IMPLIED, true);
    state.underlyings[row + FORECAST_1S] = view.getFloat64(offset + STATE_VOL_1S, true);
    state.underlyings[row + FORECAST_15M] = view.getFloat64(offset + STATE_VOL_15M, true);
    state.underlyings[row + FORECAST_1H] = view.getFloat64(offset + STATE_VOL_1H, true);
    state.underlyings[row + RISK_PREMIUM] = view.getFloat64(offset + STATE_PREMIUM, true);
  }

  onDefinition(buffer: ViewBuffer, offset: number): void {
    const { id, instrument } = readDefinition(buffer, offset + HEADER_BYTES);
    this.watch.define(id, instrument);
  }

  private takeSummary(fields: { from: Int32Array; to: Int32Array }, buffer: ViewBuffer, offset: number): void {
    this.take(fields, buffer, offset);
    this.watch.ticker(buffer.view.getUint32(offset + HEADER_BYTES, true));
  }

  private take({ from, to }: { from: Int32Array; to: Int32Array }, buffer: ViewBuffer, offset: number): void {
    const { input } = this.watch;
    const { view } = buffer;
    for (let field = 0; field < from.length; field++) input[to[field]!] = view.getFloat64(offset + from[field]!, true);
  }
}

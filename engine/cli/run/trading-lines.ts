import { SHOWN_FILLS, ShownTrading } from '../../../actors/streams.js';
import { CreditState } from '../../../schemas/generated/credit-state.js';
import { DesiredQuote } from '../../../schemas/generated/desired-quote.js';
import { Fill } from '../../../schemas/generated/fill.js';
import { TradingState } from '../../../schemas/generated/trading-state.js';
import { MessageType } from '../../../schemas/message-type.js';
import { FillKind, NotReady, OrderFlag, Side, TradingStateCode } from '../../market/orders/codes.js';
import { attachArena } from '../../runtime/arena/arena.js';
import { EdgeKind } from '../../runtime/arena/layout.js';
import { LatestReader } from '../../runtime/edge/latest-reader.js';
import { HEADER_BYTES } from '../../runtime/edge/record.js';
import { openShared, type SharedHandle } from '../../runtime/host/shared-memory.js';

const ROWS = 6;

const stateNames: Record<number, string> = {
  [TradingStateCode.NOT_CONNECTED]: 'not connected',
  [TradingStateCode.RECONCILING]: 'reconciling',
  [TradingStateCode.READY]: 'ready',
  [TradingStateCode.DEGRADED]: 'no new risk',
};
const reasonNames: Record<keyof typeof NotReady, string> = {
  NO_CONNECTION: 'no connection',
  NEVER_RECONCILED: 'never reconciled',
  RECONCILING: 'reconciling after a lost connection',
  RECONCILE_FAILED: 'the last reconciliation failed',
  REQUESTS_UNKNOWN: 'requests of unknown outcome',
  CANCEL_ON_DISCONNECT: 'cancel on disconnect is not armed',
  MMP_NOT_ARMED: 'market maker protection is not armed',
  MMP_TRIGGERED: 'market maker protection was triggered',
  NO_CREDITS: 'out of credits',
  TABLE_FULL: 'the order table is full',
  FILLS_MISSING: 'fills are missing',
  POSITIONS_DIFFER: 'positions differ from the venue’s',
  OTHER_ENGINE: 'another engine trades on the account',
};

/** What trading is about, as lines for a screen: state, orders, credits, the last fills, and the quotes that moved last. */
export function tradingLines(
  shown: Record<string, SharedHandle>,
  engineRun: number,
  nameOf: (instrument: number) => string,
): () => string[] {
  const open = (name: string): LatestReader =>
    new LatestReader(attachArena(openShared(shown[name]!, 'read'), name, EdgeKind.LATEST, engineRun));
  const trading = open('trading-shown');
  const quotes = open('quotes-shown');
  let stateLine = 'trading     nothing was told yet';
  let creditLine = '';
  const fills = new Map<number, { number: number; text: string }>();
  const rows = new Map<number, { changed: number; text: string }>();
  let looks = 0;

  return () => {
    looks++;
    trading.poll((type, buffer, offset, key) => {
      if (type === MessageType.TRADING_STATE)
        stateLine = stateText(new TradingState().__init(offset + HEADER_BYTES, buffer));
      else if (type === MessageType.CREDIT_STATE) {
        creditLine = creditText(new CreditState().__init(offset + HEADER_BYTES, buffer));
      } else if (type === MessageType.FILL) {
        const fill = new Fill().__init(offset + HEADER_BYTES, buffer);
        fills.set(key, { number: fill.number(), text: fillText(fill, nameOf) });
      }
    }, ShownTrading.FIRST_FILL + SHOWN_FILLS);
    quotes.poll((_type, buffer, offset, instrument) => {
      const quote = new DesiredQuote().__init(offset + HEADER_BYTES, buffer);
      rows.set(instrument, { changed: looks, text: quoteText(quote, nameOf) });
    }, Number.POSITIVE_INFINITY);
    const lastFills = [...fills.values()].sort((left, right) => right.number - left.number);
    const lastQuotes = [...rows.values()].sort((left, right) => right.changed - left.changed).slice(0, ROWS);
    return [
      stateLine,
      ...(creditLine === '' ? [] : [creditLine]),
      ...lastFills.map(({ text }) => `fill        ${text}`),
      ...(lastQuotes.length === 0 ? [] : [`wanted      quotes of ${rows.size} instruments`]),
      ...lastQuotes.map(({ text }) => `  ${text}`),
    ];
  };
}

function stateText(state: TradingState): string {
  const bits = state.reasons();
  const reasons = (Object.keys(reasonNames) as (keyof typeof NotReady)[])
    .filter((reason) => (bits & NotReady[reason]) !== 0)
    .map((reason) => reasonNames[reason]);
  const why = reasons.length === 0 ? '' : ` (${reasons.join(', ')})`;
  return (
    `trading     ${stateNames[state.state()] ?? 'unknown'}${why}; ${state.openOrders()} orders open, ${state.foreignOrders()} of others, ` +
    `${state.inFlight()} requests in flight, ${state.unknownRequests()} unknown; ${state.fills()} fills, ${state.duplicates()} told twice, ` +
    `${state.inferred()} inferred; reconciled ${state.reconciliations()} times`
  );
}

function creditText(credit: CreditState): string {
  const pool = (held: number, burst: number): string => `${Math.max(0, held).toFixed(0)}/${burst.toFixed(0)}`;
  return (
    `credits     matching ${pool(credit.matching(), credit.matchingBurst())} (${credit.cancelHeadroom()} kept for cancels), ` +
    `mass quotes ${pool(credit.massQuotes(), credit.massQuotesBurst())}, quotes ${pool(credit.quotes(), credit.quotesBurst())}, ` +
    `queries ${pool(credit.nonMatching(), credit.nonMatchingBurst())}, mass cancels ${credit.cancelAlls().toFixed(0)}; ` +
    `${credit.bookChanges()} book changes, ${ratioText(credit.orderToVolume())} for each coin traded`
  );
}

function ratioText(ratio: number): string {
  return Number.isFinite(ratio) ? ratio.toFixed(0) : 'no volume';
}

function fillText(fill: Fill, nameOf: (instrument: number) => string): string {
  const kind = fill.kind() === FillKind.TOLD ? '' : fill.kind() === FillKind.INFERRED ? ' (inferred)' : ' (taken back)';
  const whose = (fill.flags() & OrderFlag.FOREIGN) !== 0 ? ' (of another order)' : '';
  return `${fill.side() === Side.BUY ? 'bought' : 'sold'} ${plain(fill.amount())} ${nameOf(fill.instrument())} @ ${plain(fill.price())}${kind}${whose}`;
}

function quoteText(quote: DesiredQuote, nameOf: (instrument: number) => string): string {
  const side = (amount: number, price: number): string => (amount > 0 ? `${plain(amount)} @ ${plain(price)}` : '-');
  return (
    `${nameOf(quote.instrument()).padEnd(24)}${side(quote.bidAmount(), quote.bidPrice()).padStart(18)}` +
    `${side(quote.askAmount(), quote.askPrice()).padStart(18)}  around ${plain(quote.theo())}, half width ${plain(quote.widthBase())}`
  );
}

function plain(value: number): string {
  return Number.isNaN(value) ? '-' : String(Number(value.toPrecision(6)));
}

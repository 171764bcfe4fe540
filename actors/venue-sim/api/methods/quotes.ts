import { RequestKind } from '../../chaos/chaos.js';
import { KEEP, OrderFlag, Refusal, Side } from '../../exchange/codes.js';
import { QuoteBatch } from '../../exchange/quotes.js';
import { orderJson } from '../encode/order.js';
import { userTradeJson } from '../encode/trade.js';
import { errorName, RefusedRequest, refused } from '../rpc/errors.js';
import type { Params } from '../rpc/params.js';
import { GO_ON, Slices } from '../rpc/result.js';
import { accountOf, type Call, type Method } from './method.js';
import { refusalOf } from './order-answer.js';
import { lotsOf, ticksOf, validUntil } from './order-params.js';

const MOST_QUOTES = 100;
/** Quotes that one turn takes: each may cost two orders, their levels and the account's messages. */
const PER_PIECE = 1;
/** Orders that one turn writes of a detailed answer. */
const ORDERS_PER_PIECE = 2;
const LONGEST_NAME = 64;

/** Quotes: both sides of many instruments at once. */
export const quoteMethods: readonly Method[] = [
  {
    name: 'private/mass_quote',
    scope: 'trade:read_write',
    pool: 'massQuotes',
    kind: RequestKind.MASS_QUOTE,
    serve: massQuote,
  },
];

/** One side as it was asked for; both KEEP where it is not given. */
interface AskedSide {
  ticks: number;
  lots: number;
  flags: number;
}

interface AskedQuote {
  instrument: number;
  name: string;
  quoteSet: string;
  bid: AskedSide;
  ask: AskedSide;
}

interface QuoteError {
  instrument_name: string;
  side: 'bid' | 'ask';
  error: { code: number; message: string };
}

const NOT_GIVEN: AskedSide = { ticks: KEEP, lots: KEEP, flags: 0 };
/** What comes of a side that is wrong: the quote that stands there is withdrawn. */
const WITHDRAWN: AskedSide = { ticks: KEEP, lots: 0, flags: 0 };

function massQuote(call: Call): Slices {
  const { venue, params, connection } = call;
  const account = accountOf(call);
  const quoteId = params.text('quote_id', LONGEST_NAME);
  const groupName = params.text('mmp_group', LONGEST_NAME);
  const isDetailed = params.flag('detailed');
  params.flag('wait_for_response', true);
  const until = validUntil(call);
  const quotes = params.items('quotes', MOST_QUOTES);
  if (connection?.cancelsOnDisconnect === false) throw refused('cod_not_enabled');
  const group = venue.labels.group(account, groupName);
  if (group === 0) throw refused('mmp_required');
  return new Slices(quoting(call, account, group, quoteId, quotes, isDetailed, until));
}

const batch = new QuoteBatch();

function* quoting(
  call: Call,
  account: number,
  group: number,
  quoteId: string,
  quotes: readonly Params[],
  isDetailed: boolean,
  until: number,
): Generator<string> {
  const { venue, connection } = call;
  const { exchange, labels } = venue;
  const errors: QuoteError[] = [];
  const orders = new Set<number>();
  const trades: string[] = [];
  for (const [index, params] of quotes.entries()) {
    const quote = read(call, params, errors);
    if (quote !== undefined) {
      yield GO_ON;
      const lastTrade = exchange.trades.last;
      labels.expect(account, { label: '', connection: connection?.number ?? 0, quoteId, quoteSet: quote.quoteSet });
      const { bid, ask } = quote;
      batch.clear();
      batch.add(quote.instrument, 0, bid.ticks, bid.lots, bid.flags, ask.ticks, ask.lots, ask.flags);
      exchange.massQuote(account, group, batch, until);
      labels.done();
      for (const side of ['bid', 'ask'] as const) {
        const answer = (side === 'bid' ? batch.bidAnswer : batch.askAnswer)[0]!;
        // Its error is told already.
        if (quote[side] === WITHDRAWN) continue;
        if (answer < 0) {
          const code = side === 'bid' ? Side.BUY : Side.SELL;
          errors.push(quoteError(quote.name, side, refusalOf(venue, -answer, quote.instrument, code)));
        } else if (answer > 0) {
          orders.add(answer);
          labels.requote(exchange.orders.slotOf(answer), quoteId);
        }
      }
      for (let id = lastTrade + 1; isDetailed && id <= exchange.trades.last; id++) {
        const slot = exchange.trades.slotOf(id);
        if (slot >= 0 && orders.has(exchange.trades.takerOrder[slot]!)) trades.push(userTradeJson(venue, slot, true));
      }
    }
    if ((index + 1) % PER_PIECE === 0) yield '';
  }
  if (!isDetailed) {
    yield `{"errors_count":${errors.length}}`;
    return;
  }
  let text = '';
  for (const [index, order] of [...orders].entries()) {
    const slot = exchange.orders.slotOf(order);
    if (slot >= 0) text += `${text === '' ? '' : ','}${orderJson(venue, slot)}`;
    if (index % ORDERS_PER_PIECE === 1) yield '';
  }
  yield `{"errors":${JSON.stringify(errors)},"orders":[${text}],"trades":[${trades.join()}]}`;
}

/** Reads one quote; what cannot be read of it is an error of its sides. */
function read(call: Call, params: Params, errors: QuoteError[]): AskedQuote | undefined {
  let name = '';
  try {
    name = params.text('instrument_name');
    const instrument = call.venue.listing.instrument(name);
    const quoteSet = params.text('quote_set_id', LONGEST_NAME);
    const side = (of: 'bid' | 'ask'): AskedSide => {
      try {
        return readSide(call, params, of, instrument);
      } catch (error) {
        if (!(error instanceof RefusedRequest)) throw error;
        errors.push(quoteError(name, of, error));
        return WITHDRAWN;
      }
    };
    return { instrument, name, quoteSet, bid: side('bid'), ask: side('ask') };
  } catch (error) {
    if (!(error instanceof RefusedRequest)) throw error;
    for (const side of ['bid', 'ask'] as const) if (params.has(side)) errors.push(quoteError(name, side, error));
    return undefined;
  }
}

function readSide(call: Call, params: Params, side: 'bid' | 'ask', instrument: number): AskedSide {
  const given = params.optionalItem(side);
  if (given === undefined) return NOT_GIVEN;
  if (call.venue.chaos.quoteFails()) throw new RefusedRequest(Refusal.QUEUE_FULL, errorName(Refusal.QUEUE_FULL));
  const postOnly = given.flag('post_only') ? OrderFlag.POST_ONLY : 0;
  const reject = given.flag('reject_post_only') ? OrderFlag.REJECT_POST_ONLY : 0;
  return {
    ticks: ticksOf(call.venue, given, instrument) ?? KEEP,
    lots: lotsOf(call.venue, given, instrument) ?? KEEP,
    flags: postOnly | reject,
  };
}

function quoteError(name: string, side: 'bid' | 'ask', { code, message }: RefusedRequest): QuoteError {
  return { instrument_name: name, side, error: { code, message } };
}

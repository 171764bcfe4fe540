import { fieldOffset } from '../../../schemas/field-offset.js';
import { BookUpdate } from '../../../schemas/generated/book-update.js';
import { TopOfBook } from '../../../schemas/generated/top-of-book.js';
import { Trade } from '../../../schemas/generated/trade.js';
import { TradeRun } from '../../../schemas/generated/trade-run.js';
import { MessageType } from '../../../schemas/message-type.js';
import {
  Action,
  boolean,
  levels,
  milliseconds,
  number,
  optionalNumber,
  quotedNumber,
  subject,
  word,
} from '../wire/field.js';
import { bodyOffset, type Envelope, EXCHANGE_TIME, FrameDecoder, type MessageKind } from '../wire/frame-decoder.js';
import type { NameTable } from '../wire/name-table.js';

/** `{"stream":"btcusdt@depth@0ms","data":{...}}`, the form of combined streams. */
const envelope: Envelope = {
  channelPath: 'stream',
  isData: (message) => typeof (message as { stream?: unknown } | null)?.stream === 'string',
};

const depth: MessageKind = {
  name: 'depth',
  type: MessageType.BOOK_UPDATE,
  bodyBytes: 40,
  fields: {
    'data.e': word(bodyOffset(BookUpdate, 'kind'), { words: [['depthUpdate', 2]] }, true),
    'data.T': milliseconds(EXCHANGE_TIME),
    'data.s': subject(bodyOffset(BookUpdate, 'instrument')),
    'data.U': number(bodyOffset(BookUpdate, 'firstChangeId')),
    'data.u': number(bodyOffset(BookUpdate, 'changeId')),
    'data.pu': optionalNumber(bodyOffset(BookUpdate, 'previousChangeId')),
    'data.b': levels(Action.QUOTED_LEVELS, 'bids', bodyOffset(BookUpdate, 'bidCount')),
    'data.a': levels(Action.QUOTED_LEVELS, 'asks', bodyOffset(BookUpdate, 'askCount')),
  },
  zeros: [],
};

const bookTicker: MessageKind = {
  name: 'bookTicker',
  type: MessageType.TOP_OF_BOOK,
  bodyBytes: 48,
  fields: {
    'data.T': milliseconds(EXCHANGE_TIME),
    'data.s': subject(bodyOffset(TopOfBook, 'instrument')),
    'data.u': number(bodyOffset(TopOfBook, 'changeId')),
    'data.b': quotedNumber(bodyOffset(TopOfBook, 'bestBidPrice')),
    'data.B': quotedNumber(bodyOffset(TopOfBook, 'bestBidAmount')),
    'data.a': quotedNumber(bodyOffset(TopOfBook, 'bestAskPrice')),
    'data.A': quotedNumber(bodyOffset(TopOfBook, 'bestAskAmount')),
  },
  zeros: [bodyOffset(TopOfBook, 'reserved')],
};

const TRADE_COUNT = bodyOffset(TradeRun, 'count');
const TRADE_RUN_BYTES = 8;
/** Offset of a field of the run's only trade, from the record's start. */
const inTrade = (field: Parameters<typeof fieldOffset<Trade>>[1]) =>
  bodyOffset(TradeRun, 'count') + TRADE_RUN_BYTES + fieldOffset(Trade, field);
const TRADE_TIME = inTrade('exchangeTime');
const NOT_GIVEN = [inTrade('tradeSeq'), inTrade('indexPrice'), inTrade('markPrice'), inTrade('iv')];

const trade: MessageKind = {
  name: 'trade',
  type: MessageType.TRADE_RUN,
  bodyBytes: TRADE_RUN_BYTES + 72,
  fields: {
    'data.T': milliseconds(EXCHANGE_TIME),
    'data.s': subject(inTrade('instrument')),
    'data.t': number(inTrade('tradeId')),
    'data.p': quotedNumber(inTrade('price')),
    'data.q': quotedNumber(inTrade('amount')),
    // A buyer who was the maker was met by an aggressive seller.
    'data.m': boolean(inTrade('flags'), 2, 1),
  },
  zeros: [bodyOffset(TradeRun, 'reserved')],
  finish: (slot, record) => {
    slot.setUint32(record + TRADE_COUNT, 1, true);
    slot.setFloat64(record + TRADE_TIME, slot.getFloat64(record + EXCHANGE_TIME, true), true);
    for (let index = 0; index < NOT_GIVEN.length; index++)
      slot.setFloat64(record + NOT_GIVEN[index]!, Number.NaN, true);
  },
};

/** The kinds of message that the venue's public streams of perpetuals bring. */
export const binanceKinds: readonly MessageKind[] = [depth, bookTicker, trade];

/** A decoder of Binance's combined streams; `names` gives ids to symbols, which are in capitals. */
export function binanceDecoder(names: NameTable): FrameDecoder {
  return new FrameDecoder(envelope, binanceKinds, names);
}

/** The kind of message on a stream such as `btcusdt@depth@0ms`, and its symbol; undefined where it is none of ours. */
export function parseStream(stream: string): { kind: string; subject: string } | undefined {
  const [symbol, kind] = stream.split('@');
  if (symbol === undefined || !binanceKinds.some(({ name }) => name === kind)) return undefined;
  return { kind: kind!, subject: symbol.toUpperCase() };
}

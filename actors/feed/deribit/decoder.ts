import { fieldOffset } from '../../../schemas/field-offset.js';
import { BookUpdate } from '../../../schemas/generated/book-update.js';
import { IndexLevel } from '../../../schemas/generated/index-level.js';
import { InstrumentState } from '../../../schemas/generated/instrument-state.js';
import { Ticker } from '../../../schemas/generated/ticker.js';
import { TopOfBook } from '../../../schemas/generated/top-of-book.js';
import { Trade } from '../../../schemas/generated/trade.js';
import { TradeRun } from '../../../schemas/generated/trade-run.js';
import { MessageType } from '../../../schemas/message-type.js';
import {
  Action,
  digit,
  type FieldMap,
  levels,
  milliseconds,
  number,
  numberOrText,
  optionalNumber,
  percent,
  run,
  subject,
  tradeId,
  type WordBits,
  word,
} from '../wire/field.js';
import { bodyOffset, type Envelope, EXCHANGE_TIME, FrameDecoder, type MessageKind } from '../wire/frame-decoder.js';
import type { NameTable } from '../wire/name-table.js';

/** `{"jsonrpc":"2.0","method":"subscription","params":{"channel":"book.BTC-PERPETUAL.raw","data":{...}}}` */
const envelope: Envelope = {
  channelPath: 'params.channel',
  isData: (message) => (message as { method?: unknown } | null)?.method === 'subscription',
};

/** The venue's states of an instrument as states of our life cycle, shifted to where they are kept. */
const lifeCycle: WordBits = {
  words: [
    ['created', 1],
    ['inactive', 1],
    ['open', 2],
    ['started', 2],
    ['halted', 3],
    ['locked', 3],
    ['deactivated', 3],
    ['settlement', 4],
    ['settled', 4],
    ['delivered', 5],
    ['closed', 5],
    ['terminated', 5],
    ['archivized', 5],
  ],
  otherwise: 0,
};

function inData(fields: FieldMap): FieldMap {
  return Object.fromEntries(Object.entries(fields).map(([path, field]) => [`params.data.${path}`, field]));
}

const BOOK_KIND = bodyOffset(BookUpdate, 'kind');
const PREVIOUS_CHANGE_ID = bodyOffset(BookUpdate, 'previousChangeId');

function bookFields(form: Parameters<typeof levels>[0]): FieldMap {
  return inData({
    type: word(BOOK_KIND, {
      words: [
        ['snapshot', 1],
        ['change', 2],
      ],
    }),
    timestamp: milliseconds(EXCHANGE_TIME),
    instrument_name: subject(bodyOffset(BookUpdate, 'instrument')),
    change_id: number(bodyOffset(BookUpdate, 'changeId')),
    prev_change_id: optionalNumber(PREVIOUS_CHANGE_ID),
    bids: levels(form, 'bids', bodyOffset(BookUpdate, 'bidCount')),
    asks: levels(form, 'asks', bodyOffset(BookUpdate, 'askCount')),
  });
}

const FIRST_CHANGE_ID = bodyOffset(BookUpdate, 'firstChangeId');

function finishBook(slot: DataView, record: number): void {
  slot.setFloat64(record + FIRST_CHANGE_ID, Number.NaN, true);
  // Until 2021 messages had no type, and depth-limited books have none: what continues nothing is a whole book.
  if (slot.getUint32(record + BOOK_KIND, true) === 0) {
    slot.setUint32(record + BOOK_KIND, Number.isNaN(slot.getFloat64(record + PREVIOUS_CHANGE_ID, true)) ? 1 : 2, true);
  }
}

const ticker = (field: Parameters<typeof bodyOffset<Ticker>>[1]) => bodyOffset(Ticker, field);

const tickerFields = inData({
  timestamp: milliseconds(EXCHANGE_TIME),
  instrument_name: subject(ticker('instrument')),
  state: word(ticker('instrument') + 4, lifeCycle),
  // The high half of the same word holds what the underlying is.
  underlying_index: word(ticker('instrument') + 4, {
    words: [['index_price', 3 << 16]],
    prefixes: [['SYN.', 2 << 16]],
    otherwise: 1 << 16,
  }),
  best_bid_price: optionalNumber(ticker('bestBidPrice')),
  best_bid_amount: optionalNumber(ticker('bestBidAmount')),
  best_ask_price: optionalNumber(ticker('bestAskPrice')),
  best_ask_amount: optionalNumber(ticker('bestAskAmount')),
  last_price: optionalNumber(ticker('lastPrice')),
  mark_price: optionalNumber(ticker('markPrice')),
  bid_iv: percent(ticker('bidIv')),
  ask_iv: percent(ticker('askIv')),
  mark_iv: percent(ticker('markIv')),
  underlying_price: optionalNumber(ticker('underlyingPrice')),
  index_price: optionalNumber(ticker('indexPrice')),
  interest_rate: optionalNumber(ticker('interestRate')),
  open_interest: optionalNumber(ticker('openInterest')),
  settlement_price: optionalNumber(ticker('settlementPrice')),
  min_price: optionalNumber(ticker('minPrice')),
  max_price: optionalNumber(ticker('maxPrice')),
  estimated_delivery_price: numberOrText(ticker('deliveryPrice')),
  'greeks.delta': optionalNumber(ticker('delta')),
  'greeks.gamma': optionalNumber(ticker('gamma')),
  'greeks.vega': optionalNumber(ticker('vega')),
  'greeks.theta': optionalNumber(ticker('theta')),
  'greeks.rho': optionalNumber(ticker('rho')),
  current_funding: optionalNumber(ticker('currentFunding')),
  funding_8h: optionalNumber(ticker('funding8h')),
  interest_value: optionalNumber(ticker('interestValue')),
  'stats.volume': optionalNumber(ticker('volume')),
  'stats.volume_usd': optionalNumber(ticker('volumeUsd')),
  'stats.low': optionalNumber(ticker('low')),
  'stats.high': optionalNumber(ticker('high')),
  'stats.price_change': optionalNumber(ticker('priceChange')),
});

const quoteFields = inData({
  timestamp: milliseconds(EXCHANGE_TIME),
  instrument_name: subject(bodyOffset(TopOfBook, 'instrument')),
  best_bid_price: optionalNumber(bodyOffset(TopOfBook, 'bestBidPrice')),
  best_bid_amount: optionalNumber(bodyOffset(TopOfBook, 'bestBidAmount')),
  best_ask_price: optionalNumber(bodyOffset(TopOfBook, 'bestAskPrice')),
  best_ask_amount: optionalNumber(bodyOffset(TopOfBook, 'bestAskAmount')),
});

const QUOTE_CHANGE_ID = bodyOffset(TopOfBook, 'changeId');

const TRADE_COUNT = bodyOffset(TradeRun, 'count');
const TRADE_FLAGS = fieldOffset(Trade, 'flags');
const TRADE_BYTES = 72;
const TRADE_TIME = fieldOffset(Trade, 'exchangeTime');

const tradeFields: FieldMap = {
  instrument_name: subject(fieldOffset(Trade, 'instrument')),
  timestamp: milliseconds(TRADE_TIME),
  price: number(fieldOffset(Trade, 'price')),
  amount: number(fieldOffset(Trade, 'amount')),
  trade_id: tradeId(fieldOffset(Trade, 'tradeId'), TRADE_FLAGS),
  trade_seq: optionalNumber(fieldOffset(Trade, 'tradeSeq')),
  index_price: optionalNumber(fieldOffset(Trade, 'indexPrice')),
  mark_price: optionalNumber(fieldOffset(Trade, 'markPrice')),
  iv: percent(fieldOffset(Trade, 'iv')),
  direction: word(
    TRADE_FLAGS,
    {
      words: [
        ['buy', 1],
        ['sell', 2],
      ],
    },
    true,
  ),
  liquidation: word(TRADE_FLAGS, {
    words: [
      ['none', 0],
      ['M', 4],
      ['T', 8],
      ['MT', 12],
    ],
  }),
  block_trade_id: word(TRADE_FLAGS, { words: [], otherwise: 16 }),
  combo_id: word(TRADE_FLAGS, { words: [], otherwise: 32 }),
  tick_direction: digit(TRADE_FLAGS, 6),
};

/** The run's last trade is the newest. */
function finishTrades(slot: DataView, record: number, end: number): void {
  const newest = end - TRADE_BYTES + TRADE_TIME;
  const count = slot.getUint32(record + TRADE_COUNT, true);
  slot.setFloat64(record + EXCHANGE_TIME, count === 0 ? 0 : slot.getFloat64(record + newest, true), true);
}

const priceIndexFields = inData({
  timestamp: milliseconds(EXCHANGE_TIME),
  index_name: subject(bodyOffset(IndexLevel, 'index')),
  price: number(bodyOffset(IndexLevel, 'value')),
});

const volatilityIndexFields = inData({
  timestamp: milliseconds(EXCHANGE_TIME),
  index_name: subject(bodyOffset(IndexLevel, 'index')),
  volatility: percent(bodyOffset(IndexLevel, 'value')),
});

const INDEX_KIND = bodyOffset(IndexLevel, 'kind');

const stateFields = inData({
  timestamp: milliseconds(EXCHANGE_TIME),
  instrument_name: subject(bodyOffset(InstrumentState, 'instrument')),
  state: word(bodyOffset(InstrumentState, 'state'), lifeCycle, true),
});

const STATE_TIME = bodyOffset(InstrumentState, 'venueTime');

/** The kinds of message that the venue's channels bring. */
export const deribitKinds: readonly MessageKind[] = [
  {
    name: 'book',
    type: MessageType.BOOK_UPDATE,
    bodyBytes: 40,
    fields: bookFields(Action.ACTION_LEVELS),
    zeros: [],
    finish: finishBook,
  },
  {
    name: 'depth',
    type: MessageType.BOOK_UPDATE,
    bodyBytes: 40,
    fields: bookFields(Action.NUMBER_LEVELS),
    zeros: [],
    finish: finishBook,
  },
  { name: 'ticker', type: MessageType.TICKER, bodyBytes: 248, fields: tickerFields, zeros: [], repeats: true },
  {
    name: 'quote',
    type: MessageType.TOP_OF_BOOK,
    bodyBytes: 48,
    fields: quoteFields,
    zeros: [bodyOffset(TopOfBook, 'reserved')],
    finish: (slot, record) => slot.setFloat64(record + QUOTE_CHANGE_ID, Number.NaN, true),
  },
  {
    name: 'trades',
    type: MessageType.TRADE_RUN,
    bodyBytes: 8,
    fields: { 'params.data': run(TRADE_COUNT, { byteLength: TRADE_BYTES, fields: tradeFields }) },
    zeros: [bodyOffset(TradeRun, 'reserved')],
    finish: finishTrades,
  },
  {
    name: 'price-index',
    type: MessageType.INDEX_LEVEL,
    bodyBytes: 16,
    fields: priceIndexFields,
    zeros: [],
    finish: (slot, record) => slot.setUint32(record + INDEX_KIND, 1, true),
  },
  {
    name: 'volatility-index',
    type: MessageType.INDEX_LEVEL,
    bodyBytes: 16,
    fields: volatilityIndexFields,
    zeros: [],
    finish: (slot, record) => slot.setUint32(record + INDEX_KIND, 2, true),
  },
  {
    name: 'state',
    type: MessageType.INSTRUMENT_STATE,
    bodyBytes: 16,
    fields: stateFields,
    zeros: [],
    finish: (slot, record) => slot.setFloat64(record + STATE_TIME, slot.getFloat64(record + EXCHANGE_TIME, true), true),
  },
];

/** A decoder of Deribit's frames; `names` gives ids to instrument and index names. */
export function deribitDecoder(names: NameTable): FrameDecoder {
  return new FrameDecoder(envelope, deribitKinds, names);
}

/** The kind of message on a channel such as `book.BTC-PERPETUAL.raw`, and what it is about; undefined where it is none of ours. */
export function parseChannel(channel: string): { kind: string; subject: string | undefined } | undefined {
  const parts = channel.split('.');
  const [family, name] = parts;
  switch (family) {
    case 'book':
      if (parts.length === 3) return { kind: 'book', subject: name };
      return parts.length === 5 ? { kind: 'depth', subject: name } : undefined;
    case 'ticker':
      return { kind: 'ticker', subject: name };
    case 'quote':
      return { kind: 'quote', subject: name };
    case 'trades':
      return { kind: 'trades', subject: parts.length === 3 ? name : undefined };
    case 'deribit_price_index':
      return { kind: 'price-index', subject: name };
    case 'deribit_volatility_index':
      return { kind: 'volatility-index', subject: name };
    case 'instrument':
      return name === 'state' ? { kind: 'state', subject: undefined } : undefined;
    default:
      return undefined;
  }
}

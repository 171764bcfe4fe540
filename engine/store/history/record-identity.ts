import { fieldOffset } from '../../../schemas/field-offset.js';
import { Bar } from '../../../schemas/generated/bar.js';
import { BookUpdate } from '../../../schemas/generated/book-update.js';
import { Trade } from '../../../schemas/generated/trade.js';
import { MessageType } from '../../../schemas/message-type.js';
import { HEADER_BYTES, HeaderOffset } from './record-header.js';

/** What is told apart by a key: a kind of record, of bars of one length, of trades with and without numbers. */
export type SeriesKind =
  | `bars ${number}`
  | 'chain quotes'
  | 'trades'
  | 'unnumbered trades'
  | 'tickers'
  | 'tops'
  | 'books';

/** What tells one record, or one trade of a run, from another of its instrument. */
export interface Identity {
  instrument: number;
  kind: SeriesKind;
  /** Whether the key alone tells: else two that are the same may well both have happened. */
  unique: boolean;
  key: number;
  /** Of the values. */
  digest: number;
  /** Microseconds since the Unix epoch by which it stands in its series. */
  time: number;
  /** The venue's number within the instrument; NaN where there is none. */
  sequence: number;
  /** Whether a snapshot of a chain is whole with it. */
  endsSnapshot: boolean;
}

const TRADE_BYTES = 72;
const FIRST_TRADE = HEADER_BYTES + 8;
const bar = (field: 'openTime' | 'open' | 'turnover' | 'resolution') => HEADER_BYTES + fieldOffset(Bar, field);
const BAR_OPEN_TIME = bar('openTime');
const BAR_OPEN = bar('open');
const BAR_TURNOVER = bar('turnover');
const BAR_RESOLUTION = bar('resolution');
const TRADE_PRICE = fieldOffset(Trade, 'price');
const TRADE_AMOUNT = fieldOffset(Trade, 'amount');
const TRADE_ID = fieldOffset(Trade, 'tradeId');
const TRADE_SEQ = fieldOffset(Trade, 'tradeSeq');
const TRADE_TIME = fieldOffset(Trade, 'exchangeTime');
const BOOK_KIND = HEADER_BYTES + fieldOffset(BookUpdate, 'kind');
const BOOK_COUNTS = HEADER_BYTES + fieldOffset(BookUpdate, 'bidCount');
/** Behind the instrument, and behind the rows that are left. */
const BODY = HEADER_BYTES + 4;
const CHAIN_ROWS_LEFT = HEADER_BYTES + 4;
const CHAIN_VALUES = HEADER_BYTES + 8;

/** FNV-1a over 32-bit words. */
function digest(view: DataView, from: number, to: number, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let at = from; at < to; at += 4) hash = Math.imul(hash ^ view.getInt32(at, true), 0x01000193);
  return hash >>> 0;
}

/** The identities in a record; none where its type is not reconciled. */
export function identitiesOf(view: DataView, record: number): Identity[] {
  const type = view.getUint16(record + HeaderOffset.TYPE, true);
  const end = record + view.getUint32(record + HeaderOffset.LENGTH, true);
  const eventTime = view.getFloat64(record + HeaderOffset.EVENT_TIME, true);
  const exchangeTime = view.getFloat64(record + HeaderOffset.EXCHANGE_TIME, true);
  const instrument = view.getUint32(record + HEADER_BYTES, true);
  const one = (kind: SeriesKind, unique: boolean, key: number, digestOfValues: number): Identity[] => [
    { instrument, kind, unique, key, digest: digestOfValues, time: key, sequence: Number.NaN, endsSnapshot: false },
  ];
  switch (type) {
    case MessageType.BAR: {
      const kind: SeriesKind = `bars ${view.getUint32(record + BAR_RESOLUTION, true)}`;
      const values = digest(view, record + BAR_OPEN, record + BAR_TURNOVER);
      return one(kind, true, view.getFloat64(record + BAR_OPEN_TIME, true), values);
    }
    case MessageType.CHAIN_ROW:
      return one('chain quotes', true, exchangeTime, digest(view, record + CHAIN_VALUES, end)).map((identity) => ({
        ...identity,
        endsSnapshot: view.getUint32(record + CHAIN_ROWS_LEFT, true) === 0,
      }));
    case MessageType.TICKER:
      return one('tickers', false, exchangeTime || eventTime, digest(view, record + BODY, end));
    case MessageType.TOP_OF_BOOK:
      return one('tops', false, exchangeTime || eventTime, digest(view, record + BODY, end));
    case MessageType.BOOK_UPDATE: {
      // Without the numbers of the changes: files have none, and theirs are counted anew.
      const kind = digest(view, record + BOOK_KIND, record + BOOK_KIND + 4);
      return one('books', false, exchangeTime || eventTime, digest(view, record + BOOK_COUNTS, end, kind));
    }
    case MessageType.TRADE_RUN: {
      const trades: Identity[] = [];
      for (let at = record + FIRST_TRADE; at < end; at += TRADE_BYTES) trades.push(tradeIdentity(view, at));
      return trades;
    }
    default:
      return [];
  }
}

function tradeIdentity(view: DataView, at: number): Identity {
  const id = view.getFloat64(at + TRADE_ID, true);
  const time = view.getFloat64(at + TRADE_TIME, true);
  const numbered = !Number.isNaN(id);
  const values = digest(
    view,
    at + TRADE_PRICE,
    at + TRADE_AMOUNT + 8,
    digest(view, at + TRADE_TIME, at + TRADE_TIME + 8),
  );
  return {
    instrument: view.getUint32(at, true),
    kind: numbered ? 'trades' : 'unnumbered trades',
    unique: numbered,
    key: numbered ? id : time,
    digest: values,
    time,
    sequence: view.getFloat64(at + TRADE_SEQ, true),
    endsSnapshot: false,
  };
}

import { MessageType } from '../../../schemas/message-type.js';
import { deducedInstrument } from '../../market/deduced-instrument.js';
import type { Instrument } from '../../market/instrument.js';
import { Venue, venueName } from '../../market/venue.js';
import type { HistoryRow } from '../../store/history/history-row.js';
import { Cells, type FileFormat, type ImportOptions, RowError, type RowReader } from './file-format.js';
import type { TableRow } from './table-file.js';

/** Venues by the data vendor's names. */
const EXCHANGES: Readonly<Record<string, number>> = {
  deribit: Venue.DERIBIT,
  'binance-futures': Venue.BINANCE,
  binance: Venue.BINANCE_SPOT,
  'binance-european-options': Venue.BINANCE_OPTIONS,
  'okex-options': Venue.OKX,
  'okex-swap': Venue.OKX,
  bybit: Venue.BYBIT,
  'bybit-options': Venue.BYBIT,
  bitmex: Venue.BITMEX,
  'huobi-dm-swap': Venue.HUOBI,
};

const SNAPSHOT = 1;
const CHANGE = 2;

interface Message {
  instrument: Instrument;
  /** By the venue's clock, microseconds since the Unix epoch. */
  exchangeTime: number;
  /** When the recorder received it, microseconds since the Unix epoch. */
  eventTime: number;
}

/** What every file of the vendor begins with: exchange,symbol,timestamp,local_timestamp. */
class Messages {
  readonly cells: Cells;
  readonly #instruments = new Map<string, Instrument>();

  constructor(columns: readonly string[]) {
    this.cells = new Cells(columns);
  }

  at(row: TableRow): Message {
    this.cells.at(row);
    const exchange = this.cells.text('exchange');
    const symbol = this.cells.text('symbol');
    const key = `${exchange} ${symbol}`;
    let instrument = this.#instruments.get(key);
    if (instrument === undefined) {
      const venue = EXCHANGES[exchange];
      if (venue === undefined) {
        throw new RowError(
          `${row.place}: expected one of ${Object.keys(EXCHANGES).join(', ')} as exchange, found '${exchange}'`,
        );
      }
      instrument = deducedInstrument(venue, symbol);
      if (instrument === undefined)
        throw new RowError(`${row.place}: '${symbol}' is no instrument name of ${venueName(venue)}`);
      this.#instruments.set(key, instrument);
    }
    return {
      instrument,
      exchangeTime: this.cells.time(0, 'timestamp'),
      eventTime: this.cells.time(0, 'local_timestamp'),
    };
  }
}

/** A reader whose every row is one record. */
function rowByRow(
  columns: readonly string[],
  of: (cells: Cells, message: Message) => Omit<HistoryRow, keyof Message>,
): RowReader {
  const messages = new Messages(columns);
  return {
    read(row) {
      const message = messages.at(row);
      return [{ ...message, ...of(messages.cells, message) }];
    },
    end: () => [],
  };
}

/** A side that quotes nothing is a price of 0 with an amount of 0, as in the venue's tickers. */
const orZero = (value: number): number => (Number.isNaN(value) ? 0 : value);

function trade(cells: Cells, { exchangeTime }: Message): Omit<HistoryRow, keyof Message> {
  const side = cells.text('side');
  if (side !== 'buy' && side !== 'sell' && side !== 'unknown') {
    throw new RowError(`${cells.place}: expected buy, sell or unknown as side, found '${side}'`);
  }
  const id = cells.text('id');
  const entry = {
    flags: { buy: 1, sell: 2, unknown: 0 }[side],
    price: cells.positive('price'),
    amount: cells.positive('amount'),
    // Ids of letters do not fit a number, and are told apart by their values.
    tradeId: /^\d{1,15}$/.test(id) ? Number(id) : Number.NaN,
    exchangeTime,
  };
  return { type: MessageType.TRADE_RUN, body: { count: 1 }, run: [entry] };
}

function quote(cells: Cells): Omit<HistoryRow, keyof Message> {
  const body = {
    bestBidPrice: orZero(cells.number('bid_price')),
    bestBidAmount: orZero(cells.number('bid_amount')),
    bestAskPrice: orZero(cells.number('ask_price')),
    bestAskAmount: orZero(cells.number('ask_amount')),
  };
  return { type: MessageType.TOP_OF_BOOK, body };
}

const UNDERLYING = { UNKNOWN: 0, FUTURE: 1, SYNTHETIC: 2, INDEX: 3 } as const;
const OPEN = 2;

function optionTicker(cells: Cells): Omit<HistoryRow, keyof Message> {
  const name = cells.text('underlying_index');
  const body = {
    state: OPEN,
    underlying: name.startsWith('SYN.')
      ? UNDERLYING.SYNTHETIC
      : name === 'index_price'
        ? UNDERLYING.INDEX
        : name === ''
          ? UNDERLYING.UNKNOWN
          : UNDERLYING.FUTURE,
    bestBidPrice: orZero(cells.number('bid_price')),
    bestBidAmount: orZero(cells.number('bid_amount')),
    bestAskPrice: orZero(cells.number('ask_price')),
    bestAskAmount: orZero(cells.number('ask_amount')),
    lastPrice: cells.number('last_price'),
    markPrice: cells.number('mark_price'),
    bidIv: cells.number('bid_iv') / 100,
    askIv: cells.number('ask_iv') / 100,
    markIv: cells.number('mark_iv') / 100,
    underlyingPrice: cells.number('underlying_price'),
    openInterest: cells.number('open_interest'),
    delta: cells.number('delta'),
    gamma: cells.number('gamma'),
    vega: cells.number('vega'),
    theta: cells.number('theta'),
    rho: cells.number('rho'),
  };
  return { type: MessageType.TICKER, body };
}

function derivativeTicker(cells: Cells): Omit<HistoryRow, keyof Message> {
  const body = {
    state: OPEN,
    lastPrice: cells.number('last_price'),
    markPrice: cells.number('mark_price'),
    indexPrice: cells.number('index_price'),
    openInterest: cells.number('open_interest'),
    funding8h: cells.number('funding_rate'),
  };
  return { type: MessageType.TICKER, body };
}

/** Rows of one message stand together: the same instrument, times and kind. */
class BookReader implements RowReader {
  readonly #messages: Messages;
  #message: Message | undefined;
  #isSnapshot = false;
  #bids: Record<string, number>[] = [];
  #asks: Record<string, number>[] = [];
  /** Changes have no numbers in these files: they are counted, so that a book can tell that none is missing. */
  readonly #counts = new Map<string, number>();

  constructor(columns: readonly string[]) {
    this.#messages = new Messages(columns);
  }

  read(row: TableRow): HistoryRow[] {
    const message = this.#messages.at(row);
    const { cells } = this.#messages;
    const isSnapshot = cells.text('is_snapshot').toLowerCase() === 'true';
    const side = cells.text('side');
    if (side !== 'bid' && side !== 'ask') {
      throw new RowError(`${row.place}: expected bid or ask as side, found '${side}'`);
    }
    const level = { price: cells.number('price'), amount: cells.number('amount') };
    if (!(level.price > 0) || !(level.amount >= 0)) {
      throw new RowError(
        `${row.place}: expected a price above 0 and an amount from 0, found ${level.price} and ${level.amount}`,
      );
    }
    const current = this.#message;
    const goes =
      current !== undefined &&
      current.instrument === message.instrument &&
      current.exchangeTime === message.exchangeTime &&
      current.eventTime === message.eventTime &&
      this.#isSnapshot === isSnapshot;
    const before = goes ? [] : this.end();
    this.#message = message;
    this.#isSnapshot = isSnapshot;
    (side === 'bid' ? this.#bids : this.#asks).push(level);
    return before;
  }

  end(): HistoryRow[] {
    const message = this.#message;
    if (message === undefined) return [];
    const { name } = message.instrument;
    const previous = this.#counts.get(name) ?? 0;
    this.#counts.set(name, previous + 1);
    const body = {
      kind: this.#isSnapshot ? SNAPSHOT : CHANGE,
      changeId: previous + 1,
      previousChangeId: this.#isSnapshot ? Number.NaN : previous,
      bidCount: this.#bids.length,
      askCount: this.#asks.length,
    };
    const row = { ...message, type: MessageType.BOOK_UPDATE, body, run: [...this.#bids, ...this.#asks] };
    this.#message = undefined;
    this.#bids = [];
    this.#asks = [];
    return [row];
  }
}

/** `book_snapshot_5` and `book_snapshot_25`: every row is a whole book of so many levels. */
function bookSnapshot(columns: readonly string[]): RowReader {
  const depth = columns.filter((name) => /^bids\[\d+\]\.price$/.test(name)).length;
  let count = 0;
  return rowByRow(columns, (cells) => {
    const side = (name: 'bids' | 'asks') =>
      Array.from({ length: depth }, (_, level) => ({
        price: cells.number(`${name}[${level}].price`),
        amount: cells.number(`${name}[${level}].amount`),
      })).filter(({ price, amount }) => price > 0 && amount > 0);
    const [bids, asks] = [side('bids'), side('asks')];
    count++;
    const body = { kind: SNAPSHOT, changeId: count, bidCount: bids.length, askCount: asks.length };
    return { type: MessageType.BOOK_UPDATE, body, run: [...bids, ...asks] };
  });
}

const COMMON = ['exchange', 'symbol', 'timestamp', 'local_timestamp'];

function format(
  name: string,
  description: string,
  columns: readonly string[],
  open: (columns: readonly string[], options: ImportOptions) => RowReader,
): FileFormat {
  return {
    name: `tardis-${name}`,
    description: `Tardis.dev ${description}`,
    columns: [...COMMON, ...columns],
    open: (found, _path, options) => open(found, options),
  };
}

/** The normalised CSV files of Tardis.dev. */
export const tardisFormats: readonly FileFormat[] = [
  format('trades', 'trades', ['id', 'side', 'price', 'amount'], (columns) => rowByRow(columns, trade)),
  format('incremental-book', 'incremental_book_L2', ['is_snapshot', 'side', 'price', 'amount'], (columns) => {
    return new BookReader(columns);
  }),
  format('options-chain', 'options_chain', ['strike_price', 'mark_iv', 'underlying_index'], (columns) =>
    rowByRow(columns, optionTicker),
  ),
  format('derivative-ticker', 'derivative_ticker', ['funding_rate', 'mark_price'], (columns) =>
    rowByRow(columns, derivativeTicker),
  ),
  format('book-snapshot', 'book_snapshot_5 and book_snapshot_25', ['asks[0].price', 'bids[0].price'], bookSnapshot),
  format('quotes', 'quotes', ['ask_amount', 'ask_price', 'bid_price', 'bid_amount'], (columns) =>
    rowByRow(columns, quote),
  ),
];

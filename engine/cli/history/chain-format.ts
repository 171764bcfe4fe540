import { MessageType } from '../../../schemas/message-type.js';
import { deducedInstrument } from '../../market/deduced-instrument.js';
import type { Instrument } from '../../market/instrument.js';
import { formatInstrumentName } from '../../market/instrument-name.js';
import { Venue, venueName } from '../../market/venue.js';
import type { HistoryRow } from '../../store/history/history-row.js';
import { UserError } from '../user-error.js';
import { Cells, type FileFormat, type ImportOptions, RowError, type RowReader } from './file-format.js';
import type { TableRow } from './table-file.js';

/** Names under which files have the columns. */
const NAMES = {
  time: [
    'ts_ms',
    'snapshot_timestamp_ms',
    'timestamp',
    'snapshot_utc',
    'collection_time',
    'date',
    'creation_timestamp',
  ],
  instrument: ['instrument', 'instrument_name', 'futures_instrument_name', 'symbol'],
  bidPrice: ['bid', 'bid_price', 'best_bid_price'],
  bidAmount: ['bid_amount', 'best_bid_amount', 'best_bid_qty'],
  askPrice: ['ask', 'ask_price', 'best_ask_price'],
  askAmount: ['ask_amount', 'best_ask_amount', 'best_ask_qty'],
  markPrice: ['mark', 'mark_price', 'perp_futures_mark_price', 'term_mark_price_final'],
  lastPrice: ['last', 'last_price'],
  underlyingPrice: ['underlying', 'underlying_price', 'coin_price'],
  indexPrice: ['index', 'index_price'],
  interestRate: ['interest_rate'],
  openInterest: ['open_interest', 'openinterest_contracts'],
  volume: ['volume_24h', 'volume', 'stats_volume', 'stats.volume', 'volume_contracts'],
  volumeUsd: ['volume_usd_24h', 'volume_usd', 'stats_volume_usd', 'stats_volume_u', 'stats.volume_usd', 'volume_usdt'],
  delta: ['delta', 'greeks_delta', 'greeks.delta'],
  gamma: ['gamma', 'greeks_gamma', 'greeks.gamma'],
  vega: ['vega', 'greeks_vega', 'greeks.vega'],
  theta: ['theta', 'greeks_theta', 'greeks.theta'],
  rho: ['rho', 'greeks_rho', 'greeks.rho'],
} as const;
const VOLATILITIES = {
  bidIv: ['bid_iv', 'best_buy_iv'],
  askIv: ['ask_iv', 'best_sell_iv'],
  markIv: ['mark_iv'],
} as const;
/** Prices and amounts of zero stand for "there is none". */
const QUOTES = ['bidPrice', 'bidAmount', 'askPrice', 'askAmount'] as const;

/** Marks above this, in fractions of a year, are per cent; those below its hundredth, in per cent, are fractions. */
const MOST_FRACTION = 12;
const LEAST_PERCENT = 2;
/** Marks looked at before the unit is doubted. */
const LOOKED_AT = 200;
/** Instruments that are asked one after the other are one snapshot until so much passes without any; microseconds. */
const SNAPSHOT_PAUSE = 600e6;

interface ChainShape {
  iv: 'percent' | 'fraction';
  venue: number | undefined;
  /** Whether rows stand by instrument, and must be put in order of time before snapshots can be told. */
  byInstrument?: boolean;
  /** Fields that the file has under another name, or (empty) under the same name with another meaning. */
  names?: Partial<Record<keyof typeof NAMES, readonly string[]>>;
}

class ChainReader implements RowReader {
  readonly #cells: Cells;
  readonly #byInstrument: boolean;
  readonly #gathered: HistoryRow[] = [];
  readonly #path: string;
  readonly #zoneMinutes: number;
  readonly #venue: number;
  readonly #iv: 'percent' | 'fraction';
  readonly #fields: [field: string, names: readonly string[], unit: number][];
  /** Rows of one snapshot, until the next begins. */
  #snapshot: HistoryRow[] = [];
  readonly #inSnapshot = new Set<Instrument>();
  #time = Number.NaN;
  readonly #marks: number[] = [];
  readonly #instruments = new Map<string, Instrument>();

  constructor(columns: readonly string[], path: string, options: ImportOptions, shape: ChainShape) {
    this.#cells = new Cells(columns);
    this.#byInstrument = shape.byInstrument === true;
    this.#path = path;
    this.#zoneMinutes = options.zoneMinutes;
    this.#iv = options.iv ?? shape.iv;
    this.#venue = options.venue ?? shape.venue ?? Venue.DERIBIT;
    const { time: _, instrument: __, ...values } = { ...NAMES, ...shape.names };
    const found = (names: readonly string[]) => names.filter((name) => columns.includes(name));
    const unit = this.#iv === 'percent' ? 0.01 : 1;
    this.#fields = [
      ...Object.entries(values).map(([field, names]) => [field, found(names), 1] as [string, string[], number]),
      ...Object.entries(VOLATILITIES).map(
        ([field, names]) => [field, found(names), unit] as [string, string[], number],
      ),
    ].filter(([, names]) => names.length > 0);
  }

  read(row: TableRow): HistoryRow[] {
    const cells = this.#cells;
    cells.at(row);
    const time = this.#timeOf();
    const instrument = this.#instrumentOf(this.#nameOf());
    const body: Record<string, number> = {};
    for (const [field, names, unit] of this.#fields) body[field] = cells.number(...names) * unit;
    for (const field of QUOTES) if (body[field] === 0) body[field] = Number.NaN;
    this.#doubtUnit(body.markIv);
    const quote: HistoryRow = {
      type: MessageType.CHAIN_ROW,
      instrument,
      eventTime: time,
      exchangeTime: time,
      body,
    };
    if (!this.#byInstrument) return this.#join(quote);
    this.#gathered.push(quote);
    return [];
  }

  end(): HistoryRow[] {
    const inOrder = this.#gathered.sort((a, b) => a.eventTime - b.eventTime);
    return [...inOrder.flatMap((quote) => this.#join(quote)), ...this.#finish()];
  }

  /** Adds a row to its snapshot; the rows of the one before, where it begins another. */
  #join(quote: HistoryRow): HistoryRow[] {
    const { eventTime: time, instrument } = quote;
    const goesOn = Math.abs(time - this.#time) < SNAPSHOT_PAUSE && !this.#inSnapshot.has(instrument);
    const before = goesOn ? [] : this.#finish();
    this.#time = time;
    this.#snapshot.push(quote);
    this.#inSnapshot.add(instrument);
    return before;
  }

  /** The rows of the snapshot, each of which says how many follow. */
  #finish(): HistoryRow[] {
    const rows = this.#snapshot.sort((a, b) => a.eventTime - b.eventTime);
    this.#snapshot = [];
    this.#inSnapshot.clear();
    // One file may hold the chains of several currencies, and each is whole by itself.
    const left = new Map<string, number>();
    for (const { instrument } of rows) left.set(instrument.baseCurrency, (left.get(instrument.baseCurrency) ?? 0) + 1);
    return rows.map((row) => {
      const rowsLeft = left.get(row.instrument.baseCurrency)! - 1;
      left.set(row.instrument.baseCurrency, rowsLeft);
      return { ...row, body: { ...row.body, rowsLeft } };
    });
  }

  #timeOf(): number {
    const cells = this.#cells;
    // One publisher gives the day and the hour apart.
    const day = cells.has('hour') ? cells.text('date') : '';
    if (day === '') return cells.time(this.#zoneMinutes, ...NAMES.time);
    const time = Date.parse(`${day}T${cells.text('hour').padStart(2, '0')}:00:00Z`) * 1000;
    if (Number.isNaN(time)) throw new RowError(`${cells.place}: expected a day and an hour, found '${day}'`);
    return time - this.#zoneMinutes * 60e6;
  }

  /** The venue's name, or what it would be of the parts that the file has. */
  #nameOf(): string {
    const cells = this.#cells;
    const day = cells.text('expiry_date');
    if (!cells.has('coin_name')) return cells.text(...NAMES.instrument);
    const expiry = Date.parse(`${day}T08:00:00Z`);
    if (Number.isNaN(expiry)) throw new RowError(`${cells.place}: expected a day of expiry, found '${day}'`);
    return formatInstrumentName({
      kind: 'option',
      base: cells.text('coin_name'),
      quote: undefined,
      expiry: expiry * 1000,
      strike: cells.positive('strike_price'),
      right: cells.text('option_type').toLowerCase() === 'call' ? 'call' : 'put',
    });
  }

  #instrumentOf(name: string): Instrument {
    let instrument = this.#instruments.get(name);
    if (instrument === undefined) {
      instrument = deducedInstrument(this.#venue, name);
      if (instrument === undefined) {
        throw new RowError(`${this.#cells.place}: '${name}' is no instrument name of ${venueName(this.#venue)}`);
      }
      this.#instruments.set(name, instrument);
    }
    return instrument;
  }

  /** A file whose volatilities are of the other unit would be wrong by a hundred without a sign of it. */
  #doubtUnit(markIv: number | undefined): void {
    if (markIv === undefined || !(markIv > 0) || this.#marks.length >= LOOKED_AT) return;
    this.#marks.push(markIv);
    if (this.#marks.length < LOOKED_AT) return;
    const median = this.#marks.slice().sort((a, b) => a - b)[LOOKED_AT >> 1]!;
    const other = median > MOST_FRACTION ? 'percent' : median < LEAST_PERCENT / 100 ? 'fraction' : undefined;
    if (other !== undefined) {
      throw new UserError(
        `${this.#path}: half of the mark volatilities are above ${median} if they are given as ${this.#iv}; say --iv ${other} if they are not`,
      );
    }
  }
}

function chainFormat(name: string, description: string, columns: readonly string[], shape: ChainShape): FileFormat {
  return {
    name,
    description,
    columns,
    open: (found, path, options) => new ChainReader(found, path, options, shape),
  };
}

/** Snapshots of option chains. The order matters: the first whose columns are all there is taken. */
export const chainFormats: readonly FileFormat[] = [
  chainFormat(
    'chain',
    'snapshots of a chain: ts_ms,instrument,bid,ask,mark,mark_iv,... with volatilities as fractions',
    ['ts_ms', 'instrument', 'mark_iv'],
    { iv: 'fraction', venue: undefined },
  ),
  chainFormat(
    'okx-chain',
    'daily snapshots: snapshot_utc,exchange,underlying,instrument,... with volatilities as fractions',
    ['snapshot_utc', 'exchange', 'instrument', 'mark_iv'],
    {
      iv: 'fraction',
      venue: Venue.OKX,
      // Its Greeks are in coin, and its underlying is the index.
      names: {
        underlyingPrice: [],
        indexPrice: ['underlying_price'],
        ...{ delta: [], gamma: [], vega: [], theta: [], rho: [] },
      },
    },
  ),
  chainFormat(
    'binance-eoh',
    "Binance's hourly summary of options: date,hour,symbol,...,best_buy_iv,...",
    ['date', 'hour', 'symbol', 'best_buy_iv'],
    { iv: 'fraction', venue: Venue.BINANCE_OPTIONS, names: { underlyingPrice: [] } },
  ),
  chainFormat(
    'perpetual-marks',
    'marks of perpetuals beside a chain: snapshot_timestamp_ms,instrument_name,perp_futures_mark_price',
    ['snapshot_timestamp_ms', 'instrument_name', 'perp_futures_mark_price'],
    { iv: 'fraction', venue: undefined },
  ),
  chainFormat(
    'futures-marks',
    'marks of futures beside a chain: snapshot_timestamp_ms,futures_instrument_name,term_mark_price_final',
    ['snapshot_timestamp_ms', 'futures_instrument_name', 'term_mark_price_final'],
    { iv: 'fraction', venue: undefined },
  ),
  chainFormat(
    'deribit-polls',
    'polls whose names are in parts: coin_name,expiry_date,strike_price,option_type,timestamp,...,mark_iv in per cent',
    ['coin_name', 'expiry_date', 'strike_price', 'option_type', 'timestamp', 'mark_iv'],
    { iv: 'percent', venue: undefined, byInstrument: true },
  ),
  chainFormat(
    'deribit-tickers',
    "tickers or book summaries with the venue's own names: instrument_name,timestamp,...,mark_iv in per cent",
    ['instrument_name', 'mark_price'],
    { iv: 'percent', venue: undefined },
  ),
  chainFormat(
    'deribit-hourly-iv',
    'volatilities and Greeks without prices: date,instrument_name,...,bid_iv,ask_iv,mark_iv in per cent',
    ['instrument_name', 'date', 'mark_iv'],
    { iv: 'percent', venue: undefined },
  ),
];

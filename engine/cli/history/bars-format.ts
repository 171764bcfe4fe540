import { basename } from 'node:path';
import { MessageType } from '../../../schemas/message-type.js';
import { deducedInstrument, VOLATILITY_INDEX_PREFIX } from '../../market/deduced-instrument.js';
import type { Instrument } from '../../market/instrument.js';
import { parseInstrumentName } from '../../market/instrument-name.js';
import { Venue, venueName } from '../../market/venue.js';
import type { HistoryRow } from '../../store/history/history-row.js';
import { UserError } from '../user-error.js';
import { Cells, type FileFormat, type ImportOptions, RowError, type RowReader } from './file-format.js';
import type { TableRow } from './table-file.js';

const TIME = ['open_time_ms', 'open_time', 'timestamp', 'ts_ms', 'ts', 'time', 'datetime', 'date'] as const;
const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
/** Bars looked at before their length is believed. */
const LOOKED_AT = 50;

/** Seconds of a length of bars such as `1m`, `15m`, `4h` or `1d`; undefined where it is none. */
export function parseResolution(text: string): number | undefined {
  const [, count, unit] = /^(\d+)([smhdw])$/.exec(text) ?? [];
  return count === undefined || Number(count) === 0 ? undefined : Number(count) * SECONDS[unit!]!;
}

/** `BTCUSDT` and `15m` of a file called `BTCUSDT_15m.csv.gz` or `BTCUSDT-15m-2026-01.csv`. */
function ofFileName(path: string): { instrument?: string; seconds?: number } {
  const [, instrument, resolution] = /^([A-Za-z0-9]+)[-_](\d+[smhdw])(?![a-z0-9])/.exec(basename(path)) ?? [];
  const seconds = resolution === undefined ? undefined : parseResolution(resolution);
  return instrument === undefined || seconds === undefined ? {} : { instrument: instrument.toUpperCase(), seconds };
}

class BarReader implements RowReader {
  readonly #cells: Cells;
  readonly #options: ImportOptions;
  readonly #instrument: Instrument;
  #seconds: number | undefined;
  /** Rows that wait until the length of the bars is known. */
  #waiting: { openTime: number; body: Record<string, number> }[] = [];

  constructor(columns: readonly string[], path: string, options: ImportOptions) {
    const named = ofFileName(path);
    this.#cells = new Cells(columns);
    this.#options = options;
    this.#seconds = options.resolutionSeconds ?? named.seconds;
    const name = options.instrument ?? named.instrument;
    if (name === undefined) {
      throw new UserError(
        `${path}: whose bars are these? Say it with --instrument, or call the file such as BTCUSDT_15m.csv`,
      );
    }
    const venue = options.venue ?? (parseInstrumentName(name) === undefined ? undefined : Venue.DERIBIT);
    if (venue === undefined) {
      throw new UserError(`${path}: '${name}' is no name of deribit: say with --venue whose it is`);
    }
    const instrument = deducedInstrument(venue, name);
    if (instrument === undefined)
      throw new UserError(`${path}: '${name}' is no instrument name of ${venueName(venue)}`);
    this.#instrument = instrument;
  }

  read(row: TableRow): HistoryRow[] {
    const cells = this.#cells;
    cells.at(row);
    const isVolatility = this.#instrument.name.startsWith(VOLATILITY_INDEX_PREFIX);
    // Volatility indices are published in per cent.
    const unit = isVolatility && this.#options.iv !== 'fraction' ? 0.01 : 1;
    const close = cells.positive('close') * unit;
    const of = (name: string) => (cells.has(name) ? cells.positive(name) * unit : close);
    const [open, high, low] = [of('open'), of('high'), of('low')];
    if (high < Math.max(open, close) || low > Math.min(open, close)) {
      throw new RowError(
        `${row.place}: expected low <= open, close <= high, found open ${open}, high ${high}, low ${low}, close ${close}`,
      );
    }
    const openTime = cells.time(this.#options.zoneMinutes, ...TIME);
    const body = {
      ...{ openTime, open, high, low, close },
      volume: cells.number('volume'),
      turnover: cells.number('quote_volume', 'turnover', 'volume_usd'),
      trades: cells.number('trades', 'count', 'number_of_trades'),
      takerVolume: cells.number('taker_base', 'taker_buy_base_asset_volume', 'taker_buy_volume'),
    };
    if (this.#seconds !== undefined) return [this.#row(openTime, body, this.#seconds)];
    this.#waiting.push({ openTime, body });
    return this.#waiting.length < LOOKED_AT ? [] : this.#release(row.place);
  }

  end(): HistoryRow[] {
    return this.#waiting.length === 0 ? [] : this.#release('the end of the file');
  }

  /** The length of the bars is the least distance between two. */
  #release(place: string): HistoryRow[] {
    const times = this.#waiting.map(({ openTime }) => openTime).sort((a, b) => a - b);
    const steps = times.slice(1).map((time, index) => time - times[index]!);
    const seconds = Math.min(...steps.filter((step) => step > 0)) / 1e6;
    if (!Number.isInteger(seconds)) throw new UserError(`${place}: how long are these bars? Say it with --resolution`);
    this.#seconds = seconds;
    const rows = this.#waiting.map(({ openTime, body }) => this.#row(openTime, body, seconds));
    this.#waiting = [];
    return rows;
  }

  #row(openTime: number, body: Record<string, number>, resolution: number): HistoryRow {
    const closed = openTime + resolution * 1e6;
    return {
      type: MessageType.BAR,
      instrument: this.#instrument,
      eventTime: closed,
      exchangeTime: closed,
      body: { ...body, resolution },
    };
  }
}

export const barsFormat: FileFormat = {
  name: 'bars',
  description:
    'bars of one instrument: time,open,high,low,close and, where there are, volume,quote_volume,trades,taker_base',
  columns: ['open', 'high', 'low', 'close'],
  open: (columns, path, options) => new BarReader(columns, path, options),
};

/** Values of an index, as bars whose four prices are the same. */
export const valuesFormat: FileFormat = {
  name: 'values',
  description: 'values of an index: timestamp,close, such as a volatility index by day',
  columns: ['timestamp', 'close'],
  open: (columns, path, options) => new BarReader(columns, path, options),
};

/** Bars of prices as columns, oldest first. Times in ms since the epoch. */
export interface Bars {
  time: number[];
  open: number[];
  high: number[];
  low: number[];
  close: number[];
}

/** Names under which exports of exchanges and data vendors call the columns. */
const COLUMN_NAMES: Record<keyof Bars, readonly string[]> = {
  time: ['time', 'timestamp', 'open_time_ms', 'open_time', 'ts', 'ts_ms', 'date', 'datetime'],
  open: ['open', 'o'],
  high: ['high', 'h'],
  low: ['low', 'l'],
  close: ['close', 'c'],
};

/**
 * Reads bars from comma-separated text with a header. Times are ISO dates (UTC where no zone is given), or numbers:
 * seconds, milliseconds or microseconds since the epoch, told apart by their size. Lines that start with # are comments.
 * Throws an Error that names the line for a missing column, a value that is no number, or a time that does not grow.
 */
export function parseBarsCsv(text: string): Bars {
  const lines = new Lines(text);
  const header = lines.next();
  if (header === undefined) throw new Error('expected a header and bars, found no lines');
  const headerLine = lines.number;
  const names = header.split(',').map((name) => name.trim().toLowerCase());
  const place = (column: keyof Bars): number => {
    const index = names.findIndex((name) => COLUMN_NAMES[column].includes(name));
    if (index < 0) {
      throw new Error(
        `line ${headerLine}: expected a column for ${column} (${COLUMN_NAMES[column].join(', ')}), found: ${names.join(', ')}`,
      );
    }
    return index;
  };
  const places = {
    time: place('time'),
    open: place('open'),
    high: place('high'),
    low: place('low'),
    close: place('close'),
  };
  const bars: Bars = { time: [], open: [], high: [], low: [], close: [] };
  const prices = (['open', 'high', 'low', 'close'] as const).map((column) => ({ column, index: places[column] }));
  const cells = new Cells(Math.max(...Object.values(places)) + 1);
  const times = new TimeReader();
  let last = Number.NEGATIVE_INFINITY;
  for (let content = lines.next(); content !== undefined; content = lines.next()) {
    const { number } = lines;
    cells.split(content);
    const time = times.read(cells, places.time);
    if (Number.isNaN(time)) throw new Error(`line ${number}: expected a time, found '${cells.text(places.time)}'`);
    if (time <= last) {
      throw new Error(
        `line ${number}: times must grow, found ${new Date(time).toISOString()} after ${new Date(last).toISOString()}`,
      );
    }
    last = time;
    bars.time.push(time);
    for (const { column, index } of prices) {
      const value = cells.number(index);
      if (!(value > 0)) {
        throw new Error(`line ${number}: expected a positive ${column}, found '${cells.text(index).trim()}'`);
      }
      bars[column].push(value);
    }
  }
  return bars;
}

const ZERO = 48;
const NINE = 57;
const DOT = 46;
/** Digits that a double holds exactly, and the powers of ten by which dividing it rounds correctly. */
const MOST_DIGITS = 15;
const POWERS = Array.from({ length: MOST_DIGITS + 1 }, (_, power) => Number(`1e${power}`));

/** The first cells of one line, read where they stand: what is never cut out costs nothing. */
class Cells {
  line = '';
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;

  constructor(count: number) {
    this.starts = new Int32Array(count);
    this.ends = new Int32Array(count);
  }

  split(line: string): void {
    const { starts, ends } = this;
    this.line = line;
    let at = 0;
    for (let cell = 0; cell < starts.length; cell++) {
      // A cell that is not there is empty.
      starts[cell] = Math.min(at, line.length);
      const comma = at > line.length ? -1 : line.indexOf(',', at);
      ends[cell] = comma < 0 ? line.length : comma;
      at = ends[cell]! + 1;
    }
  }

  text(cell: number): string {
    return this.line.slice(this.starts[cell]!, this.ends[cell]!);
  }

  start(cell: number): number {
    return this.starts[cell]!;
  }

  length(cell: number): number {
    return this.ends[cell]! - this.starts[cell]!;
  }

  /** NaN for an empty cell and for what is no number. Plain decimals are read digit by digit, and rounded like any other. */
  number(cell: number): number {
    const { line } = this;
    const end = this.ends[cell]!;
    let digits = 0;
    let whole = 0;
    let decimals = -1;
    for (let at = this.starts[cell]!; at < end; at++) {
      const code = line.charCodeAt(at);
      if (code >= ZERO && code <= NINE) {
        whole = whole * 10 + (code - ZERO);
        digits++;
        if (decimals >= 0) decimals++;
      } else if (code === DOT && decimals < 0) {
        decimals = 0;
      } else {
        digits = MOST_DIGITS + 1;
        break;
      }
    }
    if (digits > 0 && digits <= MOST_DIGITS) return decimals > 0 ? whole / POWERS[decimals]! : whole;
    const text = this.text(cell).trim();
    return text === '' ? Number.NaN : Number(text);
  }
}

/** Lines of a text that hold something and are no comment, one by one: a year of minutes has half a million. */
class Lines {
  /** Number of the line that was given last, from 1. */
  number = 0;
  private at = 0;

  constructor(private readonly text: string) {}

  next(): string | undefined {
    const { text } = this;
    while (this.at < text.length) {
      const found = text.indexOf('\n', this.at);
      const end = found < 0 ? text.length : found;
      const content = text.slice(this.at, text.charCodeAt(end - 1) === CARRIAGE_RETURN ? end - 1 : end);
      this.at = end + 1;
      this.number++;
      const first = content.charCodeAt(0);
      // Most lines begin with a digit, and need no closer look.
      if (first >= ZERO && first <= NINE) return content;
      if (!content.startsWith('#') && content.trim() !== '') return content;
    }
    return undefined;
  }
}

const CARRIAGE_RETURN = 13;
const MINUTE_MS = 60_000;

/** Reads times that mostly share their day with the one before: only a new day is parsed as a date. */
class TimeReader {
  private day = '';
  private dayMs = Number.NaN;

  read(cells: Cells, cell: number): number {
    const { line } = cells;
    const start = cells.start(cell);
    // 2026-01-31 23:59:00, with a T or a Z if need be; anything else goes the long way.
    const length = cells.length(cell);
    const plain = length === 19 || (length === 20 && line.charCodeAt(start + 19) === LETTER_Z);
    const hour = plain ? twoDigits(line, start + 11) : -1;
    const minute = plain ? twoDigits(line, start + 14) : -1;
    const second = plain ? twoDigits(line, start + 17) : -1;
    const separator = line.charCodeAt(start + 10);
    const isClock =
      (separator === SPACE || separator === LETTER_T) &&
      line.charCodeAt(start + 13) === COLON &&
      line.charCodeAt(start + 16) === COLON &&
      hour >= 0 &&
      hour < 24 &&
      minute >= 0 &&
      minute < 60 &&
      second >= 0 &&
      second < 60;
    if (!isClock) return parseTime(cells.text(cell));
    if (!line.startsWith(this.day, start) || this.day === '') {
      this.day = line.slice(start, start + 10);
      this.dayMs = /^\d{4}-\d\d-\d\d$/.test(this.day) ? Date.parse(this.day) : Number.NaN;
    }
    return this.dayMs + (hour * 60 + minute) * MINUTE_MS + second * 1000;
  }
}

const SPACE = 32;
const COLON = 58;
const LETTER_T = 84;
const LETTER_Z = 90;

/** The number that two digits make; -1 where they are none. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? 10 * tens + ones : -1;
}

function parseTime(cell: string): number {
  const text = cell.trim();
  if (/^\d+(\.\d+)?$/.test(text)) {
    const value = Number(text);
    return value < 1e11 ? value * 1000 : value < 1e14 ? value : value / 1000;
  }
  const iso = text.replace(' ', 'T');
  const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(iso) || !iso.includes('T') ? iso : `${iso}Z`;
  return Date.parse(zoned);
}

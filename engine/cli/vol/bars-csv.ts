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
  const lines = text
    .split(/\r?\n/)
    .map((content, index) => ({ content, number: index + 1 }))
    .filter(({ content }) => content.trim() !== '' && !content.startsWith('#'));
  const header = lines.shift();
  if (header === undefined) throw new Error('expected a header and bars, found no lines');
  const names = header.content.split(',').map((name) => name.trim().toLowerCase());
  const place = (column: keyof Bars): number => {
    const index = names.findIndex((name) => COLUMN_NAMES[column].includes(name));
    if (index < 0) {
      throw new Error(
        `line ${header.number}: expected a column for ${column} (${COLUMN_NAMES[column].join(', ')}), found: ${names.join(', ')}`,
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
  for (const { content, number } of lines) {
    const cells = content.split(',');
    const time = parseTime(cells[places.time] ?? '');
    if (Number.isNaN(time)) throw new Error(`line ${number}: expected a time, found '${cells[places.time] ?? ''}'`);
    const last = bars.time.at(-1);
    if (last !== undefined && time <= last) {
      throw new Error(
        `line ${number}: times must grow, found ${new Date(time).toISOString()} after ${new Date(last).toISOString()}`,
      );
    }
    bars.time.push(time);
    for (const column of ['open', 'high', 'low', 'close'] as const) {
      const cell = cells[places[column]]?.trim() ?? '';
      const value = cell === '' ? Number.NaN : Number(cell);
      if (!(value > 0)) throw new Error(`line ${number}: expected a positive ${column}, found '${cell}'`);
      bars[column].push(value);
    }
  }
  return bars;
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

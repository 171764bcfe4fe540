import { columnsOf, rangeOf } from '../filter/columns.js';

const WIDTH = 1100;
const LEFT = 80;
const RIGHT = 16;
const PLOT = WIDTH - LEFT - RIGHT;
const TOP = 26;
const COLOURS = ['#1f4e79', '#c0392b', '#2e7d32', '#8e44ad', '#b9770e', '#117a65', '#7f8c8d', '#34495e'];

export interface Line {
  name: string;
  values: readonly number[];
}

/** Series over the same looks, one SVG without outside references. A spike of one look stays visible among thousands. */
export function lineChart(title: string, times: readonly number[], lines: readonly Line[], height = 170): string {
  const columns = lines.map(({ values }) => columnsOf(values, PLOT));
  const { low, high } = rangeOf(...columns);
  const y = (value: number): string => (TOP + ((high - value) / (high - low)) * height).toFixed(1);
  const bottom = TOP + height;
  const parts = [0, 0.25, 0.5, 0.75, 1];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + 24}" role="img" aria-label="${escaped(title)}">`,
    `<text x="${LEFT}" y="16" class="title">${escaped(title)}</text>`,
    ...lines.map(({ name }, place) =>
      lines.length < 2
        ? ''
        : `<text x="${LEFT + 220 + 130 * place}" y="16" fill="${COLOURS[place % COLOURS.length]}">${escaped(name)}</text>`,
    ),
    ...parts.map((part) => {
      const value = low + part * (high - low);
      return (
        `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value)}" y2="${y(value)}" stroke="#e4e4e4"/>` +
        `<text x="${LEFT - 6}" y="${y(value)}" dy="4" text-anchor="end">${escaped(shortFigure(value))}</text>`
      );
    }),
    low < 0 && high > 0 ? `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(0)}" y2="${y(0)}" stroke="#999999"/>` : '',
    ...columns.map(({ least, greatest }, place) => {
      let path = '';
      let pen = 'M';
      for (let column = 0; column < PLOT; column++) {
        if (Number.isNaN(least[column]!)) continue;
        path += `${pen}${LEFT + column},${y(least[column]!)}`;
        if (greatest[column] !== least[column]) path += `V${y(greatest[column]!)}`;
        pen = 'L';
      }
      return `<path d="${path}" fill="none" stroke="${COLOURS[place % COLOURS.length]}"/>`;
    }),
    ...parts.map((part) => {
      const time = times[Math.round(part * (times.length - 1))];
      const anchor = part === 0 ? 'start' : part === 1 ? 'end' : 'middle';
      const text = time === undefined ? '' : new Date(time).toISOString().slice(5, 19).replace('T', ' ');
      return `<text x="${(LEFT + part * PLOT).toFixed(0)}" y="${bottom + 18}" text-anchor="${anchor}">${text}</text>`;
    }),
    '</svg>',
  ].join('\n');
}

/** Bars to both sides of zero, with their names and figures. */
export function barChart(title: string, bars: readonly { name: string; value: number }[]): string {
  const most = Math.max(1e-12, ...bars.map(({ value }) => Math.abs(value)));
  const centre = LEFT + 60 + PLOT / 2;
  const half = PLOT / 2 - 140;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${TOP + 20 * bars.length + 8}" role="img" aria-label="${escaped(title)}">`,
    `<text x="${LEFT}" y="16" class="title">${escaped(title)}</text>`,
    ...bars.map(({ name, value }, place) => {
      const y = TOP + 20 * place;
      const width = (Math.abs(value) / most) * half;
      const x = value < 0 ? centre - width : centre;
      const beside = value < 0 ? centre - width - 6 : centre + width + 6;
      return (
        `<text x="${LEFT}" y="${y + 13}">${escaped(name)}</text>` +
        `<rect x="${x.toFixed(1)}" y="${y + 3}" width="${width.toFixed(1)}" height="13" fill="${value < 0 ? '#c0392b' : '#2e7d32'}"/>` +
        `<text x="${beside.toFixed(1)}" y="${y + 13}" text-anchor="${value < 0 ? 'end' : 'start'}">${escaped(shortFigure(value))}</text>`
      );
    }),
    '</svg>',
  ].join('\n');
}

/** Four significant digits. */
export function shortFigure(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const size = Math.abs(value);
  if (size >= 1000 || size === 0) return Math.round(value).toLocaleString('en-US');
  return size < 1e-4 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

import { type Columns, columnsOf, partOf, rangeOf } from './columns.js';
import type { FilterRun } from './filter-report.js';
import { unitOf } from './filter-text.js';

const WIDTH = 1200;
const LEFT = 70;
const RIGHT = 16;
const PANEL = 260;
const GAP = 36;
const TOP = 44;
const PLOT = WIDTH - LEFT - RIGHT;

interface Panel {
  title: string;
  y: number;
  lines: { columns: Columns; colour: string }[];
  label: (value: number) => string;
}

/** Price above, measure and threshold below, filtered stretches shaded, as one SVG document without outside references. */
export function filterSvg(run: FilterRun): string {
  const { report, bars, series, thresholds, marks } = run;
  const panels: Panel[] = [
    {
      title: 'close',
      y: TOP,
      lines: [{ columns: columnsOf(bars.close, PLOT), colour: '#1f4e79' }],
      label: (value) => String(Number(value.toPrecision(6))),
    },
    {
      title: report.measure,
      y: TOP + PANEL + GAP,
      lines: [
        { columns: columnsOf(series, PLOT), colour: '#3a3a3a' },
        { columns: columnsOf(thresholds, PLOT), colour: '#c0392b' },
      ],
      label: unitOf(report.measure),
    },
  ];
  const height = TOP + 2 * PANEL + GAP + 40;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="${LEFT}" y="20" font-size="14">${escaped(`${report.measure}: ${report.ruleText}`)}</text>`,
    `<text x="${LEFT}" y="37" fill="#555555">${report.events.length} events</text>`,
    ...panels.flatMap((panel) => [shading(marks, panel.y), ...panelParts(panel)]),
    ...dates(bars.time, TOP + 2 * PANEL + GAP),
    '</svg>',
    '',
  ].join('\n');
}

function panelParts({ title, y, lines, label }: Panel): string[] {
  const { low, high } = rangeOf(...lines.slice(0, 1).map(({ columns }) => columns));
  const place = (value: number): string => {
    const inside = Math.min(high, Math.max(low, value));
    return (y + ((high - inside) / (high - low)) * PANEL).toFixed(1);
  };
  const marks = [0, 0.25, 0.5, 0.75, 1].map((part) => low + part * (high - low));
  return [
    ...marks.map(
      (value) =>
        `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${place(value)}" y2="${place(value)}" stroke="#e4e4e4"/>` +
        `<text x="${LEFT - 6}" y="${place(value)}" dy="4" text-anchor="end">${escaped(label(value))}</text>`,
    ),
    ...lines.map(
      ({ columns, colour }) =>
        `<path d="${path(columns, place)}" fill="none" stroke="${colour}" stroke-width="1"><title>${escaped(title)}</title></path>`,
    ),
  ];
}

/** From least to greatest in each column: a spike of one bar stays visible among thousands. */
function path({ least, greatest }: Columns, place: (value: number) => string): string {
  let text = '';
  let pen = 'M';
  for (let column = 0; column < least.length; column++) {
    if (Number.isNaN(least[column]!)) {
      pen = 'M';
      continue;
    }
    text += `${pen}${LEFT + column},${place(least[column]!)}`;
    if (greatest[column] !== least[column]) text += `V${place(greatest[column]!)}`;
    pen = 'L';
  }
  return text;
}

/** A band for each run of columns that holds a filtered bar. */
function shading(marks: Uint8Array, y: number): string {
  const bands: string[] = [];
  let begun = -1;
  for (let column = 0; column <= PLOT; column++) {
    const [from, to] = partOf(column, PLOT, marks.length);
    const filtered = column < PLOT && marks.subarray(from, to).includes(1);
    if (filtered && begun < 0) begun = column;
    if (!filtered && begun >= 0) {
      bands.push(`M${LEFT + begun},${y}h${column - begun}v${PANEL}h${begun - column}z`);
      begun = -1;
    }
  }
  return `<path d="${bands.join('')}" fill="#f5b7b1" fill-opacity="0.6"/>`;
}

function dates(time: ArrayLike<number>, y: number): string[] {
  return [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const at = new Date(time[Math.floor(part * (time.length - 1))]!).toISOString().slice(0, 16).replace('T', ' ');
    const anchor = part === 0 ? 'start' : part === 1 ? 'end' : 'middle';
    return `<text x="${(LEFT + part * PLOT).toFixed(0)}" y="${y + 18}" text-anchor="${anchor}">${at}</text>`;
  });
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

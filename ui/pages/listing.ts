import { h } from '../dom.js';
import { Grid, type GridSource } from '../grid/grid.js';
import type { Page, PaneHost } from './page.js';

/** What a page that is one table says of itself. */
export interface ListingSpec extends GridSource {
  label: string;
  /** What is said while there is no row: what the page waits for, and who sends it. */
  empty: string;
  /** Stands above the table. */
  above?: HTMLElement;
  /** Stands below it. */
  below?: HTMLElement;
  drawAlso?(now: number): void;
}

/** A page that is one table. */
export function listing(host: PaneHost, spec: ListingSpec): Page & { grid: Grid } {
  const grid = new Grid(spec, spec.label);
  const note = h('p', 'note', [spec.empty]);
  host.body.append(
    ...(spec.above === undefined ? [] : [spec.above]),
    note,
    grid.element,
    ...(spec.below === undefined ? [] : [spec.below]),
  );
  return {
    grid,
    draw(now) {
      spec.drawAlso?.(now);
      grid.draw();
      note.hidden = spec.rows() > 0;
    },
    resized: () => grid.resized(),
    key: (event) => grid.key(event),
    csv: () => grid.csv(),
  };
}

/** Rows of a table that stands above others, at most. */
const MOST_FITTED_ROWS = 8;
/** Beyond these no screen has room for more. */
const MOST_LIMITED_ROWS = 100;

/** Gives a table that stands above others the room of its rows and no more. */
export function fitToRows(grid: Grid, rows: number): void {
  giveRoom(grid, 'fitted', Math.min(rows, MOST_FITTED_ROWS));
}

/** Gives a table what room there is, and no more than its rows need: what follows it stands below them, however large the screen is. */
export function limitToRows(grid: Grid, rows: number): void {
  giveRoom(grid, 'limited', Math.min(rows, MOST_LIMITED_ROWS));
}

function giveRoom(grid: Grid, how: string, rows: number): void {
  const { element } = grid;
  const room = String(Math.max(1, rows));
  if (element.style.getPropertyValue('--rows') === room) return;
  element.classList.add(how);
  element.style.setProperty('--rows', room);
  grid.resized();
}

/** Tone of a number whose sign matters. */
export function signTone(value: number): string {
  if (value > 0) return 'up';
  return value < 0 ? 'down' : '';
}

/** The names of the bits that are set. */
export function bitNames(bits: number, names: readonly string[]): string {
  return names.filter((_, bit) => (bits & (1 << bit)) !== 0).join(', ');
}

import { isExpiry, type Target } from '../command/target.js';

/** A dashboard: panes, and splits of the room between two of them. */
export type Layout = PaneSpec | Split;

export interface PaneSpec {
  page: string;
  target: Target;
}

export interface Split {
  /** Side by side, or one above the other. */
  way: 'row' | 'column';
  /** Share of the first, 0.1 to 0.9. */
  share: number;
  first: Layout;
  second: Layout;
}

/** Where a pane stands: 0 for the first and 1 for the second of each split on the way to it. */
export type Path = readonly (0 | 1)[];

/** Version of the form that layouts are saved in. */
export const LAYOUT_VERSION = 1;
const DEEPEST = 6;

export function isSplit(layout: Layout): layout is Split {
  return 'way' in layout;
}

/** Every pane with its path, in the order in which they are read. */
export function panesOf(layout: Layout, path: Path = []): { spec: PaneSpec; path: Path }[] {
  if (!isSplit(layout)) return [{ spec: layout, path }];
  return [...panesOf(layout.first, [...path, 0]), ...panesOf(layout.second, [...path, 1])];
}

/** The layout with another part at a path. */
export function replaced(layout: Layout, path: Path, part: Layout): Layout {
  const [turn, ...rest] = path;
  if (turn === undefined || !isSplit(layout)) return part;
  return turn === 0
    ? { ...layout, first: replaced(layout.first, rest, part) }
    : { ...layout, second: replaced(layout.second, rest, part) };
}

export function partAt(layout: Layout, path: Path): Layout {
  const [turn, ...rest] = path;
  if (turn === undefined || !isSplit(layout)) return layout;
  return partAt(turn === 0 ? layout.first : layout.second, rest);
}

/** The layout with a pane split in two, or as it was where there is no more room. */
export function split(layout: Layout, path: Path, way: Split['way'], added: PaneSpec): Layout {
  if (path.length >= DEEPEST) return layout;
  return replaced(layout, path, { way, share: 0.5, first: partAt(layout, path), second: added });
}

/** The layout without a pane; the last one stays. */
export function closed(layout: Layout, path: Path): Layout {
  if (path.length === 0) return layout;
  const above = partAt(layout, path.slice(0, -1));
  if (!isSplit(above)) return layout;
  return replaced(layout, path.slice(0, -1), path.at(-1) === 0 ? above.second : above.first);
}

/** The layout with the nearest split of this way moved by a share. */
export function resized(layout: Layout, path: Path, way: Split['way'], by: number): Layout {
  for (let depth = path.length - 1; depth >= 0; depth--) {
    const above = path.slice(0, depth);
    const part = partAt(layout, above);
    if (!isSplit(part) || part.way !== way) continue;
    return replaced(layout, above, { ...part, share: Math.min(0.9, Math.max(0.1, part.share + by)) });
  }
  return layout;
}

/** Two panes change places. */
export function swapped(layout: Layout, one: Path, other: Path): Layout {
  const first = partAt(layout, one);
  const second = partAt(layout, other);
  return replaced(replaced(layout, one, second), other, first);
}

/**
 * A saved layout, looked at as a stranger's: what is none, is of another version, or names a page that there is not, is refused.
 * @param pages codes that there are
 */
export function parseLayout(text: string, pages: ReadonlySet<string>): Layout | string {
  let saved: unknown;
  try {
    saved = JSON.parse(text);
  } catch {
    return 'it is no JSON';
  }
  const { version, layout } = asRecord(saved);
  if (version !== LAYOUT_VERSION) return `it is of version ${version}, this page reads version ${LAYOUT_VERSION}`;
  return checked(layout, pages, 0);
}

export function formatLayout(layout: Layout): string {
  return JSON.stringify({ version: LAYOUT_VERSION, layout });
}

function checked(value: unknown, pages: ReadonlySet<string>, depth: number): Layout | string {
  if (depth > DEEPEST) return `it is deeper than ${DEEPEST} splits`;
  const { way, share, first, second, page, target } = asRecord(value);
  if (way === undefined) {
    if (typeof page !== 'string' || !pages.has(page)) return `there is no page '${String(page).slice(0, 12)}'`;
    return { page, target: checkedTarget(target) };
  }
  if (way !== 'row' && way !== 'column') return `a split is a row or a column, not '${String(way).slice(0, 12)}'`;
  if (typeof share !== 'number' || !(share >= 0.1 && share <= 0.9)) return 'a share lies between 0.1 and 0.9';
  const one = checked(first, pages, depth + 1);
  if (typeof one === 'string') return one;
  const other = checked(second, pages, depth + 1);
  return typeof other === 'string' ? other : { way, share, first: one, second: other };
}

function checkedTarget(value: unknown): Target {
  const { underlying, expiry, strike, right } = asRecord(value);
  return {
    ...(typeof underlying === 'string' && /^[A-Z0-9]{2,10}$/.test(underlying) ? { underlying } : {}),
    ...(typeof expiry === 'string' && isExpiry(expiry) ? { expiry } : {}),
    ...(typeof strike === 'number' && strike > 0 ? { strike } : {}),
    ...(right === 'C' || right === 'P' ? { right } : {}),
  };
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

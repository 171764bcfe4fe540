import type { Cells } from '../../engine/market/orders/cells.js';
import { TieOutBook } from '../../engine/market/portfolio/tie-out.js';
import { MOST_UNDERLYINGS } from '../../engine/market/underlyings.js';
import { PortfolioBook } from './portfolio-book.js';

export interface PortfolioConfig {
  instruments: number;
  /** Expiries, of all underlyings together, that there is room for. */
  expiries: number;
  /** Underlyings that there is room for. */
  underlyings: number;
  /** Seconds of event time between two looks at profit and loss. */
  profitEverySeconds: number;
}

/** The stage's few single numbers, in this order in `scalars`. */
export const SCALAR = {
  FILLS: 0,
  /** 1 once the first reconciliation has ended: from then on only fills move positions. */
  OPENED: 1,
  /** Positions that are still to be told once more. */
  TO_TELL_AGAIN: 2,
} as const;

/** Everything that the portfolio stage remembers. */
export interface PortfolioMemory {
  book: PortfolioBook;
  tieOut: TieOutBook;
  scalars: Float64Array;
}

export function portfolioMemory(cells: Cells, config: PortfolioConfig): PortfolioMemory {
  const underlyings = Math.min(config.underlyings, MOST_UNDERLYINGS);
  return {
    book: new PortfolioBook(cells, config.instruments, config.expiries, underlyings),
    tieOut: new TieOutBook(cells),
    scalars: cells.float64(4, 'portfolio memory: scalars', SCALAR),
  };
}

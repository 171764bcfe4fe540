import type { OptionChain } from '../black76/index.js';

/** Positions in options: a chain in columns with a quantity per place. */
export interface OptionBook extends OptionChain {
  /** Contracts held, negative when short. Its length is the number of positions. */
  quantity: Float64Array;
}

/** @throws RangeError when a column is shorter than `quantity` */
export function requireBook(owner: string, book: OptionBook): void {
  const positions = book.quantity.length;
  for (const name of ['forward', 'strike', 'years', 'sigma', 'isCall'] as const) {
    if (book[name].length < positions) {
      throw new RangeError(`${owner}: ${name} must have a place per position (${positions}), not ${book[name].length}`);
    }
  }
}

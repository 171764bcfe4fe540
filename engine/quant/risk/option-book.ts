/** Positions in options, one per place, in the structure-of-arrays form that the kernels walk. */
export interface OptionBook {
  /** Contracts held, negative when short. */
  quantities: Float64Array;
  /** Forwards to each expiry. */
  F: Float64Array;
  K: Float64Array;
  /** Years to expiry. */
  T: Float64Array;
  sigma: Float64Array;
  /** 1 for a call, 0 for a put. */
  isCall: Uint8Array;
}

/** @throws RangeError when the arrays differ in length */
export function requireBook(owner: string, book: OptionBook): void {
  const length = book.quantities.length;
  for (const name of ['F', 'K', 'T', 'sigma', 'isCall'] as const) {
    if (book[name].length !== length) {
      throw new RangeError(`${owner}: ${name} must have a place per position (${length}), not ${book[name].length}`);
    }
  }
}

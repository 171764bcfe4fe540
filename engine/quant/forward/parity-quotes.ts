/** Calls and puts of one expiry in columns, one place per strike, for the functions that infer the forward from them. */
export interface ParityQuotes {
  /** Strikes, > 0, in any order, each once. */
  strike: Float64Array;
  /** Best prices. Inverse options: in coin, C - P = 1 - K/F. Linear ones: in currency, C - P = F - K. Absent: 0 or NaN. */
  callBid: Float64Array;
  callAsk: Float64Array;
  putBid: Float64Array;
  putAsk: Float64Array;
}

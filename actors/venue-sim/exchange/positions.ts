/**
 * Pairs of an account and an instrument in columns: the position, the session's cash, and the open orders. A record appears
 * with the first order and goes when its instrument has expired.
 */
export class PositionTable {
  readonly #records: Int32Array;
  readonly #instruments: number;
  readonly capacity: number;

  readonly account: Int32Array;
  readonly instrument: Int32Array;
  /** Signed lots. */
  readonly lots: Float64Array;
  /** Signed value of the position at its average price, in units of price times lot (of an inverse future lots over price). */
  readonly entryValue: Float64Array;
  /** Of futures: money of this session's trades and funding that the next settlement pays, in smallest units. */
  readonly sessionCash: Float64Array;
  /** The part of it that is funding. */
  readonly sessionFunding: Float64Array;
  /** What a lot of the perpetual had paid when this position was last charged, and what was rounded away then. */
  readonly fundingPaid: Float64Array;
  readonly fundingRest: Float64Array;
  /** Profit that trades have realised in this session, in smallest units: of options informative, of futures in `sessionCash`. */
  readonly realised: Float64Array;
  /** Lots of open orders by side, and the sum of lots times ticks of the bids. */
  readonly openBuyLots: Float64Array;
  readonly openSellLots: Float64Array;
  readonly openBuyTicks: Float64Array;
  /** Open orders: the first of their list, and how many. */
  readonly firstOrder: Int32Array;
  readonly openOrders: Int32Array;
  readonly reduceOnlyOrders: Int32Array;
  /** Next record of the same account; -1 for none. */
  readonly nextOfAccount: Int32Array;
  /** What this record last added to its account's sums, in smallest units: initial and maintenance margin, profit, value. */
  readonly initialMargin: Float64Array;
  readonly maintenanceMargin: Float64Array;
  readonly profit: Float64Array;
  readonly optionValue: Float64Array;
  /** First record of each account; -1 for none. */
  readonly firstOfAccount: Int32Array;
  readonly #free: Int32Array;
  #freeCount: number;

  constructor(accounts: number, instruments: number, capacity: number) {
    this.capacity = capacity;
    this.#instruments = instruments;
    this.#records = new Int32Array(accounts * instruments).fill(-1);
    this.account = new Int32Array(capacity);
    this.instrument = new Int32Array(capacity);
    this.lots = new Float64Array(capacity);
    this.entryValue = new Float64Array(capacity);
    this.sessionCash = new Float64Array(capacity);
    this.sessionFunding = new Float64Array(capacity);
    this.fundingPaid = new Float64Array(capacity);
    this.fundingRest = new Float64Array(capacity);
    this.realised = new Float64Array(capacity);
    this.openBuyLots = new Float64Array(capacity);
    this.openSellLots = new Float64Array(capacity);
    this.openBuyTicks = new Float64Array(capacity);
    this.firstOrder = new Int32Array(capacity).fill(-1);
    this.openOrders = new Int32Array(capacity);
    this.reduceOnlyOrders = new Int32Array(capacity);
    this.nextOfAccount = new Int32Array(capacity);
    this.initialMargin = new Float64Array(capacity);
    this.maintenanceMargin = new Float64Array(capacity);
    this.profit = new Float64Array(capacity);
    this.optionValue = new Float64Array(capacity);
    this.firstOfAccount = new Int32Array(accounts).fill(-1);
    this.#free = Int32Array.from({ length: capacity }, (_, index) => capacity - 1 - index);
    this.#freeCount = capacity;
  }

  /** Record of a pair; -1 where there is none. */
  recordOf(account: number, instrument: number): number {
    return this.#records[account * this.#instruments + instrument]!;
  }

  /** Record of a pair, made where there is none; -1 when all are in use. */
  recordFor(account: number, instrument: number): number {
    const at = account * this.#instruments + instrument;
    const known = this.#records[at]!;
    if (known >= 0) return known;
    if (this.#freeCount === 0) return -1;
    const record = this.#free[--this.#freeCount]!;
    this.#records[at] = record;
    this.account[record] = account;
    this.instrument[record] = instrument;
    this.nextOfAccount[record] = this.firstOfAccount[account]!;
    this.firstOfAccount[account] = record;
    return record;
  }

  /** Forgets a record, which must hold neither lots, cash nor orders. */
  forget(record: number): void {
    const account = this.account[record]!;
    this.#records[account * this.#instruments + this.instrument[record]!] = -1;
    let previous = -1;
    let at = this.firstOfAccount[account]!;
    while (at !== record) {
      previous = at;
      at = this.nextOfAccount[at]!;
    }
    if (previous < 0) this.firstOfAccount[account] = this.nextOfAccount[record]!;
    else this.nextOfAccount[previous] = this.nextOfAccount[record]!;
    for (const column of [
      this.lots,
      this.entryValue,
      this.sessionFunding,
      this.fundingPaid,
      this.fundingRest,
      this.realised,
      this.initialMargin,
      this.maintenanceMargin,
      this.profit,
      this.optionValue,
    ]) {
      column[record] = 0;
    }
    this.#free[this.#freeCount++] = record;
  }
}

/** The last trades in columns: a ring. Ids count from 1. */
export class TradeLog {
  readonly capacity: number;
  readonly id: Float64Array;
  /** Counts the trades of its instrument, from 1. */
  readonly sequence: Int32Array;
  /** Milliseconds since the Unix epoch. */
  readonly time: Float64Array;
  readonly instrument: Int32Array;
  readonly price: Float64Array;
  readonly lots: Int32Array;
  /** Side of the order that took. */
  readonly takerSide: Uint8Array;
  readonly makerOrder: Float64Array;
  readonly takerOrder: Float64Array;
  readonly makerAccount: Int32Array;
  readonly takerAccount: Int32Array;
  /** In the settlement currency's smallest units; negative for a rebate. */
  readonly makerFee: Float64Array;
  readonly takerFee: Float64Array;
  readonly indexPrice: Float64Array;
  readonly markPrice: Float64Array;
  /** Forward of an option at the trade. */
  readonly forward: Float64Array;
  /** 0 rose, 1 as high after a rise, 2 fell, 3 as low after a fall. */
  readonly tickDirection: Uint8Array;
  /** 1 where the maker's order was a liquidation, 2 where the taker's was, 3 both. */
  readonly liquidation: Uint8Array;
  /** Of a leg: the combination's trade and instrument; 0 and -1 otherwise. */
  readonly comboTrade: Float64Array;
  readonly comboInstrument: Int32Array;
  #last = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.id = new Float64Array(capacity);
    this.sequence = new Int32Array(capacity);
    this.time = new Float64Array(capacity);
    this.instrument = new Int32Array(capacity);
    this.price = new Float64Array(capacity);
    this.lots = new Int32Array(capacity);
    this.takerSide = new Uint8Array(capacity);
    this.makerOrder = new Float64Array(capacity);
    this.takerOrder = new Float64Array(capacity);
    this.makerAccount = new Int32Array(capacity);
    this.takerAccount = new Int32Array(capacity);
    this.makerFee = new Float64Array(capacity);
    this.takerFee = new Float64Array(capacity);
    this.indexPrice = new Float64Array(capacity);
    this.markPrice = new Float64Array(capacity);
    this.forward = new Float64Array(capacity);
    this.tickDirection = new Uint8Array(capacity);
    this.liquidation = new Uint8Array(capacity);
    this.comboTrade = new Float64Array(capacity);
    this.comboInstrument = new Int32Array(capacity);
  }

  /** Id of the last trade; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** Slot of the next trade, which has its id and nothing else yet. */
  take(): number {
    const id = ++this.#last;
    const slot = id % this.capacity;
    this.id[slot] = id;
    return slot;
  }

  /** Slot of a trade by its id; -1 where it is not remembered any more. */
  slotOf(id: number): number {
    if (!(id > 0)) return -1;
    const slot = id % this.capacity;
    return this.id[slot] === id ? slot : -1;
  }
}

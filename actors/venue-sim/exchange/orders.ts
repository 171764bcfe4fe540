import { OrderState } from './codes.js';

/** Orders that ended and stay readable. More would push those that live out of the processor's caches. */
const REMEMBERED = 4096;

/**
 * Every order in columns, a slot each. The last few thousand that ended stay readable: slots are used again in the order in which
 * their orders ended. The id tells the slot and how often it was used, so that an id is never given twice.
 */
export class OrderPool {
  readonly capacity: number;
  readonly id: Float64Array;
  readonly account: Int32Array;
  readonly instrument: Int32Array;
  /** `Side`. */
  readonly side: Uint8Array;
  /** `OrderType`. */
  readonly type: Uint8Array;
  /** `TimeInForce`. */
  readonly timeInForce: Uint8Array;
  /** `OrderFlag` bits. */
  readonly flags: Uint8Array;
  /** `OrderState`. */
  readonly state: Uint8Array;
  /** `CancelReason`. */
  readonly cancelReason: Uint8Array;
  /** MMP group of a quote; 0 for orders. */
  readonly group: Uint8Array;
  /** Price in the instrument's finest ticks. */
  readonly ticks: Int32Array;
  /** Lots still to be filled, also of an order that ended. */
  readonly lots: Int32Array;
  /** Of `lots`, those that an iceberg in the book does not show; 0 of every other order. */
  readonly hiddenLots: Int32Array;
  /** Lots that an iceberg shows when it comes to the book and whenever what it shows has traded; 0 for an order that shows all. */
  readonly refreshLots: Int32Array;
  readonly filledLots: Int32Array;
  /** Sum of price in ticks times lots over all fills. */
  readonly filledTicks: Float64Array;
  /** The caller's own number: what it calls the order by. */
  readonly tag: Int32Array;
  /** The caller's number of the quote set. */
  readonly quoteSet: Int32Array;
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: Float64Array;
  readonly changedAt: Float64Array;
  /** When it ends by itself, in milliseconds since the Unix epoch; Infinity for never. */
  readonly expiresAt: Float64Array;
  /** Fees paid so far, in the settlement currency's smallest units. */
  readonly fees: Float64Array;
  /** Last reason why it was refused, where it ended as REJECTED. */
  readonly refusal: Int32Array;

  /** Level that it rests on, and its neighbours in the queue there; -1 for none. */
  readonly level: Int32Array;
  readonly ahead: Int32Array;
  readonly behind: Int32Array;
  /** The pair of account and instrument that it belongs to, and its neighbours among that pair's open orders. */
  readonly position: Int32Array;
  readonly before: Int32Array;
  readonly after: Int32Array;

  /** Slots of orders that ended, oldest first: a ring. */
  readonly #ended: Int32Array;
  #head = 0;
  #endedCount = 0;
  /** Slots from here on were never used. */
  #fresh = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.id = new Float64Array(capacity);
    this.account = new Int32Array(capacity);
    this.instrument = new Int32Array(capacity);
    this.side = new Uint8Array(capacity);
    this.type = new Uint8Array(capacity);
    this.timeInForce = new Uint8Array(capacity);
    this.flags = new Uint8Array(capacity);
    this.state = new Uint8Array(capacity);
    this.cancelReason = new Uint8Array(capacity);
    this.group = new Uint8Array(capacity);
    this.ticks = new Int32Array(capacity);
    this.lots = new Int32Array(capacity);
    this.hiddenLots = new Int32Array(capacity);
    this.refreshLots = new Int32Array(capacity);
    this.filledLots = new Int32Array(capacity);
    this.filledTicks = new Float64Array(capacity);
    this.tag = new Int32Array(capacity);
    this.quoteSet = new Int32Array(capacity);
    this.createdAt = new Float64Array(capacity);
    this.changedAt = new Float64Array(capacity);
    this.expiresAt = new Float64Array(capacity);
    this.fees = new Float64Array(capacity);
    this.refusal = new Int32Array(capacity);
    this.level = new Int32Array(capacity).fill(-1);
    this.ahead = new Int32Array(capacity);
    this.behind = new Int32Array(capacity);
    this.position = new Int32Array(capacity).fill(-1);
    this.before = new Int32Array(capacity);
    this.after = new Int32Array(capacity);
    this.#ended = new Int32Array(capacity);
    for (let slot = 0; slot < capacity; slot++) this.id[slot] = slot;
  }

  /** Orders that have not ended. */
  get openCount(): number {
    return this.#fresh - this.#endedCount;
  }

  /** A slot with a new id, its other columns as they were left; -1 when every slot holds an open order. */
  take(): number {
    let slot = this.#fresh;
    if (slot < this.capacity && this.#endedCount < REMEMBERED) {
      this.#fresh = slot + 1;
    } else {
      if (this.#endedCount === 0) return -1;
      slot = this.#ended[this.#head]!;
      this.#head = this.#head + 1 === this.capacity ? 0 : this.#head + 1;
      this.#endedCount--;
    }
    this.id[slot] = this.id[slot]! + this.capacity;
    return slot;
  }

  /** Lets the slot of an order that ended be used again, after those of all that ended before it. */
  release(slot: number): void {
    let tail = this.#head + this.#endedCount;
    if (tail >= this.capacity) tail -= this.capacity;
    this.#ended[tail] = slot;
    this.#endedCount++;
  }

  /** Slot of an order by its id; -1 where there never was such an order, or its slot has been used again. */
  slotOf(id: number): number {
    if (!(id >= this.capacity)) return -1;
    const slot = id % this.capacity;
    return this.id[slot] === id ? slot : -1;
  }

  /** Whether an order can still trade. */
  isOpen(slot: number): boolean {
    const state = this.state[slot]!;
    return state === OrderState.OPEN || state === OrderState.WAITING;
  }
}

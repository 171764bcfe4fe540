import type { Cells } from './cells.js';
import { RequestStatus } from './codes.js';
import { SlotIndex } from './slot-index.js';

/** Whole numbers of a request, int32 each. */
export const RequestInt = {
  STATUS: 0,
  ACTION: 1,
  INDEX: 2,
  /** Order that it is about, slot + 1; 0 for none. */
  ORDER: 3,
  INSTRUMENT: 4,
  SIDE: 5,
  CONNECTION: 6,
  REASON: 7,
  CODE: 8,
  /** Next request on the same order, as request slot + 1. */
  NEXT: 9,
  RUN: 10,
  ORDER_INDEX: 11,
  ACCOUNT: 12,
  /** Next free slot, as slot + 1, while it is free. */
  NEXT_FREE: 13,
  USED: 14,
  SIZE: 15,
} as const;

export const RequestNumber = {
  SEQ: 0,
  ORDER_SEQ: 1,
  PRICE: 2,
  AMOUNT: 3,
  /** Log event at which it was told as sent. */
  SENT_AT_EVENT: 4,
  /** Event time at which its answer is overdue. */
  DEADLINE: 5,
  ROUND_TRIP: 6,
  VENUE_CODE: 7,
  LIMIT: 8,
  SIZE: 9,
} as const;

/** Requests whose outcome is not known, in fixed slots. One that has its outcome leaves at once. */
export class RequestTable {
  readonly capacity: number;
  readonly ints: Int32Array;
  readonly numbers: Float64Array;
  /** [first free as slot + 1, slots ever used, in flight, overdue] */
  private readonly control: Int32Array;
  private readonly index: SlotIndex;
  /** Key of the search under way: log event of the request, and its index. */
  readonly keySeq = new Float64Array(1);
  readonly keyIndex = new Int32Array(1);
  private readonly seqWords = new Int32Array(2);
  private readonly seqDouble = new Float64Array(this.seqWords.buffer);

  constructor(cells: Cells, capacity: number) {
    this.capacity = capacity;
    this.ints = cells.int32(capacity * RequestInt.SIZE, 'request table: ints', RequestInt);
    this.numbers = cells.float64(capacity * RequestNumber.SIZE, 'request table: numbers', RequestNumber);
    this.control = cells.int32(4, 'first free, ever used, in flight, overdue');
    this.index = new SlotIndex(cells, capacity, 'requests');
  }

  /** Waiting for an answer that is not overdue. */
  get inFlight(): number {
    return this.control[2]!;
  }

  /** Overdue, or on a connection that was lost. */
  get unknown(): number {
    return this.control[3]!;
  }

  /** Slots from 0 up to here may be in use. */
  get used(): number {
    return this.control[1]!;
  }

  isUsed(slot: number): boolean {
    return this.ints[slot * RequestInt.SIZE + RequestInt.USED] === 1;
  }

  /** A slot for the request in the key; -1 where the table is full. */
  add(): number {
    const { control, ints, numbers } = this;
    let slot = control[0]! - 1;
    if (slot >= 0) control[0] = ints[slot * RequestInt.SIZE + RequestInt.NEXT_FREE]!;
    else if (control[1]! < this.capacity) {
      slot = control[1]!;
      control[1] = slot + 1;
    } else return -1;
    const at = slot * RequestInt.SIZE;
    for (let cell = at; cell < at + RequestInt.SIZE; cell++) ints[cell] = 0;
    for (let cell = slot * RequestNumber.SIZE; cell < (slot + 1) * RequestNumber.SIZE; cell++) numbers[cell] = 0;
    ints[at + RequestInt.USED] = 1;
    ints[at + RequestInt.STATUS] = RequestStatus.SENT;
    ints[at + RequestInt.INDEX] = this.keyIndex[0]!;
    numbers[slot * RequestNumber.SIZE + RequestNumber.SEQ] = this.keySeq[0]!;
    control[2]! += 1;
    this.index.add(this.hash(), slot);
    return slot;
  }

  find(): number {
    const { index, ints, numbers, keySeq, keyIndex } = this;
    const hash = this.hash();
    for (let at = index.first(hash); index.slotAt(at) >= 0; at = index.after(at)) {
      if (index.hashAt(at) !== hash) continue;
      const slot = index.slotAt(at);
      if (
        ints[slot * RequestInt.SIZE + RequestInt.INDEX] === keyIndex[0] &&
        numbers[slot * RequestNumber.SIZE + RequestNumber.SEQ] === keySeq[0]
      )
        return slot;
    }
    return -1;
  }

  /** From waiting to overdue or lost. */
  doubt(slot: number, status: number): void {
    const at = slot * RequestInt.SIZE + RequestInt.STATUS;
    if (this.ints[at] === RequestStatus.SENT) {
      this.control[2]! -= 1;
      this.control[3]! += 1;
    }
    this.ints[at] = status;
  }

  remove(slot: number): void {
    const { control, ints, keySeq, keyIndex, numbers } = this;
    const at = slot * RequestInt.SIZE;
    keyIndex[0] = ints[at + RequestInt.INDEX]!;
    keySeq[0] = numbers[slot * RequestNumber.SIZE + RequestNumber.SEQ]!;
    this.index.remove(this.hash(), slot);
    ints[at + RequestInt.USED] = 0;
    ints[at + RequestInt.NEXT_FREE] = control[0]!;
    control[0] = slot + 1;
  }

  /** Call it before the status of a request in use becomes final. */
  countOut(slot: number): void {
    if (this.ints[slot * RequestInt.SIZE + RequestInt.STATUS] === RequestStatus.SENT) this.control[2]! -= 1;
    else this.control[3]! -= 1;
  }

  private hash(): number {
    const { seqWords, seqDouble } = this;
    seqDouble[0] = this.keySeq[0]!;
    let hash = Math.imul(seqWords[0]! ^ 0x811c9dc5, 0x01000193);
    hash = Math.imul(hash ^ seqWords[1]!, 0x01000193);
    hash = Math.imul(hash ^ this.keyIndex[0]!, 0x01000193);
    return hash ^ (hash >>> 15);
  }
}

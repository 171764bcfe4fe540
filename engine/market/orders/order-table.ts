import type { Cells } from './cells.js';
import { NO_QUOTE_SET, OrderFlag, OrderStatus, Side } from './codes.js';
import { SlotIndex } from './slot-index.js';
import { isFinished } from './transitions.js';
import { hashVenueId, sameVenueId, VENUE_ID_WORDS } from './venue-id.js';

/** Whole numbers of an order, int32 each. */
export const OrderInt = {
  STATUS: 0,
  PREVIOUS_STATUS: 1,
  RUN: 2,
  INDEX: 3,
  INSTRUMENT: 4,
  SIDE: 5,
  FLAGS: 6,
  STRATEGY: 7,
  ACCOUNT: 8,
  GROUP: 9,
  TIME_IN_FORCE: 10,
  QUOTE_SET: 11,
  REASON: 12,
  FILLS: 13,
  LAST_REQUEST: 14,
  LAST_ACTION: 15,
  /** First of its requests without an outcome, as request slot + 1. */
  REQUESTS: 16,
  REQUEST_COUNT: 17,
  CONNECTION: 18,
  /** The venue has shown it, or accepted it. */
  SEEN: 19,
  /** Last reconciliation that mentioned it. */
  MENTIONED: 20,
  /** Queries about it without an answer so far. */
  QUERIES: 21,
  /** Neighbours in the chain of the free, of the live, or of the finished, as slot + 1. */
  NEXT: 22,
  PREVIOUS: 23,
  /** Reconciliations in a row that should have mentioned it and did not. */
  ABSENT: 24,
  VENUE_ID: 25,
  SIZE: 25 + VENUE_ID_WORDS,
} as const;

/** Real numbers of an order. */
export const OrderNumber = {
  SEQ: 0,
  /** Confirmed by the venue, or of the placing before. */
  PRICE: 1,
  AMOUNT: 2,
  FILLED: 3,
  /** Sum of price times amount over the fills counted. */
  NOTIONAL: 4,
  WANTED_PRICE: 5,
  WANTED_AMOUNT: 6,
  WORST_PRICE: 7,
  WORST_REMAINING: 8,
  /** Most that the venue has called filled, and at what mean price. */
  VENUE_FILLED: 9,
  VENUE_AVERAGE: 10,
  /** Of what it calls filled, what belongs to a time before we counted. */
  BEFORE_US: 11,
  /** Amount and notional that were inferred and not told since. */
  INFERRED: 12,
  INFERRED_NOTIONAL: 13,
  CREATED: 14,
  CHANGED: 15,
  /** The venue's time of the newest picture of it. */
  VENUE_UPDATED: 16,
  /** Log event at which the newest request on it was told as sent. */
  SENT_AT_EVENT: 17,
  /** Event time at which a query about it is due; 0 for none. */
  QUERY_DUE: 18,
  /** Event time since which the venue calls more filled than was told; 0 while it does not. */
  MISSING_SINCE: 19,
  /** Log event of the newest picture that the venue gave of it. */
  PICTURED_AT_EVENT: 20,
  SIZE: 21,
} as const;

const FREE = 0;
const LIVE = 1;
const FINISHED = 2;
/** Of each chain: head and tail, as slot + 1, and how many there are. */
const CHAIN_CELLS = 3;

/** The key of a search by identity: [run, index], and the log event. */
export interface IdentityKey {
  readonly words: Int32Array;
  readonly seq: Float64Array;
}

/**
 * Orders in fixed slots. A finished order keeps its slot for as long as nobody needs it, since its last fills may still be told;
 * the one that finished first goes first.
 */
export class OrderTable {
  readonly capacity: number;
  readonly ints: Int32Array;
  readonly numbers: Float64Array;
  private readonly chains: Int32Array;
  private readonly byIdentity: SlotIndex;
  private readonly byVenueId: SlotIndex;
  private readonly byPlace: SlotIndex;
  /** Key of the search under way: doubles in arrays, because one that is handed to a call may be boxed. */
  readonly key: IdentityKey = { words: new Int32Array(2), seq: new Float64Array(1) };
  readonly venueId = new Int32Array(VENUE_ID_WORDS);
  /** [group, quote set, instrument, side] */
  readonly place = new Int32Array(4);
  /** [no later than the first query that is due about an order that is not finished]: where that lies ahead nobody has to look for one. */
  readonly firstQuery = Float64Array.of(Number.NEGATIVE_INFINITY);
  private readonly seqWords = new Int32Array(2);
  private readonly seqDouble = new Float64Array(this.seqWords.buffer);

  constructor(cells: Cells, capacity: number) {
    this.capacity = capacity;
    this.ints = cells.int32(capacity * OrderInt.SIZE, 'order table: ints', OrderInt);
    this.numbers = cells.float64(capacity * OrderNumber.SIZE, 'order table: numbers', OrderNumber);
    this.chains = cells.int32(3 * CHAIN_CELLS + 1, 'chains', { FREE, LIVE, FINISHED });
    this.byIdentity = new SlotIndex(cells, capacity, 'orders by identity');
    this.byVenueId = new SlotIndex(cells, capacity, 'orders by venue id');
    this.byPlace = new SlotIndex(cells, capacity, 'orders by place');
  }

  /** Orders that are not finished. */
  get live(): number {
    return this.chains[LIVE * CHAIN_CELLS + 2]!;
  }

  /** First order that is not finished, or -1; the others follow by `nextLive`, in the order in which they came. */
  firstLive(): number {
    return this.chains[LIVE * CHAIN_CELLS]! - 1;
  }

  nextLive(slot: number): number {
    return this.ints[slot * OrderInt.SIZE + OrderInt.NEXT]! - 1;
  }

  /** The finished order whose slot the next one takes; -1 where there is another slot, or none. */
  leavesNext(): number {
    const { chains } = this;
    if (chains[FREE * CHAIN_CELLS] !== 0 || chains[3 * CHAIN_CELLS]! < this.capacity) return -1;
    return chains[FINISHED * CHAIN_CELLS]! - 1;
  }

  /** A slot for the order whose identity is in `key`; -1 where every slot is held by an order that is not finished. */
  add(): number {
    const { ints, numbers, chains, key } = this;
    let slot = chains[FREE * CHAIN_CELLS]! - 1;
    const fresh = chains[3 * CHAIN_CELLS]!;
    if (slot >= 0) this.unchain(FREE, slot);
    else if (fresh < this.capacity) {
      slot = fresh;
      chains[3 * CHAIN_CELLS] = fresh + 1;
    } else {
      slot = chains[FINISHED * CHAIN_CELLS]! - 1;
      if (slot < 0) return -1;
      this.unchain(FINISHED, slot);
      this.forget(slot);
    }
    const at = slot * OrderInt.SIZE;
    // By hand: for so few cells the call of fill costs more than the filling.
    for (let cell = at; cell < at + OrderInt.SIZE; cell++) ints[cell] = 0;
    for (let cell = slot * OrderNumber.SIZE; cell < (slot + 1) * OrderNumber.SIZE; cell++) numbers[cell] = 0;
    ints[at + OrderInt.RUN] = key.words[0]!;
    ints[at + OrderInt.INDEX] = key.words[1]!;
    ints[at + OrderInt.QUOTE_SET] = NO_QUOTE_SET | 0;
    numbers[slot * OrderNumber.SIZE + OrderNumber.SEQ] = key.seq[0]!;
    this.byIdentity.add(this.identityHash(), slot);
    this.chain(LIVE, slot);
    return slot;
  }

  /** Moves an order between the live and the finished by its status. Call it when the status has changed. */
  settle(slot: number, wasFinished: boolean): void {
    const finished = isFinished(this.ints[slot * OrderInt.SIZE + OrderInt.STATUS]!);
    if (finished === wasFinished) return;
    this.unchain(wasFinished ? FINISHED : LIVE, slot);
    this.chain(finished ? FINISHED : LIVE, slot);
    // One that lives again may bring a query with it.
    if (!finished) this.firstQuery[0] = Number.NEGATIVE_INFINITY;
    if (!this.isQuote(slot)) return;
    // A finished quote no longer holds its place at the venue.
    this.loadPlace(slot);
    if (finished) this.byPlace.remove(this.placeHash(), slot);
    else this.byPlace.add(this.placeHash(), slot);
  }

  /** The order with the identity in `key`, or -1. */
  find(): number {
    const { ints, numbers, key, byIdentity } = this;
    const hash = this.identityHash();
    for (let at = byIdentity.first(hash); byIdentity.slotAt(at) >= 0; at = byIdentity.after(at)) {
      if (byIdentity.hashAt(at) !== hash) continue;
      const slot = byIdentity.slotAt(at);
      const from = slot * OrderInt.SIZE;
      if (
        ints[from + OrderInt.RUN] === key.words[0] &&
        ints[from + OrderInt.INDEX] === key.words[1] &&
        numbers[slot * OrderNumber.SIZE + OrderNumber.SEQ] === key.seq[0]
      )
        return slot;
    }
    return -1;
  }

  /** The order with the venue's id in `venueId`, on an instrument; or -1. */
  findByVenueId(instrument: number): number {
    const { ints, venueId, byVenueId } = this;
    const hash = hashVenueId(venueId, 0) ^ instrument;
    for (let at = byVenueId.first(hash); byVenueId.slotAt(at) >= 0; at = byVenueId.after(at)) {
      if (byVenueId.hashAt(at) !== hash) continue;
      const slot = byVenueId.slotAt(at);
      const from = slot * OrderInt.SIZE;
      if (
        ints[from + OrderInt.INSTRUMENT] === (instrument | 0) &&
        sameVenueId(ints, from + OrderInt.VENUE_ID, venueId, 0)
      )
        return slot;
    }
    return -1;
  }

  /** The live quote at the place in `place`, or -1. */
  findByPlace(): number {
    const { ints, place, byPlace } = this;
    const hash = this.placeHash();
    for (let at = byPlace.first(hash); byPlace.slotAt(at) >= 0; at = byPlace.after(at)) {
      if (byPlace.hashAt(at) !== hash) continue;
      const slot = byPlace.slotAt(at);
      const from = slot * OrderInt.SIZE;
      if (
        ints[from + OrderInt.GROUP] === place[0] &&
        ints[from + OrderInt.QUOTE_SET] === place[1] &&
        ints[from + OrderInt.INSTRUMENT] === place[2] &&
        ints[from + OrderInt.SIDE] === place[3]
      )
        return slot;
    }
    return -1;
  }

  /** Gives an order the venue's id in `venueId`. */
  name(slot: number): void {
    const { ints, venueId } = this;
    const from = slot * OrderInt.SIZE + OrderInt.VENUE_ID;
    if (this.isNamed(slot)) this.byVenueId.remove(this.venueHash(slot), slot);
    for (let word = 0; word < VENUE_ID_WORDS; word++) ints[from + word] = venueId[word]!;
    if (this.isNamed(slot)) this.byVenueId.add(this.venueHash(slot), slot);
  }

  isNamed(slot: number): boolean {
    const from = slot * OrderInt.SIZE + OrderInt.VENUE_ID;
    for (let word = 0; word < VENUE_ID_WORDS; word++) if (this.ints[from + word] !== 0) return true;
    return false;
  }

  /** Makes an order hold the place of a quote. Its group, set, instrument and side must be there. */
  holdPlace(slot: number): void {
    this.ints[slot * OrderInt.SIZE + OrderInt.FLAGS]! |= OrderFlag.QUOTE;
    this.loadPlace(slot);
    this.byPlace.add(this.placeHash(), slot);
  }

  isQuote(slot: number): boolean {
    return (this.ints[slot * OrderInt.SIZE + OrderInt.FLAGS]! & OrderFlag.QUOTE) !== 0;
  }

  isLive(slot: number): boolean {
    return !isFinished(this.ints[slot * OrderInt.SIZE + OrderInt.STATUS]!);
  }

  /** Amount that may still trade by what is confirmed. */
  remaining(slot: number): number {
    if (!this.isLive(slot)) return 0;
    const from = slot * OrderNumber.SIZE;
    const { numbers } = this;
    const filled = Math.max(
      numbers[from + OrderNumber.FILLED]! + numbers[from + OrderNumber.BEFORE_US]!,
      numbers[from + OrderNumber.VENUE_FILLED]!,
    );
    const remaining = numbers[from + OrderNumber.AMOUNT]! - filled;
    return remaining > 0 ? remaining : 0;
  }

  isBuy(slot: number): boolean {
    return this.ints[slot * OrderInt.SIZE + OrderInt.SIDE] === Side.BUY;
  }

  statusOf(slot: number): number {
    return this.ints[slot * OrderInt.SIZE + OrderInt.STATUS]!;
  }

  /** Takes a finished order out of every index: its slot is needed. */
  private forget(slot: number): void {
    const { ints, numbers, key } = this;
    const from = slot * OrderInt.SIZE;
    const [run, index, seq] = [key.words[0]!, key.words[1]!, key.seq[0]!];
    key.words[0] = ints[from + OrderInt.RUN]!;
    key.words[1] = ints[from + OrderInt.INDEX]!;
    key.seq[0] = numbers[slot * OrderNumber.SIZE + OrderNumber.SEQ]!;
    this.byIdentity.remove(this.identityHash(), slot);
    if (this.isNamed(slot)) this.byVenueId.remove(this.venueHash(slot), slot);
    key.words[0] = run;
    key.words[1] = index;
    key.seq[0] = seq;
    ints[from + OrderInt.STATUS] = OrderStatus.NONE;
  }

  private loadPlace(slot: number): void {
    const { ints, place } = this;
    const from = slot * OrderInt.SIZE;
    place[0] = ints[from + OrderInt.GROUP]!;
    place[1] = ints[from + OrderInt.QUOTE_SET]!;
    place[2] = ints[from + OrderInt.INSTRUMENT]!;
    place[3] = ints[from + OrderInt.SIDE]!;
  }

  private identityHash(): number {
    const { key, seqWords, seqDouble } = this;
    seqDouble[0] = key.seq[0]!;
    let hash = Math.imul(seqWords[0]! ^ 0x811c9dc5, 0x01000193);
    hash = Math.imul(hash ^ seqWords[1]!, 0x01000193);
    hash = Math.imul(hash ^ key.words[0]!, 0x01000193);
    hash = Math.imul(hash ^ key.words[1]!, 0x01000193);
    return hash ^ (hash >>> 15);
  }

  private placeHash(): number {
    const { place } = this;
    let hash = 0x811c9dc5 | 0;
    for (let word = 0; word < 4; word++) hash = Math.imul(hash ^ place[word]!, 0x01000193);
    return hash ^ (hash >>> 15);
  }

  private venueHash(slot: number): number {
    const from = slot * OrderInt.SIZE;
    return hashVenueId(this.ints, from + OrderInt.VENUE_ID) ^ this.ints[from + OrderInt.INSTRUMENT]!;
  }

  private chain(kind: number, slot: number): void {
    const { chains, ints } = this;
    const head = kind * CHAIN_CELLS;
    const tail = chains[head + 1]!;
    const from = slot * OrderInt.SIZE;
    ints[from + OrderInt.PREVIOUS] = tail;
    ints[from + OrderInt.NEXT] = 0;
    if (tail === 0) chains[head] = slot + 1;
    else ints[(tail - 1) * OrderInt.SIZE + OrderInt.NEXT] = slot + 1;
    chains[head + 1] = slot + 1;
    chains[head + 2]! += 1;
  }

  private unchain(kind: number, slot: number): void {
    const { chains, ints } = this;
    const head = kind * CHAIN_CELLS;
    const from = slot * OrderInt.SIZE;
    const previous = ints[from + OrderInt.PREVIOUS]!;
    const next = ints[from + OrderInt.NEXT]!;
    if (previous === 0) chains[head] = next;
    else ints[(previous - 1) * OrderInt.SIZE + OrderInt.NEXT] = next;
    if (next === 0) chains[head + 1] = previous;
    else ints[(next - 1) * OrderInt.SIZE + OrderInt.PREVIOUS] = previous;
    chains[head + 2]! -= 1;
  }
}

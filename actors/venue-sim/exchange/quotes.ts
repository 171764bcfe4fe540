import type { AccountTable } from './accounts.js';
import { CancelReason, KEEP, OrderFlag, OrderType, Refusal, Side, TimeInForce } from './codes.js';
import type { Entry } from './entry.js';
import type { InstrumentTable } from './instruments.js';
import type { Matching } from './matching.js';
import type { OrderPool } from './orders.js';
import type { PositionTable } from './positions.js';

const FIRST_ROOM = 64;

/** One mass quote in columns: what is asked for, and after it what became of each side. It is made once and used again. */
export class QuoteBatch {
  count = 0;
  instrument = new Int32Array(FIRST_ROOM);
  quoteSet = new Int32Array(FIRST_ROOM);
  /** Prices and amounts are doubles, so that one that is none (NaN) is refused and not taken for a 0. */
  bidTicks = new Float64Array(FIRST_ROOM);
  bidLots = new Float64Array(FIRST_ROOM);
  bidFlags = new Uint8Array(FIRST_ROOM);
  askTicks = new Float64Array(FIRST_ROOM);
  askLots = new Float64Array(FIRST_ROOM);
  askFlags = new Uint8Array(FIRST_ROOM);
  /** Order id, a refusal as a negative number, or 0 where the side was not given. */
  bidAnswer = new Float64Array(FIRST_ROOM);
  askAnswer = new Float64Array(FIRST_ROOM);

  clear(): void {
    this.count = 0;
  }

  /**
   * Adds a quote. A side with both price and amount KEEP is not given; one of them KEEP changes the other alone; 0 lots
   * remove the side. Lots are those that shall be open. Of the flags, POST_ONLY and REJECT_POST_ONLY count.
   */
  add(
    instrument: number,
    quoteSet: number,
    bidTicks: number,
    bidLots: number,
    bidFlags: number,
    askTicks: number,
    askLots: number,
    askFlags: number,
  ): void {
    if (this.count === this.instrument.length) this.#grow();
    const at = this.count++;
    this.instrument[at] = instrument;
    this.quoteSet[at] = quoteSet;
    this.bidTicks[at] = bidTicks;
    this.bidLots[at] = bidLots;
    this.bidFlags[at] = bidFlags;
    this.askTicks[at] = askTicks;
    this.askLots[at] = askLots;
    this.askFlags[at] = askFlags;
  }

  #grow(): void {
    const length = this.instrument.length * 2;
    const int32 = (from: Int32Array): Int32Array<ArrayBuffer> => {
      const to = new Int32Array(length);
      to.set(from);
      return to;
    };
    const float64 = (from: Float64Array): Float64Array<ArrayBuffer> => {
      const to = new Float64Array(length);
      to.set(from);
      return to;
    };
    const uint8 = (from: Uint8Array): Uint8Array<ArrayBuffer> => {
      const to = new Uint8Array(length);
      to.set(from);
      return to;
    };
    this.instrument = int32(this.instrument);
    this.quoteSet = int32(this.quoteSet);
    this.bidTicks = float64(this.bidTicks);
    this.bidLots = float64(this.bidLots);
    this.bidFlags = uint8(this.bidFlags);
    this.askTicks = float64(this.askTicks);
    this.askLots = float64(this.askLots);
    this.askFlags = uint8(this.askFlags);
    this.bidAnswer = new Float64Array(length);
    this.askAnswer = new Float64Array(length);
  }
}

/** What mass quotes work on. */
export interface QuotesParts {
  clock: Float64Array;
  instruments: InstrumentTable;
  orders: OrderPool;
  positions: PositionTable;
  accounts: AccountTable;
  matching: Matching;
  entry: Entry;
  /** Ends a step in a book: what it changed is told, and protection that it set off acts. */
  finish(instrument: number): void;
}

/** Mass quotes: one quote on each side of an instrument in each group, each side judged by itself. */
export class Quotes {
  readonly #parts: QuotesParts;

  constructor(parts: QuotesParts) {
    this.#parts = parts;
  }

  /** See `Exchange.massQuote`. */
  apply(account: number, group: number, batch: QuoteBatch): void {
    const { instruments, orders } = this.#parts;
    for (let index = 0; index < batch.count; index++) {
      const instrument = batch.instrument[index]!;
      if (!(instrument >= 0 && instrument < instruments.size)) {
        batch.bidAnswer[index] = -Refusal.INVALID_INSTRUMENT;
        batch.askAnswer[index] = -Refusal.INVALID_INSTRUMENT;
        continue;
      }
      const bid = this.find(account, instrument, group, Side.BUY);
      const ask = this.find(account, instrument, group, Side.SELL);
      // A quote that moves up moves its offer first, so that it does not meet itself; one that moves down its bid.
      const bothUp =
        bid >= 0 &&
        ask >= 0 &&
        batch.bidTicks[index]! > orders.ticks[bid]! &&
        batch.askTicks[index]! > orders.ticks[ask]!;
      if (bothUp) {
        this.#applyAsk(account, group, batch, index, ask);
        this.#applyBid(account, group, batch, index, bid);
      } else {
        this.#applyBid(account, group, batch, index, bid);
        this.#applyAsk(account, group, batch, index, ask);
      }
    }
  }

  #applyBid(account: number, group: number, batch: QuoteBatch, index: number, slot: number): void {
    const flags = batch.bidFlags[index]!;
    batch.bidAnswer[index] = this.#applySide(
      account,
      batch.instrument[index]!,
      group,
      Side.BUY,
      batch.bidTicks[index]!,
      batch.bidLots[index]!,
      flags,
      batch.quoteSet[index]!,
      slot,
    );
  }

  #applyAsk(account: number, group: number, batch: QuoteBatch, index: number, slot: number): void {
    const flags = batch.askFlags[index]!;
    batch.askAnswer[index] = this.#applySide(
      account,
      batch.instrument[index]!,
      group,
      Side.SELL,
      batch.askTicks[index]!,
      batch.askLots[index]!,
      flags,
      batch.quoteSet[index]!,
      slot,
    );
  }

  #applySide(
    account: number,
    instrument: number,
    group: number,
    side: number,
    ticks: number,
    lots: number,
    flags: number,
    quoteSet: number,
    before: number,
  ): number {
    if (ticks === KEEP && lots === KEEP) return 0;
    const { orders, matching, entry, accounts, clock, finish } = this.#parts;
    if (clock[0]! < accounts.frozenUntil[account]!) return -Refusal.QUOTES_FROZEN;
    const wanted = (flags & (OrderFlag.POST_ONLY | OrderFlag.REJECT_POST_ONLY)) | OrderFlag.MMP;
    // The other side's change may have set off protection, or met this quote.
    const slot = before >= 0 && orders.isOpen(before) ? before : -1;
    let answer: number;
    if (slot < 0) {
      if (lots === 0) return -Refusal.ORDER_NOT_FOUND;
      if (ticks === KEEP || lots === KEEP) return -Refusal.INVALID_ARGUMENTS;
      const all = wanted | OrderFlag.QUOTE;
      const { GOOD_TIL_CANCELLED } = TimeInForce;
      answer = entry.place(
        account,
        instrument,
        side,
        OrderType.LIMIT,
        ticks,
        lots,
        GOOD_TIL_CANCELLED,
        all,
        group,
        0,
        quoteSet,
        0,
      );
    } else if (lots === 0) {
      answer = orders.id[slot]!;
      matching.withdraw(slot, CancelReason.USER_REQUEST);
    } else {
      const total = lots === KEEP ? KEEP : lots + orders.filledLots[slot]!;
      orders.quoteSet[slot] = quoteSet;
      answer = entry.edit(account, orders.id[slot]!, ticks, total, wanted, KEEP);
      // A quote that cannot be changed as its owner wants must not stand as it was.
      if (answer < 0 && orders.isOpen(slot)) matching.withdraw(slot, CancelReason.QUOTE_ERROR);
    }
    finish(instrument);
    return answer;
  }

  /** Slot of a group's quote on one side of an instrument; -1 for none. */
  find(account: number, instrument: number, group: number, side: number): number {
    const { positions, orders } = this.#parts;
    const record = positions.recordOf(account, instrument);
    if (record < 0) return -1;
    for (let slot = positions.firstOrder[record]!; slot >= 0; slot = orders.after[slot]!) {
      const isQuote = (orders.flags[slot]! & OrderFlag.QUOTE) !== 0;
      if (isQuote && orders.side[slot] === side && orders.group[slot] === group) return slot;
    }
    return -1;
  }
}

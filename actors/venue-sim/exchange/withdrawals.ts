import { CancelReason, OrderFlag, Side } from './codes.js';
import type { InstrumentTable } from './instruments.js';
import type { Matching } from './matching.js';
import type { OrderPool } from './orders.js';
import type { PositionTable } from './positions.js';
import type { Protection } from './protection.js';
import type { ExchangeSink } from './sink.js';

/** Which open orders of an account are meant; -1 in a field means any. */
export interface CancelFilter {
  instrument: number;
  /** `InstrumentKind`. */
  kind: number;
  index: number;
  /** The settlement currency's place in the configuration. */
  currency: number;
  tag: number;
  side: number;
  group: number;
  quoteSet: number;
  /** 0 orders only, 1 quotes only. */
  quotes: number;
  /** Bounds of the instrument's delta, positive for calls. */
  minDelta: number;
  maxDelta: number;
  /** `CancelReason`. */
  reason: number;
}

/** Every open order, at its owner's request. */
export const everyOrder: CancelFilter = {
  instrument: -1,
  kind: -1,
  index: -1,
  currency: -1,
  tag: -1,
  side: -1,
  group: -1,
  quoteSet: -1,
  quotes: -1,
  minDelta: Number.NEGATIVE_INFINITY,
  maxDelta: Number.POSITIVE_INFINITY,
  reason: CancelReason.USER_REQUEST,
};

/** What withdrawals work on. */
export interface WithdrawalParts {
  clock: Float64Array;
  instruments: InstrumentTable;
  orders: OrderPool;
  positions: PositionTable;
  matching: Matching;
  protection: Protection;
  sink: ExchangeSink;
  /** Ends a step in a book by telling what it changed. */
  flush(instrument: number): void;
}

/** Takes many orders away at once: at their owner's word, or at that of market maker protection. */
export class Withdrawals {
  readonly #parts: WithdrawalParts;

  constructor(parts: WithdrawalParts) {
    this.#parts = parts;
  }

  /** Cancels an account's orders that match, instrument by instrument; how many. */
  many(account: number, filter: CancelFilter): number {
    const { positions, orders, matching, flush } = this.#parts;
    let count = 0;
    for (let record = positions.firstOfAccount[account]!; record >= 0; record = positions.nextOfAccount[record]!) {
      if (positions.openOrders[record] === 0 || !this.#meansInstrument(positions.instrument[record]!, filter)) continue;
      const before = count;
      for (let slot = positions.firstOrder[record]!; slot >= 0; ) {
        const next = orders.after[slot]!;
        if (this.#meansOrder(slot, filter)) {
          matching.withdraw(slot, filter.reason);
          count++;
        }
        slot = next;
      }
      if (count > before) flush(positions.instrument[record]!);
    }
    return count;
  }

  /** Lets protection that fired pull its orders. */
  pullFired(): void {
    const { protection, sink } = this.#parts;
    for (let cell = protection.takeFired(); cell >= 0; cell = protection.takeFired()) {
      this.#pull(cell);
      sink.mmpTriggered(protection.accountOf(cell), protection.indexOf(cell), protection.groupOf(cell));
    }
  }

  #pull(cell: number): void {
    const { protection, positions, orders, instruments, matching, flush } = this.#parts;
    const account = protection.accountOf(cell);
    const index = protection.indexOf(cell);
    const group = protection.groupOf(cell);
    for (let record = positions.firstOfAccount[account]!; record >= 0; record = positions.nextOfAccount[record]!) {
      const instrument = positions.instrument[record]!;
      if (positions.openOrders[record] === 0 || instruments.index[instrument] !== index) continue;
      for (let slot = positions.firstOrder[record]!; slot >= 0; ) {
        const next = orders.after[slot]!;
        if ((orders.flags[slot]! & OrderFlag.MMP) !== 0 && orders.group[slot] === group) {
          orders.flags[slot]! |= OrderFlag.MMP_CANCELLED;
          matching.withdraw(slot, CancelReason.MMP_TRIGGER);
        }
        slot = next;
      }
      flush(instrument);
    }
  }

  /** Cancels a group's orders that add up to more than its limits now allow, the newest first; all where it has no limits. */
  curtail(account: number, index: number, group: number): void {
    const { protection, positions, instruments, flush } = this.#parts;
    const cell = protection.cellOf(account, index, group);
    const most = protection.isConfigured(cell) ? protection.maxQuoteQuantity(cell) || Number.POSITIVE_INFINITY : 0;
    if (most === Number.POSITIVE_INFINITY) return;
    for (let record = positions.firstOfAccount[account]!; record >= 0; record = positions.nextOfAccount[record]!) {
      const instrument = positions.instrument[record]!;
      if (positions.openOrders[record] === 0 || instruments.index[instrument] !== index) continue;
      const isInverseFuture = instruments.isFuture[instrument] === 1 && instruments.inverse[instrument] === 1;
      const lotInBase =
        instruments.lotSize[instrument]! / (isInverseFuture ? instruments.forward[instrument]! || 1 : 1);
      for (const side of [Side.BUY, Side.SELL]) this.#curtailSide(record, side, group, most / lotInBase);
      flush(instrument);
    }
  }

  #curtailSide(record: number, side: number, group: number, mostLots: number): void {
    const { positions, orders, matching } = this.#parts;
    const mine: number[] = [];
    for (let slot = positions.firstOrder[record]!; slot >= 0; slot = orders.after[slot]!) {
      const isProtected = (orders.flags[slot]! & OrderFlag.MMP) !== 0;
      if (isProtected && orders.side[slot] === side && orders.group[slot] === group) mine.push(slot);
    }
    // The list begins with the newest; the oldest keep their places.
    let lots = 0;
    for (const slot of mine.reverse()) {
      lots += orders.lots[slot]!;
      if (lots > mostLots * (1 + 1e-9)) matching.withdraw(slot, CancelReason.MMP_CONFIG_CURTAILMENT);
    }
  }

  #meansInstrument(instrument: number, filter: CancelFilter): boolean {
    const { instruments, clock } = this.#parts;
    if (filter.instrument >= 0 && filter.instrument !== instrument) return false;
    if (filter.kind >= 0 && filter.kind !== instruments.kind[instrument]) return false;
    if (filter.index >= 0 && filter.index !== instruments.index[instrument]) return false;
    if (filter.currency >= 0 && filter.currency !== instruments.currency[instrument]) return false;
    if (filter.minDelta === Number.NEGATIVE_INFINITY && filter.maxDelta === Number.POSITIVE_INFINITY) return true;
    const delta = instruments.delta(instrument, clock[0]!);
    return delta >= filter.minDelta && delta <= filter.maxDelta;
  }

  #meansOrder(slot: number, filter: CancelFilter): boolean {
    const { orders } = this.#parts;
    if ((orders.flags[slot]! & OrderFlag.LIQUIDATION) !== 0) return false;
    if (filter.tag >= 0 && filter.tag !== orders.tag[slot]) return false;
    if (filter.side >= 0 && filter.side !== orders.side[slot]) return false;
    if (filter.group >= 0 && filter.group !== orders.group[slot]) return false;
    if (filter.quoteSet >= 0 && filter.quoteSet !== orders.quoteSet[slot]) return false;
    return filter.quotes < 0 || filter.quotes === ((orders.flags[slot]! & OrderFlag.QUOTE) === 0 ? 0 : 1);
  }
}

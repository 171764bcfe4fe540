import { LifeCycle } from '../../../engine/market/instrument.js';
import type { AccountTable } from './accounts.js';
import { OrderFlag, OrderType, Refusal, Side, TimeInForce } from './codes.js';
import type { ExchangeConfig } from './config.js';
import { FURTHEST_TICKS, type InstrumentTable } from './instruments.js';
import type { OrderPool } from './orders.js';
import type { PositionTable } from './positions.js';
import type { Protection } from './protection.js';

/** Most lots of one order: sums of them stay exact. */
const MOST_LOTS = 0x3fff_ffff;

/** What an order is checked against. */
export interface CheckParts {
  config: ExchangeConfig;
  clock: Float64Array;
  instruments: InstrumentTable;
  orders: OrderPool;
  accounts: AccountTable;
  positions: PositionTable;
  protection: Protection;
}

/** What speaks against an order before anything has changed, in the venue's order: each check gives a `Refusal`, or 0. */
export class OrderChecks {
  readonly #parts: CheckParts;
  /** True while instruments are being settled; and when the pause after it ends. */
  isSettling = false;
  pausedUntil = 0;

  constructor(parts: CheckParts) {
    this.#parts = parts;
  }

  /** First objection to a new order; 0 for none. */
  refusalOf(
    account: number,
    instrument: number,
    side: number,
    type: number,
    ticks: number,
    lots: number,
    timeInForce: number,
    flags: number,
    group: number,
  ): number {
    const { accounts, instruments } = this.#parts;
    if (!(account >= 0 && account < accounts.size)) return Refusal.INVALID_ARGUMENTS;
    if (!(instrument >= 0 && instrument < instruments.size)) return Refusal.INVALID_INSTRUMENT;
    if (side !== Side.BUY && side !== Side.SELL) return Refusal.INVALID_ARGUMENTS;
    const closed = this.closed(instrument);
    if (closed !== 0) return closed;
    if ((flags & OrderFlag.POST_ONLY) !== 0) {
      if (type !== OrderType.LIMIT || timeInForce >= TimeInForce.IMMEDIATE_OR_CANCEL) {
        return Refusal.UNSUPPORTED_COMBINATION;
      }
    } else if ((flags & OrderFlag.REJECT_POST_ONLY) !== 0) return Refusal.UNSUPPORTED_COMBINATION;
    if ((flags & OrderFlag.MMP) !== 0 && type !== OrderType.LIMIT) return Refusal.UNSUPPORTED_COMBINATION;
    if ((flags & OrderFlag.REDUCE_ONLY) !== 0 && instruments.isCombo[instrument] === 1) {
      return Refusal.UNSUPPORTED_COMBINATION;
    }
    return (
      this.amountRefusal(lots) ||
      (type === OrderType.LIMIT ? this.priceRefusal(instrument, side, ticks) : 0) ||
      this.protectionRefusal(account, instrument, side, lots, flags, group, -1)
    );
  }

  /** Why an instrument takes no orders; 0 where it does. */
  closed(instrument: number): number {
    const { instruments, clock } = this.#parts;
    const state = instruments.state[instrument]!;
    if (state === LifeCycle.SETTLING || this.isSettling || clock[0]! < this.pausedUntil) {
      return Refusal.SETTLEMENT_IN_PROGRESS;
    }
    return state === LifeCycle.OPEN ? 0 : Refusal.BOOK_CLOSED;
  }

  amountRefusal(lots: number): number {
    if (lots < 1) return Refusal.QUANTITY_TOO_LOW;
    return Number.isInteger(lots) && lots <= MOST_LOTS ? 0 : Refusal.INVALID_AMOUNT;
  }

  /** What there is against showing only so many lots of an order. One that is no larger than what it shows hides nothing. */
  icebergRefusal(type: number, timeInForce: number, lots: number, shown: number): number {
    const { leastLots, mostRatio } = this.#parts.config.iceberg;
    if (type !== OrderType.LIMIT || timeInForce >= TimeInForce.IMMEDIATE_OR_CANCEL) {
      return Refusal.UNSUPPORTED_COMBINATION;
    }
    const isShape = Number.isInteger(shown) && shown >= leastLots && lots - shown < mostRatio * shown;
    return isShape && shown <= MOST_LOTS ? 0 : Refusal.INVALID_MAX_SHOW;
  }

  priceRefusal(instrument: number, side: number, ticks: number): number {
    const { instruments, clock } = this.#parts;
    if (!Number.isInteger(ticks)) return Refusal.PRICE_WRONG_TICK;
    if (ticks < 1 && instruments.isCombo[instrument] === 0) return Refusal.PRICE_TOO_LOW;
    if (ticks > FURTHEST_TICKS) return Refusal.PRICE_TOO_HIGH;
    if (ticks < -FURTHEST_TICKS) return Refusal.PRICE_TOO_LOW;
    if (ticks % instruments.tickMultiple(instrument, ticks) !== 0) return Refusal.PRICE_WRONG_TICK;
    const now = clock[0]!;
    if (side === Side.BUY) return ticks > instruments.highestBid(instrument, now) ? Refusal.PRICE_TOO_HIGH : 0;
    return ticks < instruments.lowestAsk(instrument, now) ? Refusal.PRICE_TOO_LOW : 0;
  }

  /** What market maker protection has against an order; `replaced` is the slot of the one that it replaces, or -1. */
  protectionRefusal(
    account: number,
    instrument: number,
    side: number,
    lots: number,
    flags: number,
    group: number,
    replaced: number,
  ): number {
    if ((flags & OrderFlag.MMP) === 0) return 0;
    const { protection, instruments, clock } = this.#parts;
    const cell = protection.cellOf(account, instruments.index[instrument]!, group);
    if (!protection.isConfigured(cell)) return Refusal.MMP_REQUIRED;
    if (protection.isFrozen(cell, clock[0]!)) return Refusal.MMP_TRIGGER;
    const most = protection.maxQuoteQuantity(cell);
    if (most === 0) return 0;
    const all = lots + this.#quotedLots(account, instrument, side, group, replaced);
    return this.#inBase(instrument, all) > most * (1 + 1e-9) ? Refusal.INVALID_AMOUNT : 0;
  }

  /** Lots of a group's open orders on one side of an instrument, without one of them. */
  #quotedLots(account: number, instrument: number, side: number, group: number, without: number): number {
    const { positions, orders } = this.#parts;
    const record = positions.recordOf(account, instrument);
    let lots = 0;
    if (record < 0) return 0;
    for (let slot = positions.firstOrder[record]!; slot >= 0; slot = orders.after[slot]!) {
      if (slot === without || orders.side[slot] !== side || orders.group[slot] !== group) continue;
      if ((orders.flags[slot]! & OrderFlag.MMP) !== 0) lots += orders.lots[slot]!;
    }
    return lots;
  }

  #inBase(instrument: number, lots: number): number {
    const { instruments } = this.#parts;
    const amount = lots * instruments.lotSize[instrument]!;
    const inCounter = instruments.isFuture[instrument] === 1 && instruments.inverse[instrument] === 1;
    const forward = instruments.forward[instrument]!;
    return inCounter && forward > 0 ? amount / forward : amount;
  }
}

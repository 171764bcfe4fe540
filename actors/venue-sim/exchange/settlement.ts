import { InstrumentKind, LifeCycle } from '../../../engine/market/instrument.js';
import { type AccountTable, House } from './accounts.js';
import type { Clearing } from './clearing.js';
import { CancelReason } from './codes.js';
import type { ExchangeConfig } from './config.js';
import type { IndexTable } from './indices.js';
import type { InstrumentTable } from './instruments.js';
import type { Matching } from './matching.js';
import type { PositionTable } from './positions.js';
import type { ExchangeSink } from './sink.js';

/** Options that live no longer than this are daily ones, which are delivered without a fee. */
const DAILY_MS = 4 * 86_400_000;

export const SettlementType = { SESSION: 0, DELIVERY: 1 } as const;

/** The last settlements of positions in columns: a ring. Ids count from 1. */
export class SettlementLog {
  readonly capacity: number;
  readonly id: Float64Array;
  /** `SettlementType`. */
  readonly type: Uint8Array;
  readonly time: Float64Array;
  readonly account: Int32Array;
  readonly instrument: Int32Array;
  /** Signed lots of the position. */
  readonly lots: Float64Array;
  /** Mark price of a session's settlement; delivery price of a future, and of an option the index average that it was exercised on. */
  readonly price: Float64Array;
  readonly indexPrice: Float64Array;
  /** Money that was paid to the account, and the part of it that is funding, in smallest units. */
  readonly paid: Float64Array;
  readonly funding: Float64Array;
  readonly fee: Float64Array;
  #last = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.id = new Float64Array(capacity);
    this.type = new Uint8Array(capacity);
    this.time = new Float64Array(capacity);
    this.account = new Int32Array(capacity);
    this.instrument = new Int32Array(capacity);
    this.lots = new Float64Array(capacity);
    this.price = new Float64Array(capacity);
    this.indexPrice = new Float64Array(capacity);
    this.paid = new Float64Array(capacity);
    this.funding = new Float64Array(capacity);
    this.fee = new Float64Array(capacity);
  }

  get last(): number {
    return this.#last;
  }

  take(): number {
    const id = ++this.#last;
    const slot = id % this.capacity;
    this.id[slot] = id;
    return slot;
  }

  slotOf(id: number): number {
    if (!(id > 0)) return -1;
    const slot = id % this.capacity;
    return this.id[slot] === id ? slot : -1;
  }
}

/** What settlement works on. */
export interface SettlementParts {
  config: ExchangeConfig;
  clock: Float64Array;
  indices: IndexTable;
  instruments: InstrumentTable;
  accounts: AccountTable;
  positions: PositionTable;
  matching: Matching;
  clearing: Clearing;
  settlements: SettlementLog;
  sink: ExchangeSink;
  reassess(record: number): void;
  flush(instrument: number): void;
}

/**
 * 08:00 UTC: what expires is delivered at the index's average, and the session's profit of the other futures is paid at their
 * marks. The units that rounding leaves over go to the clearing account.
 */
export class Settlement {
  readonly #parts: SettlementParts;

  constructor(parts: SettlementParts) {
    this.#parts = parts;
  }

  /** The instruments that have a part in this settlement, in the order of their parts. */
  due(): number[] {
    const { instruments } = this.#parts;
    const all = Array.from({ length: instruments.size }, (_, id) => id);
    const live = all.filter((id) => instruments.state[id] !== LifeCycle.EXPIRED);
    // Combinations go before their legs, whose records they need.
    return [
      ...live.filter((id) => instruments.isCombo[id] === 1),
      ...live.filter((id) => instruments.isCombo[id] === 0),
    ];
  }

  /** Settles one instrument. */
  settle(id: number): void {
    const { instruments, clock } = this.#parts;
    const hasEnded = this.#hasEnded(id, clock[0]!);
    if (instruments.isCombo[id] === 1) {
      if (hasEnded) this.#close(id);
    } else if (hasEnded) this.#deliver(id);
    else if (instruments.isFuture[id] === 1) this.#settleSession(id);
    else this.#markSession(id);
  }

  #hasEnded(id: number, now: number): boolean {
    const { instruments } = this.#parts;
    return instruments.state[id] !== LifeCycle.EXPIRED && instruments.expiry[id]! <= now;
  }

  /** Removes all orders of an instrument. */
  #empty(instrument: number): void {
    const { accounts, positions, matching, flush } = this.#parts;
    for (let account = 0; account < accounts.size; account++) {
      const record = positions.recordOf(account, instrument);
      if (record < 0) continue;
      for (let slot = positions.firstOrder[record]!; slot >= 0; slot = positions.firstOrder[record]!) {
        matching.withdraw(slot, CancelReason.SETTLEMENT);
      }
    }
    flush(instrument);
  }

  #close(instrument: number): void {
    const { instruments, accounts, positions, sink } = this.#parts;
    this.#empty(instrument);
    for (let account = 0; account < accounts.size; account++) {
      const record = positions.recordOf(account, instrument);
      if (record >= 0) positions.forget(record);
    }
    instruments.setState(instrument, LifeCycle.EXPIRED);
    sink.instrumentChanged(instrument);
  }

  #deliver(instrument: number): void {
    const { instruments, accounts, positions, indices, sink } = this.#parts;
    instruments.setState(instrument, LifeCycle.SETTLING);
    sink.instrumentChanged(instrument);
    this.#empty(instrument);
    const price = indices.average(instruments.index[instrument]!);
    instruments.deliveryPrice[instrument] = price;
    instruments.settlementPrice[instrument] = price;
    const unit = this.#deliveryUnit(instrument, price);
    let paidInAll = 0;
    for (let account = 0; account < accounts.size; account++) {
      const record = positions.recordOf(account, instrument);
      if (record < 0) continue;
      const lots = positions.lots[record]!;
      const hadCash = positions.sessionCash[record]! !== 0;
      paidInAll += Math.round(lots * instruments.unitsPerLot[instrument]! * unit);
      if (lots !== 0 || hadCash) this.#payDelivery(record, unit, price);
      positions.forget(record);
      if (lots !== 0) sink.positionChanged(account, instrument);
    }
    this.#clear(instrument, -paidInAll);
    instruments.openInterest[instrument] = 0;
    instruments.setState(instrument, LifeCycle.EXPIRED);
    sink.instrumentChanged(instrument);
  }

  /** Value of one unit of the amount at delivery: the pay-off of an option, and of a future what `Clearing.move` calls the unit. */
  #deliveryUnit(instrument: number, price: number): number {
    const { instruments } = this.#parts;
    const isInverse = instruments.inverse[instrument] === 1;
    if (instruments.isFuture[instrument] === 1) return isInverse ? -1 / price : price;
    const strike = instruments.strike[instrument]!;
    const intrinsic = Math.max(0, instruments.isCall[instrument] === 1 ? price - strike : strike - price);
    return isInverse ? intrinsic / price : intrinsic;
  }

  #payDelivery(record: number, unit: number, price: number): void {
    const { instruments, accounts, positions } = this.#parts;
    const instrument = positions.instrument[record]!;
    const account = positions.account[record]!;
    const lots = positions.lots[record]!;
    const currency = instruments.currency[instrument]!;
    const at = accounts.at(account, currency);
    const paid = positions.sessionCash[record]! + Math.round(lots * instruments.unitsPerLot[instrument]! * unit);
    const fee = account < House.LIQUIDATION + 1 ? 0 : this.#deliveryFee(instrument, Math.abs(lots), unit, price);
    accounts.balance[at]! += paid - fee;
    accounts.balance[accounts.at(House.FEES, currency)]! += fee;
    this.#log(record, SettlementType.DELIVERY, price, paid, fee);
    positions.sessionCash[record] = 0;
    positions.lots[record] = 0;
    this.#parts.reassess(record);
    this.#parts.sink.accountChanged(account, currency);
  }

  #deliveryFee(instrument: number, lots: number, unit: number, price: number): number {
    const { instruments, config } = this.#parts;
    const { optionDelivery, futureDelivery, optionCap } = config.fees;
    const units = lots * instruments.unitsPerLot[instrument]!;
    if (instruments.isFuture[instrument] === 1) return Math.round(futureDelivery * units * Math.abs(unit));
    const lifetime = instruments.expiry[instrument]! - instruments.definitions[instrument]!.created / 1000;
    if (lifetime <= DAILY_MS) return 0;
    const full = optionDelivery * units * (instruments.inverse[instrument] === 1 ? 1 : price);
    return Math.round(Math.min(full, optionCap * unit * units));
  }

  /** Pays the session's profit of a future that lives on, at its mark. */
  #settleSession(instrument: number): void {
    const { instruments, accounts, positions, clearing, clock, sink } = this.#parts;
    const mark = instruments.mark(instrument, clock[0]!);
    if (!(mark > 0)) return;
    instruments.settlementPrice[instrument] = mark;
    const isPerpetual = instruments.kind[instrument] === InstrumentKind.PERPETUAL;
    if (isPerpetual) clearing.accrueFunding(instrument);
    const unit = instruments.inverse[instrument] === 1 ? -1 / mark : mark;
    const currency = instruments.currency[instrument]!;
    for (let account = 0; account < accounts.size; account++) {
      const record = positions.recordOf(account, instrument);
      if (record < 0) continue;
      if (isPerpetual) clearing.chargeFunding(record);
      const value = Math.round(positions.lots[record]! * instruments.unitsPerLot[instrument]! * unit);
      const paid = positions.sessionCash[record]! + value;
      if (paid === 0 && positions.lots[record] === 0) continue;
      accounts.balance[accounts.at(account, currency)]! += paid;
      this.#log(record, SettlementType.SESSION, mark, paid, 0);
      // The new session begins as if the position had been bought at the mark.
      positions.sessionCash[record] = -value;
      positions.sessionFunding[record] = 0;
      positions.realised[record] = 0;
      this.#parts.reassess(record);
      sink.positionChanged(account, instrument);
      sink.accountChanged(account, currency);
    }
  }

  /** Begins a new session of an option, whose money has moved with each trade. */
  #markSession(instrument: number): void {
    const { instruments, accounts, positions, clock } = this.#parts;
    instruments.settlementPrice[instrument] = instruments.mark(instrument, clock[0]!);
    for (let account = 0; account < accounts.size; account++) {
      const record = positions.recordOf(account, instrument);
      if (record >= 0) positions.realised[record] = 0;
    }
  }

  #log(record: number, type: number, price: number, paid: number, fee: number): void {
    const { settlements, positions, instruments, indices, clock, sink } = this.#parts;
    const slot = settlements.take();
    const instrument = positions.instrument[record]!;
    settlements.type[slot] = type;
    settlements.time[slot] = clock[0]!;
    settlements.account[slot] = positions.account[record]!;
    settlements.instrument[slot] = instrument;
    settlements.lots[slot] = positions.lots[record]!;
    settlements.price[slot] = price;
    settlements.indexPrice[slot] = indices.prices[instruments.index[instrument]!]!;
    settlements.paid[slot] = paid;
    settlements.funding[slot] = positions.sessionFunding[record]!;
    settlements.fee[slot] = fee;
    sink.settled(settlements.id[slot]!);
  }

  #clear(instrument: number, units: number): void {
    const { accounts, instruments } = this.#parts;
    accounts.balance[accounts.at(House.CLEARING, instruments.currency[instrument]!)]! += units;
  }
}

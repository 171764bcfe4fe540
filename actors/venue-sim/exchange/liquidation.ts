import { type AccountTable, House } from './accounts.js';
import type { Clearing } from './clearing.js';
import { CancelReason, OrderFlag, OrderType, Side, TimeInForce } from './codes.js';
import type { ExchangeConfig } from './config.js';
import type { Entry } from './entry.js';
import type { InstrumentTable } from './instruments.js';
import type { Margins } from './margins.js';
import type { OrderPool } from './orders.js';
import type { PositionTable } from './positions.js';
import { Due, type Schedule } from './schedule.js';
import type { ExchangeSink } from './sink.js';
import { everyOrder, type Withdrawals } from './withdrawals.js';

/** Part of a position that one step closes. */
const SLICE = 0.25;

/** Instruments of an account that one part of a look works out: each may need a new mark. */
const RECORDS_AT_ONCE = 12;
const NOBODY = -1;

/** What liquidation works on. */
export interface LiquidationParts {
  config: ExchangeConfig;
  clock: Float64Array;
  instruments: InstrumentTable;
  orders: OrderPool;
  accounts: AccountTable;
  positions: PositionTable;
  margins: Margins;
  entry: Entry;
  clearing: Clearing;
  withdrawals: Withdrawals;
  schedule: Schedule;
  sink: ExchangeSink;
  finish(instrument: number): void;
}

/**
 * What happens to an account that falls below its maintenance margin: its orders go, then at each look a slice of the position
 * that weighs most is sold into the book, and what the book does not take goes to the liquidation account at the mark. What an
 * account without positions owes is paid by the insurance.
 */
export class Liquidation {
  readonly #parts: LiquidationParts;
  #looking = NOBODY;

  constructor(parts: LiquidationParts) {
    this.#parts = parts;
  }

  /** Begins to look at an account that has margins; `goOn` does the rest, before anything else happens on the exchange. */
  look(account: number): void {
    this.#looking = account;
    this.#parts.margins.beginAssessment(account);
  }

  /** Whether a look is under way. */
  get isLooking(): boolean {
    return this.#looking !== NOBODY;
  }

  /** A part of the look at hand; with its last part the account is judged. */
  goOn(): void {
    const { margins, schedule, clock, config } = this.#parts;
    if (margins.goOnAssessing(RECORDS_AT_ONCE)) return;
    const account = this.#looking;
    this.#looking = NOBODY;
    this.#judge(account);
    schedule.add(clock[0]! + config.riskInterval, Due.RISK, account);
  }

  #judge(account: number): void {
    const { accounts, margins, config } = this.#parts;
    for (let currency = 0; currency < config.currencies.length; currency++) {
      const at = accounts.at(account, currency);
      const balance = margins.marginBalance(account, at);
      if (balance < accounts.maintenanceMargin[at]! || balance < 0) this.#step(account, currency);
    }
  }

  #step(account: number, currency: number): void {
    const { withdrawals, positions, instruments, sink } = this.#parts;
    withdrawals.many(account, { ...everyOrder, currency, reason: CancelReason.AUTOLIQUIDATION });
    const record = this.#heaviest(account, currency);
    if (record < 0) {
      this.#coverDebt(account, currency);
      return;
    }
    const instrument = positions.instrument[record]!;
    const lots = positions.lots[record]!;
    const slice = Math.min(Math.abs(lots), Math.max(1, Math.ceil(Math.abs(lots) * SLICE)));
    const side = lots > 0 ? Side.SELL : Side.BUY;
    const { LIMIT } = OrderType;
    const limit =
      side === Side.SELL
        ? instruments.lowestAsk(instrument, this.#parts.clock[0]!)
        : instruments.highestBid(instrument, this.#parts.clock[0]!);
    const flags = OrderFlag.LIQUIDATION | OrderFlag.REDUCE_ONLY;
    const ioc = TimeInForce.IMMEDIATE_OR_CANCEL;
    this.#parts.entry.place(account, instrument, side, LIMIT, limit, slice, ioc, flags, 0, 0, 0, 0);
    this.#parts.finish(instrument);
    const left = slice - (Math.abs(lots) - Math.abs(positions.lots[record]!));
    if (left > 0) this.#takeOver(record, side === Side.SELL ? left : -left);
    if (this.#heaviest(account, currency) < 0) this.#coverDebt(account, currency);
    sink.accountChanged(account, currency);
  }

  /** The position with the greatest maintenance margin, of those without any the largest; -1 for none. */
  #heaviest(account: number, currency: number): number {
    const { positions, instruments, margins } = this.#parts;
    let heaviest = -1;
    for (let record = positions.firstOfAccount[account]!; record >= 0; record = positions.nextOfAccount[record]!) {
      const instrument = positions.instrument[record]!;
      if (positions.lots[record] === 0 || instruments.currency[instrument] !== currency) continue;
      if (heaviest < 0 || margins.weight(record) > margins.weight(heaviest)) {
        heaviest = record;
      }
    }
    return heaviest;
  }

  /** The liquidation account gets lots of a position at the mark. */
  #takeOver(record: number, lots: number): void {
    const { positions, instruments, clearing, clock, sink } = this.#parts;
    const instrument = positions.instrument[record]!;
    const account = positions.account[record]!;
    const mark = instruments.mark(instrument, clock[0]!);
    if (!(mark >= 0) || (mark === 0 && instruments.isFuture[instrument] === 1)) return;
    if (positions.recordFor(House.LIQUIDATION, instrument) < 0) return;
    clearing.move(House.LIQUIDATION, account, instrument, lots, mark);
    sink.positionChanged(account, instrument);
    sink.positionChanged(House.LIQUIDATION, instrument);
  }

  #coverDebt(account: number, currency: number): void {
    const { accounts, positions, instruments, sink } = this.#parts;
    const at = accounts.at(account, currency);
    // Cash of the session stays with its position's record; a debt is what is owed after it.
    let session = 0;
    for (let record = positions.firstOfAccount[account]!; record >= 0; record = positions.nextOfAccount[record]!) {
      if (instruments.currency[positions.instrument[record]!] === currency) session += positions.sessionCash[record]!;
    }
    const owed = -(accounts.balance[at]! + session);
    if (owed <= 0) return;
    accounts.balance[at]! += owed;
    accounts.balance[accounts.at(House.INSURANCE, currency)]! -= owed;
    sink.accountChanged(account, currency);
  }
}

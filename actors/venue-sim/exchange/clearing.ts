import { InstrumentKind } from '../../../engine/market/instrument.js';
import type { AccountTable } from './accounts.js';
import { House } from './accounts.js';
import { OrderFlag, Side } from './codes.js';
import type { ExchangeConfig } from './config.js';
import type { IndexTable } from './indices.js';
import type { InstrumentTable } from './instruments.js';
import type { OrderPool } from './orders.js';
import type { PositionTable } from './positions.js';
import type { Protection } from './protection.js';
import type { ExchangeSink } from './sink.js';
import type { TradeLog } from './trades.js';

const EIGHT_HOURS = 8 * 3_600_000;

/** Places in the cells that doubles are handed over in, where they are not boxed. */
const PRICE = 0;
const MAKER_FEE = 1;
const TAKER_FEE = 2;
const COMBO_TRADE = 3;
const CELLS = 4;

/** What clearing works on. */
export interface ClearingParts {
  config: ExchangeConfig;
  clock: Float64Array;
  indices: IndexTable;
  instruments: InstrumentTable;
  orders: OrderPool;
  accounts: AccountTable;
  positions: PositionTable;
  trades: TradeLog;
  protection: Protection;
  sink: ExchangeSink;
  /** Called when a position's lots or cash have changed. */
  reassess(record: number): void;
}

/**
 * Turns a match into positions and money. Money moves in whole units from one account to another, so that nothing is made or
 * lost: a buyer pays the very units that the seller gets, and fees go to the venue's account.
 */
export class Clearing {
  readonly #parts: ClearingParts;
  readonly #cells = new Float64Array(CELLS);
  /** Prices and fees of the legs of a combination that is being traded. */
  readonly #legPrices = new Float64Array(8);

  constructor(parts: ClearingParts) {
    this.#parts = parts;
  }

  /** Two orders trade at a price in ticks. */
  trade(maker: number, taker: number, lots: number, ticks: number): void {
    const { orders, instruments } = this.#parts;
    const instrument = orders.instrument[maker]!;
    const cells = this.#cells;
    cells[PRICE] = instruments.ticks[instrument]!.value(ticks);
    cells[COMBO_TRADE] = 0;
    if (instruments.isCombo[instrument] === 1) {
      this.#tradeCombo(maker, taker, instrument, lots);
      return;
    }
    cells[MAKER_FEE] = this.#fee(instrument, lots, instruments.makerFee[instrument]!);
    cells[TAKER_FEE] = this.#fee(instrument, lots, instruments.takerFee[instrument]!);
    this.#print(maker, taker, instrument, lots, -1, orders.side[taker]!);
  }

  /**
   * A combination's trade is one trade of each leg. All legs but the first trade at their marks, and the first at what is left,
   * so that they add up to the price. Of the bought and the sold legs, those with the smaller fees pay none.
   */
  #tradeCombo(maker: number, taker: number, combo: number, lots: number): void {
    const { instruments, trades, orders, clock } = this.#parts;
    const cells = this.#cells;
    const prices = this.#legPrices;
    const now = clock[0]!;
    const legs = instruments.legs[combo]!;
    const ratios = instruments.ratios[combo]!;
    const price = cells[PRICE]!;
    let rest = price;
    for (let leg = 1; leg < legs.length; leg++) {
      prices[leg] = instruments.mark(legs[leg]!, now);
      rest -= ratios[leg]! * prices[leg]!;
    }
    prices[0] = rest / ratios[0]!;
    if (prices[0] < 0 && legs.length === 2) {
      prices[0] = 0;
      prices[1] = price / ratios[1]!;
    }

    let makerBought = 0;
    let makerSold = 0;
    let takerBought = 0;
    let takerSold = 0;
    for (let leg = 0; leg < legs.length; leg++) {
      const instrument = legs[leg]!;
      const count = this.#legLots(combo, leg, lots);
      cells[PRICE] = prices[leg]!;
      const makerFee = this.#fee(instrument, count, instruments.makerFee[instrument]!);
      const takerFee = this.#fee(instrument, count, instruments.takerFee[instrument]!);
      if (ratios[leg]! > 0) {
        makerBought += makerFee;
        takerBought += takerFee;
      } else {
        makerSold += makerFee;
        takerSold += takerFee;
      }
    }

    cells[PRICE] = price;
    cells[MAKER_FEE] = Math.max(makerBought, makerSold);
    cells[TAKER_FEE] = Math.max(takerBought, takerSold);
    const trade = this.#record(maker, taker, combo, lots, -1, orders.side[taker]!);
    this.#count(combo, trade);
    orders.fees[maker]! += cells[MAKER_FEE]!;
    orders.fees[taker]! += cells[TAKER_FEE]!;
    this.#protect(maker, combo, lots);
    this.#protect(taker, combo, lots);
    cells[COMBO_TRADE] = trades.id[trade]!;
    this.#parts.sink.traded(trades.id[trade]!);
    for (let leg = 0; leg < legs.length; leg++) {
      const instrument = legs[leg]!;
      const ratio = ratios[leg]!;
      const count = this.#legLots(combo, leg, lots);
      cells[PRICE] = prices[leg]!;
      const makerIsFree = ratio > 0 ? makerBought <= makerSold : makerSold < makerBought;
      const takerIsFree = ratio > 0 ? takerBought <= takerSold : takerSold < takerBought;
      cells[MAKER_FEE] = makerIsFree ? 0 : this.#fee(instrument, count, instruments.makerFee[instrument]!);
      cells[TAKER_FEE] = takerIsFree ? 0 : this.#fee(instrument, count, instruments.takerFee[instrument]!);
      const side = ratio > 0 ? orders.side[taker]! : 1 - orders.side[taker]!;
      this.#print(maker, taker, instrument, count, combo, side);
    }
  }

  #legLots(combo: number, leg: number, lots: number): number {
    const { instruments } = this.#parts;
    const ratio = Math.abs(instruments.ratios[combo]![leg]!);
    return Math.round(
      (lots * ratio * instruments.lotSize[combo]!) / instruments.lotSize[instruments.legs[combo]![leg]!]!,
    );
  }

  /** One trade of one instrument at the price and fees in the cells. `side` is what the taker does in it. */
  #print(maker: number, taker: number, instrument: number, lots: number, combo: number, side: number): void {
    const { orders, accounts, instruments, sink, trades } = this.#parts;
    const cells = this.#cells;
    const trade = this.#record(maker, taker, instrument, lots, combo, side);
    this.#count(instrument, trade);
    const currency = instruments.currency[instrument]!;
    const makerAccount = orders.account[maker]!;
    const takerAccount = orders.account[taker]!;
    const bought = side === Side.BUY ? lots : -lots;

    this.move(takerAccount, makerAccount, instrument, bought, cells[PRICE]!);
    const fees = accounts.at(House.FEES, currency);
    accounts.balance[accounts.at(makerAccount, currency)]! -= cells[MAKER_FEE]!;
    accounts.balance[accounts.at(takerAccount, currency)]! -= cells[TAKER_FEE]!;
    accounts.balance[fees]! += cells[MAKER_FEE]! + cells[TAKER_FEE]!;
    if (combo < 0) {
      orders.fees[maker]! += cells[MAKER_FEE]!;
      orders.fees[taker]! += cells[TAKER_FEE]!;
      this.#protect(maker, instrument, lots);
      this.#protect(taker, instrument, lots);
    }
    this.#chargeLiquidation(maker, instrument, lots);
    this.#chargeLiquidation(taker, instrument, lots);
    sink.traded(trades.id[trade]!);
    sink.positionChanged(makerAccount, instrument);
    sink.positionChanged(takerAccount, instrument);
    sink.accountChanged(makerAccount, currency);
    sink.accountChanged(takerAccount, currency);
  }

  /** Moves lots from one account to another at a price: `bought` is what `to` gets, negative where it sells. */
  move(to: number, from: number, instrument: number, bought: number, price: number): void {
    const { instruments, positions, accounts } = this.#parts;
    const currency = instruments.currency[instrument]!;
    const isFuture = instruments.isFuture[instrument] === 1;
    const unit = isFuture && instruments.inverse[instrument] === 1 ? -1 / price : price;
    const value = Math.round(bought * instruments.unitsPerLot[instrument]! * unit);
    const buyer = positions.recordFor(to, instrument);
    const seller = positions.recordFor(from, instrument);
    if (instruments.kind[instrument] === InstrumentKind.PERPETUAL) {
      this.accrueFunding(instrument);
      this.chargeFunding(buyer);
      this.chargeFunding(seller);
    }
    if (isFuture) {
      positions.sessionCash[buyer]! -= value;
      positions.sessionCash[seller]! += value;
    } else {
      accounts.balance[accounts.at(to, currency)]! -= value;
      accounts.balance[accounts.at(from, currency)]! += value;
    }
    this.#shift(buyer, bought, unit);
    this.#shift(seller, -bought, unit);
    this.#parts.reassess(buyer);
    this.#parts.reassess(seller);
  }

  /** Adds lots to a position, with its average price, realised profit and the instrument's open interest. */
  #shift(record: number, lots: number, unit: number): void {
    const { positions, instruments } = this.#parts;
    const instrument = positions.instrument[record]!;
    const old = positions.lots[record]!;
    const now = old + lots;
    positions.lots[record] = now;
    instruments.openInterest[instrument]! += (now > 0 ? now : 0) - (old > 0 ? old : 0);
    if (old === 0 || old > 0 === lots > 0) {
      positions.entryValue[record]! += lots * unit;
      return;
    }
    const closed = Math.abs(lots) < Math.abs(old) ? -lots : old;
    const entry = (positions.entryValue[record]! * closed) / old;
    positions.realised[record]! += Math.round((closed * unit - entry) * instruments.unitsPerLot[instrument]!);
    positions.entryValue[record] = closed === old ? now * unit : positions.entryValue[record]! - entry;
  }

  /** Brings what a lot of the perpetual has paid up to date. */
  accrueFunding(instrument: number): void {
    const { instruments, clock, indices } = this.#parts;
    const now = clock[0]!;
    const elapsed = now - instruments.fundedAt[instrument]!;
    if (elapsed === 0) return;
    instruments.fundedAt[instrument] = now;
    const index = indices.prices[instruments.index[instrument]!]!;
    const value = instruments.inverse[instrument] === 1 ? 1 / index : index;
    instruments.fundingPaid[instrument]! +=
      ((instruments.fundingRate[instrument]! * elapsed) / EIGHT_HOURS) * instruments.unitsPerLot[instrument]! * value;
  }

  /** Takes from a position the funding that is due since it was last charged; what cannot be paid in whole units stays due. */
  chargeFunding(record: number): void {
    const { positions, instruments, accounts } = this.#parts;
    const instrument = positions.instrument[record]!;
    const paid = instruments.fundingPaid[instrument]!;
    const due = positions.lots[record]! * (paid - positions.fundingPaid[record]!) + positions.fundingRest[record]!;
    const units = Math.round(due);
    positions.fundingPaid[record] = paid;
    positions.fundingRest[record] = due - units;
    if (units === 0) return;
    positions.sessionCash[record]! -= units;
    positions.sessionFunding[record]! -= units;
    accounts.balance[accounts.at(House.CLEARING, instruments.currency[instrument]!)]! += units;
  }

  /** Fee at the price in the cells, in smallest units. */
  #fee(instrument: number, lots: number, rate: number): number {
    const { instruments, indices, config } = this.#parts;
    const units = lots * instruments.unitsPerLot[instrument]!;
    const price = this.#cells[PRICE]!;
    if (instruments.isFuture[instrument] === 1) {
      return Math.round(rate * units * (instruments.inverse[instrument] === 1 ? 1 / price : price));
    }
    const full =
      rate * units * (instruments.inverse[instrument] === 1 ? 1 : indices.prices[instruments.index[instrument]!]!);
    const cap = config.fees.optionCap * Math.abs(price) * units;
    return Math.round(full < cap ? full : cap);
  }

  /** A liquidation order pays the insurance on top of its fee. */
  #chargeLiquidation(slot: number, instrument: number, lots: number): void {
    const { orders, accounts, instruments, config } = this.#parts;
    if ((orders.flags[slot]! & OrderFlag.LIQUIDATION) === 0) return;
    const isFuture = instruments.isFuture[instrument] === 1;
    const { optionLiquidation, futureLiquidation } = config.fees;
    const fee = this.#fee(instrument, lots, isFuture ? futureLiquidation : optionLiquidation);
    const currency = instruments.currency[instrument]!;
    accounts.balance[accounts.at(orders.account[slot]!, currency)]! -= fee;
    accounts.balance[accounts.at(House.INSURANCE, currency)]! += fee;
    orders.fees[slot]! += fee;
  }

  /** Lets market maker protection see a fill. */
  #protect(slot: number, instrument: number, lots: number): void {
    const { orders, protection, instruments, clock } = this.#parts;
    if ((orders.flags[slot]! & OrderFlag.MMP) === 0) return;
    const now = clock[0]!;
    const cell = protection.cellOf(orders.account[slot]!, instruments.index[instrument]!, orders.group[slot]!);
    const amount = lots * instruments.lotSize[instrument]!;
    const inBase = instruments.isFuture[instrument] === 1 && instruments.inverse[instrument] === 1;
    const quantity = inBase ? amount / this.#cells[PRICE]! : amount;
    protection.add(
      cell,
      orders.side[slot]!,
      quantity,
      instruments.delta(instrument, now),
      instruments.vega(instrument, now),
      now,
    );
  }

  /** Writes a trade to the log; its slot. */
  #record(maker: number, taker: number, instrument: number, lots: number, combo: number, side: number): number {
    const { orders, instruments, trades, clock, indices } = this.#parts;
    const cells = this.#cells;
    const now = clock[0]!;
    const slot = trades.take();
    trades.time[slot] = now;
    trades.instrument[slot] = instrument;
    trades.price[slot] = cells[PRICE]!;
    trades.lots[slot] = lots;
    trades.takerSide[slot] = side;
    trades.makerOrder[slot] = orders.id[maker]!;
    trades.takerOrder[slot] = orders.id[taker]!;
    trades.makerAccount[slot] = orders.account[maker]!;
    trades.takerAccount[slot] = orders.account[taker]!;
    trades.makerFee[slot] = cells[MAKER_FEE]!;
    trades.takerFee[slot] = cells[TAKER_FEE]!;
    trades.indexPrice[slot] = indices.prices[instruments.index[instrument]!]!;
    trades.markPrice[slot] = instruments.mark(instrument, now);
    trades.forward[slot] = instruments.forward[instrument]!;
    trades.comboTrade[slot] = cells[COMBO_TRADE]!;
    trades.comboInstrument[slot] = combo;
    trades.liquidation[slot] =
      ((orders.flags[maker]! & OrderFlag.LIQUIDATION) !== 0 ? 1 : 0) +
      ((orders.flags[taker]! & OrderFlag.LIQUIDATION) !== 0 ? 2 : 0);
    return slot;
  }

  /** Counts a trade of an instrument, and tells which way its price went. */
  #count(instrument: number, slot: number): void {
    const { instruments, trades } = this.#parts;
    const price = this.#cells[PRICE]!;
    const last = instruments.lastPrice[instrument]!;
    const before = instruments.lastDirection[instrument]!;
    // The first trade counts as a rise; a trade at the last price goes on in the way that the price went before.
    const direction = price < last ? 2 : price === last ? (before < 2 ? 1 : 3) : 0;
    instruments.lastPrice[instrument] = price;
    instruments.lastDirection[instrument] = direction;
    trades.tickDirection[slot] = direction;
    trades.sequence[slot] = ++instruments.tradeCount[instrument]!;
  }
}

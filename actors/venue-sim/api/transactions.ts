import { Side } from '../exchange/codes.js';
import { SettlementType } from '../exchange/settlement.js';
import { idText } from './encode/ids.js';
import { rounded } from './encode/number.js';
import { tradeIdText } from './encode/trade.js';
import type { VenueFloor } from './floor.js';

/** Words that a log can be asked for. */
export const transactionWords = [
  'trade',
  'maker',
  'taker',
  'open',
  'close',
  'liquidation',
  'buy',
  'sell',
  'withdrawal',
  'delivery',
  'settlement',
  'deposit',
  'transfer',
  'option',
  'future',
  'correction',
  'block_trade',
  'swap',
] as const;

type TransactionType = 'trade' | 'settlement' | 'delivery' | 'deposit' | 'withdrawal' | 'correction';

/** One change of an account's cash. */
interface Transaction {
  readonly id: number;
  /** Place of the currency. */
  readonly currency: number;
  /** Milliseconds since the Unix epoch, by the exchange's clock. */
  readonly time: number;
  /** What it can be found by, of `transactionWords`. */
  readonly words: readonly string[];
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What of a log is asked for. */
export interface TransactionQuery {
  /** Place of the currency. */
  currency: number;
  /** Milliseconds since the Unix epoch, by the exchange's clock; both ends belong to it. */
  from: number;
  to: number;
  /** Words that an entry must have, all of them. */
  words: readonly string[];
  count: number;
  /** Id of the newest entry that is wanted. */
  newest: number;
}

/** Entries that are remembered of one account. */
const REMEMBERED = 4096;

/**
 * What has moved the cash of accounts with a key, entry by entry: each says the balance that it has left, so that an account can
 * be reconciled without a gap. What nobody explains otherwise, as the takeover of a position, is a correction.
 */
export class TransactionLog {
  readonly #venue: VenueFloor;
  /** By account, oldest first. */
  readonly #entries = new Map<number, Transaction[]>();
  readonly #made = new Map<number, number>();
  /** Balance behind the last entry, by an account's place of a currency, in smallest units. */
  readonly #balances = new Map<number, number>();
  /** What had been paid in by all, by currency, when it was last looked at. */
  readonly #deposited: number[] = [];
  #lastId = 0;

  constructor(venue: VenueFloor) {
    this.#venue = venue;
  }

  /** Remembers an account's business from now on; what it has already counts as paid in. */
  keep(account: number): void {
    if (this.#entries.has(account)) return;
    const { accounts, config } = this.#venue.exchange;
    this.#entries.set(account, []);
    config.currencies.forEach((_, currency) => {
      const units = accounts.balance[accounts.at(account, currency)]!;
      this.#deposited[currency] = accounts.deposited[currency]!;
      if (units !== 0) this.#addCash(account, currency, units, 'deposit');
    });
  }

  /** A balance may have changed. */
  accountChanged(account: number, currency: number): void {
    const { accounts } = this.#venue.exchange;
    const paidIn = accounts.deposited[currency]! - (this.#deposited[currency] ?? 0);
    this.#deposited[currency] = accounts.deposited[currency]!;
    if (!this.#entries.has(account)) return;
    const change = this.#unexplained(account, currency);
    if (change === 0) return;
    const isPayment = change === paidIn;
    this.#addCash(account, currency, change, !isPayment ? 'correction' : change > 0 ? 'deposit' : 'withdrawal');
  }

  /** Two orders have traded. */
  traded(slot: number): void {
    const { trades, instruments } = this.#venue.exchange;
    // The legs of a combination move the money.
    if (instruments.isCombo[trades.instrument[slot]!] === 1) return;
    const maker = trades.makerAccount[slot]!;
    const taker = trades.takerAccount[slot]!;
    if (this.#entries.has(maker)) this.#addTrade(slot, maker, false, maker !== taker);
    if (this.#entries.has(taker)) this.#addTrade(slot, taker, true, true);
  }

  /** A position was settled, or delivered. */
  settled(id: number): void {
    const { settlements, instruments, positions, accounts } = this.#venue.exchange;
    const slot = settlements.slotOf(id);
    const account = settlements.account[slot]!;
    if (slot < 0 || !this.#entries.has(account)) return;
    const instrument = settlements.instrument[slot]!;
    const currency = instruments.currency[instrument]!;
    const record = positions.recordOf(account, instrument);
    const isDelivery = settlements.type[slot] === SettlementType.DELIVERY;
    const lots = settlements.lots[slot]!;
    const amount = Math.abs(instruments.amountOf(instrument, lots));
    const unit = accounts.unitsPer[currency]!;
    const way = isDelivery ? (lots > 0 ? 'close sell' : 'close buy') : lots > 0 ? 'long' : 'short';
    const type = isDelivery ? 'delivery' : 'settlement';
    const price = settlements.price[slot]!;
    const funding = coins(settlements.funding[slot]!, unit);
    this.#add(account, currency, type, settlements.time[slot]!, [type, this.#kindWord(instrument), ...way.split(' ')], {
      instrument_name: instruments.definitions[instrument]!.name,
      side: lots === 0 ? '-' : way,
      amount,
      position: isDelivery ? 0 : instruments.amountOf(instrument, lots),
      price,
      price_currency: 'USD',
      ...(isDelivery ? { settlement_price: price } : {}),
      mark_price: price,
      index_price: rounded(settlements.indexPrice[slot]!, 2),
      commission: coins(settlements.fee[slot]!, unit),
      cashflow: coins(settlements.paid[slot]!, unit),
      session_rpl: coins(settlements.paid[slot]!, unit),
      session_upl: 0,
      interest_pl: funding,
      total_interest_pl: funding,
      // What is settled is cash from now on, and no profit that waits.
      equity: coins(this.#worth(account, currency) - positions.profit[record]! - positions.optionValue[record]!, unit),
    });
  }

  /** Entries that are asked for, newest first, and the id of the next one; undefined where there is none. */
  find(account: number, query: TransactionQuery): { found: Readonly<Record<string, unknown>>[]; next?: number } {
    const found: Readonly<Record<string, unknown>>[] = [];
    const entries = this.#entries.get(account) ?? [];
    for (let at = entries.length - 1; at >= 0; at--) {
      const { id, currency, time, words, fields } = entries[at]!;
      const isMeant =
        id <= query.newest &&
        currency === query.currency &&
        time >= query.from &&
        time <= query.to &&
        query.words.every((word) => words.includes(word));
      if (!isMeant) continue;
      if (found.length === query.count) return { found, next: id };
      found.push(fields);
    }
    return { found };
  }

  #addTrade(slot: number, account: number, isTaker: boolean, isLast: boolean): void {
    const { trades, instruments, positions, accounts } = this.#venue.exchange;
    const instrument = trades.instrument[slot]!;
    const currency = instruments.currency[instrument]!;
    const unit = accounts.unitsPer[currency]!;
    const { name, contractSize, settlementCurrency } = instruments.definitions[instrument]!;
    const isFuture = instruments.isFuture[instrument] === 1;
    const buys = (trades.takerSide[slot] === Side.BUY) === isTaker;
    const lots = buys ? trades.lots[slot]! : -trades.lots[slot]!;
    const record = positions.recordOf(account, instrument);
    const after = positions.lots[record]!;
    const before = after - lots;
    const way = before === 0 || before > 0 === lots > 0 ? 'open' : 'close';
    const side = buys ? 'buy' : 'sell';
    const price = trades.price[slot]!;
    // The premium moves at once; what a future has gained waits for the settlement.
    const premium = isFuture ? 0 : -Math.round(lots * instruments.unitsPerLot[instrument]! * price);
    const fee = (isTaker ? trades.takerFee : trades.makerFee)[slot]!;
    // With both sides of a trade the first leaves to the second what else has moved, as the fee of a liquidation.
    const change = isLast ? this.#unexplained(account, currency) : premium - fee;
    const role = isTaker ? 'taker' : 'maker';
    const amount = instruments.amountOf(instrument, trades.lots[slot]!);
    const liquidation = trades.liquidation[slot] === 0 ? [] : ['liquidation'];
    this.#add(
      account,
      currency,
      'trade',
      trades.time[slot]!,
      ['trade', role, way, side, this.#kindWord(instrument), ...liquidation],
      {
        instrument_name: name,
        side: `${way} ${side}`,
        amount,
        contracts: rounded(amount / contractSize, 8),
        position: instruments.amountOf(instrument, after),
        price,
        price_currency: isFuture ? 'USD' : settlementCurrency,
        mark_price: rounded(trades.markPrice[slot]!, 6),
        index_price: rounded(trades.indexPrice[slot]!, 2),
        commission: coins(premium - change, unit),
        cashflow: coins(isFuture ? positions.realised[record]! : premium, unit),
        profit_as_cashflow: isFuture,
        interest_pl: coins(positions.sessionFunding[record]!, unit),
        trade_id: tradeIdText(this.#venue, slot),
        order_id: idText(
          settlementCurrency,
          (isTaker ? trades.takerOrder : trades.makerOrder)[slot]!,
          this.#venue.idsFrom,
        ),
        user_role: role,
        fee_role: role,
        info: 'Source: api',
      },
      change,
    );
  }

  #addCash(account: number, currency: number, units: number, type: TransactionType): void {
    const { accounts, now } = this.#venue.exchange;
    this.#add(account, currency, type, now, [type], {
      instrument_name: null,
      side: '-',
      position: null,
      price: null,
      commission: 0,
      cashflow: coins(units, accounts.unitsPer[currency]!),
      interest_pl: null,
      trade_id: null,
      order_id: null,
      info: {},
    });
  }

  /** @param change units of cash that the entry explains; all that are unexplained where it is not given */
  #add(
    account: number,
    currency: number,
    type: TransactionType,
    time: number,
    words: string[],
    fields: Readonly<Record<string, unknown>>,
    change = this.#unexplained(account, currency),
  ): void {
    const { accounts, config } = this.#venue.exchange;
    const at = accounts.at(account, currency);
    const unit = accounts.unitsPer[currency]!;
    const balance = (this.#balances.get(at) ?? 0) + change;
    this.#balances.set(at, balance);
    const userSeq = (this.#made.get(account) ?? 0) + 1;
    this.#made.set(account, userSeq);
    const id = ++this.#lastId;
    const { name } = accounts.options[account]!;
    const entries = this.#entries.get(account)!;
    entries.push({
      id,
      currency,
      time,
      words,
      fields: {
        id,
        user_seq: userSeq,
        user_id: account,
        username: name,
        type,
        currency: config.currencies[currency]!.name,
        timestamp: this.#venue.stamp(time),
        equity: coins(this.#worth(account, currency), unit),
        ...fields,
        change: coins(change, unit),
        balance: coins(balance, unit),
      },
    });
    if (entries.length > REMEMBERED) entries.shift();
  }

  /** Units of an account's cash that no entry has told of. */
  #unexplained(account: number, currency: number): number {
    const { accounts } = this.#venue.exchange;
    const at = accounts.at(account, currency);
    return accounts.balance[at]! - (this.#balances.get(at) ?? 0);
  }

  /** Equity as margins last knew it, in smallest units: to work it out anew would move them. */
  #worth(account: number, currency: number): number {
    const { accounts } = this.#venue.exchange;
    const at = accounts.at(account, currency);
    return accounts.balance[at]! + accounts.profit[at]! + accounts.optionValue[at]!;
  }

  #kindWord(instrument: number): string {
    return this.#venue.exchange.instruments.isFuture[instrument] === 1 ? 'future' : 'option';
  }
}

function coins(units: number, unit: number): number {
  return rounded(units / unit, 8);
}

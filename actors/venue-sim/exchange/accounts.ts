import type { ExchangeConfig } from './config.js';

/** The venue's own accounts, which are always there. */
export const House = {
  /** Receives fees and pays rebates. */
  FEES: 0,
  /** Pays what bankrupt accounts owe, and receives liquidation fees. */
  INSURANCE: 1,
  /** The other side of funding, and of the rounding of settlements. */
  CLEARING: 2,
  /** Takes over the positions of accounts that are liquidated. */
  LIQUIDATION: 3,
} as const;

const HOUSE_NAMES = ['fees', 'insurance', 'clearing', 'liquidation'] as const;

/** What an account is. */
export interface AccountOptions {
  name: string;
  /** `MarginModel`. */
  margin: number;
  /** `SelfMatch`. */
  selfMatch: number;
}

/** The accounts in columns. Money is counted in whole smallest units of its currency, so that all of it adds up exactly. */
export class AccountTable {
  readonly options: AccountOptions[] = [];
  readonly #currencies: number;
  readonly #capacity: number;
  /** Smallest units of each currency in one. */
  readonly unitsPer: Float64Array;
  /** `MarginModel` and `SelfMatch` of each account. */
  readonly margin: Uint8Array;
  readonly selfMatch: Uint8Array;
  readonly openOrders: Int32Array;
  /** By account and currency, at `at(account, currency)`: cash, and sums over positions as of the last assessment. */
  readonly balance: Float64Array;
  readonly initialMargin: Float64Array;
  readonly maintenanceMargin: Float64Array;
  /** Profit of the session in futures, realised or not. */
  readonly profit: Float64Array;
  readonly optionValue: Float64Array;
  /** Until when new quotes are refused, in milliseconds since the Unix epoch. */
  readonly frozenUntil: Float64Array;
  /** All that was ever paid in, less what was taken out, by currency. */
  readonly deposited: Float64Array;

  constructor(config: ExchangeConfig) {
    const { maxAccounts, currencies } = config;
    this.#capacity = maxAccounts;
    this.#currencies = currencies.length;
    this.unitsPer = Float64Array.from(currencies, ({ decimals }) => Number(`1e${decimals}`));
    this.margin = new Uint8Array(maxAccounts);
    this.selfMatch = new Uint8Array(maxAccounts);
    this.openOrders = new Int32Array(maxAccounts);
    this.balance = new Float64Array(maxAccounts * currencies.length);
    this.initialMargin = new Float64Array(maxAccounts * currencies.length);
    this.maintenanceMargin = new Float64Array(maxAccounts * currencies.length);
    this.profit = new Float64Array(maxAccounts * currencies.length);
    this.optionValue = new Float64Array(maxAccounts * currencies.length);
    this.frozenUntil = new Float64Array(maxAccounts);
    this.deposited = new Float64Array(currencies.length);
    for (const name of HOUSE_NAMES) this.open({ name, margin: 0, selfMatch: 0 });
  }

  get size(): number {
    return this.options.length;
  }

  open(options: AccountOptions): number {
    const id = this.options.length;
    if (id === this.#capacity) {
      throw new Error(`the venue has room for ${this.#capacity} accounts: raise maxAccounts for '${options.name}'`);
    }
    this.options.push(options);
    this.margin[id] = options.margin;
    this.selfMatch[id] = options.selfMatch;
    return id;
  }

  /** Place of an account's currency in the columns that have one cell for each. */
  at(account: number, currency: number): number {
    return account * this.#currencies + currency;
  }
}

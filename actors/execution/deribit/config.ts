import type { DeribitCredentials } from '../../session/deribit/credentials.js';

/** Market maker protection of one index: trades within `intervalSeconds` of the first one count together. */
export interface ProtectionSettings {
  /** The venue's name of the index, such as btc_usd. */
  index: string;
  intervalSeconds: number;
  /** Seconds that quotes stay refused after a trigger; 0 until it is reset by hand. */
  frozenSeconds: number;
  /** Base currency, buys and sells added. */
  quantityLimit: number;
  /** Base currency, net. */
  deltaLimit?: number;
  /** USD per point of volatility, net. */
  vegaLimit?: number;
  /** Greatest amount on one side of an instrument, base currency. */
  maxQuoteQuantity: number;
}

/** One account of the venue, with a key of its own. */
export interface AccountSettings {
  /** Account id in records. */
  account: number;
  credentials: DeribitCredentials;
  /** Connections that orders are spread over by their instrument; the first carries the private stream too. */
  connections: number;
}

export interface DeribitExecutionConfig {
  /** Such as wss://www.deribit.com/ws/api/v2. */
  url: string;
  /** Venue id in records. */
  venue: number;
  accounts: readonly AccountSettings[];
  /** Currencies whose positions, trades and funds are asked for. */
  currencies: readonly string[];
  /** Armed before the first quote; its group for quotes is named after the index. */
  protection: readonly ProtectionSettings[];
  /** Whether the account may send mass quotes; where the venue refuses them single orders are sent. */
  massQuotes: boolean;
  /** Memory of the feed's DefinitionMemory: what instruments are called. */
  definitions: SharedArrayBuffer;
  instruments: number;
}

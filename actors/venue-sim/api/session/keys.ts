/** A key by which a client signs on. */
export interface ApiKey {
  clientId: string;
  clientSecret: string;
  /** The exchange's number of the account that it trades for. */
  account: number;
  /** What it may be used for, such as `account:read trade:read_write`. */
  scope: string;
}

/** What the venue needs of the machine: signatures, and words that nobody can guess. */
export interface VenueSecrets {
  /** HMAC-SHA256 of a text, in hexadecimal. */
  hmacSha256(secret: string, text: string): string;
  /** A new word of letters and digits, never the same twice. */
  word(): string;
}

/** Scope of a key that may trade. */
export const TRADING_SCOPE = 'account:read_write trade:read_write';

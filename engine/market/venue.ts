/** Venues by the number that stands in records. A number is never given to another venue. */
export const Venue = {
  DERIBIT: 1,
  /** Perpetuals in USDT; a symbol may exist as spot too, so the two are told apart. */
  BINANCE: 2,
  OKX: 3,
  BYBIT: 4,
  BINANCE_SPOT: 5,
  BINANCE_OPTIONS: 6,
  BITMEX: 7,
  HUOBI: 8,
} as const;

export type VenueId = (typeof Venue)[keyof typeof Venue];

/** Names of venues as commands take them, such as `binance-spot`. */
export const venueIds: ReadonlyMap<string, VenueId> = new Map(
  Object.entries(Venue).map(([name, id]) => [name.toLowerCase().replaceAll('_', '-'), id]),
);

/** The name of a venue's number. */
export function venueName(id: number): string {
  for (const [name, known] of venueIds) if (known === id) return name;
  return `venue ${id}`;
}

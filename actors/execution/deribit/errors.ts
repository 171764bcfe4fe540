import { VenueReason } from '../../../engine/market/orders/codes.js';

/** What an error code means. Only a definite one says that the request was not done. */
export interface ErrorMeaning {
  reason: number;
  definite: boolean;
}

const meanings = new Map<number, ErrorMeaning>();

function add(reason: number, codes: readonly number[], definite = true): void {
  for (const code of codes) meanings.set(code, { reason, definite });
}

add(VenueReason.UNAUTHORISED, [10000, 13004, 13009, 13021, 13403]);
add(VenueReason.AMOUNT, [10002, 10021, 10022, 10023, 10024, 10029, 13602]);
add(VenueReason.OVERLAP, [10003]);
add(VenueReason.ORDER_NOT_FOUND, [10004, 13020]);
add(VenueReason.PRICE_TOO_LOW, [10005, 10006]);
add(VenueReason.PRICE_TOO_HIGH, [10007]);
add(VenueReason.FUNDS, [10009, 10031, 10033]);
add(VenueReason.ALREADY_CLOSED, [10010, 10011, 11008, 11044]);
add(VenueReason.INSTRUMENT_CLOSED, [10012, 10017, 10018, 11035]);
add(VenueReason.TICK, [10026, 10043]);
add(VenueReason.RATE, [10028, 10066]);
add(VenueReason.SETTLEMENT, [10041]);
add(VenueReason.OVERLOADED, [10040, 10047, 13028]);
add(VenueReason.MAINTENANCE, [11051]);
add(VenueReason.POST_ONLY, [11054, 11041]);
add(VenueReason.MMP_TRIGGERED, [13030]);
add(VenueReason.DUPLICATE_LABEL, [13032]);
add(VenueReason.MMP_REQUIRED, [13040]);
add(VenueReason.CANCEL_ON_DISCONNECT_REQUIRED, [13042, 10049]);
add(VenueReason.QUOTES_FROZEN, [13043]);
add(VenueReason.NOT_PROCESSED, [13888]);
add(VenueReason.QUOTES_DISABLED, [13902]);
add(VenueReason.TOO_MANY_QUOTES, [13903]);
add(VenueReason.MALFORMED, [11029, 11050, 11036, 10042, 10044, -32600, -32601, -32602, -32700]);
// It broke in the middle: nobody knows what was done.
add(VenueReason.UNLISTED, [11094, -32000, -32603], false);

/**
 * Deribit's error codes. One that is in no list is no definite refusal: what it means for the order is asked for.
 * @param code of the answer's error object
 */
export function meaningOf(code: number): ErrorMeaning {
  return meanings.get(code) ?? { reason: VenueReason.UNLISTED, definite: false };
}

/** The bound that a refusal names, as in `price_too_high 0.0505`; NaN where it names none. */
export function limitOf(message: string): number {
  const [, bound] = /(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*$/i.exec(message) ?? [];
  return bound === undefined ? Number.NaN : Number(bound);
}

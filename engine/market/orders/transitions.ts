import { OrderStatus } from './codes.js';

/** What can move an order's status. Requests have a status of their own: an amendment or a cancel under way moves nothing here. */
export const OrderEvent = {
  /** The request that places it was written. */
  SENT: 1,
  /** It was certainly not written. */
  NOT_SENT: 2,
  /** The venue accepted it. */
  ACCEPTED: 3,
  /** The venue definitely refused it. */
  REFUSED: 4,
  /** No answer will come, or none came in time. */
  UNANSWERED: 5,
  /** The venue shows it open. */
  SHOWN_OPEN: 6,
  SHOWN_FILLED: 7,
  SHOWN_CANCELLED: 8,
  SHOWN_REJECTED: 9,
  SHOWN_EXPIRED: 10,
  /** The venue was asked, and does not know it; it never showed it before. */
  ABSENT_NEVER_SEEN: 11,
  /** The venue was asked, and does not know it any more. */
  ABSENT_ONCE_SEEN: 12,
  /** A fill that leaves a rest. */
  PART_FILLED: 13,
  /** A fill that leaves nothing. */
  FULLY_FILLED: 14,
  /** Its connection was lost, and with it perhaps the order; or a reconciliation did not mention it. */
  UNSURE: 15,
} as const;

export type OrderEventCode = (typeof OrderEvent)[keyof typeof OrderEvent];
const ORDER_EVENTS = 16;
const ORDER_STATUSES = 10;

const { NONE, REQUESTED, OPEN, PARTLY_FILLED, FILLED, CANCELLED, REJECTED, EXPIRED, UNKNOWN, NOT_SENT } = OrderStatus;

/**
 * Every transition. A letter is the status that follows:
 *
 *     Q requested, O open, P partly filled, F filled, C cancelled, R rejected, E expired, U unknown, X not sent
 *     .  stays, as expected    !  stays, and contradicts what we knew: counted, and the venue is asked
 *
 * Whoever finds O with something filled already makes it P.
 */
// biome-ignore format: a table
const TABLE: readonly [status: number, row: string][] = [
  //              SENT NOTS ACC  REFU UNAN open fill canc reje expi ABSN ABSO PART FULL UNSU
  [NONE,          'Q    X    !    !    U    O    F    C    R    E    !    !    P    F    !'],
  [REQUESTED,     '.    X    O    R    U    O    F    C    R    E    R    C    P    F    U'],
  [OPEN,          '.    !    .    !    .    .    F    C    R    E    C    C    P    F    U'],
  [PARTLY_FILLED, '.    !    .    !    .    .    F    C    C    E    C    C    .    F    U'],
  [FILLED,        '.    !    .    !    .    .    .    .    !    .    .    .    .    .    .'],
  [CANCELLED,     '.    !    .    .    .    .    F    .    .    .    .    .    .    F    .'],
  [REJECTED,      '.    .    !    .    .    O    F    C    .    E    .    .    P    F    .'],
  [EXPIRED,       '.    !    .    .    .    .    F    .    .    .    .    .    .    F    .'],
  [UNKNOWN,       '.    X    O    R    .    O    F    C    R    E    R    C    P    F    .'],
  [NOT_SENT,      '!    .    !    .    .    O    F    C    R    E    .    .    P    F    .'],
];

/** Why rows that surprise are as they are; a test holds each of them to the table. */
export const ODD_ROWS: readonly { status: number; event: OrderEventCode; to: number | 'stays'; why: string }[] = [
  {
    status: REQUESTED,
    event: OrderEvent.PART_FILLED,
    to: PARTLY_FILLED,
    why: 'the private stream is another connection than the answer: a fill may overtake the acknowledgement',
  },
  { status: REQUESTED, event: OrderEvent.FULLY_FILLED, to: FILLED, why: 'the same, with nothing left' },
  {
    status: CANCELLED,
    event: OrderEvent.PART_FILLED,
    to: 'stays',
    why: 'a trade made before the cancel is told after it: the money moved, the rest is cancelled still',
  },
  {
    status: CANCELLED,
    event: OrderEvent.FULLY_FILLED,
    to: FILLED,
    why: 'the cancel came too late: nothing was left to cancel, whatever was said of it',
  },
  { status: CANCELLED, event: OrderEvent.SHOWN_FILLED, to: FILLED, why: 'the same, in the venue’s own picture' },
  {
    status: CANCELLED,
    event: OrderEvent.SHOWN_OPEN,
    to: 'stays',
    why: 'an older picture that was overtaken: venues do not reopen orders',
  },
  {
    status: FILLED,
    event: OrderEvent.SHOWN_OPEN,
    to: 'stays',
    why: 'an older picture that was overtaken by the fills; a newer one that shows more than was filled revives it first',
  },
  {
    status: FILLED,
    event: OrderEvent.SHOWN_CANCELLED,
    to: 'stays',
    why: 'an immediate order whose empty rest is called cancelled; and a quote that is replaced after it filled',
  },
  {
    status: FILLED,
    event: OrderEvent.PART_FILLED,
    to: 'stays',
    why: 'the picture said filled before all the trades were told: they arrive one by one',
  },
  { status: FILLED, event: OrderEvent.ACCEPTED, to: 'stays', why: 'the answer was overtaken by the fills' },
  {
    status: OPEN,
    event: OrderEvent.UNANSWERED,
    to: 'stays',
    why: 'the answer to the placing is lost, but the venue has shown the order since: there is nothing to doubt',
  },
  {
    status: OPEN,
    event: OrderEvent.REFUSED,
    to: 'stays',
    why: 'shown open and then refused: the venue contradicts itself, and the safe belief is that it may still trade',
  },
  {
    status: PARTLY_FILLED,
    event: OrderEvent.SHOWN_REJECTED,
    to: CANCELLED,
    why: 'something traded, so it was an order: only its rest was refused',
  },
  {
    status: UNKNOWN,
    event: OrderEvent.ABSENT_NEVER_SEEN,
    to: REJECTED,
    why: 'asked for by its label and not known: the request never arrived',
  },
  {
    status: UNKNOWN,
    event: OrderEvent.ABSENT_ONCE_SEEN,
    to: CANCELLED,
    why: 'it was there and is there no more, and its fills were asked for first: cancelled on disconnect',
  },
  {
    status: UNKNOWN,
    event: OrderEvent.SHOWN_OPEN,
    to: OPEN,
    why: 'the doubt is over: the status from before it is restored',
  },
  {
    status: REJECTED,
    event: OrderEvent.SHOWN_OPEN,
    to: OPEN,
    why: 'taken for never arrived, and accepted late all the same: what is at the venue is the truth',
  },
  {
    status: REJECTED,
    event: OrderEvent.PART_FILLED,
    to: PARTLY_FILLED,
    why: 'the same, and it has traded: the position is real',
  },
  {
    status: NOT_SENT,
    event: OrderEvent.SHOWN_OPEN,
    to: OPEN,
    why: 'reported as not written and at the venue all the same: never disown an order',
  },
  {
    status: NOT_SENT,
    event: OrderEvent.PART_FILLED,
    to: PARTLY_FILLED,
    why: 'the same, and it has traded',
  },
];

const LETTERS: Record<string, number> = {
  Q: REQUESTED,
  O: OPEN,
  P: PARTLY_FILLED,
  F: FILLED,
  C: CANCELLED,
  R: REJECTED,
  E: EXPIRED,
  U: UNKNOWN,
  X: NOT_SENT,
};

const STAYS = 0x40;
const CONTRADICTS = 0x80;

const compiled = compile();

function compile(): Uint8Array {
  const cells = new Uint8Array(ORDER_STATUSES * ORDER_EVENTS).fill(CONTRADICTS);
  for (const [status, row] of TABLE) {
    for (const [index, letter] of row.split(/\s+/).entries()) {
      cells[status * ORDER_EVENTS + index + 1] =
        letter === '.' ? STAYS : letter === '!' ? CONTRADICTS : LETTERS[letter]!;
    }
  }
  return cells;
}

/** The status that follows. */
export function statusAfter(status: number, event: number): number {
  const cell = compiled[status * ORDER_EVENTS + event]!;
  return cell >= STAYS ? status : cell;
}

/** Whether an event contradicts what was known of an order in this status. */
export function contradicts(status: number, event: number): boolean {
  return compiled[status * ORDER_EVENTS + event] === CONTRADICTS;
}

/** Whether nothing more is expected to trade. Trades that happened before may still be told. */
export function isFinished(status: number): boolean {
  return (
    status === FILLED ||
    status === CANCELLED ||
    status === REJECTED ||
    status === EXPIRED ||
    status === NOT_SENT ||
    status === NONE
  );
}

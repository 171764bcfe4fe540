/** What each currency has on the agenda, beside its makers of options. */
export const Task = {
  MARKS: 0,
  LADDER: 1,
  FUTURES: 2,
  PERPETUAL_TAKER: 3,
  PERPETUAL_LIMIT: 4,
  PERPETUAL_WITHDRAWAL: 5,
  PERPETUAL_INFORMED: 6,
  OPTION_TAKER: 7,
  OPTION_INFORMED: 8,
  OPTION_LIMIT: 9,
  OPTION_WITHDRAWAL: 10,
  FUTURE_TAKER: 11,
  FORWARDS: 12,
  /** The first of the makers. */
  MAKER: 13,
} as const;

/** On the agenda before all currencies: the path of the market, and the listing. */
export const PATH = 0;
export const LISTING = 1;
export const SHARED_TASKS = 2;

const names = [
  'fair values',
  'ladder of the perpetual',
  'ladder of a future',
  'taker of the perpetual',
  'limit order on the perpetual',
  'withdrawal from the perpetual',
  'informed taker of the perpetual',
  'taker of options',
  'informed taker of options',
  'limit order on options',
  'withdrawal from options',
  'taker of futures',
  'marks of an expiry',
];

/** A task in words. @param tasks of each currency */
export function taskName(task: number, tasks: number): string {
  if (task < SHARED_TASKS) return task === PATH ? 'path' : 'listing';
  return names[(task - SHARED_TASKS) % tasks] ?? 'maker of options';
}

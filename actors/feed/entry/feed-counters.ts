import { reasonNames } from '../../../engine/market/quality/reason.js';

/** What a feed counts, in the order in which it stands in memory. */
const fields = [
  'connectionsUp',
  'connects',
  'disconnects',
  'messages',
  'bytes',
  'binary',
  'scanned',
  'parsed',
  'learnt',
  'control',
  'malformed',
  'missing',
  'wrongType',
  'outOfRange',
  'unknownChannel',
  'unknownSubject',
  'tooLong',
  'tooMany',
  'books',
  'tickers',
  'trades',
  'tops',
  'indices',
  'good',
  'repaired',
  'quarantined',
  'dropped',
  'secondCopies',
  'outages',
  'outagesOpen',
  'resubscribed',
  'paused',
  'instruments',
  'channels',
  'deniedChannels',
  'clockOffsetMicros',
  'roundTripMicros',
] as const;

export type FeedCounter = (typeof fields)[number];

/** Index of each counter. */
export const FeedCount = Object.fromEntries(fields.map((name, index) => [name, index])) as Record<FeedCounter, number>;

/** Counters of refused frames, in the order of the decoder's codes. */
export const FIRST_REFUSAL = FeedCount.malformed;
const FIRST_REASON = fields.length;

/** Counters of one feed in shared memory: the feed writes them, a screen reads them. */
export class FeedCounters {
  readonly memory: SharedArrayBuffer;
  /** float64, by FeedCount. */
  readonly cells: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.cells = new Float64Array(memory);
  }

  static create(): FeedCounters {
    return new FeedCounters(new SharedArrayBuffer(8 * (fields.length + reasonNames.length)));
  }

  /** Records that were not good, by quality reason. */
  reasonIndex(reason: number): number {
    return FIRST_REASON + reason;
  }

  read(): Record<FeedCounter, number> & { reasons: Record<string, number> } {
    const reasons: Record<string, number> = {};
    for (let reason = 1; reason < reasonNames.length; reason++) {
      const count = this.cells[FIRST_REASON + reason]!;
      if (count > 0) reasons[reasonNames[reason]!] = count;
    }
    const counts = Object.fromEntries(fields.map((name, index) => [name, this.cells[index]!]));
    return { ...(counts as Record<FeedCounter, number>), reasons };
  }
}

/** What a connection counts. */
export type ConnectionCounters = Record<'connects' | 'disconnects' | 'messages' | 'bytes' | 'binary', number>;

/** Puts the sums over a feed's connections where a screen can see them. */
export function countConnections(cells: Float64Array, connections: readonly ConnectionCounters[]): void {
  for (const name of ['connects', 'disconnects', 'messages', 'bytes', 'binary'] as const) {
    cells[FeedCount[name]] = connections.reduce((sum, counters) => sum + counters[name], 0);
  }
}

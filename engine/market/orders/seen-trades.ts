import type { Cells } from './cells.js';
import { SlotIndex } from './slot-index.js';
import { hashVenueId, sameVenueId, VENUE_ID_WORDS } from './venue-id.js';

const NEXT = 0;
const COUNT = 1;
/** float64: time of the newest trade that was forgotten. */
const FORGOTTEN_UNTIL = 0;

/** Words of a remembered trade: its instrument, its id. */
const WORDS = 1 + VENUE_ID_WORDS;

export const TradeVerdict = { NEW: 0, SEEN: 1, TOO_OLD: 2 } as const;

/**
 * The trades that were counted, so that none is counted twice however often it is told. Memory is bounded: the oldest are
 * forgotten, and a trade from before the newest forgotten one is refused rather than guessed about.
 */
export class SeenTrades {
  private readonly capacity: number;
  private readonly words: Int32Array;
  private readonly times: Float64Array;
  private readonly control: Int32Array;
  private readonly limits: Float64Array;
  private readonly index: SlotIndex;

  constructor(cells: Cells, capacity: number) {
    this.capacity = capacity;
    this.words = cells.int32(capacity * WORDS, 'words');
    this.times = cells.float64(capacity, 'times');
    this.control = cells.int32(2, 'seen trades: control', { NEXT, COUNT });
    this.limits = cells.float64(1, 'limits', { FORGOTTEN_UNTIL });
    this.index = new SlotIndex(cells, capacity, 'trades');
  }

  /** Whether this trade may be counted, and if so remembers it. `time[0]`: microseconds by the venue's clock. */
  admit(instrument: number, id: Int32Array, time: Float64Array): number {
    const hash = hashVenueId(id, 0) ^ Math.imul(instrument, 0x9e3779b1);
    const { index, words, times, control } = this;
    for (let at = index.first(hash); index.slotAt(at) >= 0; at = index.after(at)) {
      if (index.hashAt(at) !== hash) continue;
      const from = index.slotAt(at) * WORDS;
      if (words[from] === (instrument | 0) && sameVenueId(words, from + 1, id, 0)) return TradeVerdict.SEEN;
    }
    if (time[0]! < this.limits[FORGOTTEN_UNTIL]!) return TradeVerdict.TOO_OLD;
    const slot = control[NEXT]!;
    control[NEXT] = (slot + 1) % this.capacity;
    if (control[COUNT] === this.capacity) this.forget(slot);
    else control[COUNT]! += 1;
    const from = slot * WORDS;
    words[from] = instrument;
    for (let word = 0; word < VENUE_ID_WORDS; word++) words[from + 1 + word] = id[word]!;
    times[slot] = time[0]!;
    index.add(hash, slot);
    return TradeVerdict.NEW;
  }

  private forget(slot: number): void {
    const { words, times, limits } = this;
    const from = slot * WORDS;
    this.index.remove(hashVenueId(words, from + 1) ^ Math.imul(words[from]!, 0x9e3779b1), slot);
    if (times[slot]! > limits[FORGOTTEN_UNTIL]!) limits[FORGOTTEN_UNTIL] = times[slot]!;
  }
}

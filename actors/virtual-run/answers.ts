import { refuseBurst } from '../../engine/runtime/actor/outbox.js';
import { TAIL } from '../../engine/runtime/arena/layout.js';
import { HEADER_BYTES, recordStep } from '../../engine/runtime/edge/record.js';
import type { StreamWriter } from '../../engine/runtime/edge/stream-writer.js';
import { STRIDE } from './event-batch.js';
import { RingWalk } from './ring-walk.js';

/**
 * What one stage has written about the events of a batch: a piece of its ring an event. The ring has no readers that would hold its writer
 * back, so before an event it is asked whether a burst fits beside what is kept.
 */
export class Answers {
  readonly walk: RingWalk;
  /** Where the answer to each event begins, and where the last one ends: positions in 8-byte words. */
  readonly ends = new Int32Array(STRIDE + 1);
  readonly #writer: StreamWriter;
  readonly #words: Int32Array;
  readonly #mask: number;
  /** Words that may be kept when an event begins. */
  readonly #most: number;
  /** What lies from here to there is kept. */
  #from: number;
  #to: number;

  /** @param burst bytes that one event may lead to */
  constructor(writer: StreamWriter, burst: number) {
    const capacity = writer.capacityBytes / 8;
    this.walk = new RingWalk(writer);
    this.#writer = writer;
    this.#words = writer.arena.words;
    this.#mask = capacity - 1;
    // A wrap can waste less than one largest record.
    this.#most = capacity - ((burst + recordStep(HEADER_BYTES + writer.maxBodyBytes)) >> 3);
    this.#to = this.#words[TAIL]!;
    this.#from = this.#to;
    this.ends[0] = this.#to;
  }

  /** Whether there is room for the answer to one more event. Where nothing is kept, it has the whole ring. */
  get hasRoom(): boolean {
    const kept = (this.#to - this.#from) | 0;
    return kept === 0 || kept <= this.#most;
  }

  /** Takes what was written as the answer to an event of the batch; whether there was anything. */
  gather(event: number): boolean {
    const isWritten = this.#writer.publish();
    if (isWritten) {
      this.#to = this.#words[TAIL]!;
      if (((this.#to - this.#from) | 0) > this.#mask) refuseBurst(this.#writer);
    }
    this.ends[event + 1] = this.#to;
    return isWritten;
  }

  /** The answer to an event of the batch is none. */
  skip(event: number): void {
    this.ends[event + 1] = this.#to;
  }

  /** Forgets the answers to events before this one. */
  forget(event: number): void {
    this.#from = this.ends[event]!;
  }

  /** The next batch begins, in the memory of the one before: through a ring that is written round and round every record would come from main memory. */
  begin(): void {
    this.#writer.rewind();
    this.#to = this.#words[TAIL]!;
    this.ends[0] = this.#to;
    this.#from = this.#to;
  }
}

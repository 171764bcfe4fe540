import { AskedRequests } from './asked-requests.js';
import type { Cells } from './cells.js';
import { CreditPool } from './codes.js';
import type { CreditBuckets } from './credit-buckets.js';

/** Mass quotes that are followed at once: more than any account can save up. */
const FRAMES = 64;
/** A note holds the pool in its lowest bits, and above them what was taken from it. */
const POOL_BITS = 3;
const POOL_MASK = (1 << POOL_BITS) - 1;

/**
 * Requests that were decided and not answered. The venue counts one when it arrives, nobody here knows when that is, and an answer
 * is the first sign that it was: until then the mirror of the credits holds its place free. Quotes of one event share a mass quote.
 */
export class Flights {
  private readonly credits: CreditBuckets;
  private readonly asked: AskedRequests;
  /** By mass quote: its event, when it departed, and its quotes without an answer. */
  private readonly frameSeqs: Float64Array;
  private readonly frameTimes: Float64Array;
  private readonly frameQuotes: Int32Array;
  /** Place of the mass quote that departed last: the next quote is mostly its. */
  private newest = 0;

  constructor(cells: Cells, credits: CreditBuckets, capacity: number) {
    this.credits = credits;
    this.asked = new AskedRequests(cells, capacity);
    this.frameSeqs = cells.float64(FRAMES, 'frame seqs');
    this.frameTimes = cells.float64(FRAMES, 'frame times');
    this.frameQuotes = cells.int32(FRAMES, 'frame quotes');
  }

  /** A request whose credits were taken is on its way. Where there is no room it counts as arrived. */
  depart(seq: number, index: number, pool: number, cost: number, now: Float64Array): void {
    if (this.asked.room === 0) return;
    this.asked.add(seq, index, (cost << POOL_BITS) | pool, now);
    this.credits.depart(pool, cost);
    if (pool === CreditPool.QUOTES) this.departFrame(seq, now);
  }

  /** It was answered, refused, given up, or never written: then its credits come back. The mirror has to be at this moment. */
  land(seq: number, index: number, neverWritten: boolean): void {
    const note = this.asked.take(seq, index);
    if (note < 0) return;
    const pool = note & POOL_MASK;
    const cost = note >> POOL_BITS;
    this.credits.land(pool, cost);
    if (neverWritten) this.credits.give(pool, cost);
    if (pool === CreditPool.QUOTES) this.landFrame(seq, neverWritten);
  }

  /** Whoever should have told of what departed before an event time is gone. */
  forget(before: number): void {
    for (let note = this.asked.takeForgotten(before); note >= 0; note = this.asked.takeForgotten(before)) {
      this.credits.land(note & POOL_MASK, note >> POOL_BITS);
    }
    const { frameTimes, frameQuotes } = this;
    for (let frame = 0; frame < FRAMES; frame++) {
      if (frameQuotes[frame] === 0 || frameTimes[frame]! >= before) continue;
      frameQuotes[frame] = 0;
      this.credits.land(CreditPool.MASS_QUOTES, 1);
    }
  }

  /** The engine begins anew: nothing that its predecessor wrote will be answered here. */
  clear(): void {
    this.forget(Number.POSITIVE_INFINITY);
  }

  private departFrame(seq: number, now: Float64Array): void {
    const { frameSeqs, frameQuotes, newest } = this;
    if (frameQuotes[newest] !== 0 && frameSeqs[newest] === seq) {
      frameQuotes[newest]! += 1;
      return;
    }
    let free = -1;
    for (let frame = 0; frame < FRAMES; frame++) {
      if (frameQuotes[frame] === 0) free = frame;
      else if (frameSeqs[frame] === seq) {
        frameQuotes[frame]! += 1;
        return;
      }
    }
    if (free < 0) return;
    frameSeqs[free] = seq;
    this.newest = free;
    this.frameTimes[free] = now[0]!;
    frameQuotes[free] = 1;
    this.credits.depart(CreditPool.MASS_QUOTES, 1);
  }

  private landFrame(seq: number, neverWritten: boolean): void {
    const { frameSeqs, frameQuotes, credits } = this;
    for (let frame = 0; frame < FRAMES; frame++) {
      if (frameQuotes[frame] === 0 || frameSeqs[frame] !== seq) continue;
      frameQuotes[frame]! -= 1;
      if (neverWritten && frameQuotes[frame]! > 0) return;
      // One that was answered tells that its frame has arrived; where none was written there was no frame.
      frameQuotes[frame] = 0;
      credits.land(CreditPool.MASS_QUOTES, 1);
      if (neverWritten) credits.give(CreditPool.MASS_QUOTES, 1);
      return;
    }
  }
}

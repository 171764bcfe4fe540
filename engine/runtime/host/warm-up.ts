import type { Board } from '../supervision/board.js';

export interface WarmUpLimits {
  /** It ends then at the latest, milliseconds after the start. */
  mostMs: number;
  /** Before the core has finished so many log events nearly all of its code is cold. */
  events: number;
}

/** A thread that has work and has not turned for longer than this is still compiling, or gets no CPU. */
const PAUSE_MS = 25;
/** So long without a pause counts as warm: many times what a compilation takes that is still to come. */
const STEADY_MS = 400;

/**
 * Tells when a core that has begun is warm: it has had work, and for a while nothing has held it up. Looked at from outside, often; it does no work of its own.
 */
export class WarmUp {
  private readonly board: Board;
  private readonly limits: WarmUpLimits;
  private readonly begunMs: number;
  /** Compute threads, by their place among the board's. */
  private readonly threads: readonly number[];
  private readonly turns: Int32Array;
  private readonly turnedMs: Float64Array;
  private steadySinceMs: number;

  /** @param threads the compute threads, by their place among the board's @param nowMs by any monotonic clock, the same for `isOver` */
  constructor(board: Board, threads: readonly number[], limits: WarmUpLimits, nowMs: number) {
    this.board = board;
    this.threads = threads;
    this.limits = limits;
    this.begunMs = nowMs;
    this.steadySinceMs = nowMs;
    this.turns = Int32Array.from(threads, (thread) => board.thread(thread).turns());
    this.turnedMs = new Float64Array(threads.length).fill(nowMs);
  }

  /** @param events log events that every stage has finished since the start */
  isOver(events: number, nowMs: number): boolean {
    const { board, threads, turns, turnedMs, limits } = this;
    for (let place = 0; place < threads.length; place++) {
      const line = board.thread(threads[place]!);
      const turned = line.turns();
      if (turned !== turns[place] || line.idle) {
        turns[place] = turned;
        // How long it stood is known only now; what came before does not count as steady.
        if (nowMs - turnedMs[place]! > PAUSE_MS) this.steadySinceMs = nowMs;
        turnedMs[place] = nowMs;
      }
    }
    if (nowMs - this.begunMs >= limits.mostMs) return true;
    const isTurning = turnedMs.every((at) => nowMs - at <= PAUSE_MS);
    return isTurning && events >= limits.events && nowMs - this.steadySinceMs >= STEADY_MS;
  }
}

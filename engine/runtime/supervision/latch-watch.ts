import { type Libc, libc } from '../native/libc.js';
import type { Board } from './board.js';

/** A sleep that nobody ends costs an idle process nothing worth counting, and holds up its end no longer than this. */
const LONGEST_SLEEP_MS = 500;

/**
 * Tells a process when the kill latch moves, without looking: it sleeps in the kernel on the latch's word, away from the event loop. Who sets or opens the latch
 * wakes it. One that cannot (without the C library) is noticed at the end of a sleep: whoever depends on the latch looks now and then all the same.
 */
export class LatchWatch {
  private readonly board: Board;
  private readonly moved: () => void;
  private readonly native: Libc | null;
  private isOver = false;

  /** @param moved the latch was set or opened; called from the event loop @param native null where there is no C library */
  constructor(board: Board, moved: () => void, native: Libc | null = libc() ?? null) {
    this.board = board;
    this.moved = moved;
    this.native = native;
  }

  /** False where nobody can sleep on memory. */
  start(): boolean {
    if (this.native === null) return false;
    this.sleep(this.native);
    return true;
  }

  /** Ends the sleep: without it the process would end only when that is over. */
  stop(): void {
    this.isOver = true;
    this.board.wakeLatchWatches();
  }

  private sleep(native: Libc): void {
    const { memory, byteOffset, value } = this.board.latchWord();
    native.futexSleep(memory, byteOffset, value, LONGEST_SLEEP_MS, () => {
      if (this.isOver) return;
      if (this.board.latchWord().value !== value) this.moved();
      this.sleep(native);
    });
  }
}

/** Pauses between two requests for the same book, milliseconds. */
const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Asks for broken books anew: the first time at once, then with growing pauses for as long as a book stays broken or keeps
 * breaking, so that one that never comes right costs no more than a request a minute.
 */
export class BookRenewals {
  readonly #renew: (instrument: number) => void;
  readonly #waiting = new Map<number, { dueMs: number; pauseMs: number }>();

  constructor(renew: (instrument: number) => void) {
    this.#renew = renew;
  }

  broken(instrument: number, nowMs: number): void {
    if (this.#waiting.has(instrument)) return;
    this.#waiting.set(instrument, { dueMs: nowMs + FIRST_PAUSE_MS, pauseMs: FIRST_PAUSE_MS });
    this.#renew(instrument);
  }

  /** A book is followed no more. */
  forget(instrument: number): void {
    this.#waiting.delete(instrument);
  }

  /** Looks after those that were asked for before. */
  look(nowMs: number, isLive: (instrument: number) => boolean): void {
    for (const [instrument, wait] of this.#waiting) {
      if (nowMs < wait.dueMs) continue;
      if (isLive(instrument)) {
        this.#waiting.delete(instrument);
        continue;
      }
      wait.pauseMs = Math.min(2 * wait.pauseMs, LONGEST_PAUSE_MS);
      wait.dueMs = nowMs + wait.pauseMs;
      this.#renew(instrument);
    }
  }
}

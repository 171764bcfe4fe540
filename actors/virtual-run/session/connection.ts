/** What a connection waits for. */
export const Moment = { CONNECT: 0, READY: 1, DOWN: 2 } as const;

/** From the opening of a connection until it is armed and subscribed, and pauses before the next attempt. */
const SETUP_MS = 30;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

/** How far a connection to the venue is, and what it waits for. Times are milliseconds of virtual time. */
export class Connection {
  isOpen = false;
  isReady = false;
  /** The venue's end is gone, and the client does not know it yet. */
  isBroken = false;
  attempts = 0;
  /** Why it broke last. */
  reason = 0;
  code = 0;
  #failures = 0;
  readonly #at = new Float64Array(3).fill(Number.POSITIVE_INFINITY);

  /** Whether what either end writes reaches the other. */
  get isWhole(): boolean {
    return this.isOpen && !this.isBroken;
  }

  /** When something happens next. */
  get next(): number {
    const at = this.#at;
    return Math.min(at[Moment.CONNECT]!, at[Moment.READY]!, at[Moment.DOWN]!);
  }

  /** Whether a moment has come, which then is over. */
  comes(moment: number, now: number): boolean {
    if (this.#at[moment]! > now) return false;
    this.#at[moment] = Number.POSITIVE_INFINITY;
    return true;
  }

  /** It is to be opened now, for the first time. */
  begin(now: number): void {
    this.attempts = 0;
    this.#failures = 0;
    this.#at[Moment.CONNECT] = now;
  }

  open(now: number): void {
    this.isOpen = true;
    this.setUp(now);
  }

  /** What it takes to be armed and subscribed begins, once more where not all was known. */
  setUp(now: number): void {
    this.#at[Moment.READY] = now + SETUP_MS;
  }

  ready(): void {
    this.isReady = true;
    this.#failures = 0;
  }

  /** It breaks at the venue's end; the client hears of it at a time. */
  break(reason: number, code: number, heard: number): void {
    this.isBroken = true;
    this.reason = reason;
    this.code = code;
    this.#at[Moment.DOWN] = heard;
    this.#at[Moment.READY] = Number.POSITIVE_INFINITY;
  }

  close(): void {
    this.isOpen = false;
    this.isReady = false;
    this.isBroken = false;
  }

  /** It is tried again after a pause, a longer one each time. */
  tryLater(now: number): void {
    let pause = FIRST_PAUSE_MS;
    for (let failure = 0; failure < this.#failures; failure++) pause = Math.min(LONGEST_PAUSE_MS, 2 * pause);
    this.#failures++;
    this.#at[Moment.CONNECT] = now + pause;
  }

  /** Nobody waits for anything any more. */
  end(): void {
    this.close();
    this.#at.fill(Number.POSITIVE_INFINITY);
  }
}

import type { CreditBuckets } from './credit-buckets.js';

export interface PlannerSettings {
  /** Most sides of quotes in one frame: the venue bounds a frame's bytes. */
  quotesPerFrame: number;
  /** Most single requests decided at once. */
  requestsAtOnce: number;
  /** From this many sides of an underlying on, a pull is one mass cancel, unless that would take much that is to stay. */
  massCancelFrom: number;
}

/** Whoever turns decisions into intents. Sides and lines are the differ's. */
export interface PlanSink {
  place(side: number): void;
  amend(side: number): void;
  /** One side of the frame under way: places it, or replaces what is there. */
  quote(side: number): void;
  cancel(side: number): void;
  massCancel(scope: number, instrument: number, underlying: number, ordersToo: boolean): void;
}

/** What the planner has to know of the world: set by whoever calls. */
export interface PlanView {
  /** Event time. */
  readonly now: Float64Array;
  /** Number of an instrument's underlying; -1 where it is not known. */
  underlyingOf(instrument: number): number;
  /** No quotes for now: the venue's protection has struck. */
  isFrozen(group: number): boolean;
  isReady: boolean;
  massQuotesAllowed: boolean;
}

/** How long to wait at the longest before looking again: until the first of the credits that are missed is there. */
export class CreditWait {
  /** [microseconds] */
  readonly micros = new Float64Array(1);
  private readonly credits: CreditBuckets;

  constructor(credits: CreditBuckets) {
    this.credits = credits;
  }

  until(pool: number, amount: number): void {
    const wait = Math.max(1000, this.credits.waitFor(pool, amount));
    if (wait < this.micros[0]!) this.micros[0] = wait;
  }
}

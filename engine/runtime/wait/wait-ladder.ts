import { libc } from '../native/libc.js';
import type { Doorbell } from './doorbell.js';

/** How a compute thread waits. Data: placement chooses. */
export interface WaitPolicy {
  /** Turns without work that only spin. */
  spins: number;
  /** Turns after those that give the CPU away each time; `Infinity` never sleeps. */
  yields: number;
  /** Longest sleep, in milliseconds, when nobody rings. */
  parkMs: number;
}

/** For a thread with a core of its own: never gives it away. */
export const SPIN: WaitPolicy = { spins: Number.POSITIVE_INFINITY, yields: 0, parkMs: 0 };

/**
 * For a thread that is alone on its CPU and gives it back when the engine is idle: asleep after a tenth of a second without work. Never
 * yields: where nobody else should run, a yield only costs its 0.7 us, and to a process that strays there it gives away a whole slice,
 * milliseconds.
 */
export const SPIN_THEN_SLEEP: WaitPolicy = { spins: 100_000, yields: 0, parkMs: 100 };

/**
 * For threads that share cores: two turns of spinning, because a turn of several stages is a microsecond by itself and a
 * neighbour may be waiting for the CPU; then the CPU is offered to the others; asleep after a tenth of a second without
 * work, or half a second where others do take the offer (a yield costs 0.7 us alone and up to 5 us then).
 */
export const LADDER: WaitPolicy = { spins: 2, yields: 100_000, parkMs: 100 };

/** Sleeps in a row, each of a tenth of a second at most, after which what comes from outside counts as rare. */
const LONG_REST_SLEEPS = 10;
/** Turns, of a microsecond and more, that a thread stays awake after something rare: much of what comes once in a while comes alone. */
const TURNS_AFTER_REST = 2_000;

/** Without sched_yield there is no middle rung: spin a little longer, then sleep. */
const SPINS_WITHOUT_YIELD = 2_000;

type Pause = () => void;
/** Node 24 and later tell the processor that this is a spin loop. */
const pause = (Atomics as { pause?: Pause }).pause;

/** Climbs from spinning to yielding to sleeping as a compute thread finds no work. */
export class WaitLadder {
  /** Times that this thread slept. */
  parked = 0;
  private readonly spins: number;
  private readonly untilPark: number;
  private readonly parkMs: number;
  private readonly yieldCpu: (() => void) | undefined;
  private readonly doorbell: Doorbell;
  private readonly hasWork: () => boolean;
  private idleTurns = 0;
  /** Sleeps since it had work that reset it. */
  private sleeps = 0;

  constructor(policy: WaitPolicy, doorbell: Doorbell, hasWork: () => boolean) {
    const library = libc();
    this.yieldCpu = library === undefined ? undefined : () => library.yieldCpu();
    this.spins = library === undefined ? Math.max(policy.spins, SPINS_WITHOUT_YIELD) : policy.spins;
    this.untilPark =
      this.spins + (library === undefined && policy.yields !== Number.POSITIVE_INFINITY ? 0 : policy.yields);
    this.parkMs = policy.parkMs;
    this.doorbell = doorbell;
    this.hasWork = hasWork;
  }

  /** Times that it was woken before its longest sleep ended. */
  get woken(): number {
    return this.doorbell.woken;
  }

  /** Whether the next turn without work will sleep. */
  get parksNext(): boolean {
    return this.idleTurns >= this.untilPark;
  }

  /** Whether it has slept for so long that whatever comes next is rare. */
  get isAtRest(): boolean {
    return this.sleeps >= LONG_REST_SLEEPS;
  }

  /** There was work: start again at the foot, or near the top where it is the first in a long while. */
  reset(): void {
    this.idleTurns = this.isAtRest ? Math.max(0, this.untilPark - TURNS_AFTER_REST) : 0;
    this.sleeps = 0;
  }

  /**
   * There was no work: wait a little, longer each time. `longestMs` bounds a sleep, for the next timer. True when this was
   * the last rung, sleep.
   */
  idle(longestMs: number): boolean {
    const turns = this.idleTurns++;
    if (turns < this.spins) {
      if (pause !== undefined) pause();
    } else if (turns < this.untilPark) {
      if (this.yieldCpu !== undefined) this.yieldCpu();
    } else {
      if (this.doorbell.park(this.hasWork, Math.min(this.parkMs, longestMs))) this.parked++;
      // Work that could not be done, for want of room: who would make it may be waiting for this CPU.
      else if (this.yieldCpu !== undefined) this.yieldCpu();
      this.sleeps++;
      // Not to the foot: after a sleep that nobody ended, sleep again at once.
      this.idleTurns = this.untilPark;
      return true;
    }
    return false;
  }
}

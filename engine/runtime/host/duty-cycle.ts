import type { ThreadLine } from '../supervision/board.js';
import { ThreadCounter } from '../supervision/board.js';
import type { Runnable } from '../topology/topology.js';
import type { Doorbell } from '../wait/doorbell.js';
import { WaitLadder, type WaitPolicy } from '../wait/wait-ladder.js';

/** Log events that a stage may handle before the next stage has its turn: bounds what the first of a batch waits. */
const EVENTS_PER_TURN = 64;

/** One runnable with the doorbells of the other threads that read what it writes. */
export interface Member {
  runnable: Runnable;
  bells: readonly Doorbell[];
}

export interface DutyCycleOptions {
  members: readonly Member[];
  wait: WaitPolicy;
  doorbell: Doorbell;
  line: ThreadLine;
  /** Asked after every turn without work: true ends the cycle once nothing is pending. */
  shouldStop: () => boolean;
  /** Called after every sleep: the only moment when this thread has time for anything else. */
  afterSleep: () => void;
}

/** A member threw: fatal to the core, which is one unit of failure. */
export class MemberFailure extends Error {
  override readonly name = 'MemberFailure';
  readonly member: string;
  readonly seq: number;

  constructor(member: string, seq: number, cause: unknown) {
    super(`'${member}' failed on log event ${seq}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
    this.member = member;
    this.seq = seq;
  }
}

/**
 * The life of a compute thread: every member in turn, for ever; wait when none had work. Blocks its thread: libuv never
 * gets a turn, so no promise resolves and no timer fires here.
 */
export function runDutyCycle(options: DutyCycleOptions): void {
  const { members, line, shouldStop } = options;
  const hasWork = (): boolean => {
    for (const { runnable } of members) if (runnable.hasPending()) return true;
    return false;
  };
  const ladder = new WaitLadder(options.wait, options.doorbell, () => {
    // Set before the last look: a supervisor that sees "idle" knows that the inputs were empty after it.
    line.idle = true;
    return shouldStop() || hasWork();
  });
  const finished = new Float64Array(members.length);
  let running = 0;
  line.alive = true;
  try {
    for (;;) {
      let work = 0;
      for (running = 0; running < members.length; running++) {
        const { runnable, bells } = members[running]!;
        work += runnable.step(EVENTS_PER_TURN);
        const seq = runnable.finishedSeq();
        // Progress alone must be heard too: a reader may hold back an item until this stage has finished the event.
        if (seq !== finished[running]) {
          finished[running] = seq;
          work++;
          for (let bell = 0; bell < bells.length; bell++) bells[bell]!.ring();
        }
      }
      line.turned();
      if (work > 0) {
        ladder.reset();
        continue;
      }
      if (shouldStop() && !hasWork()) break;
      // Only a sleep needs to know what is due: asking reads a clock, and its answer is a double that would be boxed.
      const slept = ladder.idle(ladder.parksNext ? nextDue(members) : 0);
      if (slept) {
        line.idle = false;
        line.counters[ThreadCounter.PARKED] = ladder.parked;
        options.afterSleep();
      }
    }
  } catch (error) {
    const { runnable } = members[Math.min(running, members.length - 1)]!;
    throw new MemberFailure(runnable.name, runnable.currentSeq(), error);
  }
  for (const { runnable } of members) runnable.close?.();
  line.alive = false;
}

function nextDue(members: readonly Member[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (let index = 0; index < members.length; index++) {
    const due = members[index]!.runnable.dueInMs?.() ?? Number.POSITIVE_INFINITY;
    if (due < least) least = due;
  }
  return least;
}

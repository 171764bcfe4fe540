import { libc } from '../native/libc.js';
import { ThreadCounter, type ThreadLine } from '../supervision/thread-line.js';
import type { Runnable } from '../topology/topology.js';
import type { Doorbell } from '../wait/doorbell.js';
import { WaitLadder, type WaitPolicy } from '../wait/wait-ladder.js';

/** Log events that a stage may handle before the next stage has its turn. It bounds how long the first event of a batch waits for the later stages. */
const EVENTS_PER_TURN = 64;
/**
 * Turns between two entries of the loop. A loop that is never left is compiled only while it runs, and when that code meets what
 * it was not compiled for, the interpreter goes on with it, which boxes every double.
 */
const TURNS_PER_SPELL = 32;

/** After this many turns in a row that only served the engine's own timers, patient threads are woken for them. */
const MOST_HELD_BACK = 2;

/** Milliseconds that timers may be late after a long rest, so that those which are due within it share one awakening: the market has been silent, and nothing waits for them. */
const LATE_AT_REST_MS = 40;

/** One runnable with the doorbells of the other threads that read what it writes. */
export interface Member {
  runnable: Runnable;
  /** Rung whenever it has finished an event. */
  bells: readonly Doorbell[];
  /** Rung only when it has written a record other than a timer request. */
  bellsOfSpeech?: readonly Doorbell[];
}

export interface DutyCycleOptions {
  members: readonly Member[];
  /** Of threads whose actors are all patient: rung once a turn, and not at once for the engine's own timers. */
  patientBells?: readonly Doorbell[];
  /** False while even those must be told of everything at once: at the end the engine waits until they have taken it. */
  mayHoldBack?: () => boolean;
  wait: WaitPolicy;
  doorbell: Doorbell;
  line: ThreadLine;
  /** Asked after every turn without work: true ends the cycle once nothing is pending. */
  shouldStop: () => boolean;
  /** Called every now and then, however busy the thread is. */
  betweenSpells: () => void;
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
  const { members, line } = options;
  const cycle = new DutyCycle(options);
  line.identify(process.pid, libc()?.threadId() ?? 0);
  line.alive = true;
  try {
    while (cycle.spell()) options.betweenSpells();
  } catch (error) {
    const { runnable } = members[Math.min(cycle.running, members.length - 1)]!;
    throw new MemberFailure(runnable.name, runnable.currentSeq(), error);
  }
  for (const { runnable } of members) runnable.close?.();
  line.alive = false;
}

class DutyCycle {
  /** The member whose turn it is. */
  running = 0;
  private readonly members: readonly Member[];
  private readonly line: ThreadLine;
  private readonly ladder: WaitLadder;
  private readonly shouldStop: () => boolean;
  private readonly afterSleep: () => void;
  /** The member by which this thread hears of the world; absent: none of them can tell. */
  private readonly ear: Runnable | undefined;
  private readonly patientBells: readonly Doorbell[];
  private readonly mayHoldBack: () => boolean;
  /** Turns with work that patient threads have not been told of. */
  private heldBack = 0;
  /** It has slept since it worked last. */
  private hasSlept = false;

  constructor(options: DutyCycleOptions) {
    const { members, line, wait, doorbell, shouldStop, afterSleep, patientBells = [], mayHoldBack = never } = options;
    this.patientBells = patientBells;
    this.mayHoldBack = mayHoldBack;
    this.members = members;
    this.line = line;
    this.shouldStop = shouldStop;
    this.afterSleep = afterSleep;
    this.ear = members.find(({ runnable }) => runnable.hasHeard !== undefined)?.runnable;
    this.ladder = new WaitLadder(wait, doorbell, () => {
      // Set before the last look: a supervisor that sees "idle" knows that the inputs were empty after it.
      line.idle = true;
      return shouldStop() || this.hasWork();
    });
  }

  /** Some turns; false when the cycle has ended. */
  spell(): boolean {
    for (let turn = 0; turn < TURNS_PER_SPELL; turn++) {
      if (!this.turn()) {
        if (!this.rest()) return false;
        continue;
      }
      const hasHeard = this.hasHeard();
      if (hasHeard) this.ladder.reset();
      this.tellPatient(hasHeard);
    }
    return true;
  }

  /** After a turn with work: tells those who wait for its end, or leaves it for later, where it was but a timer in the quiet. */
  private tellPatient(hasHeard: boolean): void {
    this.hasSlept = false;
    this.heldBack++;
    if (hasHeard || this.heldBack >= MOST_HELD_BACK || !this.ladder.parksNext || !this.mayHoldBack())
      this.ringPatient();
  }

  private ringPatient(): void {
    const { patientBells } = this;
    this.heldBack = 0;
    for (let bell = 0; bell < patientBells.length; bell++) patientBells[bell]!.ring();
  }

  /** Every member once; whether one of them had work. */
  private turn(): boolean {
    const { members } = this;
    let worked = false;
    for (let index = 0; index < members.length; index++) {
      this.running = index;
      const { runnable, bells, bellsOfSpeech } = members[index]!;
      if (runnable.step(EVENTS_PER_TURN) > 0) worked = true;
      // Progress alone must be heard too: a reader may hold back an item until this stage has finished the event.
      if (!runnable.progressed()) continue;
      worked = true;
      for (let bell = 0; bell < bells.length; bell++) bells[bell]!.ring();
      if (bellsOfSpeech === undefined || bellsOfSpeech.length === 0) continue;
      if (runnable.spoke === undefined || runnable.spoke())
        for (let bell = 0; bell < bellsOfSpeech.length; bell++) bellsOfSpeech[bell]!.ring();
    }
    this.line.turned();
    return worked;
  }

  /**
   * Whether the work of this turn came from outside. The engine's own timers come many times a second: they would keep a thread awake for which nothing else
   * is to do.
   */
  private hasHeard(): boolean {
    return this.ear === undefined || this.ear.hasHeard!();
  }

  /** Nobody had work: waits a little; false when it is time to end. */
  private rest(): boolean {
    const { ladder, line } = this;
    if (this.shouldStop() && !this.hasWork()) return false;
    // A whole sleep has brought nothing more to tell of.
    if (this.hasSlept && this.heldBack > 0) this.ringPatient();
    // Only a sleep needs to know what is due: asking reads a clock, and its answer is a double that would be boxed.
    if (ladder.idle(ladder.parksNext ? this.nextDue() + (ladder.isAtRest ? LATE_AT_REST_MS : 0) : 0)) {
      line.idle = false;
      this.hasSlept = true;
      line.counters[ThreadCounter.PARKED] = ladder.parked;
      line.counters[ThreadCounter.WOKEN] = ladder.woken;
      this.afterSleep();
    }
    return true;
  }

  private hasWork(): boolean {
    const { members } = this;
    for (let index = 0; index < members.length; index++) if (members[index]!.runnable.hasPending()) return true;
    return false;
  }

  /** Milliseconds until a member wants a turn although nothing comes in. */
  private nextDue(): number {
    const { members } = this;
    let least = Number.POSITIVE_INFINITY;
    for (let index = 0; index < members.length; index++) {
      const due = members[index]!.runnable.dueInMs?.() ?? Number.POSITIVE_INFINITY;
      if (due < least) least = due;
    }
    return least;
  }
}

function never(): boolean {
  return false;
}

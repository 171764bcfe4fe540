import { type Access, TrackedMemory } from './tracked-memory.js';

/**
 * Exhaustive exploration of what threads over shared memory can do to each other.
 *
 * Every access to shared memory, atomic or plain, is a point where another thread may come in between. All orders are tried:
 * a thread is stopped at an access by an exception and later run again from its start, with the values it has read so far
 * given back to it, up to the next access. States that agree in memory and in what each thread has read have the same
 * future, so each is visited once. This is interleaving: it finds what goes wrong in some order, not what goes wrong because a
 * processor reorders plain accesses.
 */

export interface ThreadContext {
  readonly memory: ArrayBuffer;
  /** What stands before it is set-up and runs before any thread starts; each thread calls it once. */
  begin(): void;
}

/** Runs to its end and says what it saw. It must do nothing but through the shared memory and its own locals. */
export type ThreadBody = (context: ThreadContext) => string;

export interface Program {
  byteLength: number;
  /** Writes the first state of the memory. */
  prepare(memory: ArrayBuffer): void;
  /**
   * Bytes that are no events, to keep the number of states small: parts of a record that are written and read in the same loop as
   * parts that are events, and that nobody looks at.
   */
  isQuiet?(byteOffset: number): boolean;
  threads: ThreadBody[];
  /** Runs alone when all threads have ended; what it says is added to the outcome. */
  afterwards?: ThreadBody;
}

export interface Exploration {
  /** Outcome, "thread 0 | thread 1 | afterwards", to a schedule that leads to it: the thread of each step. */
  outcomes: Map<string, string>;
  /** Different states that were visited. */
  states: number;
  /** Schedules that lead through them. */
  schedules: number;
}

/** What a thread saw that sleeps while nobody is left to wake it. */
export const SLEEPS_FOR_EVER = 'sleeps for ever';
/** What a thread saw that made more accesses than any honest run does. */
export const NEVER_ENDS = 'never ends';
const MOST_ACCESSES = 600;

interface ThreadState {
  /** What each of its accesses gave. */
  reads: readonly unknown[];
  /** Hash of `reads`. */
  hash: number;
  /** What it saw, when it has ended. */
  ended: string | undefined;
  /** Byte that it sleeps on, or -1. */
  sleepsOn: number;
}

interface State {
  memory: Uint8Array;
  threads: readonly ThreadState[];
  schedule: string;
  schedules: number;
}

/** Thrown through the code under test to stop it in the middle; what that code does in `finally` is ignored. */
const STOP = Symbol('stopped at an access');

class Explorer {
  private readonly program: Program;
  private readonly tracked: TrackedMemory;
  private readonly now: Uint8Array;
  /** Words that are not quiet: the others may differ in states that are the same. */
  private readonly loudWords: number[];

  constructor(program: Program) {
    this.program = program;
    this.tracked = new TrackedMemory(program.byteLength, (offset) => program.isQuiet?.(offset) ?? false);
    this.now = new Uint8Array(this.tracked.bytes);
    const words = Array.from({ length: program.byteLength / 4 }, (_, word) => word);
    this.loudWords = words.filter((word) => !(program.isQuiet?.(4 * word) ?? false));
  }

  run(): Exploration {
    const outcomes = new Map<string, string>();
    let states = 0;
    let schedules = 0;
    // Every step makes the reads of one thread longer, so equal states are equally far from the start: one layer at a time.
    let layer = [this.start()];
    while (layer.length > 0) {
      const next = new Map<string, State>();
      for (const state of layer) {
        states++;
        const running = state.threads.flatMap((thread, index) =>
          thread.ended === undefined && thread.sleepsOn < 0 ? [index] : [],
        );
        if (running.length === 0) {
          schedules += state.schedules;
          const outcome = this.outcome(state);
          if (!outcomes.has(outcome)) outcomes.set(outcome, state.schedule);
        }
        for (const index of running) {
          const after = this.step(state, index);
          const key = this.key(after);
          const known = next.get(key);
          if (known === undefined) next.set(key, after);
          else known.schedules += after.schedules;
        }
      }
      layer = [...next.values()];
    }
    return { outcomes, states, schedules };
  }

  private start(): State {
    this.program.prepare(this.tracked.bytes);
    const threads = this.program.threads.map((body) => {
      const thread: ThreadState = { reads: [], hash: 0, ended: undefined, sleepsOn: -1 };
      return this.advance(body, thread, [], Number.POSITIVE_INFINITY, true);
    });
    return { memory: this.now.slice(), threads, schedule: '', schedules: 1 };
  }

  private step(state: State, index: number): State {
    this.now.set(state.memory);
    const threads = [...state.threads];
    threads[index] = this.advance(this.program.threads[index]!, threads[index]!, threads, 1, false);
    return { memory: this.now.slice(), threads, schedule: state.schedule + index, schedules: state.schedules };
  }

  /** Runs a thread from its start through what it has read already, then through `budget` new accesses, up to the next. */
  private advance(
    body: ThreadBody,
    thread: ThreadState,
    others: ThreadState[],
    budget: number,
    setUp: boolean,
  ): ThreadState {
    const reads = [...thread.reads];
    let { hash } = thread;
    let sleepsOn = -1;
    let replayed = 0;
    let left = budget;
    let stopped = false;
    const stop = (): never => {
      stopped = true;
      throw STOP;
    };
    const observe = (access: Access): unknown => {
      if (stopped) return 0;
      if (replayed < thread.reads.length) return reads[replayed++];
      if (left-- <= 0) stop();
      const value = access.operation === 'notify' ? wake(others, access.byteOffset) : access.perform();
      if (value === 'sleeps') {
        sleepsOn = access.byteOffset;
        stop();
      }
      reads.push(value);
      hash = mixed(hash, value);
      return value;
    };
    const context: ThreadContext = {
      memory: this.tracked.bytes,
      begin: () => {
        if (setUp) stop();
      },
    };
    let ended: string | undefined;
    try {
      const saw = this.tracked.during(observe, () => body(context));
      if (!stopped) ended = saw;
    } catch (thrown) {
      // Broken code may also fail by itself: that is an outcome like any other.
      if (thrown !== STOP) ended = `fails: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
    }
    if (reads.length > MOST_ACCESSES) ended = NEVER_ENDS;
    return { reads, hash, ended, sleepsOn };
  }

  private outcome(state: State): string {
    const saw = state.threads.map((thread) => thread.ended ?? SLEEPS_FOR_EVER);
    const { afterwards } = this.program;
    if (afterwards !== undefined) {
      this.now.set(state.memory);
      const context: ThreadContext = { memory: this.tracked.bytes, begin: () => {} };
      saw.push(
        this.tracked.during(
          (access) => access.perform(),
          () => afterwards(context),
        ),
      );
    }
    return saw.join(' | ');
  }

  private key(state: State): string {
    let high = 1;
    let low = 2;
    const words = new Int32Array(state.memory.buffer);
    for (const word of this.loudWords) {
      high = Math.imul(high ^ words[word]!, 0x85ebca6b) ^ (high >>> 15);
      low = Math.imul(low ^ words[word]!, 0xc2b2ae35) ^ (low >>> 13);
    }
    const threads = state.threads.map((thread) => `${thread.hash},${thread.reads.length},${thread.sleepsOn}`);
    return `${high},${low};${threads.join(';')}`;
  }
}

/** Wakes the threads that sleep on a byte; how many. */
function wake(threads: ThreadState[], byteOffset: number): number {
  let woken = 0;
  threads.forEach((thread, index) => {
    if (thread.sleepsOn !== byteOffset) return;
    threads[index] = { ...thread, sleepsOn: -1, reads: [...thread.reads, 'ok'], hash: mixed(thread.hash, 'ok') };
    woken++;
  });
  return woken;
}

/** A hash of 53 bits, carried on by one more value. */
function mixed(hash: number, value: unknown): number {
  const text = String(value);
  let low = hash | 0;
  let high = (hash / 2 ** 32) | 0;
  for (let index = 0; index < text.length; index++) {
    low = Math.imul(low ^ text.charCodeAt(index), 0x85ebca6b);
    low ^= low >>> 13;
    high = Math.imul(high ^ low, 0xc2b2ae35);
    high ^= high >>> 16;
  }
  low = Math.imul(low ^ 0x2c, 0x85ebca6b);
  return (high & 0x1fffff) * 2 ** 32 + (low >>> 0);
}

/** Tries every order of the threads' accesses. */
export function explore(program: Program): Exploration {
  return new Explorer(program).run();
}

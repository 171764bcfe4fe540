import { type Access, SLEEPS, TrackedMemory } from './tracked-memory.js';

/**
 * Exhaustive exploration of what threads over shared memory can do to each other.
 *
 * Every access to shared memory, atomic or plain, is a point where another thread may come in between, and all orders are
 * tried. What a thread does next follows from what its accesses gave so far: to learn it, the thread is run from its start with
 * those values given back to it and stopped by an exception at its next access. That is done once for each history of a thread;
 * states that agree in memory and in the threads' histories have the same future and are visited once. This is interleaving:
 * it finds what goes wrong in some order, not what goes wrong because a processor reorders plain accesses.
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
const SLEEPS_FOR_EVER = 'sleeps for ever';
/** What a thread saw that made more accesses than any honest run does. */
const NEVER_ENDS = 'never ends';
const MOST_ACCESSES = 600;

/** What a thread has been through, and what it does next. */
interface History {
  id: number;
  length: number;
  before: History | undefined;
  /** What the last access gave. */
  gave: unknown;
  /** Whether the thread's set-up is behind it. */
  begun: boolean;
  /** Its next access; undefined when it has ended. */
  next: Access | undefined;
  /** What it saw, when it has ended. */
  ended: string | undefined;
  /** What comes after, by what the next access gives. */
  after: Map<unknown, History>;
}

interface ThreadState {
  history: History;
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
  private histories = 0;

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
    // Every step makes one history longer, so equal states are equally far from the start: one layer at a time.
    let layer = [this.start()];
    while (layer.length > 0) {
      const next = new Map<string, State>();
      for (const state of layer) {
        states++;
        let running = 0;
        for (let index = 0; index < state.threads.length; index++) {
          const { history, sleepsOn } = state.threads[index]!;
          if (history.next === undefined || sleepsOn >= 0) continue;
          running++;
          const after = this.step(state, index);
          const key = this.key(after);
          const known = next.get(key);
          if (known === undefined) next.set(key, after);
          else known.schedules += after.schedules;
        }
        if (running > 0) continue;
        schedules += state.schedules;
        const outcome = this.outcome(state);
        if (!outcomes.has(outcome)) outcomes.set(outcome, state.schedule);
      }
      layer = [...next.values()];
    }
    return { outcomes, states, schedules };
  }

  private start(): State {
    this.program.prepare(this.tracked.bytes);
    const threads: ThreadState[] = this.program.threads.map((body) => {
      let history = this.learn(body, undefined, undefined);
      while (!history.begun && history.next !== undefined) {
        history = this.follow(body, history, history.next.perform());
      }
      return { history, sleepsOn: -1 };
    });
    return { memory: this.now.slice(), threads, schedule: '', schedules: 1 };
  }

  /** One access of one thread. */
  private step(state: State, index: number): State {
    this.now.set(state.memory);
    const threads = [...state.threads];
    const { history } = threads[index]!;
    const { operation, byteOffset, perform } = history.next!;
    try {
      const gave = operation === 'notify' ? this.wake(threads, byteOffset) : perform();
      threads[index] =
        gave === SLEEPS
          ? { history, sleepsOn: byteOffset }
          : { history: this.follow(this.program.threads[index]!, history, gave), sleepsOn: -1 };
    } catch (error) {
      // An access outside the memory, by broken code.
      threads[index] = {
        history: { ...history, id: this.histories++, next: undefined, ended: failure(error) },
        sleepsOn: -1,
      };
    }
    return { memory: this.now.slice(), threads, schedule: state.schedule + index, schedules: state.schedules };
  }

  /** Wakes the threads that sleep on a byte; how many. */
  private wake(threads: ThreadState[], byteOffset: number): number {
    let woken = 0;
    threads.forEach(({ history, sleepsOn }, index) => {
      if (sleepsOn !== byteOffset) return;
      threads[index] = { history: this.follow(this.program.threads[index]!, history, 'ok'), sleepsOn: -1 };
      woken++;
    });
    return woken;
  }

  private follow(body: ThreadBody, history: History, gave: unknown): History {
    const known = history.after.get(gave);
    if (known !== undefined) return known;
    const next = this.learn(body, history, gave);
    history.after.set(gave, next);
    return next;
  }

  /** Runs a thread through its history to learn what it does next. */
  private learn(body: ThreadBody, before: History | undefined, gave: unknown): History {
    const length = before === undefined ? 0 : before.length + 1;
    const given = new Array<unknown>(length);
    given[length - 1] = gave;
    for (let past = before; past !== undefined && past.length > 0; past = past.before)
      given[past.length - 1] = past.gave;
    let replayed = 0;
    let begun = false;
    let next: Access | undefined;
    const observe = (access: Access): unknown => {
      if (next !== undefined) return 0;
      if (replayed < length) return given[replayed++];
      next = access;
      throw STOP;
    };
    const context: ThreadContext = {
      memory: this.tracked.bytes,
      begin: () => {
        begun = true;
      },
    };
    let ended: string | undefined;
    try {
      const saw = this.tracked.during(observe, () => body(context));
      if (next === undefined) ended = saw;
    } catch (thrown) {
      // Broken code may also fail by itself: that is an outcome like any other.
      if (thrown !== STOP) ended = failure(thrown);
    }
    if (length > MOST_ACCESSES) ended = NEVER_ENDS;
    if (ended !== undefined) next = undefined;
    return { id: this.histories++, length, before, gave, begun, next, ended, after: new Map() };
  }

  private outcome(state: State): string {
    const saw = state.threads.map((thread) => thread.history.ended ?? SLEEPS_FOR_EVER);
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
    const words = new Int32Array(state.memory.buffer);
    let high = 1;
    let low = 2;
    for (const word of this.loudWords) {
      high = Math.imul(high ^ words[word]!, 0x85ebca6b) ^ (high >>> 15);
      low = Math.imul(low ^ words[word]!, 0xc2b2ae35) ^ (low >>> 13);
    }
    let key = `${high},${low}`;
    for (const { history, sleepsOn } of state.threads) key += `;${history.id},${sleepsOn}`;
    return key;
  }
}

function failure(error: unknown): string {
  return `fails: ${error instanceof Error ? error.message : String(error)}`;
}

/** Tries every order of the threads' accesses. */
export function explore(program: Program): Exploration {
  return new Explorer(program).run();
}

import { LINE_BYTES } from '../arena/layout.js';

/** Places of a thread's counters. */
export const ThreadCounter = {
  PARKED: 0,
  WOKEN: 1,
  GC_COUNT: 2,
  GC_MS: 3,
  GC_MAX_MS: 4,
  LOOP_LAG_MAX_MS: 5,
  /** The newest request for its garbage collections (`Board.askForCollections`) that the thread has answered. */
  LOOKED: 6,
} as const;

const TURNS = 0;
const IDLE = 1;
const ALIVE = 2;
const IO = 3;
const PROCESS = 4;
const THREAD = 5;

/** What the board says of one thread: its signs of life and its counters. */
export class ThreadLine {
  /** float64, indexed by ThreadCounter. */
  readonly counters: Float64Array;
  private readonly words: Int32Array;
  private readonly first: number;

  constructor(words: Int32Array, doubles: Float64Array, firstWord: number) {
    this.words = words;
    this.first = firstWord;
    this.counters = doubles.subarray((firstWord * 4 + 64) / 8, (firstWord * 4 + LINE_BYTES) / 8);
  }

  /** Says that one turn of the duty cycle has ended. */
  turned(): void {
    const { words, first } = this;
    Atomics.store(words, first + TURNS, (words[first + TURNS]! + 1) | 0);
  }

  turns(): number {
    return Atomics.load(this.words, this.first + TURNS);
  }

  set idle(idle: boolean) {
    Atomics.store(this.words, this.first + IDLE, idle ? 1 : 0);
  }

  /** Whether it sleeps because there is no work: then it is not expected to turn. */
  get idle(): boolean {
    return Atomics.load(this.words, this.first + IDLE) !== 0;
  }

  set alive(alive: boolean) {
    Atomics.store(this.words, this.first + ALIVE, alive ? 1 : 0);
  }

  get alive(): boolean {
    return Atomics.load(this.words, this.first + ALIVE) !== 0;
  }

  set io(io: boolean) {
    Atomics.store(this.words, this.first + IO, io ? 1 : 0);
  }

  /** Says which thread of the kernel this is, so that others can find it in /proc; 0 where that is not known. */
  identify(process: number, thread: number): void {
    Atomics.store(this.words, this.first + PROCESS, process);
    Atomics.store(this.words, this.first + THREAD, thread);
  }

  get process(): number {
    return Atomics.load(this.words, this.first + PROCESS);
  }

  get threadId(): number {
    return Atomics.load(this.words, this.first + THREAD);
  }

  /** Whether it is an I/O thread: it shares its CPU, and may be late without the core being stuck. */
  get io(): boolean {
    return Atomics.load(this.words, this.first + IO) !== 0;
  }
}

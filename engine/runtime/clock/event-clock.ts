import { type Libc, libc } from '../native/libc.js';

/** Where event time comes from. Data, so that a configuration can name it. */
export type EventClockChoice =
  /** The host's wall clock. */
  | { kind: 'wall' }
  /**
   * The wall clock shifted by so many microseconds, so that a recording of the past plays at its own times. A constant,
   * so that every thread, and one that begins again, has the same time.
   */
  | { kind: 'offset'; shiftMicros: number }
  /** The receive times of the input: the clock of replays and backtests. */
  | { kind: 'virtual' }
  /** None: the input is a log that was stamped before, timers included; its numbers and times are kept. */
  | { kind: 'replay' };

/** Microseconds since the Unix epoch, written into `now[0]` by `tick`. */
export interface EventClock {
  readonly now: Float64Array;
  tick(): void;
}

/** The host's wall clock plus a constant. It may step back; the sequencer does not follow it there. */
export class WallClock implements EventClock {
  readonly now = new Float64Array(1);
  private readonly library: Libc | undefined;
  private readonly raw = new BigInt64Array(2);
  private readonly words = new Uint32Array(this.raw.buffer);
  private readonly shiftMicros: number;

  constructor(shiftMicros = 0) {
    this.library = libc();
    this.shiftMicros = shiftMicros;
    this.tick();
  }

  tick(): void {
    const { library, words } = this;
    if (library !== undefined) {
      library.readRealtime(this.raw);
      // Seconds pass 2^31 in 2038: unsigned.
      this.now[0] = words[0]! * 1e6 + Math.floor(words[2]! / 1000) + this.shiftMicros;
    } else {
      this.now[0] = Math.floor((performance.timeOrigin + performance.now()) * 1000) + this.shiftMicros;
    }
  }
}

/** The clock of a choice that has one of its own. */
export function wallClockOf(choice: Extract<EventClockChoice, { kind: 'wall' | 'offset' }>): WallClock {
  return new WallClock(choice.kind === 'offset' ? choice.shiftMicros : 0);
}

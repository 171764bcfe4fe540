import { libc } from '../../../../engine/runtime/native/libc.js';

/** A turn that is longer holds up whoever shares the core, microseconds. */
export const LONGEST_TURN_MICROS = 100;

const CELLS = 20;
/** One turn of so many is measured by its thread's clock: on some machines to read that takes as long as a turn. No common factor with the few turns of a request. */
const MEASURED_OF = 53;

/** How long the venue's turns are: no more than a tenth of a millisecond each, so that it can share a core. */
export class Turns {
  count = 0;
  /** Turns over the limit by the clock on the wall, which goes on while somebody else has the core. */
  over = 0;
  /** Turns that were measured by the time that their thread had a core; and those of them that worked longer than the limit. */
  measured = 0;
  overInWork = 0;
  longestMicros = 0;
  /** Turns by length: cell n holds those below 2^n microseconds. */
  readonly #cells = new Float64Array(CELLS);
  /** Those over the limit by the clock on the wall, by what the turn did first. */
  readonly overByKind = new Map<string, number>();
  #begin = 0;
  #workBegin = 0;
  #isMeasured = false;
  #kind = '';
  readonly #libc = libc();
  /** Seconds and nanoseconds: halves of two int64, which are read without making big numbers of them. */
  readonly #time = new BigInt64Array(2);
  readonly #words = new Uint32Array(this.#time.buffer);

  /** @param kind what the turn does first */
  begin(kind: string): void {
    this.#kind = kind;
    this.#isMeasured = this.count % MEASURED_OF === 0;
    if (this.#isMeasured) {
      this.measured++;
      this.#workBegin = this.#workMicros();
    }
    this.#begin = performance.now();
  }

  /** Microseconds since the turn began. */
  get micros(): number {
    return (performance.now() - this.#begin) * 1000;
  }

  end(): void {
    const { micros } = this;
    this.count++;
    if (micros > this.longestMicros) this.longestMicros = micros;
    if (micros > LONGEST_TURN_MICROS) {
      this.over++;
      this.overByKind.set(this.#kind, (this.overByKind.get(this.#kind) ?? 0) + 1);
      if (this.#isMeasured && this.#workMicros() - this.#workBegin > LONGEST_TURN_MICROS) this.overInWork++;
    }
    let cell = 0;
    for (let bound = 1; micros >= bound && cell < CELLS - 1; bound *= 2) cell++;
    this.#cells[cell]!++;
  }

  /** Length below which a part of all turns stay, microseconds: a power of two. */
  quantileMicros(part: number): number {
    let left = part * this.count;
    let bound = 1;
    for (let cell = 0; cell < CELLS; cell++, bound *= 2) {
      left -= this.#cells[cell]!;
      if (left <= 0) return bound;
    }
    return bound;
  }

  /**
   * Time that the thread has had a core, microseconds. Without the C library it is that of the whole process, whose other threads
   * are the runtime's.
   */
  #workMicros(): number {
    if (this.#libc === undefined) {
      const { user, system } = process.cpuUsage();
      return user + system;
    }
    this.#libc.readThreadTime(this.#time);
    return this.#words[0]! * 1e6 + this.#words[2]! / 1000;
  }
}

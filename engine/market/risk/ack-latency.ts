import type { Cells } from '../orders/cells.js';

const ANSWERS = 100;
/** After such a silence what was measured before says nothing about now: a check that stops all requests would never pass again. */
const SILENCE_MICROS = 10e6;
const NEXT = 0;
const COUNT = 1;

/** How long the venue takes to answer: the second longest of the last hundred answers. */
export class AckLatency {
  /** Result of `measure`: milliseconds; 0 while fewer than a hundred answers are known. */
  readonly found = new Float64Array(1);
  /** [second longest of a hundred answers], microseconds: what `found` is from. */
  private readonly second = new Float64Array(1);
  private readonly times: Float64Array;
  private readonly control: Int32Array;
  /** [event time of the newest answer] */
  private readonly heard: Float64Array;

  constructor(cells: Cells) {
    this.times = cells.float64(ANSWERS, 'times');
    this.control = cells.int32(2, 'ack latency: control', { NEXT, COUNT });
    this.heard = cells.float64(1, 'heard');
  }

  /** An answer came after `roundTrip[0]` microseconds; NaN for none. */
  add(roundTrip: Float64Array, clock: Float64Array): void {
    if (Number.isNaN(roundTrip[0]!)) return;
    const { times, control, heard } = this;
    this.forgetOld(clock);
    const gone = times[control[NEXT]!]!;
    times[control[NEXT]!] = roundTrip[0]!;
    const wasFull = control[COUNT] === ANSWERS;
    control[NEXT] = (control[NEXT]! + 1) % ANSWERS;
    if (control[COUNT]! < ANSWERS) control[COUNT]! += 1;
    heard[0] = clock[0]!;
    // What was and is shorter than the second longest moves nothing: nearly every answer.
    if (wasFull && gone < this.second[0]! && roundTrip[0]! <= this.second[0]!) return;
    this.measure();
  }

  /** Whether answers are within the limit, milliseconds in `limits[limit]`; what they take stands in `found`. */
  allows(clock: Float64Array, limits: Float64Array, limit: number): boolean {
    if (this.found[0]! <= limits[limit]!) return true;
    this.forgetOld(clock);
    return this.found[0]! <= limits[limit]!;
  }

  /** After a restart `found` is what the memory holds. */
  onRestore(): void {
    this.measure();
  }

  private forgetOld(clock: Float64Array): void {
    if (clock[0]! - this.heard[0]! <= SILENCE_MICROS) return;
    this.control.fill(0);
    this.found[0] = 0;
  }

  private measure(): void {
    const { times, control, found } = this;
    found[0] = 0;
    if (control[COUNT]! < ANSWERS) return;
    let longest = 0;
    let second = 0;
    for (let place = 0; place < ANSWERS; place++) {
      const time = times[place]!;
      if (time > longest) {
        second = longest;
        longest = time;
      } else if (time > second) second = time;
    }
    this.second[0] = second;
    found[0] = second / 1e3;
  }
}

/**
 * Pending timers of all stages, earliest first; equal deadlines by stage, then by timer id, so that the order is the same
 * on every run. Each (stage, timer) pair has one place; a request replaces the one before. A binary heap over typed arrays.
 */
export class TimerQueue {
  /** First place of each stage's timers, by rank. */
  private readonly firstPlace: Int32Array;
  private readonly rankOf: Int32Array;
  private readonly deadlines: Float64Array;
  private readonly serials: Float64Array;
  /** Places, as a heap. */
  private readonly heap: Int32Array;
  /** Where each place stands in the heap; -1 when it is not pending. */
  private readonly slotOf: Int32Array;
  private count = 0;

  /** `timersByRank[rank]` is the number of timers of that stage; rank 0 is the sequencer and has none. */
  constructor(timersByRank: readonly number[]) {
    this.firstPlace = new Int32Array(timersByRank.length + 1);
    timersByRank.forEach((timers, rank) => {
      this.firstPlace[rank + 1] = this.firstPlace[rank]! + timers;
    });
    const places = this.firstPlace[timersByRank.length]!;
    this.rankOf = new Int32Array(places);
    timersByRank.forEach((_, rank) => {
      this.rankOf.fill(rank, this.firstPlace[rank]!, this.firstPlace[rank + 1]!);
    });
    this.deadlines = new Float64Array(places);
    this.serials = new Float64Array(places);
    this.heap = new Int32Array(places);
    this.slotOf = new Int32Array(places).fill(-1);
  }

  get size(): number {
    return this.count;
  }

  /** Replaces the timer's deadline (microseconds of event time); NaN cancels it. */
  request(rank: number, timer: number, deadlineMicros: number, serial: number): void {
    const place = this.firstPlace[rank]! + timer;
    if (this.slotOf[place]! >= 0) this.remove(place);
    if (Number.isNaN(deadlineMicros)) return;
    this.deadlines[place] = deadlineMicros;
    this.serials[place] = serial;
    this.slotOf[place] = this.count;
    this.heap[this.count] = place;
    this.count++;
    this.rise(this.count - 1);
  }

  /** Earliest deadline into `into[0]`; Infinity when nothing is pending. */
  peekDeadline(into: Float64Array): void {
    into[0] = this.count === 0 ? Number.POSITIVE_INFINITY : this.deadlines[this.heap[0]!]!;
  }

  /** Takes the earliest timer out; its place, for the accessors below. */
  take(): number {
    const place = this.heap[0]!;
    this.remove(place);
    return place;
  }

  rankAt(place: number): number {
    return this.rankOf[place]!;
  }

  timerAt(place: number): number {
    return place - this.firstPlace[this.rankOf[place]!]!;
  }

  deadlineAt(place: number): number {
    return this.deadlines[place]!;
  }

  serialAt(place: number): number {
    return this.serials[place]!;
  }

  private remove(place: number): void {
    const slot = this.slotOf[place]!;
    this.slotOf[place] = -1;
    this.count--;
    if (slot === this.count) return;
    const moved = this.heap[this.count]!;
    this.heap[slot] = moved;
    this.slotOf[moved] = slot;
    this.rise(slot);
    this.sink(this.slotOf[moved]!);
  }

  /** Places grow with rank and timer id, so they break ties. */
  private before(a: number, b: number): boolean {
    const first = this.deadlines[a]!;
    const second = this.deadlines[b]!;
    return first < second || (first === second && a < b);
  }

  private rise(from: number): void {
    const { heap, slotOf } = this;
    const place = heap[from]!;
    let slot = from;
    while (slot > 0) {
      const parent = (slot - 1) >> 1;
      if (!this.before(place, heap[parent]!)) break;
      heap[slot] = heap[parent]!;
      slotOf[heap[slot]!] = slot;
      slot = parent;
    }
    heap[slot] = place;
    slotOf[place] = slot;
  }

  private sink(from: number): void {
    const { heap, slotOf, count } = this;
    const place = heap[from]!;
    let slot = from;
    for (;;) {
      let child = 2 * slot + 1;
      if (child >= count) break;
      if (child + 1 < count && this.before(heap[child + 1]!, heap[child]!)) child++;
      if (!this.before(heap[child]!, place)) break;
      heap[slot] = heap[child]!;
      slotOf[heap[slot]!] = slot;
      slot = child;
    }
    heap[slot] = place;
    slotOf[place] = slot;
  }
}

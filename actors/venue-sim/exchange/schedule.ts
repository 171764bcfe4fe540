/** What is to happen at a time. */
export const Due = {
  /** The speed bump of order `subject` ends. */
  BUMP: 1,
  /** Order `subject` reaches the end of its time. */
  ORDER_EXPIRY: 2,
  /** Half an hour before settlement: the index begins to be averaged. */
  AVERAGING: 3,
  /** 08:00 UTC. */
  SETTLEMENT: 4,
  /** The part of it that is instrument `subject`. */
  INSTRUMENT_SETTLEMENT: 5,
  SETTLEMENT_END: 6,
  /** The margins of account `subject` are looked at. */
  RISK: 7,
} as const;

/** Events of the venue's own, in the order of their times, and of their making at the same time: a binary heap in columns. */
export class Schedule {
  #times = new Float64Array(64);
  #orders = new Float64Array(64);
  #kinds = new Uint8Array(64);
  #subjects = new Float64Array(64);
  #length = 0;
  #made = 0;

  /** Of the event that `take` took. */
  kind = 0;
  subject = 0;

  /** Time of the next event; Infinity for none. */
  get next(): number {
    return this.#length === 0 ? Number.POSITIVE_INFINITY : this.#times[0]!;
  }

  get length(): number {
    return this.#length;
  }

  add(time: number, kind: number, subject: number): void {
    if (this.#length === this.#times.length) this.#grow();
    const order = this.#made++;
    let at = this.#length++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#times[parent]! <= time) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#put(at, time, order, kind, subject);
  }

  /** Removes the next event, which must be there, and leaves it in `kind` and `subject`. */
  take(): void {
    this.kind = this.#kinds[0]!;
    this.subject = this.#subjects[0]!;
    const last = --this.#length;
    const time = this.#times[last]!;
    const order = this.#orders[last]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#isBefore(child + 1, this.#times[child]!, this.#orders[child]!)) child++;
      if (!this.#isBefore(child, time, order)) break;
      this.#move(child, at);
      at = child;
    }
    this.#put(at, time, order, this.#kinds[last]!, this.#subjects[last]!);
  }

  #isBefore(at: number, time: number, order: number): boolean {
    return this.#times[at]! < time || (this.#times[at] === time && this.#orders[at]! < order);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#times[from]!, this.#orders[from]!, this.#kinds[from]!, this.#subjects[from]!);
  }

  #put(at: number, time: number, order: number, kind: number, subject: number): void {
    this.#times[at] = time;
    this.#orders[at] = order;
    this.#kinds[at] = kind;
    this.#subjects[at] = subject;
  }

  #grow(): void {
    const length = this.#times.length * 2;
    const doubled = <T extends Float64Array | Uint8Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.#times = doubled(this.#times, new Float64Array(length));
    this.#orders = doubled(this.#orders, new Float64Array(length));
    this.#kinds = doubled(this.#kinds, new Uint8Array(length));
    this.#subjects = doubled(this.#subjects, new Float64Array(length));
  }
}

/** Numbered things by a time each, of which the earliest is at hand; of equal ones that with the lowest number. */
export class TimeHeap {
  readonly #times: number[] = [];
  readonly #things: number[] = [];

  get size(): number {
    return this.#things.length;
  }

  push(time: number, thing: number): void {
    let at = this.#things.push(thing) - 1;
    this.#times.push(time);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(at, parent)) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** Takes the earliest; there must be one. */
  pop(): number {
    const thing = this.#things[0]!;
    this.#swap(0, this.#things.length - 1);
    this.#things.pop();
    this.#times.pop();
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.#things.length && this.#before(child, least)) least = child;
      }
      if (least === at) return thing;
      this.#swap(at, least);
      at = least;
    }
  }

  #before(one: number, other: number): boolean {
    const earlier = this.#times[one]! - this.#times[other]!;
    return earlier < 0 || (earlier === 0 && this.#things[one]! < this.#things[other]!);
  }

  #swap(one: number, other: number): void {
    for (const list of [this.#times, this.#things]) [list[one], list[other]] = [list[other]!, list[one]!];
  }
}

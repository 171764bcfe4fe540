import type { QuoterMemory } from './quoter-memory.js';

/** Instruments that the event at hand has touched: each once, in the order in which they were. Their quotes are made again at its end. */
export class TouchedInstruments {
  /** The touched, the first `count` of them. */
  readonly ids: Int32Array;
  count = 0;
  private readonly memory: QuoterMemory;
  private readonly isTouched: Uint8Array;
  private readonly hasPerpetuals: boolean;

  /** @param hasPerpetuals whether the perpetual is quoted too */
  constructor(memory: QuoterMemory, instruments: number, hasPerpetuals: boolean) {
    this.memory = memory;
    this.ids = new Int32Array(instruments);
    this.isTouched = new Uint8Array(instruments);
    this.hasPerpetuals = hasPerpetuals;
  }

  add(id: number): void {
    if (this.isTouched[id] !== 0) return;
    this.isTouched[id] = 1;
    this.ids[this.count++] = id;
  }

  /** An instrument that may have quotes: an option with a value, and the perpetual where it is quoted. */
  addValued(id: number): void {
    const { memory } = this;
    if (memory.isValued(id) || (this.hasPerpetuals && memory.isPerpetual(id))) this.add(id);
  }

  addOptions(underlying: number): void {
    const { memory } = this;
    for (let id = 0; id < memory.shelf.end; id++) {
      if (memory.isValued(id) && memory.underlyings.of(id) === underlying) this.add(id);
    }
  }

  addPerpetual(underlying: number): void {
    if (!this.hasPerpetuals) return;
    const { memory } = this;
    for (let id = 0; id < memory.shelf.end; id++) {
      if (memory.isPerpetual(id) && memory.underlyings.of(id) === underlying) this.add(id);
    }
  }

  addEverything(): void {
    for (let id = 0; id < this.memory.shelf.end; id++) this.addValued(id);
  }

  /** Ends the round: what is touched from now on is another. @returns how many of `ids` there are */
  take(): number {
    const { count } = this;
    this.count = 0;
    for (let place = 0; place < count; place++) this.isTouched[this.ids[place]!] = 0;
    return count;
  }
}

import type { Instrument } from '../../../engine/market/instrument.js';
import { decodeInstrument, encodeInstrument } from '../../../engine/market/instrument-codec.js';
import type { InstrumentRegistry } from '../../../engine/market/instrument-registry.js';

/** Word that holds the bytes in use. */
const USED = 0;
const FIRST = 8;

/**
 * The definitions of a run's instruments in memory that outlives a thread: a feed that begins again, or one that follows a
 * recovered journal, gives every instrument the id that it had. One writer; anybody may read.
 */
export class DefinitionMemory {
  readonly memory: SharedArrayBuffer;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #view: DataView;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#bytes = new Uint8Array(memory);
    this.#words = new Int32Array(memory);
    this.#view = new DataView(memory);
  }

  /** A definition of about 400 bytes each. */
  static create(instruments: number): DefinitionMemory {
    return new DefinitionMemory(new SharedArrayBuffer(FIRST + instruments * 512));
  }

  /** Keeps a definition; throws where memory is full, because an id that is not kept would be given twice. */
  add(id: number, instrument: Instrument): void {
    const bytes = encodeInstrument(id, instrument);
    const at = FIRST + this.#words[USED]!;
    if (at + 4 + bytes.length > this.#bytes.length) {
      throw new Error(
        `no room to keep the definition of '${instrument.name}': ${id} instruments fill ${this.#bytes.length} bytes`,
      );
    }
    this.#view.setUint32(at, bytes.length, true);
    this.#bytes.set(bytes, at + 4);
    Atomics.store(this.#words, USED, at + 4 + bytes.length - FIRST);
  }

  /** Every definition from a place on, in the order in which they came; returns where the next one will stand. */
  read(from: number, visit: (id: number, instrument: Instrument) => void): number {
    const end = Atomics.load(this.#words, USED);
    let at = from;
    while (at < end) {
      const length = this.#view.getUint32(FIRST + at, true);
      const { id, instrument } = decodeInstrument(this.#bytes.slice(FIRST + at + 4, FIRST + at + 4 + length));
      visit(id, instrument);
      at += 4 + length;
    }
    return at;
  }

  /** Gives a registry what was kept. */
  restore(registry: InstrumentRegistry): void {
    this.read(0, (id, instrument) => registry.restore(id, instrument));
  }
}

import { canBecome, type Instrument, type LifeCycleState } from './instrument.js';

/** Ids that an instrument id may take; 0xffffffff means "all" in records. */
const MOST_INSTRUMENTS = 1 << 20;

/**
 * The instruments of all venues by small integer id. Ids are given in the order of definition and never again, so a
 * registry that is restored from the log's definitions gives every instrument the id that the log's records use.
 */
export class InstrumentRegistry {
  readonly #instruments: Instrument[] = [];
  readonly #ids = new Map<string, number>();

  get size(): number {
    return this.#instruments.length;
  }

  /**
   * Defines an instrument and returns its id. One that is known keeps its id and takes the new definition, since a venue
   * may change ticks and fees of what is listed; its kind, strike and expiry must be the same.
   */
  define(instrument: Instrument): number {
    const key = keyOf(instrument.venue, instrument.name);
    const known = this.#ids.get(key);
    if (known !== undefined) {
      const old = this.#instruments[known]!;
      for (const field of ['kind', 'strike', 'expiry', 'inverse'] as const) {
        if (!Object.is(old[field], instrument[field])) {
          throw new Error(
            `'${instrument.name}' was defined with ${field} ${old[field]}, and now has ${instrument[field]}`,
          );
        }
      }
      this.#instruments[known] = instrument;
      return known;
    }
    const id = this.#instruments.length;
    if (id === MOST_INSTRUMENTS) throw new Error(`the registry is full: ${MOST_INSTRUMENTS} instruments`);
    this.#instruments.push(instrument);
    this.#ids.set(key, id);
    return id;
  }

  /** Gives an instrument the id that the log gave it; definitions must be restored in the log's order. */
  restore(id: number, instrument: Instrument): void {
    const given = this.define(instrument);
    if (given !== id) throw new Error(`the log gave '${instrument.name}' the id ${id}, this registry ${given}`);
  }

  /** The id of a venue's instrument, or -1. */
  idOf(venue: number, name: string): number {
    return this.#ids.get(keyOf(venue, name)) ?? -1;
  }

  get(id: number): Instrument | undefined {
    return this.#instruments[id];
  }

  /** Moves an instrument's life on; false where it cannot go there, and it stays as it was. */
  become(id: number, state: LifeCycleState): boolean {
    const instrument = this.#instruments[id];
    if (instrument === undefined || !canBecome(instrument.state, state)) return false;
    instrument.state = state;
    return true;
  }

  /** Ids and instruments, in the order of definition. */
  *[Symbol.iterator](): IterableIterator<[id: number, instrument: Instrument]> {
    for (const [id, instrument] of this.#instruments.entries()) yield [id, instrument];
  }
}

function keyOf(venue: number, name: string): string {
  return `${venue}:${name}`;
}

import { InstrumentKind } from '../../../engine/market/instrument.js';
import { CellCount } from '../../../engine/market/orders/cells.js';
import { Underlyings } from '../../../engine/market/underlyings.js';
import { DefinitionMemory } from '../../feed/entry/definition-memory.js';

/** An instrument that ends. */
interface Expiring {
  id: number;
  /** The venue's name of the index that it is delivered by. */
  index: string;
  /** Microseconds since the Unix epoch. */
  expiry: number;
}

interface Named {
  name: string;
  currency: string;
  /** `"instrument_name":"BTC-PERPETUAL"`, ready to be copied. */
  fragment: Uint8Array;
}

/** What the venue calls the instruments and underlyings of our ids, from the feed's definitions. */
export class InstrumentNames {
  readonly #memory: DefinitionMemory;
  readonly #byId: (Named | undefined)[] = [];
  readonly #ids = new Map<string, number>();
  readonly #underlyings: Underlyings;
  readonly #indices: string[] = [];
  readonly #expiring = new Map<number, Expiring>();
  #read = 0;

  constructor(definitions: SharedArrayBuffer, instruments: number) {
    this.#memory = new DefinitionMemory(definitions);
    this.#underlyings = new Underlyings(new CellCount(), instruments);
  }

  /** Reads what was defined since the last look. */
  refresh(): void {
    this.#read = this.#memory.read(this.#read, (id, instrument) => {
      const { name, kind, baseCurrency, settlementCurrency, priceIndex, venue, inverse, expiry } = instrument;
      const fragment = new TextEncoder().encode(`"instrument_name":"${name}"`);
      this.#byId[id] = { name, currency: inverse ? baseCurrency : settlementCurrency, fragment };
      this.#ids.set(name, id);
      const number = this.#underlyings.define(id, venue, priceIndex);
      if (number >= 0) this.#indices[number] = priceIndex;
      const ends = kind === InstrumentKind.OPTION || kind === InstrumentKind.FUTURE;
      if (ends) this.#expiring.set(id, { id, index: priceIndex, expiry });
    });
  }

  /** Undefined for an instrument that was not defined. */
  fragment(id: number): Uint8Array | undefined {
    return this.#named(id)?.fragment;
  }

  name(id: number): string | undefined {
    return this.#named(id)?.name;
  }

  currency(id: number): string {
    return this.#named(id)?.currency ?? '';
  }

  /** -1 for a name that was not defined. */
  id(name: string): number {
    const id = this.#ids.get(name);
    if (id !== undefined) return id;
    this.refresh();
    return this.#ids.get(name) ?? -1;
  }

  /** Options and futures that were defined. */
  expiring(): Iterable<Expiring> {
    this.refresh();
    return this.#expiring.values();
  }

  /** The index of an underlying's number, such as `btc_usd`. */
  indexOf(underlying: number): string | undefined {
    return this.#indices[underlying];
  }

  /** The number of the underlying of an index; -1 where no instrument of it was defined. */
  underlyingOf(index: string): number {
    if (!this.#indices.includes(index)) this.refresh();
    return this.#indices.indexOf(index);
  }

  #named(id: number): Named | undefined {
    const named = this.#byId[id];
    if (named !== undefined) return named;
    this.refresh();
    return this.#byId[id];
  }
}

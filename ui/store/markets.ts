import type { InstrumentRow } from '../../schemas/generated/instrument-row.js';
import { expiryName } from '../command/target.js';
import { instruments } from '../topics/first.js';
import type { Channel } from './channel.js';
import type { Store } from './store.js';
import type { Table } from './table.js';

export const Kind = { OPTION: 1, FUTURE: 2, PERPETUAL: 3 } as const;
const CALL = 2;
const EXPIRED = 5;

/** One strike of an expiry: instrument ids; -1 where it is not listed. */
export interface Strike {
  strike: number;
  call: number;
  put: number;
}

/** The listed instruments, put in order for people: by underlying, expiry and strike. */
export class Markets {
  readonly channel: Channel<InstrumentRow>;
  private readonly store: Store;
  private readonly table: Table<InstrumentRow>;
  private version = -1;
  private names: string[] = [];
  private readonly namesById = new Map<number, string>();
  private readonly underlyingNames = new Map<number, string>();
  private chains = new Map<string, Map<number, Strike[]>>();

  constructor(store: Store) {
    this.store = store;
    this.channel = store.open(instruments);
    this.table = this.channel.rows as Table<InstrumentRow>;
  }

  /** Names of the underlyings, in the engine's order. */
  get underlyings(): readonly string[] {
    this.refresh();
    return this.names;
  }

  name(instrument: number): string {
    this.refresh();
    return this.namesById.get(instrument) ?? `#${instrument}`;
  }

  underlyingName(underlying: number): string {
    this.refresh();
    return this.underlyingNames.get(underlying) ?? `#${underlying}`;
  }

  /** The row of an instrument; not to be kept. */
  row(instrument: number): InstrumentRow | undefined {
    return this.table.row(instrument);
  }

  /** Name of the underlying of an instrument. */
  underlyingOf(instrument: number): string {
    const row = this.table.row(instrument);
    return row === undefined ? `#${instrument}` : this.underlyingName(row.underlying());
  }

  /** Expiries of an underlying's options that are still to come, microseconds since the Unix epoch, the nearest first. */
  expiries(underlying: string): number[] {
    this.refresh();
    // A venue need not say that an option has expired.
    const now = this.store.channels.get('engine')?.engineTime ?? 0;
    return [...(this.chains.get(underlying)?.keys() ?? [])].filter((expiry) => expiry > now).sort((a, b) => a - b);
  }

  /** Strikes of an expiry, rising. */
  strikes(underlying: string, expiry: number): readonly Strike[] {
    this.refresh();
    return this.chains.get(underlying)?.get(expiry) ?? [];
  }

  /** Expiry by its name; the nearest one where there is none of that name. */
  expiryNamed(underlying: string, name: string | undefined): number | undefined {
    const all = this.expiries(underlying);
    return all.find((expiry) => expiryName(expiry) === name) ?? all[0];
  }

  /** Whether an instrument has expired. A venue need not say so. */
  isOver(instrument: number): boolean {
    const row = this.table.row(instrument);
    if (row === undefined) return false;
    return row.state() === EXPIRED || row.expiry() <= (this.store.channels.get('engine')?.engineTime ?? 0);
  }

  /** Ids of all instruments of a kind. */
  ofKind(kind: number): number[] {
    const found: number[] = [];
    for (let slot = 0; slot < this.table.count; slot++) {
      const row = this.table.at(slot);
      if (row.kind() === kind) found.push(row.instrument());
    }
    return found;
  }

  /** Version of the list, for whoever keeps something made from it. */
  get listVersion(): number {
    return this.table.version;
  }

  private refresh(): void {
    const { table } = this;
    if (table.version === this.version) return;
    this.version = table.version;
    this.namesById.clear();
    this.underlyingNames.clear();
    const chains = new Map<string, Map<number, Strike[]>>();
    for (let slot = 0; slot < table.count; slot++) {
      const row = table.at(slot);
      const [name = '', base = ''] = table.texts[slot]?.split('\t') ?? [];
      this.namesById.set(row.instrument(), name);
      if (row.kind() <= Kind.PERPETUAL && !this.underlyingNames.has(row.underlying())) {
        this.underlyingNames.set(row.underlying(), base);
      }
      if (row.kind() !== Kind.OPTION || row.state() === EXPIRED) continue;
      const chain = getOrAdd(chains, base, () => new Map<number, Strike[]>());
      const strikes = getOrAdd(chain, row.expiry(), () => []);
      const value = row.strike();
      let strike = strikes.find((known) => known.strike === value);
      if (strike === undefined) {
        strike = { strike: value, call: -1, put: -1 };
        strikes.push(strike);
      }
      if ((row.flags() & CALL) !== 0) strike.call = row.instrument();
      else strike.put = row.instrument();
    }
    for (const chain of chains.values()) {
      for (const strikes of chain.values()) strikes.sort((a, b) => a.strike - b.strike);
    }
    this.chains = chains;
    this.names = [...new Set([...this.underlyingNames].sort(([a], [b]) => a - b).map(([, name]) => name))];
  }
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

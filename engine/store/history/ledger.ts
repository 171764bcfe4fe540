import type { Instrument } from '../../market/instrument.js';
import { gridHoles, type Hole, pauseHoles, sequenceHoles } from './holes.js';
import { KnownKeys } from './known-keys.js';
import type { Identity, SeriesKind } from './record-identity.js';

/** What became of a row. */
export type Reconciled = 'added' | 'duplicate' | 'conflict';

/** One series of an instrument, as a report tells it. Times are microseconds since the Unix epoch. */
export interface SeriesReport {
  venue: number;
  /** The venue's name of the instrument; of chains, the currency. */
  name: string;
  kind: SeriesKind | 'chains';
  /** Bars, trades, or snapshots of a chain. */
  count: number;
  from: number;
  to: number;
  holes: Hole[];
  /** Whether missing ones can be told at all: nothing tells those of quotes and of trades without numbers. */
  complete: 'known' | 'cannot be told';
}

interface Series {
  instrument: Instrument;
  kind: SeriesKind;
  keys: KnownKeys;
  held: number;
  /** Of this import alone, where keys are not unique: the same row may well stand twice in one file. */
  seen: KnownKeys | undefined;
  /** The venue's numbers and their times, of trades. */
  sequences: number[];
  times: number[];
  first: number;
  last: number;
}

const MICROSECONDS = 1e6;

/** Everything that a journal's history and log hold, by what tells rows apart: so that nothing is added twice, and holes show. */
export class HistoryLedger {
  readonly #series = new Map<string, Series>();
  /** Times of snapshots, by venue and currency. */
  readonly #snapshots = new Map<string, { venue: number; currency: string; times: Set<number> }>();

  /** Notes one that is there. */
  note(identity: Identity, instrument: Instrument): void {
    const series = this.#seriesOf(identity, instrument);
    if (series.keys.add(identity.key, identity.digest) === 0 || !identity.unique) this.#place(series, identity);
  }

  /** Whether a row is there already; notes it if it is not. */
  reconcile(identity: Identity, instrument: Instrument): Reconciled {
    const series = this.#seriesOf(identity, instrument);
    const { keys } = series;
    const { key, digest } = identity;
    if (identity.unique) {
      if (keys.count(key, digest) > 0) return keys.digestOf(key) === digest ? 'duplicate' : 'conflict';
    } else {
      series.seen ??= new KnownKeys(false);
      // The n-th of its kind in a file is new where fewer than n are there.
      const before = series.seen.add(key, digest);
      if (before < keys.count(key, digest)) return 'duplicate';
    }
    keys.add(key, digest);
    this.#place(series, identity);
    return 'added';
  }

  /** A new file begins: what it says twice happened twice. */
  beginFile(): void {
    for (const series of this.#series.values()) series.seen = undefined;
  }

  /** Every series, by name and kind. @param only names that are asked for; all without */
  report(only?: ReadonlySet<string>): SeriesReport[] {
    const reports: SeriesReport[] = [];
    for (const { instrument, kind, keys, held, sequences, times, first, last } of this.#series.values()) {
      if (kind === 'chain quotes' || (only !== undefined && !only.has(instrument.name))) continue;
      const resolution = Number(/^bars (\d+)$/.exec(kind)?.[1] ?? 0);
      const holes =
        resolution > 0
          ? gridHoles(keys.sorted(), resolution * MICROSECONDS)
          : kind === 'trades'
            ? tradeHoles(sequences, times)
            : [];
      const known = resolution > 0 || (kind === 'trades' && sequences.length > 0);
      reports.push({
        venue: instrument.venue,
        name: instrument.name,
        kind,
        count: held,
        from: first,
        to: last,
        holes,
        complete: known ? 'known' : 'cannot be told',
      });
    }
    for (const { venue, currency, times } of this.#snapshots.values()) {
      const sorted = Float64Array.from(times).sort();
      if (only !== undefined && !only.has(currency)) continue;
      reports.push({
        venue,
        name: currency,
        kind: 'chains',
        count: sorted.length,
        from: sorted[0]!,
        to: sorted.at(-1)!,
        holes: pauseHoles(sorted),
        complete: 'known',
      });
    }
    return reports.sort((a, b) => (a.name === b.name ? (a.kind < b.kind ? -1 : 1) : a.name < b.name ? -1 : 1));
  }

  /**
   * The parts of a stretch for which a series has nothing yet, oldest first. Bars are missing one by one; trades are there between any
   * two whose numbers follow each other.
   */
  missing(instrument: Pick<Instrument, 'venue' | 'name'>, kind: SeriesKind, from: number, to: number): Hole[] {
    const series = this.#series.get(keyOf(instrument, kind));
    const resolution = Number(/^bars (\d+)$/.exec(kind)?.[1] ?? 0) * MICROSECONDS;
    if (resolution > 0) {
      const first = Math.ceil(from / resolution) * resolution;
      const edges = [first - resolution, ...known(series, from, to), Math.floor(to / resolution) * resolution];
      return gridHoles(edges, resolution);
    }
    if (series === undefined || series.sequences.length === 0) return [{ from, to, missing: Number.NaN }];
    const holes = tradeHoles(series.sequences, series.times).filter((hole) => hole.to >= from && hole.from <= to);
    const inside = holes.map((hole) => ({ ...hole, from: Math.max(from, hole.from), to: Math.min(to, hole.to) }));
    if (from < series.first) inside.unshift({ from, to: Math.min(to, series.first), missing: Number.NaN });
    if (to > series.last) inside.push({ from: Math.max(from, series.last), to, missing: Number.NaN });
    return inside;
  }

  #seriesOf({ kind, unique }: Identity, instrument: Instrument): Series {
    const key = keyOf(instrument, kind);
    let series = this.#series.get(key);
    if (series === undefined) {
      series = {
        instrument,
        kind,
        keys: new KnownKeys(unique),
        held: 0,
        seen: undefined,
        sequences: [],
        times: [],
        first: Number.POSITIVE_INFINITY,
        last: Number.NEGATIVE_INFINITY,
      };
      this.#series.set(key, series);
    }
    return series;
  }

  #place(series: Series, { time, sequence, endsSnapshot }: Identity): void {
    series.held++;
    series.first = Math.min(series.first, time);
    series.last = Math.max(series.last, time);
    if (!Number.isNaN(sequence)) {
      series.sequences.push(sequence);
      series.times.push(time);
    }
    if (!endsSnapshot) return;
    const { venue, baseCurrency: currency } = series.instrument;
    const key = `${venue}:${currency}`;
    let snapshots = this.#snapshots.get(key);
    if (snapshots === undefined) {
      snapshots = { venue, currency, times: new Set() };
      this.#snapshots.set(key, snapshots);
    }
    snapshots.times.add(time);
  }
}

function keyOf({ venue, name }: Pick<Instrument, 'venue' | 'name'>, kind: SeriesKind): string {
  return `${venue}:${name}:${kind}`;
}

function known(series: Series | undefined, from: number, to: number): Float64Array {
  return series === undefined ? new Float64Array(0) : series.keys.sorted().filter((time) => time >= from && time < to);
}

function tradeHoles(sequences: readonly number[], times: readonly number[]): Hole[] {
  const order = Uint32Array.from(sequences.keys()).sort((a, b) => sequences[a]! - sequences[b]!);
  return sequenceHoles(
    Float64Array.from(order, (index) => sequences[index]!),
    Float64Array.from(order, (index) => times[index]!),
  );
}

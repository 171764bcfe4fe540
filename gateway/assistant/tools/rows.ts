import { type JsonRow, RowReader } from '../../http/rows.js';
import { EventTopic, type MergeTopic } from '../../topics/topic.js';
import type { TopicSet } from '../../topics/topic-set.js';

const readers = new WeakMap<MergeTopic | EventTopic, RowReader>();

/** The newest rows of a topic; of events the last `most`, the newest first. */
export function rowsOf(topics: TopicSet, name: string, most = 5000): JsonRow[] {
  const topic = topics.find(name);
  if (topic === undefined) return [];
  const reader = readers.get(topic) ?? new RowReader(topic);
  readers.set(topic, reader);
  const rows: JsonRow[] = [];
  if (topic instanceof EventTopic) {
    for (let event = topic.version; event >= topic.oldest && event > 0 && rows.length < most; event--)
      rows.push(reader.at(topic.placeOf(event), event));
    return rows;
  }
  topic.since(0, (key) => {
    if (rows.length < most) rows.push(reader.at(key, key));
  });
  return rows;
}

export function rowOf(topics: TopicSet, name: string, key: number): JsonRow | undefined {
  const topic = topics.find(name);
  if (topic === undefined || topic instanceof EventTopic || !topic.has(key)) return undefined;
  const reader = readers.get(topic) ?? new RowReader(topic);
  readers.set(topic, reader);
  return reader.at(key, key);
}

/** Numbers to seven figures: what the model reads costs tokens. */
export function short(row: JsonRow): JsonRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(7)) : value,
    ]),
  );
}

export interface Instrument {
  id: number;
  name: string;
  /** As the terminal calls the underlying. */
  base: string;
  underlying: number;
  kind: 'option' | 'future' | 'perpetual' | 'other';
  right: 'C' | 'P' | undefined;
  inverse: boolean;
  strike: number;
  /** Microseconds since the Unix epoch; NaN where there is none. */
  expiry: number;
}

/** Every instrument that is known, with the words of its row taken apart. */
export function instrumentsOf(topics: TopicSet): Instrument[] {
  return rowsOf(topics, 'instruments', Number.POSITIVE_INFINITY).map((row) => {
    const [name = '', base = ''] = String(row.text ?? '').split('\t');
    const flags = Number(row.flags);
    const kinds = ['other', 'option', 'future', 'perpetual'] as const;
    return {
      id: Number(row.key),
      name,
      base: base.toUpperCase(),
      underlying: Number(row.underlying),
      kind: kinds[Number(row.kind)] ?? 'other',
      right: (flags & 2) !== 0 ? 'C' : (flags & 4) !== 0 ? 'P' : undefined,
      inverse: (flags & 1) !== 0,
      strike: Number(row.strike ?? Number.NaN),
      expiry: Number(row.expiry ?? Number.NaN),
    };
  });
}

/** A day as people write it, from microseconds since the Unix epoch. */
export function isoDay(microseconds: number): string | null {
  return Number.isFinite(microseconds) ? new Date(microseconds / 1000).toISOString().slice(0, 10) : null;
}

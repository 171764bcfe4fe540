import { createHash } from 'node:crypto';
import type { RecordedRow, RecordedSource } from '../../../actors/backtest/recorded/recorded-source.js';
import { JournalReader } from '../../journal/reader.js';
import { journalExists } from '../../journal/store.js';
import type { Instrument } from '../../market/instrument.js';
import { historyFolder } from '../../store/history/history-folder.js';
import { type HistoryRange, HistoryReader } from '../../store/history/history-reader.js';

/** A journal as it was when a backtest was asked for. */
export interface JournalData {
  folder: string;
  /** Microseconds since the Unix epoch: of the first market data within the range, and of the last. */
  from: number;
  to: number;
  records: number;
  /** Longest time without any of it, seconds, and when it began: what the market did meanwhile is not known. */
  pauseSeconds: number;
  pausedAt: number;
  /** Of both of its chains as they stood: each block's hash covers all before it. */
  hash: string;
}

/** Looks at a journal, with its history, for market data in a range. @throws Error that says what is missing */
export async function lookAtJournal(folder: string, range: HistoryRange): Promise<JournalData> {
  const hash = createHash('sha256');
  for (const part of [folder, historyFolder(folder)]) {
    if (!journalExists(part)) continue;
    const journal = new JournalReader(part);
    const [last] = journal.lastBlocks(1);
    hash.update(last ?? '');
    await journal.close();
  }
  const reader = new HistoryReader(folder);
  try {
    let records = 0;
    let from = Number.NaN;
    let to = Number.NaN;
    let pause = 0;
    let pausedAt = Number.NaN;
    for (const { eventTime } of reader.records(range)) {
      if (records++ === 0) from = eventTime;
      else if (eventTime - to > pause) {
        pause = eventTime - to;
        pausedAt = to;
      }
      to = eventTime;
    }
    if (records === 0) throw new Error(`${folder}: expected market data in the range that was asked for, found none`);
    return { folder, from, to, records, pauseSeconds: pause / 1e6, pausedAt, hash: hash.digest('hex') };
  } finally {
    await reader.close();
  }
}

/** The market data of a journal, live and imported, merged in the order of time. */
export class JournalSource implements RecordedSource {
  readonly #reader: HistoryReader;
  readonly #records: IterableIterator<RecordedRow>;

  /** @param from and @param to microseconds since the Unix epoch, the latter included */
  constructor(folder: string, from: number, to: number) {
    this.#reader = new HistoryReader(folder);
    this.#records = this.#reader.records({ from, to: to + 1 });
  }

  instrument(id: number): Instrument | undefined {
    return this.#reader.registry.get(id);
  }

  next(): RecordedRow | undefined {
    const { value, done } = this.#records.next();
    return done === true ? undefined : value;
  }

  close(): Promise<void> {
    return this.#reader.close();
  }
}

import type { Arena } from '../arena/arena.js';
import {
  Descriptor,
  headWord,
  ReaderCounter,
  readerCounters,
  TAIL,
  WRITER_COUNTERS,
  WriterCounter,
} from '../arena/layout.js';
import type { Wire } from '../topology/topology.js';

/** What went through one stream, and how near it came to being full. */
export interface EdgeTelemetry {
  name: string;
  writer: string;
  capacityBytes: number;
  /** Records published. */
  records: number;
  /** Times that the writer found no room and had to wait for a reader. */
  full: number;
  /** The most that ever waited for its slowest reader. */
  highWaterBytes: number;
  readers: { name: string; records: number; waitingBytes: number }[];
}

/** The counters of one stream, read from its arena without a trace in it. */
export function readEdge({ edge, writer, readers }: Wire, { words, doubles }: Arena): EdgeTelemetry {
  const tail = Atomics.load(words, TAIL);
  return {
    name: edge.name,
    writer,
    capacityBytes: words[Descriptor.CAPACITY]!,
    records: doubles[WRITER_COUNTERS + WriterCounter.RECORDS]!,
    full: doubles[WRITER_COUNTERS + WriterCounter.FULL]!,
    highWaterBytes: 8 * doubles[WRITER_COUNTERS + WriterCounter.HIGH_WATER_WORDS]!,
    readers: readers.map((name, reader) => ({
      name,
      records: doubles[readerCounters(reader) + ReaderCounter.RECORDS]!,
      waitingBytes: 8 * ((tail - Atomics.load(words, headWord(reader))) | 0),
    })),
  };
}

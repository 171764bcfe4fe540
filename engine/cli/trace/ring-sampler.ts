import { fieldOffset } from '../../../schemas/field-offset.js';
import { RequestReport } from '../../../schemas/generated/request-report.js';
import { SendReport } from '../../../schemas/generated/send-report.js';
import { MessageType } from '../../../schemas/message-type.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import type { Arena } from '../../runtime/arena/arena.js';
import { Descriptor, TAIL } from '../../runtime/arena/layout.js';
import { HEADER_BYTES, HeaderOffset, recordStep } from '../../runtime/edge/record.js';

/** A stream of the engine, with who writes it and which streams that one reads. */
export interface TracedStream {
  name: string;
  writer: string;
  reads: readonly string[];
  arena: Arena;
}

/** A record as it was found in its stream. Times are nanoseconds of the engine's monotonic epoch. */
export interface FoundRecord {
  stream: string;
  writer: string;
  type: number;
  /** When the input that led to it was received. */
  ingress: number;
  published: number;
  /** A copy of the whole record, header included. */
  record: ViewBuffer;
}

/** A log event that led to orders, with all that was said because of it. */
export interface SampledEvent {
  seq: number;
  records: FoundRecord[];
}

/** What the streams are called that mean something here. */
export interface TracedNames {
  log: string;
  /** What risk has approved. */
  orders: string;
  /** Where market data comes in. */
  input: string;
  /** What execution tells of orders. */
  reports: string;
}

/** Records of one stream that are looked at in one window: what is beyond is left, so that a burst costs the main thread no more than this. */
const MOST_RECORDS = 100_000;

/** Where reports of execution name the event that their order was decided on. */
const REQUEST_AT: ReadonlyMap<number, number> = new Map([
  [MessageType.SEND_REPORT, fieldOffset(SendReport, 'requestSeq')],
  [MessageType.REQUEST_REPORT, fieldOffset(RequestReport, 'requestSeq')],
]);

interface Mark {
  stream: TracedStream;
  data: Int32Array;
  doubles: Float64Array;
  view: DataView;
  mask: number;
  largest: number;
  from: number;
}

/**
 * Finds in the rings what became of a few log events, after it has happened. It only reads, holds nobody back, and no writer or reader knows of it: records are looked
 * at where they still lie in memory, and what may have been overwritten meanwhile is thrown away.
 */
export class RingSampler {
  /** Windows whose records could not be trusted, or were too many. */
  lost = 0;
  private readonly marks: readonly Mark[];
  private readonly names: TracedNames;
  /** End of the orders among which is chosen. */
  private chosenUpTo = 0;

  constructor(streams: readonly TracedStream[], names: TracedNames) {
    this.names = names;
    this.marks = streams.map((stream) => {
      const { memory, dataOffset, words } = stream.arena;
      const bytes = words[Descriptor.CAPACITY]!;
      return {
        stream,
        data: new Int32Array(memory, dataOffset, bytes / 4),
        doubles: new Float64Array(memory, dataOffset, bytes / 8),
        view: new DataView(memory, dataOffset, bytes),
        mask: bytes / 8 - 1,
        largest: words[Descriptor.ITEM_BYTES]!,
        from: 0,
      };
    });
  }

  /** A window begins: what was published before is not looked at. */
  begin(): void {
    for (const mark of this.marks) mark.from = tailOf(mark);
  }

  /** Orders that come from now on are no longer chosen; what belongs to those before goes on being found. */
  close(): void {
    this.chosenUpTo = tailOf(this.mark(this.names.orders));
  }

  /**
   * The events of the window that led to orders: the slowest, and some of the others, at most `most` of them. Those of which a part was published before the window
   * began are left out.
   */
  take(most: number): SampledEvent[] {
    const chosen = this.choose(most);
    if (chosen.size === 0) return [];
    const bySeq = (mark: Mark, offset: number): SampledEvent | undefined =>
      chosen.get(mark.doubles[(offset + HeaderOffset.SEQ) >> 3]!);
    for (const mark of this.marks) {
      const { name } = mark.stream;
      if (name === this.names.input || name === this.names.reports) continue;
      this.collect(mark, tailOf(mark), bySeq);
    }
    const byInput = new Map<string, SampledEvent>();
    for (const event of chosen.values()) {
      const told = event.records.find(({ stream }) => stream === this.names.log);
      if (told !== undefined) byInput.set(`${told.type} ${told.ingress}`, event);
    }
    const input = this.marks.find(({ stream }) => stream.name === this.names.input);
    if (input !== undefined) {
      // Not numbered yet: the log's record has its type, and the same time of receipt to the nanosecond.
      this.collect(input, tailOf(input), (mark, offset) =>
        byInput.get(`${typeAt(mark, offset)} ${stampAt(mark, offset, 2)}`),
      );
    }
    const reports = this.marks.find(({ stream }) => stream.name === this.names.reports);
    if (reports !== undefined) {
      this.collect(reports, tailOf(reports), (mark, offset) => chosen.get(requestOf(mark, offset)));
    }
    return [...chosen.values()].filter(({ records }) => records.some(({ stream }) => stream === this.names.log));
  }

  private choose(most: number): Map<number, SampledEvent> {
    const orders = this.mark(this.names.orders);
    const took = new Map<number, number>();
    const isRight = this.walk(orders, this.chosenUpTo, (offset) => {
      if (typeAt(orders, offset) !== MessageType.APPROVED_ORDER) return;
      const seq = orders.doubles[(offset + HeaderOffset.SEQ) >> 3]!;
      took.set(seq, stampAt(orders, offset, 1) - stampAt(orders, offset, 2));
    });
    if (!isRight) return new Map();
    const slowest = [...took.keys()].sort((left, right) => took.get(right)! - took.get(left)!);
    // The slowest says what went wrong, the typical one what is right.
    const picked = [slowest[0], slowest[slowest.length >> 1], ...slowest].slice(0, Math.max(0, most));
    return new Map(picked.filter((seq) => seq !== undefined).map((seq) => [seq, { seq, records: [] }]));
  }

  private collect(mark: Mark, to: number, eventOf: (mark: Mark, offset: number) => SampledEvent | undefined): void {
    const found: [SampledEvent, FoundRecord][] = [];
    const isRight = this.walk(mark, to, (offset) => {
      const event = eventOf(mark, offset);
      if (event === undefined) return;
      const { name, writer, arena } = mark.stream;
      const length = mark.data[offset >> 2]!;
      const bytes = arena.memory.slice(arena.dataOffset + offset, arena.dataOffset + offset + length);
      const [ingress, published] = [stampAt(mark, offset, 2), stampAt(mark, offset, 1)];
      found.push([
        event,
        { stream: name, writer, type: typeAt(mark, offset), ingress, published, record: new ViewBuffer(bytes) },
      ]);
    });
    if (isRight) for (const [event, record] of found) event.records.push(record);
  }

  /** Calls back with the offset of each record up to a position; false where what was seen may have been overwritten meanwhile. */
  private walk(mark: Mark, to: number, visit: (offset: number) => void): boolean {
    const { data, mask, largest, from } = mark;
    let position = from;
    for (let records = 0; position !== to; ) {
      const word = position & mask;
      const length = data[word << 1]!;
      const isPadding = (data[(word << 1) + 1]! & 0xffff) === MessageType.PADDING;
      const isSane = isPadding ? length >= 8 : length >= HEADER_BYTES && length <= largest;
      if (!isSane || ++records > MOST_RECORDS || ((to - position) | 0) < 0) {
        this.lost++;
        return false;
      }
      if (!isPadding) visit(word << 3);
      position = (position + (isPadding ? length >> 3 : recordStep(length) >> 3)) | 0;
    }
    // A writer may be at most a ring ahead of the slowest reader, and half a ring ahead of what it has published only in the largest burst.
    const isWhole = ((tailOf(mark) - from) | 0) <= (mask + 1) >> 1;
    if (!isWhole) this.lost++;
    return isWhole;
  }

  private mark(name: string): Mark {
    const found = this.marks.find(({ stream }) => stream.name === name);
    if (found === undefined) throw new Error(`there is no stream '${name}' to take samples of`);
    return found;
  }
}

function tailOf({ stream }: Mark): number {
  return Atomics.load(stream.arena.words, TAIL);
}

function typeAt({ data }: Mark, offset: number): number {
  return data[(offset >> 2) + 1]! & 0xffff;
}

/** A stamp behind a record, counted from its end: 2 the ingress, 1 the publication. */
function stampAt({ data, doubles }: Mark, offset: number, fromEnd: number): number {
  return doubles[((offset + recordStep(data[offset >> 2]!)) >> 3) - fromEnd]!;
}

/** The event whose order a report of execution is about; NaN for any other record. */
function requestOf(mark: Mark, offset: number): number {
  const at = REQUEST_AT.get(typeAt(mark, offset));
  return at === undefined ? Number.NaN : mark.view.getFloat64(offset + HEADER_BYTES + at, true);
}

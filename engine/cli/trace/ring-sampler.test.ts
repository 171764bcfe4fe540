import { describe, expect, it } from 'vitest';
import { structOffset } from '../../../schemas/field-offset.js';
import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import { RequestReport } from '../../../schemas/generated/request-report.js';
import { SendReport } from '../../../schemas/generated/send-report.js';
import { MessageType } from '../../../schemas/message-type.js';
import { attachArena } from '../../runtime/arena/arena.js';
import { EdgeKind } from '../../runtime/arena/layout.js';
import { createStream } from '../../runtime/edge/create-stream.js';
import { HEADER_BYTES, HeaderOffset } from '../../runtime/edge/record.js';
import { StreamReader } from '../../runtime/edge/stream-reader.js';
import { StreamWriter } from '../../runtime/edge/stream-writer.js';
import { eventTrace } from './event-trace.js';
import { RingSampler, type TracedStream } from './ring-sampler.js';
import { ENGINE_STREAMS } from './trace-sampler.js';

const RUN = 3;
const EPOCH = 1_767_225_600_000_000_000n;

/** The rings of an engine with one stage before risk, written by hand. */
class Rings {
  readonly streams: TracedStream[];
  private readonly writers = new Map<string, { writer: StreamWriter; reader: StreamReader }>();

  constructor(capacityBytes = 1 << 16, startPosition = 0) {
    const open = (name: string, writer: string, reads: string[]): TracedStream => {
      const arena = createStream({ name, capacityBytes, maxBodyBytes: 1024, readers: 1, engineRun: 1, startPosition });
      const own = attachArena(arena.memory, name, EdgeKind.STREAM, 1);
      this.writers.set(name, { writer: new StreamWriter(arena), reader: new StreamReader(own, 0) });
      return { name, writer, reads, arena };
    };
    this.streams = [
      open('log', 'sequencer', ['market-data', 'reports']),
      open('market-data', 'feed', []),
      open('tops', 'book', ['log']),
      open('approved-orders', 'risk', ['log', 'tops']),
      open('reports', 'execution', ['approved-orders']),
    ];
  }

  /** Writes one record; its reader takes it at once, so that the ring goes on for ever. */
  write(
    stream: string,
    type: number,
    seq: number,
    times: [number, number],
    fill: (at: number, w: StreamWriter) => void = () => {},
    bytes = 16,
  ): void {
    const { writer, reader } = this.writers.get(stream)!;
    const offset = writer.claim(type, bytes);
    writer.buffer.view.setFloat64(offset + HeaderOffset.SEQ, seq, true);
    writer.buffer.view.setFloat64(offset + HeaderOffset.EVENT_TIME, 1e15 + seq, true);
    fill(offset + HEADER_BYTES, writer);
    writer.publishStamped(Float64Array.from(times));
    reader.poll(() => {}, 10);
  }

  /** One tick on its way to an order that execution writes and the venue accepts; `core` nanoseconds from the log to the approval. */
  tick(seq: number, at: number, core: number): void {
    this.write('market-data', MessageType.TICKER, 0, [at, at + 500]);
    this.write('log', MessageType.TICKER, seq, [at, at + 900]);
    this.write('tops', MessageType.BOOK_TOP, seq, [at, at + 1500]);
    const order = (w: StreamWriter, place: number): void => {
      const approved = new ApprovedOrder().__init(place, w.buffer);
      approved.mutate_run(RUN);
      approved.mutate_orderSeq(seq);
      approved.mutate_instrument(17);
    };
    this.write(
      'approved-orders',
      MessageType.APPROVED_ORDER,
      seq,
      [at, at + 900 + core],
      (place, w) => order(w, place),
      ApprovedOrder.sizeOf(),
    );
    this.write(
      'reports',
      MessageType.SEND_REPORT,
      0,
      [at, at + 2000 + core],
      (place, w) => {
        const report = new SendReport().__init(place, w.buffer);
        report.mutate_outcome(1);
        report.mutate_requestSeq(seq);
        order(w, place + structOffset(SendReport, 'order'));
      },
      SendReport.sizeOf(),
    );
    this.write(
      'reports',
      MessageType.REQUEST_REPORT,
      0,
      [at + 9000, at + 9100],
      (place, w) => {
        const report = new RequestReport().__init(place, w.buffer);
        report.mutate_requestSeq(seq);
        report.mutate_outcome(1);
        report.mutate_asked(1_767_225_600_000_010);
        report.mutate_roundTrip(350);
        report.mutate_venueTime(20);
      },
      RequestReport.sizeOf(),
    );
  }

  noise(seq: number, at: number): void {
    this.write('market-data', MessageType.TICKER, 0, [at, at + 1]);
    this.write('log', MessageType.TICKER, seq, [at, at + 2]);
    this.write('tops', MessageType.BOOK_TOP, seq, [at, at + 3]);
  }
}

// Just below the wrap of the free-running positions, too.
describe.each([0, 0x7fffffff - 64, -64])('rings that begin at position %i', (start) => {
  it('are searched for what became of the slowest event, from the frame to the answer of the venue', () => {
    const rings = new Rings(1 << 16, start & ~7);
    const sampler = new RingSampler(rings.streams, ENGINE_STREAMS);
    rings.tick(1, 1_000, 99_999);
    sampler.begin();
    for (let seq = 2; seq < 40; seq++) {
      if (seq % 5 === 0) rings.tick(seq, seq * 10_000, seq === 25 ? 8_000 : 3_000);
      else rings.noise(seq, seq * 10_000);
    }
    sampler.close();
    rings.tick(40, 400_000, 99_999);
    const [slowest, ...others] = sampler.take(2);
    expect(others).toHaveLength(1);
    expect(slowest!.seq).toBe(25);
    const trace = eventTrace(slowest!, rings.streams, ENGINE_STREAMS, EPOCH)!;
    const shown = (at: bigint): number => Number(at - EPOCH);
    expect(trace.parts.map(({ name, start: from, end }) => [name, shown(from), shown(end)])).toEqual([
      ['venue', 10_000, 360_000],
      ['feed', 250_000, 250_500],
      ['sequencer', 250_500, 250_900],
      ['book', 250_900, 251_500],
      ['risk', 251_500, 258_900],
      ['execution', 258_900, 260_000],
    ]);
    expect([shown(trace.whole.start), shown(trace.whole.end)]).toEqual([250_000, 260_000]);
    expect(trace.whole.attributes).toMatchObject({
      'volfilter.seq': 25,
      'volfilter.event': 'TICKER',
      'volfilter.orders': 1,
      'volfilter.order.instrument': 17,
      'volfilter.order.id': '3-25-0',
    });
    expect(sampler.lost).toBe(0);
  });
});

describe('a sample of the rings', () => {
  it('is thrown away where a writer may have gone over it meanwhile, and that is counted', () => {
    const rings = new Rings(1 << 14);
    const sampler = new RingSampler(rings.streams, ENGINE_STREAMS);
    sampler.begin();
    rings.tick(1, 1_000, 500);
    sampler.close();
    for (let seq = 2; seq < 200; seq++) rings.noise(seq, seq * 1000);
    expect(sampler.take(2)).toEqual([]);
    expect(sampler.lost).toBeGreaterThan(0);
  });

  it('is empty where nothing led to an order', () => {
    const rings = new Rings();
    const sampler = new RingSampler(rings.streams, ENGINE_STREAMS);
    sampler.begin();
    rings.noise(1, 1000);
    sampler.close();
    expect(sampler.take(2)).toEqual([]);
    expect(sampler.lost).toBe(0);
  });
});

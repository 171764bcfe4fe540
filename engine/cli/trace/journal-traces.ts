import { structOffset } from '../../../schemas/field-offset.js';
import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import { RequestReport } from '../../../schemas/generated/request-report.js';
import { SendReport } from '../../../schemas/generated/send-report.js';
import { MessageType } from '../../../schemas/message-type.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { eachRecord } from '../../journal/block.js';
import type { JournalReader } from '../../journal/reader.js';
import { HEADER_BYTES, HeaderOffset } from '../../runtime/edge/record.js';
import { type Span, SpanKind, type Trace, traceIdOf } from '../../telemetry/tracing/span.js';
import { microsToNanos, orderAttributes, sendFailure, TICK_TO_ORDER, typeName, venueSpan } from './event-trace.js';

/** How far behind an event the reports of its orders are looked for, log events. */
const LATER_EVENTS = 50_000;
/** A span that is longer spans two clocks: event times of a recording are those of the past. */
const LONGEST_MICROS = 60e6;
/** Blocks that are looked through for the newest events. */
const BLOCKS = 64;
const SENT_ORDER = structOffset(SendReport, 'order');

interface Found {
  type: number;
  /** Microseconds since the Unix epoch; 0 where it was not said. */
  exchangeTime: number;
  receiveTime: number;
  eventTime: number;
  orders: { view: ViewBuffer; at: number }[];
  /** With the event time at which the engine heard of it. */
  reports: { type: number; view: ViewBuffer; at: number; heard: number }[];
}

export interface TraceChoice {
  /** This log event alone. */
  seq?: number;
  /** So many of the newest events that led to orders. */
  last: number;
}

/**
 * Traces from what a journal holds: when an event happened at the venue, was received, became an event of the log, and when its orders were written and answered. What the
 * stages of the core took is in no journal; that is in the traces that a running engine sends.
 */
export function journalTraces(reader: JournalReader, { seq, last }: TraceChoice): Trace[] {
  const blocks = seq === undefined ? reader.lastBlocks(BLOCKS) : blocksFrom(reader, seq);
  const events = new Map<number, Found>();
  for (const block of blocks) collect(block, events, seq);
  const chosen = [...events].filter(([, { orders, type }]) => orders.length > 0 && type >= 0);
  return chosen.slice(-last).map(([number, found]) => traceOf(number, found));
}

function blocksFrom(reader: JournalReader, seq: number): Buffer[] {
  const blocks: Buffer[] = [];
  for (const block of reader.blocks(seq)) {
    const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
    let first = Number.NaN;
    eachRecord(block, (offset) => {
      if (Number.isNaN(first)) first = view.getFloat64(offset + HeaderOffset.SEQ, true);
    });
    if (first > seq + LATER_EVENTS) break;
    blocks.push(Buffer.from(block));
  }
  return blocks;
}

function collect(block: Buffer, events: Map<number, Found>, only: number | undefined): void {
  const view = new ViewBuffer(block.buffer as ArrayBuffer, block.byteOffset, block.byteLength);
  const foundOf = (seq: number): Found | undefined => {
    if (only !== undefined && seq !== only) return undefined;
    let found = events.get(seq);
    if (found === undefined) {
      found = { type: -1, exchangeTime: 0, receiveTime: 0, eventTime: 0, orders: [], reports: [] };
      events.set(seq, found);
    }
    return found;
  };
  eachRecord(block, (offset) => {
    const type = view.view.getUint16(offset + HeaderOffset.TYPE, true);
    const number = view.view.getFloat64(offset + HeaderOffset.SEQ, true);
    const isOutput = view.view.getFloat64(offset + HeaderOffset.CAUSE, true) === number;
    const at = offset + HEADER_BYTES;
    if (isOutput) {
      if (type === MessageType.APPROVED_ORDER) foundOf(number)?.orders.push({ view, at });
      return;
    }
    if (type === MessageType.SEND_REPORT || type === MessageType.REQUEST_REPORT) {
      const report = type === MessageType.SEND_REPORT ? new SendReport() : new RequestReport();
      // The event comes before its reports: where it is not known, it lies before what is looked through.
      const about = events.get(report.__init(at, view).requestSeq());
      const heard = view.view.getFloat64(offset + HeaderOffset.EVENT_TIME, true);
      about?.reports.push({ type, view, at, heard });
    }
    const found = foundOf(number);
    if (found === undefined) return;
    found.type = type;
    found.exchangeTime = view.view.getFloat64(offset + HeaderOffset.EXCHANGE_TIME, true);
    found.receiveTime = view.view.getFloat64(offset + HeaderOffset.RECEIVE_TIME, true);
    found.eventTime = view.view.getFloat64(offset + HeaderOffset.EVENT_TIME, true);
  });
}

function traceOf(seq: number, found: Found): Trace {
  const { type, exchangeTime, receiveTime, eventTime, orders, reports } = found;
  const first = new ApprovedOrder().__init(orders[0]!.at, orders[0]!.view);
  const parts: Span[] = [];
  const add = (name: string, kind: SpanKind, from: number, to: number, more: Partial<Span> = {}): void => {
    if (!(from > 0) || !(to >= from) || to - from > LONGEST_MICROS) return;
    parts.push({ name, kind, start: microsToNanos(from), end: microsToNanos(to), attributes: {}, ...more });
  };
  add('from the venue', SpanKind.CLIENT, exchangeTime, receiveTime);
  add('feed and sequencer', SpanKind.INTERNAL, receiveTime, eventTime);
  let end = eventTime;
  for (const { type: kind, view, at, heard } of reports) {
    if (kind === MessageType.SEND_REPORT) {
      const report = new SendReport().__init(at, view);
      const failure = sendFailure(report);
      const order = new ApprovedOrder().__init(at + SENT_ORDER, view);
      // Where orders go to no venue nobody reads the clock at a socket.
      const sent = report.sentTime() || heard;
      add('core and execution', SpanKind.INTERNAL, eventTime, sent, {
        attributes: orderAttributes(order),
        ...(failure === undefined ? {} : { failure }),
      });
      if (sent > end && sent - eventTime <= LONGEST_MICROS) end = sent;
    } else {
      const span = venueSpan(new RequestReport().__init(at, view));
      if (span !== undefined) parts.push(span);
    }
  }
  const start =
    receiveTime > 0 && receiveTime <= eventTime && eventTime - receiveTime <= LONGEST_MICROS ? receiveTime : eventTime;
  return {
    id: traceIdOf(first.run(), seq, eventTime),
    whole: {
      name: TICK_TO_ORDER,
      kind: SpanKind.INTERNAL,
      start: microsToNanos(start),
      end: microsToNanos(end),
      attributes: {
        'volfilter.seq': seq,
        'volfilter.event': typeName(type),
        'volfilter.orders': orders.length,
        ...orderAttributes(first),
      },
    },
    parts,
  };
}

import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import { RequestReport } from '../../../schemas/generated/request-report.js';
import { SendReport } from '../../../schemas/generated/send-report.js';
import { MessageType } from '../../../schemas/message-type.js';
import { RequestOutcome, SendOutcome } from '../../market/orders/codes.js';
import { HEADER_BYTES, HeaderOffset } from '../../runtime/edge/record.js';
import { type Span, type SpanAttributes, SpanKind, type Trace, traceIdOf } from '../../telemetry/tracing/span.js';
import type { FoundRecord, SampledEvent, TracedNames, TracedStream } from './ring-sampler.js';

const TYPE_NAMES = new Map(Object.entries(MessageType).map(([name, type]) => [type as number, name]));

/** Names of the whole and of what is no actor's work. */
export const TICK_TO_ORDER = 'tick to order';
const AT_THE_VENUE = 'venue';

export function typeName(type: number): string {
  return TYPE_NAMES.get(type) ?? `TYPE_${type}`;
}

/** What a trace says of the order that a report or an approval is about. */
export function orderAttributes(order: ApprovedOrder): SpanAttributes {
  return {
    'volfilter.order.action': order.action(),
    'volfilter.order.instrument': order.instrument(),
    'volfilter.order.strategy': order.strategy(),
    'volfilter.order.id': `${order.run()}-${order.orderSeq()}-${order.index()}`,
  };
}

/** The answer of a venue to one request, as a span by this host's clock; undefined where none came. */
export function venueSpan(report: RequestReport): Span | undefined {
  const [asked, took] = [report.asked(), report.roundTrip()];
  if (!(asked > 0 && took >= 0)) return undefined;
  const venueMicros = report.venueTime();
  return {
    name: AT_THE_VENUE,
    kind: SpanKind.CLIENT,
    start: microsToNanos(asked),
    end: microsToNanos(asked + took),
    attributes: {
      'volfilter.request.action': report.action(),
      'volfilter.request.outcome': report.outcome(),
      ...(Number.isNaN(venueMicros) ? {} : { 'volfilter.venue.us': venueMicros }),
    },
    ...(report.outcome() === RequestOutcome.ACCEPTED
      ? {}
      : { failure: `not accepted: reason ${report.reason()}, the venue's code ${report.venueCode()}` }),
  };
}

/** Why an order was not sent; undefined where it was. */
export function sendFailure(report: SendReport): string | undefined {
  return report.outcome() === SendOutcome.SENT ? undefined : `not sent: reason ${report.reason()}`;
}

export function microsToNanos(micros: number): bigint {
  return BigInt(Math.round(micros)) * 1000n;
}

/**
 * The trace of an event from what was found of it. A part begins when the last of what its actor read of this event was published, and ends when the actor published: it is
 * the hop and the work together. @param epochNanos Unix time of the engine's monotonic zero
 */
export function eventTrace(
  event: SampledEvent,
  streams: readonly TracedStream[],
  names: TracedNames,
  epochNanos: bigint,
): Trace | undefined {
  const told = event.records.find(({ stream }) => stream === names.log);
  const orders = event.records.filter(
    ({ stream, type }) => stream === names.orders && type === MessageType.APPROVED_ORDER,
  );
  const [first] = orders;
  if (told === undefined || first === undefined) return undefined;
  const unix = (nanoseconds: number): bigint => epochNanos + BigInt(Math.round(nanoseconds));
  const lastOf = new Map<string, number>();
  for (const { stream, published } of event.records) {
    if (!(published <= (lastOf.get(stream) ?? Number.NEGATIVE_INFINITY))) lastOf.set(stream, published);
  }
  const parts: Span[] = [];
  const input = event.records.find(({ stream }) => stream === names.input);
  if (input !== undefined)
    parts.push(hop(input.writer, told.ingress, input.published, unix, { 'volfilter.type': typeName(input.type) }));
  parts.push(hop(told.writer, input?.published ?? told.ingress, told.published, unix, { 'volfilter.seq': event.seq }));
  for (const { name, writer, reads } of streams) {
    const published = lastOf.get(name);
    if (published === undefined || name === names.log || name === names.input || name === names.reports) continue;
    const heard = Math.max(told.published, ...reads.map((stream) => lastOf.get(stream) ?? told.published));
    const records = event.records.filter(({ stream }) => stream === name).length;
    parts.push(hop(writer, Math.min(heard, published), published, unix, { 'volfilter.records': records }));
  }
  const approved = lastOf.get(names.orders)!;
  for (const report of event.records.filter(({ stream }) => stream === names.reports)) {
    const span = reportSpan(report, approved, unix);
    if (span !== undefined) parts.push(span);
  }
  parts.sort((left, right) => (left.start < right.start ? -1 : left.start > right.start ? 1 : 0));
  const ends = parts.filter(({ name }) => name !== AT_THE_VENUE).map(({ end }) => end);
  const { view } = told.record;
  const order = new ApprovedOrder().__init(HEADER_BYTES, first.record);
  const start = unix(told.ingress);
  return {
    id: traceIdOf(order.run(), event.seq, view.getFloat64(HeaderOffset.EVENT_TIME, true)),
    whole: {
      name: TICK_TO_ORDER,
      kind: SpanKind.INTERNAL,
      start,
      end: ends.reduce((last, end) => (end > last ? end : last), start),
      attributes: {
        'volfilter.seq': event.seq,
        'volfilter.event': typeName(told.type),
        'volfilter.orders': orders.length,
        ...orderAttributes(order),
      },
    },
    parts,
  };
}

function hop(name: string, from: number, to: number, unix: (at: number) => bigint, attributes: SpanAttributes): Span {
  return { name, kind: SpanKind.INTERNAL, start: unix(Math.min(from, to)), end: unix(to), attributes };
}

function reportSpan(found: FoundRecord, approved: number, unix: (at: number) => bigint): Span | undefined {
  if (found.type === MessageType.REQUEST_REPORT)
    return venueSpan(new RequestReport().__init(HEADER_BYTES, found.record));
  const report = new SendReport().__init(HEADER_BYTES, found.record);
  const failure = sendFailure(report);
  return {
    ...hop(found.writer, approved, found.published, unix, orderAttributes(report.order(new ApprovedOrder())!)),
    ...(failure === undefined ? {} : { failure }),
  };
}

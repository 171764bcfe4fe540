import { type Span, type SpanAttributes, spanIdOf, type Trace } from './span.js';

/**
 * Traces in the JSON encoding of OpenTelemetry's protocol (OTLP 1.x): ids as hexadecimal digits, whole numbers of 64 bits as decimal text, enumerations as
 * numbers. OpenTelemetry's own exporter asks for a newer Node than ours; all of it that is needed here is this file.
 */
interface KeyValue {
  key: string;
  value: { stringValue: string } | { intValue: string } | { doubleValue: number } | { boolValue: boolean };
}

interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: KeyValue[];
  status: { code: number; message?: string };
}

/** An ExportTraceServiceRequest. */
export interface OtlpRequest {
  resourceSpans: {
    resource: { attributes: KeyValue[] };
    scopeSpans: { scope: { name: string; version: string }; spans: OtlpSpan[] }[];
  }[];
}

const STATUS_UNSET = 0;
const STATUS_ERROR = 2;
const SCOPE = 'volfilter';

/** @param resource who made them, such as `service.name` */
export function otlpRequest(traces: readonly Trace[], resource: SpanAttributes, version: string): OtlpRequest {
  const spans = traces.flatMap((trace) => {
    const root = spanIdOf(trace, -1);
    return [
      otlpSpan(trace.id, root, trace.whole),
      ...trace.parts.map((part, place) => ({
        ...otlpSpan(trace.id, spanIdOf(trace, place), part),
        parentSpanId: root,
      })),
    ];
  });
  return {
    resourceSpans: [
      { resource: { attributes: keyValues(resource) }, scopeSpans: [{ scope: { name: SCOPE, version }, spans }] },
    ],
  };
}

function otlpSpan(traceId: string, spanId: string, { name, kind, start, end, attributes, failure }: Span): OtlpSpan {
  return {
    traceId,
    spanId,
    name,
    kind,
    startTimeUnixNano: String(start),
    endTimeUnixNano: String(end),
    attributes: keyValues(attributes),
    status: failure === undefined ? { code: STATUS_UNSET } : { code: STATUS_ERROR, message: failure },
  };
}

function keyValues(attributes: SpanAttributes): KeyValue[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: string | number | boolean): KeyValue['value'] {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (Number.isSafeInteger(value)) return { intValue: String(value) };
  // JSON has no such numbers.
  return Number.isFinite(value) ? { doubleValue: value } : { stringValue: String(value) };
}

import { createHash } from 'node:crypto';

/** Who a span's work is for: of the engine itself, or of a venue that is waited for. */
export const SpanKind = { INTERNAL: 1, CLIENT: 3 } as const;
export type SpanKind = (typeof SpanKind)[keyof typeof SpanKind];

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A piece of work within a trace. */
export interface Span {
  name: string;
  kind: SpanKind;
  /** Nanoseconds since the Unix epoch. */
  start: bigint;
  end: bigint;
  attributes: SpanAttributes;
  /** Why it failed; absent where it did not. */
  failure?: string;
}

/** One event on its way from a frame to orders: a span for the whole, and its parts in order of time. */
export interface Trace {
  /** 32 hexadecimal digits. */
  id: string;
  whole: Span;
  parts: readonly Span[];
}

/**
 * The id of the trace of one log event of one run, at its event time in microseconds. The same event has the same id whoever makes the trace, and whenever:
 * what was sampled while the engine ran and what is read from its journal meet in one trace.
 */
export function traceIdOf(run: number, seq: number, eventMicros: number): string {
  return createHash('sha256').update(`volfilter ${run} ${seq} ${eventMicros}`).digest('hex').slice(0, 32);
}

/** The id of a trace's span: 16 hexadecimal digits. `part` is its place among the parts, -1 for the whole. */
export function spanIdOf(trace: Trace, part: number): string {
  const { name, start } = part < 0 ? trace.whole : trace.parts[part]!;
  return createHash('sha256').update(`${trace.id} ${part} ${name} ${start}`).digest('hex').slice(0, 16);
}

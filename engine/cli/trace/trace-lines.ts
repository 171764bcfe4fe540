import type { Span, Trace } from '../../telemetry/tracing/span.js';

const BAR = 40;

/** A trace as a picture in text: each part where it lies in the time of all of them. */
export function traceLines({ id, whole, parts }: Trace): string[] {
  const all = [whole, ...parts];
  const first = all.reduce((least, { start }) => (start < least ? start : least), whole.start);
  const last = all.reduce((most, { end }) => (end > most ? end : most), whole.end);
  const span = Number(last - first) || 1;
  const place = (at: bigint): number => Math.min(BAR - 1, Math.floor((Number(at - first) / span) * BAR));
  const line = (part: Span, indent: string): string => {
    const from = place(part.start);
    const bar = `${' '.repeat(from)}${'#'.repeat(Math.max(1, place(part.end) - from))}`.padEnd(BAR);
    const took = Number(part.end - part.start) / 1000;
    const failure = part.failure === undefined ? '' : `  ${part.failure}`;
    return `  ${`${indent}${part.name}`.padEnd(22)} |${bar}| ${micros(took).padStart(12)} us${failure}`;
  };
  const { 'volfilter.seq': seq, 'volfilter.event': event, 'volfilter.orders': orders } = whole.attributes;
  const when = new Date(Number(whole.start / 1_000_000n)).toISOString();
  return [
    `${when}  event ${String(seq)} ${String(event)}, ${String(orders)} orders, trace ${id}`,
    line(whole, ''),
    ...parts.map((part) => line(part, '  ')),
  ];
}

function micros(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1, minimumFractionDigits: 1 });
}

import type { Engine } from '../../runtime/host/engine.js';
import type { Topology } from '../../runtime/topology/topology.js';
import type { SpanAttributes } from '../../telemetry/tracing/span.js';
import { readHeaders, TraceExporter } from '../../telemetry/tracing/trace-exporter.js';
import { packageVersion } from '../package-version.js';
import { TraceSampler, tracedStreams } from '../trace/trace-sampler.js';
import type { EngineNotes } from './engine-notes.js';

/** What OpenTelemetry calls the address of a collector, and what it asks for. */
export const ENDPOINT_VARIABLE = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const HEADERS_VARIABLE = 'OTEL_EXPORTER_OTLP_HEADERS';

/** Who the traces are of. */
export function traceResource(environment: string, run?: number): SpanAttributes {
  return {
    'service.name': process.env.OTEL_SERVICE_NAME ?? 'volfilter',
    'service.version': packageVersion(),
    'deployment.environment.name': environment,
    ...(run === undefined ? {} : { 'service.instance.id': String(run) }),
  };
}

/** Sends traces of a running engine to a collector; nothing where none is named. */
export function runTraces(
  engine: Engine,
  topology: Topology,
  notes: EngineNotes,
  { endpoint, every, environment, run }: { endpoint?: string; every: number; environment: string; run: number },
): TraceSampler | undefined {
  const named = endpoint ?? process.env[ENDPOINT_VARIABLE] ?? '';
  if (named === '') return undefined;
  const headers = readHeaders(process.env[HEADERS_VARIABLE] ?? '');
  for (const value of Object.values(headers)) notes.redaction.hide(value);
  let exporter: TraceExporter;
  try {
    exporter = new TraceExporter({
      endpoint: named,
      headers,
      resource: traceResource(environment, run),
      version: packageVersion(),
      redaction: notes.redaction,
      note: (message) => notes.note('warn', 'traces', message),
    });
  } catch {
    // Traces are for people: a wrong address must not keep an engine from trading.
    notes.note('warn', 'traces', `none are sent: expected the http address of a collector, found '${named}'`);
    return undefined;
  }
  const streams = tracedStreams(topology, (name) => engine.stream(name));
  const sampler = new TraceSampler(streams, engine.epoch, exporter, { everyMs: every * 1000 });
  sampler.start();
  return sampler;
}

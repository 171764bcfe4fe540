import { Command, InvalidArgumentError } from 'commander';
import { JournalReader } from '../../journal/reader.js';
import { Redaction } from '../../telemetry/log/redaction.js';
import { otlpRequest } from '../../telemetry/tracing/otlp.js';
import { readHeaders, TraceExporter } from '../../telemetry/tracing/trace-exporter.js';
import { tracesAddress } from '../../telemetry/tracing/traces-address.js';
import { journalArgument } from '../journal-folder.js';
import { packageVersion } from '../package-version.js';
import { collector } from '../run/collector.js';
import { traceResource } from '../run/run-traces.js';
import { journalTraces } from '../trace/journal-traces.js';
import { traceLines } from '../trace/trace-lines.js';
import { UserError } from '../user-error.js';

interface TraceOptions {
  last: number;
  seq?: number;
  endpoint?: string;
  json?: boolean;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('expected a whole number from 1 on.');
  return value;
}

/** `volfilter trace`. */
export function traceCommand(): Command {
  return new Command('trace')
    .description('events that led to orders, from the frame to the answer of the venue, out of a journal')
    .addArgument(journalArgument())
    .option('--last <n>', 'so many of the newest', wholeNumber, 5)
    .option('--seq <n>', 'this log event', wholeNumber)
    .option('--endpoint <address>', 'send them to a collector by OTLP over HTTP', collector)
    .option('--json', 'print them as OTLP JSON')
    .action(async (folder: string, options: TraceOptions) => {
      const traces = await tracesOf(folder, options);
      if (traces.length === 0) {
        const { seq } = options;
        throw new UserError(
          seq === undefined
            ? `the end of the journal in ${folder} holds no event that led to an order`
            : `log event ${seq} is not in the journal in ${folder}, or led to no order: 'volfilter journal why ${seq} ${folder}' says what it led to`,
        );
      }
      const version = packageVersion();
      if (options.json === true) {
        process.stdout.write(`${JSON.stringify(otlpRequest(traces, traceResource('journal'), version), null, 2)}\n`);
      } else if (options.endpoint === undefined) {
        process.stdout.write(`${traces.flatMap((trace) => [...traceLines(trace), '']).join('\n')}`);
      }
      if (options.endpoint === undefined) return;
      const redaction = new Redaction();
      redaction.hideEnvironment(process.env);
      const headers = readHeaders(process.env.OTEL_EXPORTER_OTLP_HEADERS ?? '');
      redaction.hide(...Object.values(headers));
      const { endpoint } = options;
      const exporter = new TraceExporter({ endpoint, headers, resource: traceResource('journal'), version, redaction });
      const failure = await exporter.send(traces);
      if (failure !== undefined) throw new UserError(`${tracesAddress(endpoint)} has not taken the traces: ${failure}`);
      process.stderr.write(`${traces.length} traces to ${tracesAddress(endpoint)}\n`);
    });
}

async function tracesOf(folder: string, options: TraceOptions): Promise<ReturnType<typeof journalTraces>> {
  let reader: JournalReader;
  try {
    reader = new JournalReader(folder);
  } catch (error) {
    throw new UserError((error as Error).message);
  }
  try {
    return journalTraces(reader, options);
  } finally {
    await reader.close();
  }
}

import type { Redaction } from '../log/redaction.js';
import { NotCalled, OutsideCall, type OutsidePolicy, RefusedForGood } from '../outside/outside-call.js';
import { otlpRequest } from './otlp.js';
import type { SpanAttributes, Trace } from './span.js';
import { tracesAddress } from './traces-address.js';

export interface TraceExporterSettings {
  /** Where the collector takes OTLP over HTTP: `http://127.0.0.1:4318`, or with a path of its own. */
  endpoint: string;
  /** Headers that the collector asks for, such as a key. */
  headers?: Readonly<Record<string, string>>;
  resource: SpanAttributes;
  version: string;
  redaction: Redaction;
  note?: (message: string) => void;
  policy?: Partial<OutsidePolicy>;
}

/** Statuses after which the protocol allows another attempt; any other refusal is final. */
const TRY_AGAIN = [429, 502, 503, 504];

/** Headers as the environment has them: `key=value,key=value`, percent-encoded. */
export function readHeaders(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split(',')
      .map((pair) => pair.trim().split(/=(.*)/s))
      .filter(([key]) => key !== '')
      .map(([key, value = '']) => [key!.trim().toLowerCase(), decodeURIComponent(value.trim())]),
  );
}

/** Sends traces to a collector. What it cannot send is dropped and counted: nobody waits for a picture of what was. */
export class TraceExporter {
  sent = 0;
  dropped = 0;
  private readonly settings: TraceExporterSettings;
  private readonly address: string;
  private readonly outside: OutsideCall;

  constructor(settings: TraceExporterSettings) {
    this.settings = settings;
    this.address = tracesAddress(settings.endpoint);
    this.outside = new OutsideCall('traces', settings.policy, settings.note);
  }

  /** Resolves with why they were not sent, or undefined where they were; never rejects. */
  async send(traces: readonly Trace[]): Promise<string | undefined> {
    if (traces.length === 0) return undefined;
    const { resource, version, redaction } = this.settings;
    const body = redaction.of(JSON.stringify(otlpRequest(traces, resource, version)));
    try {
      const refused = await this.outside.call((signal) => this.post(body, signal));
      this.sent += traces.length;
      if (refused !== undefined) this.settings.note?.(`the collector refused a part of the traces: ${refused}`);
      return undefined;
    } catch (error) {
      this.dropped += traces.length;
      if (error instanceof NotCalled || error instanceof RefusedForGood) return error.message;
      const { message, cause } = error as Error & { cause?: { code?: string } };
      return cause?.code ?? message;
    }
  }

  /** What the collector says of what it refused; undefined where it took all. */
  private async post(body: string, signal: AbortSignal): Promise<string | undefined> {
    const { headers = {} } = this.settings;
    const response = await fetch(this.address, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body,
      signal,
      redirect: 'error',
    });
    const text = await response.text();
    if (response.ok) return partlyRefused(text);
    const message = `the collector answered ${response.status} ${text.slice(0, 200)}`;
    throw TRY_AGAIN.includes(response.status) ? new Error(message) : new RefusedForGood(message);
  }
}

function partlyRefused(text: string): string | undefined {
  try {
    const { partialSuccess } = JSON.parse(text) as {
      partialSuccess?: { rejectedSpans?: string | number; errorMessage?: string };
    };
    const count = Number(partialSuccess?.rejectedSpans ?? 0);
    return count > 0 ? `${count} spans, ${partialSuccess?.errorMessage ?? 'without a word'}` : undefined;
  } catch {
    // A collector that answers with nothing, or with a protobuf, has taken them.
    return undefined;
  }
}

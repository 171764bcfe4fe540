import { hostname } from 'node:os';
import { createStackParser, createTransport, Scope } from '@sentry/core';
import { nodeStackLineParser, ServerRuntimeClient } from '@sentry/core/server';
import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleAll,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import type { Redaction } from '../log/redaction.js';
import { watchBreaker } from '../outside/outside-call.js';
import { outsideStatus } from '../outside/outside-status.js';

export interface ErrorReportSettings {
  /** Where Sentry or GlitchTip takes reports: an address with a key in it. */
  dsn: string;
  release: string;
  /** Of a run: sim, paper or live. */
  environment: string;
  redaction: Redaction;
  /** Told when reports cannot be sent any more, and when they can again. */
  note?: (message: string) => void;
  timeoutMs?: number;
  /** Failures in a row after which it is left alone, and for how long. */
  failures?: number;
  openMs?: number;
}

export interface ErrorReport {
  level: 'warning' | 'error' | 'fatal';
  /** The part that it happened to. */
  who: string;
  message: string;
  error?: Error;
  /** What helps to find it in logs: the id of a request, the run of the engine. */
  tags?: Readonly<Record<string, string | number>>;
}

const TIMEOUT_MS = 5000;
const FAILURES = 3;
const OPEN_MS = 60_000;
/** The same thing is told so often: what happens at each tick would bury everything else. */
const SAME_AGAIN_MS = 60_000;
const MOST_KINDS = 256;
/** Reports under way at once; more are dropped and counted. */
const MOST_UNDER_WAY = 16;

/** Numbers differ from one time to the next, what happened does not. */
function kindOf({ who, message }: ErrorReport): string {
  return `${who}: ${message.replace(/\d+(\.\d+)?/g, '#')}`;
}

/**
 * Reports errors to a server that groups them and tells people. Its failure is nobody's: reports wait for nothing, have a limit, and are
 * left alone for a while when they cannot be sent. Nothing leaves this process before secrets are taken out.
 */
export class ErrorReports {
  /** Reports that were not sent: too many, or told a moment ago. */
  dropped = 0;
  sent = 0;
  failed = 0;
  private readonly client: ServerRuntimeClient;
  private readonly breaker: ReturnType<typeof circuitBreaker>;
  private readonly status = outsideStatus('error-reports');
  private readonly told = new Map<string, number>();
  private readonly tags: Record<string, string>;

  constructor(settings: ErrorReportSettings, tags: Readonly<Record<string, string | number>> = {}) {
    const { dsn, release, environment, redaction, note = () => {} } = settings;
    const { timeoutMs = TIMEOUT_MS, failures = FAILURES, openMs = OPEN_MS } = settings;
    this.tags = texts(tags);
    this.breaker = circuitBreaker(handleAll, {
      halfOpenAfter: openMs,
      breaker: new ConsecutiveBreaker(failures),
    });
    this.breaker.onBreak(() => note(`reports of errors cannot be sent; the next is tried in ${openMs / 1000} s`));
    this.breaker.onReset(() => note('reports of errors can be sent again'));
    watchBreaker(this.breaker, this.status);
    const guarded = wrap(this.breaker, timeout(timeoutMs, TimeoutStrategy.Aggressive));
    const post = (url: string, body: string): Promise<Response> =>
      guarded.execute(async ({ signal }) => {
        const response = await fetch(url, { method: 'POST', body, signal });
        await response.arrayBuffer();
        if (response.status >= 500) throw new Error(`the server of error reports says ${response.status}`);
        return response;
      });
    this.client = new ServerRuntimeClient({
      dsn,
      release,
      environment,
      platform: 'node',
      runtime: { name: 'node', version: process.version },
      serverName: hostname(),
      integrations: [],
      sendClientReports: false,
      stackParser: createStackParser(nodeStackLineParser()),
      transport: (options) =>
        createTransport({ ...options, bufferSize: MOST_UNDER_WAY }, async ({ body }) => {
          this.status.calls++;
          const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
          try {
            const { status, headers } = await post(options.url, redaction.of(text));
            this.sent++;
            this.status.succeeded++;
            const header = (name: string): string | null => headers.get(name);
            return {
              statusCode: status,
              headers: {
                'x-sentry-rate-limits': header('x-sentry-rate-limits'),
                'retry-after': header('retry-after'),
              },
            };
          } catch (error) {
            this.failed++;
            if (error instanceof BrokenCircuitError) this.status.refused++;
            else this.status.failed++;
            throw error;
          }
        }),
    });
    this.client.init();
  }

  /** Whether reports are sent now, or left for a while because they could not be. */
  get state(): 'sending' | 'left alone' {
    return this.breaker.state === CircuitState.Open || this.breaker.state === CircuitState.Isolated
      ? 'left alone'
      : 'sending';
  }

  report(report: ErrorReport): void {
    const kind = kindOf(report);
    const now = performance.now();
    if (now - (this.told.get(kind) ?? Number.NEGATIVE_INFINITY) < SAME_AGAIN_MS) {
      this.dropped++;
      return;
    }
    // The oldest kind makes room: what is told is found again, what is forgotten is only told again.
    if (this.told.size >= MOST_KINDS) this.told.delete(this.told.keys().next().value!);
    this.told.delete(kind);
    this.told.set(kind, now);
    const scope = new Scope();
    scope.setLevel(report.level);
    scope.setTags({ ...this.tags, ...texts(report.tags ?? {}), who: report.who });
    scope.setFingerprint([kind]);
    if (report.error !== undefined) this.client.captureException(report.error, {}, scope);
    else this.client.captureMessage(report.message, report.level, {}, scope);
  }

  /** Resolves when what was reported is sent, or when nobody waits any longer. */
  async flush(withinMs: number): Promise<void> {
    await this.client.flush(withinMs);
  }
}

function texts(tags: Readonly<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, String(value)]));
}

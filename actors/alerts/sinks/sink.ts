import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleAll,
  handleWhen,
  type IPolicy,
  retry,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import { watchBreaker } from '../../../engine/telemetry/outside/outside-call.js';
import { type OutsideStatus, outsideStatus } from '../../../engine/telemetry/outside/outside-status.js';
import type { Notice } from '../notice.js';

/** Where notices go. */
export interface Sink {
  readonly name: string;
  /** Tells it; resolves with the sink's own code, such as an HTTP status. Rejects where it could not be told. */
  tell(notice: Notice, signal: AbortSignal): Promise<number>;
  close?(): void;
}

/** It was refused for good: no other attempt would help. */
export class RefusedError extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.name = 'RefusedError';
    this.status = status;
  }
}

export interface SinkPolicy {
  /** Attempts beside the first. */
  retries: number;
  /** Milliseconds before the second attempt; it doubles from there. */
  firstPauseMs: number;
  timeoutMs: number;
  /** Failures in a row after which it is left alone, and for how long. */
  failures: number;
  openMs: number;
  /** Notices a minute; what is beyond is dropped and counted. */
  perMinute: number;
}

export const SINK_POLICY: SinkPolicy = {
  retries: 4,
  firstPauseMs: 500,
  timeoutMs: 10_000,
  failures: 5,
  openMs: 30_000,
  perMinute: 60,
};

/** The codes stand in AlertDelivery records. */
export const DeliveryOutcome = { DELIVERED: 1, FAILED: 2, CIRCUIT_OPEN: 3, RATE_LIMIT: 4 } as const;

export interface Delivery {
  outcome: (typeof DeliveryOutcome)[keyof typeof DeliveryOutcome];
  attempts: number;
  status: number;
  tookMs: number;
  problem?: string;
}

/** Notices that may wait for one sink: more than that means that it cannot be told, and the newest are dropped. */
const MOST_WAITING = 256;

/** A sink behind its policies: in order, one notice at a time, retried, left alone when it fails again and again, rate-limited. */
export class GuardedSink {
  readonly sink: Sink;
  /** What became of it, for people to look at. */
  private readonly status: OutsideStatus;
  private readonly policy: SinkPolicy;
  private readonly guarded: IPolicy<{ signal: AbortSignal }>;
  private readonly breaker: CircuitBreakerPolicy;
  private readonly now: () => number;
  private tokens: number;
  private refilledMs: number;
  private waiting = 0;
  private tail: Promise<void> = Promise.resolve();
  private readonly stopped = new AbortController();

  /** @param now milliseconds of any monotonic clock */
  constructor(sink: Sink, policy: SinkPolicy = SINK_POLICY, now: () => number = () => performance.now()) {
    this.sink = sink;
    this.status = outsideStatus(`alerts ${sink.name}`);
    this.policy = policy;
    this.now = now;
    this.tokens = policy.perMinute;
    this.refilledMs = now();
    this.breaker = circuitBreaker(handleAll, {
      halfOpenAfter: policy.openMs,
      breaker: new ConsecutiveBreaker(policy.failures),
    });
    watchBreaker(this.breaker, this.status);
    const again = retry(
      handleWhen((error) => !(error instanceof RefusedError || error instanceof BrokenCircuitError)),
      { maxAttempts: policy.retries, backoff: new ExponentialBackoff({ initialDelay: policy.firstPauseMs }) },
    );
    this.guarded = wrap(again, this.breaker, timeout(policy.timeoutMs, TimeoutStrategy.Aggressive));
  }

  /** Tells the sink behind what it was told before; resolves with what became of it, and never rejects. */
  tell(notice: Notice): Promise<Delivery> {
    this.status.calls++;
    if (this.waiting >= MOST_WAITING || !this.takeToken()) {
      this.status.refused++;
      return Promise.resolve({ outcome: DeliveryOutcome.RATE_LIMIT, attempts: 0, status: 0, tookMs: 0 });
    }
    this.waiting++;
    const delivery = this.tail.then(() => this.deliver(notice));
    this.tail = delivery.then(() => {
      this.waiting--;
    });
    return delivery;
  }

  /** Gives up what waits. */
  close(): void {
    this.stopped.abort();
    this.sink.close?.();
  }

  private async deliver(notice: Notice): Promise<Delivery> {
    const started = this.now();
    let attempts = 0;
    try {
      const status = await this.guarded.execute(({ signal }) => {
        attempts++;
        return this.sink.tell(notice, signal);
      }, this.stopped.signal);
      this.status.succeeded++;
      this.status.retried += attempts - 1;
      return { outcome: DeliveryOutcome.DELIVERED, attempts, status, tookMs: this.now() - started };
    } catch (error) {
      const isOpen = error instanceof BrokenCircuitError;
      if (isOpen) this.status.refused++;
      else this.status.failed++;
      this.status.retried += Math.max(0, attempts - 1);
      return {
        outcome: isOpen ? DeliveryOutcome.CIRCUIT_OPEN : DeliveryOutcome.FAILED,
        attempts,
        status: error instanceof RefusedError ? error.status : 0,
        tookMs: this.now() - started,
        problem: isOpen ? 'it failed too often and is left alone for a while' : (error as Error).message,
      };
    }
  }

  private takeToken(): boolean {
    const { perMinute } = this.policy;
    const now = this.now();
    this.tokens = Math.min(perMinute, this.tokens + ((now - this.refilledMs) / 60_000) * perMinute);
    this.refilledMs = now;
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }
}

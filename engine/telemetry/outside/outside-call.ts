import {
  BrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  retry,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import { type OutsideStatus, outsideStatus } from './outside-status.js';

/** It was refused for good: no other attempt would help, and the other side is well. */
export class RefusedForGood extends Error {
  override readonly name: string = 'RefusedForGood';
}

/** It was not made: the other side failed again and again and is left alone, or too many calls are under way. */
export class NotCalled extends Error {
  override readonly name = 'NotCalled';
}

export interface OutsidePolicy {
  /** Of one attempt, milliseconds. */
  timeoutMs: number;
  /** Attempts beside the first. */
  retries: number;
  /** Milliseconds before the second attempt, at most; it doubles from there. */
  firstPauseMs: number;
  /** Attempts in a row that failed, after which it is left alone, and for how long. */
  failures: number;
  openMs: number;
  /** Calls under way at once, and those that may wait for a place among them. */
  atOnce: number;
  waiting: number;
}

const OUTSIDE_POLICY: OutsidePolicy = {
  timeoutMs: 5000,
  retries: 2,
  firstPauseMs: 250,
  failures: 5,
  openMs: 30_000,
  atOnce: 4,
  waiting: 16,
};

/** Keeps a status that of a breaker. */
export function watchBreaker(breaker: CircuitBreakerPolicy, status: OutsideStatus): void {
  breaker.onStateChange((state) => {
    status.state = state === CircuitState.Closed ? 'closed' : state === CircuitState.HalfOpen ? 'trying' : 'open';
  });
}

/**
 * One kind of call to the world outside behind its policies: a time limit for each attempt, attempts again, a breaker that leaves alone what
 * fails again and again, and a bulkhead, so that one slow host cannot hold everything. Its state is seen in metrics and by `volfilter status`.
 */
export class OutsideCall {
  readonly status: OutsideStatus;
  private readonly policy: OutsidePolicy;
  private readonly breaker: CircuitBreakerPolicy;
  private readonly guarded;

  /** @param note told when it is left alone, and when it answers again */
  constructor(name: string, policy: Partial<OutsidePolicy> = {}, note: (message: string) => void = () => {}) {
    const whole = { ...OUTSIDE_POLICY, ...policy };
    const { timeoutMs, retries, firstPauseMs, failures, openMs, atOnce, waiting } = whole;
    this.policy = whole;
    this.status = outsideStatus(name);
    const { status } = this;
    const isFailure = (error: Error): boolean => !(error instanceof RefusedForGood);
    this.breaker = circuitBreaker(handleWhen(isFailure), {
      halfOpenAfter: openMs,
      breaker: new ConsecutiveBreaker(failures),
    });
    watchBreaker(this.breaker, status);
    this.breaker.onBreak(() =>
      note(`${name} failed ${failures} times in a row: it is left alone for ${openMs / 1000} s`),
    );
    this.breaker.onReset(() => note(`${name} answers again`));
    const again = retry(
      handleWhen((error) => isFailure(error) && !(error instanceof BrokenCircuitError)),
      { maxAttempts: retries, backoff: new ExponentialBackoff({ initialDelay: firstPauseMs }) },
    );
    again.onRetry(() => {
      status.retried++;
    });
    this.guarded = wrap(bulkhead(atOnce, waiting), again, this.breaker, timeout(timeoutMs, TimeoutStrategy.Aggressive));
  }

  /** Whether the next call would not be made at all. */
  get isOpen(): boolean {
    const { state } = this.breaker;
    return state === CircuitState.Open || state === CircuitState.Isolated;
  }

  /** Makes a call. Rejects with NotCalled, or with what the last attempt failed of. */
  async call<T>(act: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { status } = this;
    status.calls++;
    try {
      const result = await this.guarded.execute(({ signal: limit }) => act(limit), signal);
      status.succeeded++;
      return result;
    } catch (error) {
      if (error instanceof BrokenCircuitError || error instanceof BulkheadRejectedError) {
        status.refused++;
        const { atOnce, waiting } = this.policy;
        throw new NotCalled(
          error instanceof BrokenCircuitError
            ? `${status.name} failed too often and is left alone for a while`
            : `${status.name} has ${atOnce} calls under way and ${waiting} that wait`,
        );
      }
      status.failed++;
      throw error;
    }
  }
}

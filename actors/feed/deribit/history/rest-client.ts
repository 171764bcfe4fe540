import { NotCalled, OutsideCall, RefusedForGood } from '../../../../engine/telemetry/outside/outside-call.js';
import { Backoff } from '../../../session/backoff.js';
import { Credits } from '../../../session/credits.js';

export interface RestOptions {
  /** Such as `https://history.deribit.com/api/v2`. */
  url: string;
  /** Milliseconds after which an answer is given up. */
  timeoutMs?: number;
  /** Attempts at one request, the first among them. */
  attempts?: number;
  /** Longest pause between two attempts, milliseconds. */
  longestPauseMs?: number;
  /** Told of each attempt that failed and will be made again. */
  retried?: (why: string) => void;
}

/** A request that the venue refused, or that failed too often. */
export class VenueRequestError extends Error {}

/** What is worth another attempt: the venue is busy, or the network was. */
class Retriable extends Error {
  /** Milliseconds that the venue asks to wait; 0 where it says nothing. */
  readonly waitMs: number;

  constructor(message: string, waitMs = 0) {
    super(message);
    this.waitMs = waitMs;
  }
}

/** The venue's pool of credits, of which ours takes the half: other programs of the same address draw on it too. */
const CREDITS = { capacity: 25_000, refillPerSecond: 5_000 } as const;
const CREDITS_A_REQUEST = 500;
/** Lists of instruments have an account of their own: one a second. */
const LISTS = { capacity: 5, refillPerSecond: 1 } as const;
const LIST_METHOD = 'public/get_instruments';

/** Error codes after which the same request may well succeed. */
const RETRIABLE_CODES = new Set([10028, 10040, 10041, 10047, 10066, 11051, 11094, 13028, 13888]);
const MOST_BYTES = 64 << 20;

/**
 * Asks Deribit over HTTP: within the rate credits, each request with a time limit, again after a growing pause where the venue or
 * the network was busy, and with the venue's own words where it refuses.
 */
export class DeribitRest {
  readonly #options: Required<RestOptions>;
  readonly #credits: Credits;
  readonly #lists: Credits;
  readonly #outside: OutsideCall;

  constructor(options: RestOptions) {
    this.#options = { timeoutMs: 15_000, attempts: 6, longestPauseMs: 30_000, retried: () => {}, ...options };
    const { timeoutMs, attempts, longestPauseMs } = this.#options;
    // Attempts, pauses and the time of each are seen to here: the guard leaves alone a venue that fails whatever is asked.
    this.#outside = new OutsideCall('venue history', {
      timeoutMs: 2 * timeoutMs,
      retries: 0,
      failures: 2 * attempts,
      openMs: longestPauseMs,
      waiting: 64,
    });
    this.#credits = new Credits(CREDITS, performance.now());
    this.#lists = new Credits(LISTS, performance.now());
  }

  /** The result of a method. @throws VenueRequestError */
  async call(method: string, params: Readonly<Record<string, string | number | boolean>>): Promise<unknown> {
    const { attempts, longestPauseMs, retried, url } = this.#options;
    const backoff = new Backoff({ firstMs: Math.min(500, longestPauseMs), longestMs: longestPauseMs }, Math.random);
    const query = Object.entries(params).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    const address = `${url.replace(/\/$/, '')}/${method}?${query.join('&')}`;
    for (let attempt = 1; ; attempt++) {
      await this.#wait(method);
      try {
        return await this.#outside.call(() => this.#ask(address).catch(forGood)).catch(ofGuard);
      } catch (error) {
        if (!(error instanceof Retriable)) throw error;
        if (attempt >= attempts) {
          throw new VenueRequestError(
            `GET ${address}: given up after ${attempts} attempts; the last: ${error.message}`,
          );
        }
        const pause = Math.min(longestPauseMs, Math.max(error.waitMs, backoff.next()));
        retried(`${method}: ${error.message}; again in ${(pause / 1000).toFixed(1)} s`);
        await sleep(pause);
      }
    }
  }

  /** Until there are credits for one request. */
  async #wait(method: string): Promise<void> {
    for (const [account, cost] of [
      [this.#credits, CREDITS_A_REQUEST],
      ...(method === LIST_METHOD ? ([[this.#lists, 1]] as const) : []),
    ] as const) {
      for (
        let pause = account.take(cost, performance.now());
        pause > 0;
        pause = account.take(cost, performance.now())
      ) {
        await sleep(pause);
      }
    }
  }

  async #ask(address: string): Promise<unknown> {
    const { response, text } = await this.#get(address);
    const answer = parseAnswer(text);
    if (answer?.error !== undefined) {
      const { code, message, data } = answer.error;
      const said = `the venue answered ${code} ${message}${data === undefined ? '' : ` ${JSON.stringify(data)}`}`;
      if (RETRIABLE_CODES.has(code) || response.status === 429) throw new Retriable(said, retryAfterMs(response));
      throw new VenueRequestError(`GET ${address}: ${said}`);
    }
    if (response.status === 429 || response.status >= 500) {
      throw new Retriable(`the venue answered ${response.status}`, retryAfterMs(response));
    }
    if (!response.ok) throw new VenueRequestError(`GET ${address}: ${response.status} ${text.slice(0, 200)}`);
    if (answer === undefined || !('result' in answer)) {
      // A proxy's page, or an answer that was cut off.
      throw new Retriable(`expected a JSON-RPC answer, found '${text.slice(0, 100)}'`);
    }
    return answer.result;
  }

  async #get(address: string): Promise<{ response: Response; text: string }> {
    const { timeoutMs } = this.#options;
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    try {
      const response = await fetch(address, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });
      for await (const chunk of response.body ?? []) {
        bytes += chunk.length;
        if (bytes > MOST_BYTES) break;
        chunks.push(chunk);
      }
      if (bytes <= MOST_BYTES) return { response, text: Buffer.concat(chunks).toString() };
    } catch (error) {
      throw new Retriable(reasonOf(error, timeoutMs));
    }
    throw new VenueRequestError(`GET ${address}: an answer of more than ${MOST_BYTES} bytes`);
  }
}

/** A refusal of the venue is no sign that it is ill. */
function forGood(error: Error): never {
  throw error instanceof Retriable ? error : new RefusedForGood(error.message, { cause: error });
}

/** What the guard says, as something that may be tried again. What the venue refused for good comes out as it was. */
function ofGuard(error: Error): never {
  if (error instanceof NotCalled) throw new Retriable(error.message);
  throw error instanceof RefusedForGood && error.cause instanceof VenueRequestError ? error.cause : error;
}

interface Answer {
  result?: unknown;
  error?: { code: number; message: string; data?: unknown };
}

function parseAnswer(text: string): Answer | undefined {
  try {
    const answer = JSON.parse(text) as unknown;
    return typeof answer === 'object' && answer !== null && !Array.isArray(answer) ? (answer as Answer) : undefined;
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown, timeoutMs: number): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  if (name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
  return cause?.code ?? cause?.message ?? message;
}

/** What `Retry-After` says, seconds, as milliseconds. */
function retryAfterMs(response: Response): number {
  const seconds = Number(response.headers.get('retry-after') ?? 0);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

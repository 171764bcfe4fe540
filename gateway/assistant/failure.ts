/** Why an answer was not given, or not to its end. */
export const FAILURES = [
  'disabled',
  'wrong-key',
  'over-budget',
  'busy',
  'overloaded',
  'offline',
  'stalled',
  'cut-off',
  'too-long',
  'too-late',
  'refused',
  'max-tokens',
  'too-many-rounds',
  'aborted',
  'ended',
  'failed',
] as const;
export type FailureCode = (typeof FAILURES)[number];

/** What went wrong, in words for who asked. */
export class AnswerFailure extends Error {
  readonly code: FailureCode;
  /** Seconds after which it may be tried again; absent where nobody said. */
  readonly retryAfter: number | undefined;

  constructor(code: FailureCode, message: string, retryAfter?: number) {
    super(message);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** What the SDK's errors have, as far as it is looked at. */
interface ApiErrorShape {
  status?: number | undefined;
  headers?: { get(name: string): string | null } | undefined;
  type?: string | null | undefined;
  message?: string;
}

/** Says in our words what the SDK threw. What the other side wrote stays out: it may quote what it was sent. */
export function failureOf(error: unknown): AnswerFailure {
  if (error instanceof AnswerFailure) return error;
  const { status, type, headers, message = '' } = (error ?? {}) as ApiErrorShape;
  const after = Number(headers?.get('retry-after') ?? Number.NaN);
  const retryAfter = Number.isFinite(after) && after >= 0 ? after : undefined;
  const again =
    retryAfter === undefined ? 'try again in a while' : `it asks to come back in ${Math.ceil(retryAfter)} s`;
  if (status === 401 || status === 403 || /authentication method/.test(message))
    return new AnswerFailure(
      'wrong-key',
      `the model's host did not take the key${status === undefined ? '' : ` (${status})`}: look at ANTHROPIC_API_KEY of the gateway, and start it anew`,
    );
  if (status === 429 || type === 'rate_limit_error')
    return new AnswerFailure('overloaded', `the model's host limits our pace (429): ${again}`, retryAfter);
  if (status === 529 || type === 'overloaded_error')
    return new AnswerFailure('overloaded', `the model's host is overloaded (529): ${again}`, retryAfter);
  if (status === 413) return new AnswerFailure('too-long', 'the conversation is too long: begin a new one');
  if (status !== undefined && status >= 500)
    return new AnswerFailure('overloaded', `the model's host failed (${status}): ${again}`, retryAfter);
  if (status !== undefined)
    return new AnswerFailure('failed', `the model's host refused the request (${status}): see the gateway's log`);
  if (type !== undefined && type !== null)
    return new AnswerFailure('failed', `the model's host broke the answer off (${type})`);
  if (
    /connection error|fetch failed|ECONN|ENOTFOUND|EAI_AGAIN/i.test(message) ||
    (error as Error)?.name === 'APIConnectionError'
  )
    return new AnswerFailure(
      'offline',
      "the model's host is not reached: everything else of the terminal works without it",
    );
  return new AnswerFailure('cut-off', 'the answer was cut off on its way: ask again');
}

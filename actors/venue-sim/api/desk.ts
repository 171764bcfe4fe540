import { MessageKind, RequestFate, RequestKind } from '../chaos/chaos.js';
import type { EndCause, VenueConnection } from './connection.js';
import { type Call, Continued, type Method, Prepared, type Result, Slices } from './methods/method.js';
import { errorName, RefusedRequest, RpcCode, refused } from './rpc/errors.js';
import { Params } from './rpc/params.js';
import { requireScope, type Session } from './session/tokens.js';
import type { Venue } from './venue.js';

/** What came of one request. */
export interface Served {
  /** What chaos has decided about it. */
  fate: RequestFate;
  /** The refusal, the JSON of the result, its pieces, or what is to be done first; undefined where the connection ends without an answer. */
  result: RefusedRequest | string | Iterator<string> | Continued | undefined;
  messageKind: MessageKind;
  /** The connection ends after the answer. */
  ends?: EndCause;
  why: string;
}

const acknowledgementOf: Record<RequestKind, MessageKind> = {
  [RequestKind.OTHER]: MessageKind.ANSWER,
  [RequestKind.ORDER]: MessageKind.ACKNOWLEDGEMENT,
  [RequestKind.EDIT]: MessageKind.ACKNOWLEDGEMENT,
  [RequestKind.MASS_QUOTE]: MessageKind.ACKNOWLEDGEMENT,
  [RequestKind.CANCEL]: MessageKind.CANCELLED,
};

/** Answered also during a maintenance. */
const ALWAYS = new Set(['public/status', 'public/get_time', 'public/test', 'public/hello', 'public/set_heartbeat']);
/** A method that ends its connection without an answer throws this. */
export class EndOfConnection extends Error {
  readonly end: EndCause;

  constructor(end: EndCause) {
    super(end);
    this.end = end;
  }
}

/**
 * Serves one request: finds the method, the session and its credits, asks chaos, and calls. Whatever is wrong with a request
 * becomes a refusal; an error of the venue's own becomes `internal_server_error` and is noted.
 * @param signedOn session that came with the request itself, over HTTP
 * @param now microseconds since the Unix epoch by the machine's clock
 */
export function serve(
  venue: Venue,
  name: string,
  values: Record<string, unknown>,
  areText: boolean,
  connection: VenueConnection | undefined,
  signedOn: Session | undefined,
  now: number,
): Served {
  const served: Served = { fate: RequestFate.SERVE, result: undefined, messageKind: MessageKind.ANSWER, why: '' };
  try {
    const method = venue.methods.get(name);
    if (method === undefined) throw new RefusedRequest(RpcCode.METHOD, 'Method not found');
    venue.lastMethod = name;
    served.messageKind = acknowledgementOf[method.kind ?? RequestKind.OTHER];
    const isControl = name.startsWith('sim/');
    if (!isControl && !ALWAYS.has(name) && venue.chaos.isUnderMaintenance(now / 1000)) {
      throw refused('system_maintenance');
    }
    const params = new Params(values, areText);
    const time = venue.clock(now);
    const session = sessionFor(venue, method, params, connection, signedOn, time);
    const pools = session === undefined ? connection?.pools : venue.poolsOf(session.key.account, now);
    if (!isControl) {
      if (pools !== undefined && !pools.take(method.pool ?? 'requests', now / 1000)) throw tooMany(served);
      served.fate = venue.chaos.request(method.kind ?? RequestKind.OTHER);
      if (served.fate === RequestFate.BREAK_BEFORE) return served;
      if (served.fate === RequestFate.RATE_LIMIT) throw tooMany(served);
      if (served.fate === RequestFate.REJECT) {
        const code = venue.chaos.rejection();
        throw new RefusedRequest(code, errorName(code));
      }
    }
    served.result = jsonOf(method.serve({ venue, params, connection, session, now: time } satisfies Call));
  } catch (error) {
    fail(venue, name, served, error);
  }
  return served;
}

/** Does the next part of what a request takes. */
export function goOn(venue: Venue, name: string, served: Served, { next }: Continued): void {
  served.result = undefined;
  try {
    served.result = jsonOf(next());
  } catch (error) {
    fail(venue, name, served, error);
  }
}

function fail(venue: Venue, name: string, served: Served, error: unknown): void {
  if (error instanceof EndOfConnection) served.ends = error.end;
  else served.result = refusalOfError(venue, name, error);
}

/** What a client is told of an error: a refusal as it is; of an error of the venue's own no more than that, and it is noted. */
export function refusalOfError(venue: Venue, name: string, error: unknown): RefusedRequest {
  if (error instanceof RefusedRequest) return error;
  venue.note(`${name} failed: ${(error as Error).stack ?? String(error)}`);
  return refused('internal_server_error');
}

function tooMany(served: Served): RefusedRequest {
  served.ends = 'rate';
  served.why = 'too many requests';
  return refused('too_many_requests');
}

/** Who asks: by a token in the request, by the header of an HTTP request, or by having signed on to the connection. */
function sessionFor(
  venue: Venue,
  method: Method,
  params: Params,
  connection: VenueConnection | undefined,
  signedOn: Session | undefined,
  time: number,
): Session | undefined {
  const token = params.optionalText('access_token', 1024);
  let session = signedOn ?? connection?.session;
  if (token !== undefined) session = venue.tokens.find(token, connection?.number, time);
  else if (session !== undefined && signedOn === undefined && !venue.tokens.lives(session, time)) session = undefined;
  if (method.scope === undefined) return session;
  if (session === undefined) throw refused('unauthorized');
  requireScope(session, method.scope);
  return session;
}

function jsonOf(result: Result): string | Iterator<string> | Continued {
  if (result instanceof Prepared) return result.json;
  if (result instanceof Continued) return result;
  return result instanceof Slices ? result.pieces : JSON.stringify(result);
}

import { MessageKind, RequestFate, RequestKind } from '../chaos/chaos.js';
import type { VenueConnection } from './connection.js';
import type { Call, Method } from './methods/method.js';
import { methods } from './methods/registry.js';
import { errorName, RefusedRequest, RpcCode, refused } from './rpc/errors.js';
import { Params } from './rpc/params.js';
import { Continued, Prepared, type Result, Slices } from './rpc/result.js';
import { EndOfConnection, type Served } from './rpc/served.js';
import type { VenueServices } from './services.js';
import { requireScope, type Session } from './session/tokens.js';

const acknowledgementOf: Record<RequestKind, MessageKind> = {
  [RequestKind.OTHER]: MessageKind.ANSWER,
  [RequestKind.ORDER]: MessageKind.ACKNOWLEDGEMENT,
  [RequestKind.EDIT]: MessageKind.ACKNOWLEDGEMENT,
  [RequestKind.MASS_QUOTE]: MessageKind.ACKNOWLEDGEMENT,
  [RequestKind.CANCEL]: MessageKind.CANCELLED,
};

/** Answered also during a maintenance. */
const ALWAYS = new Set(['public/status', 'public/get_time', 'public/test', 'public/hello', 'public/set_heartbeat']);
/**
 * Serves one request: finds the method, the session and its credits, asks chaos, and calls. Whatever is wrong with a request
 * becomes a refusal; an error of the venue's own becomes `internal_server_error` and is noted.
 * @param signedOn session that came with the request itself, over HTTP
 * @param now microseconds since the Unix epoch by the machine's clock
 */
export function serve(
  venue: VenueServices,
  name: string,
  values: Record<string, unknown>,
  areText: boolean,
  connection: VenueConnection | undefined,
  signedOn: Session | undefined,
  now: number,
): Served {
  const served: Served = { fate: RequestFate.SERVE, result: undefined, messageKind: MessageKind.ANSWER, why: '' };
  try {
    const method = methods.get(name);
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
export function goOn(venue: VenueServices, name: string, served: Served, { next }: Continued): void {
  served.result = undefined;
  try {
    served.result = jsonOf(next());
  } catch (error) {
    fail(venue, name, served, error);
  }
}

function fail(venue: VenueServices, name: string, served: Served, error: unknown): void {
  if (error instanceof EndOfConnection) served.ends = error.end;
  else served.result = refusalOfError(venue, name, error);
}

/** What a client is told of an error: a refusal as it is; of an error of the venue's own no more than that, and it is noted. */
export function refusalOfError(venue: VenueServices, name: string, error: unknown): RefusedRequest {
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
  venue: VenueServices,
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

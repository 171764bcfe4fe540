import { goOn, refusalOfError, serve } from './desk.js';
import { answerHead, answerTail, refusalText } from './rpc/answer.js';
import { errorCodes, RefusedRequest, RpcCode } from './rpc/errors.js';
import { MOST_REQUEST_BYTES, parseRequest, type RequestId, UnreadableRequest } from './rpc/request.js';
import { Continued, GO_ON } from './rpc/result.js';
import { sessionOfHeader } from './session/sign-on.js';
import type { Session } from './session/tokens.js';
import type { Venue } from './venue.js';

const ROOT = '/api/v2/';

/** A request over HTTP as it came. */
export interface HttpRequest {
  verb: string;
  /** Path with query. */
  uri: string;
  body: string;
  /** The header `Authorization`. */
  authorization: string | undefined;
}

export interface HttpAnswer {
  status: number;
  pieces: readonly string[];
}

interface Asked {
  id: RequestId;
  method: string;
  values: Record<string, unknown>;
  areText: boolean;
}

/** A request over HTTP while it is served: `GET /api/v2/public/ticker?instrument_name=..`, or a POST of JSON-RPC. */
export class HttpCall {
  readonly #venue: Venue;
  readonly #usIn: number;
  readonly #request: HttpRequest;
  #asked: Asked | undefined;
  #pieces: Iterator<string> | undefined;
  #done: string[] = [];

  constructor(venue: Venue, request: HttpRequest, now: number) {
    this.#venue = venue;
    this.#request = request;
    this.#usIn = venue.clock(now);
  }

  /** Does one piece of the work; the answer once it is there. */
  work(now: number): HttpAnswer | undefined {
    const venue = this.#venue;
    venue.catchUp(now);
    try {
      if (this.#pieces === undefined) return this.#begin(now);
      let next = this.#pieces.next();
      while (next.value === GO_ON) next = this.#pieces.next();
      if (next.done !== true) {
        this.#done.push(next.value);
        return undefined;
      }
      this.#done.push(answerTail(this.#times(), venue.testnet));
      return { status: 200, pieces: this.#done };
    } catch (error) {
      return this.#refuse(refusalOfError(venue, this.#asked?.method ?? this.#request.uri, error));
    } finally {
      venue.endStep();
    }
  }

  #begin(now: number): HttpAnswer | undefined {
    const venue = this.#venue;
    this.#asked = readAsked(this.#request);
    const { id, method, values, areText } = this.#asked;
    const { authorization, verb, uri, body } = this.#request;
    let session: Session | undefined;
    if (authorization !== undefined) {
      session = sessionOfHeader(venue, authorization, { verb, uri, body }, venue.clock(now));
    }
    const served = serve(venue, method, values, areText, undefined, session, now);
    while (served.result instanceof Continued) goOn(venue, method, served, served.result);
    const { result } = served;
    if (result instanceof RefusedRequest) return this.#refuse(result);
    if (result === undefined) return this.#refuse(new RefusedRequest(errorCodes.timed_out, 'timed_out'));
    if (typeof result !== 'string') {
      this.#pieces = result;
      this.#done = [answerHead(id)];
      return undefined;
    }
    return { status: 200, pieces: [answerHead(id) + result + answerTail(this.#times(), venue.testnet)] };
  }

  #refuse(refusal: RefusedRequest): HttpAnswer {
    const id = refusal instanceof UnreadableRequest ? refusal.id : this.#asked?.id;
    return { status: statusOf(refusal.code), pieces: [refusalText(id, refusal, this.#times(), this.#venue.testnet)] };
  }

  #times(): { usIn: number; usOut: number } {
    return { usIn: this.#usIn, usOut: this.#venue.clock(this.#venue.machineNow()) };
  }
}

function statusOf(code: number): number {
  if (code === errorCodes.too_many_requests) return 429;
  if (code === errorCodes.unauthorized || code === errorCodes.invalid_credentials) return 401;
  return code === errorCodes.system_maintenance ? 503 : 400;
}

function readAsked({ verb, uri, body }: HttpRequest): Asked {
  if (uri.length > MOST_REQUEST_BYTES) {
    throw new UnreadableRequest(RpcCode.REQUEST, 'request entity too large', undefined);
  }
  const mark = uri.indexOf('?');
  const path = mark < 0 ? uri : uri.slice(0, mark);
  const named = path.startsWith(ROOT) ? path.slice(ROOT.length) : '';
  if (verb === 'POST') {
    const { id, method, params } = parseRequest(body);
    return { id, method: named === '' ? method : named, values: params, areText: false };
  }
  const values: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(mark < 0 ? '' : uri.slice(mark + 1))) {
    // Own properties only: a name such as __proto__ is a name.
    Object.defineProperty(values, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return { id: undefined, method: named, values, areText: true };
}

import { z } from 'zod';
import type { AuditLog } from '../security/audit.js';
import { TokenBuckets } from '../security/token-bucket.js';
import type { SharedLimit } from '../shared/shared-limit.js';
import type { SharedStore } from '../shared/shared-store.js';
import { roleAllows } from '../topics/topic.js';
import { type HttpAnswer, type HttpRequest, problemAnswer } from '../transport/transport.js';
import { Idempotency } from './idempotency.js';
import type { Call, Caller, Route } from './route.js';

/** What a router asks of the gateway. */
export interface RouterServices {
  /** Who asks; a refusal where what it shows is not good; undefined where it shows nothing. */
  identify(request: HttpRequest, mutates: boolean): Caller | HttpAnswer | undefined;
  audit: AuditLog;
  /** Serves what is no route: the pages. */
  fallback?(request: HttpRequest): HttpAnswer | undefined;
  /** Called with every answer. */
  log?(line: RequestLine): void;
  /** Hosts that may stand in the header; everything where absent. */
  hosts?: ReadonlySet<string>;
  /** Origins of the gateway's own pages; everything where absent. */
  origins?: ReadonlySet<string>;
  /** Requests a second of one client, and at once. */
  limit: { perSecond: number; burst: number };
  /** What several gateways have in common; absent where there is one. */
  shared?: SharedStore;
  sharedLimit?: SharedLimit;
}

export interface RequestLine {
  id: string;
  remote: string;
  method: string;
  path: string;
  status: number;
  user: string;
  ms: number;
}

interface Compiled {
  route: Route;
  parts: readonly string[];
}

/** Finds the route of a request, checks who asks and what, and never throws. */
export class Router {
  readonly routes: readonly Route[];
  private readonly services: RouterServices;
  private readonly exact = new Map<string, Map<string, Route>>();
  private readonly patterns: Compiled[] = [];
  private readonly buckets: TokenBuckets;
  private readonly idempotency: Idempotency;
  private requests = 0;
  private readonly prefix: string;

  /** `life`: what makes request ids of one start differ from those of another. */
  constructor(routes: readonly Route[], services: RouterServices, life: string) {
    this.routes = routes;
    this.services = services;
    this.prefix = life;
    this.idempotency = new Idempotency(undefined, services.shared);
    this.buckets = new TokenBuckets(services.limit.perSecond, services.limit.burst);
    for (const route of routes) {
      if (route.path.includes('{')) {
        this.patterns.push({ route, parts: route.path.split('/') });
        continue;
      }
      const methods = this.exact.get(route.path) ?? new Map<string, Route>();
      methods.set(route.method, route);
      this.exact.set(route.path, methods);
    }
  }

  answer(request: HttpRequest): HttpAnswer | Promise<HttpAnswer> {
    const id = `${this.prefix}-${(++this.requests).toString(36)}`;
    const began = performance.now();
    let user = '';
    const done = (answer: HttpAnswer): HttpAnswer => {
      this.services.log?.({
        id,
        remote: request.remote,
        method: request.method,
        path: request.path.slice(0, 200),
        status: answer.status,
        user,
        ms: performance.now() - began,
      });
      return { status: answer.status, headers: safeHeaders(answer.headers), body: answer.body, id };
    };
    const failed = (error: unknown): HttpAnswer => {
      process.stderr.write(
        `request ${id}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      );
      return done(problemAnswer(500, 'the gateway failed; its log has more', {}, { instance: id }));
    };
    try {
      const answer = this.dispatch(request, id, (name) => {
        user = name;
      });
      return answer instanceof Promise ? answer.then(done, failed) : done(answer);
    } catch (error) {
      return failed(error);
    }
  }

  /** What stands in the way of a request before it is looked at: its host, its pace. */
  refuse(request: HttpRequest): HttpAnswer | undefined {
    const { hosts, origins } = this.services;
    if (hosts !== undefined && !hosts.has(request.header('host').toLowerCase())) {
      return problemAnswer(421, 'this host is not served here');
    }
    const origin = request.header('origin');
    if (origins !== undefined && origin !== '' && !origins.has(origin.toLowerCase())) {
      return problemAnswer(403, 'this origin may not ask here');
    }
    if (!this.buckets.take(request.remote) || this.services.sharedLimit?.take(request.remote) === false) {
      return problemAnswer(429, 'too many requests', { 'retry-after': '1' });
    }
    return undefined;
  }

  private dispatch(request: HttpRequest, id: string, is: (user: string) => void): HttpAnswer | Promise<HttpAnswer> {
    const refused = this.refuse(request);
    if (refused !== undefined) return refused;
    const found = this.find(request.path);
    if (found === undefined) {
      return (
        this.services.fallback?.(request) ?? problemAnswer(404, `there is nothing at ${request.path.slice(0, 80)}`)
      );
    }
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const route = found.methods.get(method);
    if (route === undefined) {
      const allowed = [...found.methods.keys()].flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name]));
      return problemAnswer(405, `${request.path.slice(0, 80)} takes ${allowed.join(', ')}`, {
        allow: allowed.join(', '),
      });
    }
    return this.call(route, request, found.parts, id, is);
  }

  private call(
    route: Route,
    request: HttpRequest,
    parts: readonly string[],
    id: string,
    is: (user: string) => void,
  ): HttpAnswer | Promise<HttpAnswer> {
    const mutates = route.method !== 'GET';
    const call: Call = { request, id, parts, body: undefined, query: undefined };
    if (route.role !== undefined) {
      const caller = this.services.identify(request, mutates);
      if (caller === undefined) return this.refused(route, call, 401, 'sign in first, or use a token');
      if ('status' in caller) return this.refused(route, call, caller.status, '', caller);
      is(caller.user.name);
      call.caller = caller;
      if (!roleAllows(caller.user.role, route.role)) {
        return this.refused(route, call, 403, `this needs the role ${route.role}, yours is ${caller.user.role}`);
      }
      if (caller.scopes !== undefined && !caller.scopes.includes(route.scope ?? 'read')) {
        return this.refused(route, call, 403, `this needs a token with the scope ${route.scope ?? 'read'}`);
      }
    }
    const objection = readInputs(route, call);
    if (objection !== undefined) return objection;
    if (!mutates) return route.handle(call);
    return this.idempotency.once(request, call.caller?.user.name ?? '', () => route.handle(call));
  }

  /** A refusal of something that would have changed something is an act too, and is kept. */
  private refused(route: Route, call: Call, status: number, title: string, given?: HttpAnswer): HttpAnswer {
    if (route.method !== 'GET') {
      const { user } = call.caller ?? {};
      this.services.audit.write({
        user: user?.name ?? '',
        role: user?.role ?? '',
        remote: call.request.remote,
        request: call.id,
        action: `${route.method} ${route.path}`,
        reason: '',
        outcome: `refused with ${status}`,
      });
    }
    return given ?? problemAnswer(status, title, status === 401 ? { 'www-authenticate': 'Bearer' } : {});
  }

  private find(path: string): { methods: ReadonlyMap<string, Route>; parts: readonly string[] } | undefined {
    const exact = this.exact.get(path);
    if (exact !== undefined) return { methods: exact, parts: [] };
    const given = path.split('/');
    const methods = new Map<string, Route>();
    let parts: string[] = [];
    for (const { route, parts: wanted } of this.patterns) {
      if (wanted.length !== given.length) continue;
      const found: string[] = [];
      const matches = wanted.every((part, index) => {
        if (!part.startsWith('{')) return part === given[index];
        found.push(given[index]!);
        return /^[A-Za-z0-9_.-]{1,64}$/.test(given[index]!);
      });
      if (!matches) continue;
      methods.set(route.method, route);
      parts = found;
    }
    return methods.size === 0 ? undefined : { methods, parts };
  }
}

const SAFE_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

const safeByHeaders = new WeakMap<object, Readonly<Record<string, string>>>();

/** The headers of an answer with those of every answer; put together once for answers that are kept. */
function safeHeaders(headers: HttpAnswer['headers']): Readonly<Record<string, string>> {
  if (headers === undefined) return SAFE_HEADERS;
  let safe = safeByHeaders.get(headers);
  if (safe === undefined) {
    safe = { ...headers, ...SAFE_HEADERS };
    safeByHeaders.set(headers, safe);
  }
  return safe;
}

/** Queries of a route that are kept as they were read: who polls asks the same again and again. */
const MOST_QUERIES = 64;
const queriesByRoute = new WeakMap<Route, Map<string, object>>();

function knownQueries(route: Route): Map<string, object> {
  let known = queriesByRoute.get(route);
  if (known === undefined) {
    known = new Map();
    queriesByRoute.set(route, known);
  }
  return known;
}

function readInputs(route: Route, call: Call): HttpAnswer | undefined {
  const { request } = call;
  if (route.query !== undefined) {
    const queries = knownQueries(route);
    let query = queries.get(request.query);
    if (query === undefined) {
      const parsed = route.query.safeParse(Object.fromEntries(new URLSearchParams(request.query)));
      if (!parsed.success)
        return problemAnswer(400, 'the query is not right', {}, { detail: z.prettifyError(parsed.error) });
      query = Object.freeze(parsed.data) as object;
      if (queries.size >= MOST_QUERIES) queries.clear();
      queries.set(request.query, query);
    }
    call.query = query;
  }
  if (route.body === undefined) return undefined;
  let value: unknown = {};
  if (request.body.length > 0) {
    if (!/^application\/json\b/i.test(request.header('content-type'))) {
      return problemAnswer(415, 'a body is application/json');
    }
    try {
      value = JSON.parse(utf8.decode(request.body));
    } catch {
      return problemAnswer(400, 'the body is no JSON');
    }
  }
  const parsed = route.body.safeParse(value);
  if (!parsed.success)
    return problemAnswer(422, 'the body is not right', {}, { detail: z.prettifyError(parsed.error) });
  call.body = parsed.data;
  return undefined;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

import type { z } from 'zod';
import type { Scope, User } from '../security/users.js';
import type { Role } from '../topics/topic.js';
import type { HttpAnswer, HttpRequest } from '../transport/transport.js';

/** Who asks. */
export interface Caller {
  user: Pick<User, 'id' | 'name' | 'role'>;
  /** What a token is good for; absent for a session, which may do what its role may. */
  scopes?: readonly Scope[];
  /** Programs and links of the terminal that may act in one step. */
  actsAtOnce: boolean;
}

/** A request with what was read out of it. */
export interface Call<Body = unknown, Query = unknown> {
  request: HttpRequest;
  /** Id of the request, in its answer and in every log. */
  id: string;
  /** Absent on public routes. */
  caller?: Caller;
  /** The variable parts of the path, in their order. */
  parts: readonly string[];
  body: Body;
  query: Query;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** One thing that can be asked for. Whatever is written of it in the OpenAPI document comes from here. */
export interface Route {
  method: Method;
  /** With `{name}` for a variable part. */
  path: string;
  summary: string;
  /** Least role; absent for what anybody may ask for who reaches the port. */
  role?: Role;
  /** What a token needs. */
  scope?: Scope;
  body?: z.ZodType;
  query?: z.ZodType;
  /** Status and content of a good answer, for the document. */
  answer: { status: number; description: string; schema?: object };
  handle(call: Call): HttpAnswer | Promise<HttpAnswer>;
}

/** Types the body and query of a route's handler by its schemas. */
export function route<B extends z.ZodType, Q extends z.ZodType>(
  definition: Omit<Route, 'handle' | 'body' | 'query'> & {
    body?: B;
    query?: Q;
    handle(call: Call<z.output<B>, z.output<Q>>): HttpAnswer | Promise<HttpAnswer>;
  },
): Route {
  return definition as unknown as Route;
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: `${JSON.stringify(body)}\n`,
  };
}

import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { CommandCode, type CommandWriter } from '../engine/runtime/peers/command-channel.js';
import type { EngineView } from './engine-view.js';

export interface ServerSettings {
  host: string;
  port: number;
  token: string;
}

/** Id of the user in whose name a command is given, until there are users: whoever holds the token. */
const TOKEN_USER = 1;

interface Answer {
  status: number;
  body: unknown;
  /** Methods that the path takes, where another was used. */
  allow?: string;
}

type Route = (view: EngineView, commands: CommandWriter) => Answer;

const accepted: Answer = { status: 202, body: { accepted: true } };
const busy: Answer = problem(503, 'the engine takes no command at present');

/** What is read, by its path. */
const looks = routes({
  '/healthz': () => ({ status: 200, body: { ok: true } }),
  '/readyz': (view) => {
    const { state } = view.state();
    return state === 'active' ? { status: 200, body: { ready: true } } : problem(503, `the engine is ${state}`);
  },
  '/api/v1/state': (view) => ({ status: 200, body: view.state() }),
  '/api/v1/tops': (view) => ({ status: 200, body: view.currentTops() }),
});

/** What acts, by its path. */
const acts = routes({
  '/api/v1/kill': (_view, commands) => {
    commands.kill();
    return accepted;
  },
  '/api/v1/quoting/pause': (_view, commands) => (commands.send(CommandCode.PAUSE, TOKEN_USER) ? accepted : busy),
  '/api/v1/quoting/resume': (_view, commands) => (commands.send(CommandCode.RESUME, TOKEN_USER) ? accepted : busy),
});

/** A Map, because a path may be any word, also one that every object knows. */
function routes(byPath: Record<string, Route>): ReadonlyMap<string, Route> {
  return new Map(Object.entries(byPath));
}

function problem(status: number, title: string): Answer {
  return { status, body: { type: 'about:blank', title, status } };
}

/** Serves the engine's state on loopback; commands need the token. */
export function serve(settings: ServerSettings, view: EngineView, commands: CommandWriter): Server {
  const server = createServer((request, response) => {
    // No route takes a body.
    request.resume();
    send(response, answer(request, settings, view, commands));
  });
  server.listen(settings.port, settings.host);
  return server;
}

function answer(request: IncomingMessage, settings: ServerSettings, view: EngineView, commands: CommandWriter): Answer {
  const path = (request.url ?? '/').split('?')[0]!;
  const look = looks.get(path);
  if (look !== undefined) {
    const reads = request.method === 'GET' || request.method === 'HEAD';
    return reads ? look(view, commands) : { ...problem(405, `${path} is read with GET`), allow: 'GET, HEAD' };
  }
  const act = acts.get(path);
  if (act === undefined) return problem(404, `there is nothing at ${path.slice(0, 80)}`);
  if (request.method !== 'POST') return { ...problem(405, `${path} is a command: use POST`), allow: 'POST' };
  if (!holdsToken(request, settings.token))
    return problem(401, 'a command needs the token that the engine printed at its start');
  return act(view, commands);
}

function holdsToken(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const expected = Buffer.from(`Bearer ${token}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function send(response: ServerResponse, { status, body, allow }: Answer): void {
  response.writeHead(status, {
    'content-type': status >= 400 ? 'application/problem+json' : 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(allow === undefined ? {} : { allow }),
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
  });
  response.end(`${JSON.stringify(body)}\n`);
}

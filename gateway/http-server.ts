import type { Server } from 'node:http';
import type { CommandWriter } from '../engine/runtime/peers/command-channel.js';
import { commandRoutes } from './commands/command-routes.js';
import type { EngineView } from './engine-view.js';
import { json, type Route, route } from './http/route.js';
import { Router } from './http/router.js';
import { AuditLog } from './security/audit.js';
import { Confirmations } from './security/confirmations.js';
import { sameText } from './security/secrets.js';
import { NodeTransport } from './transport/node-transport.js';
import { problemAnswer } from './transport/transport.js';

export interface ServerSettings {
  host: string;
  port: number;
  token: string;
}

const NO_LIMIT = { perSecond: Number.POSITIVE_INFINITY, burst: Number.POSITIVE_INFINITY };

/** The engine's state and commands with one token, and nothing else: for an engine without users and screens. */
export function serve(settings: ServerSettings, view: EngineView, commands: CommandWriter): Server {
  const audit = new AuditLog(undefined);
  const tops = route({
    method: 'GET',
    path: '/api/v1/tops',
    summary: 'The newest top of every instrument.',
    answer: { status: 200, description: 'The tops.' },
    handle: () => json(200, view.currentTops()),
  });
  const router = new Router(
    [...healthRoutes(view), tops, ...commandRoutes({ commands, confirmations: new Confirmations(), audit })],
    {
      identify: (request) =>
        sameText(request.header('authorization'), `Bearer ${settings.token}`)
          ? { user: { id: 1, name: 'token', role: 'admin' }, actsAtOnce: true }
          : undefined,
      audit,
      limit: NO_LIMIT,
    },
    'plain',
  );
  const transport = new NodeTransport(settings, {
    answer: (request) => router.answer(request),
    refuseUpgrade: () => problemAnswer(404, 'there is no WebSocket here'),
    connected: () => ({ onText: () => {}, onBinary: () => {}, onClosed: () => {} }),
  });
  void transport.listen().catch(() => {});
  return transport.server;
}

/** What anybody may see who reaches the port: that it lives, what the engine's state is, and how fast it is. */
export function healthRoutes(view: EngineView): Route[] {
  return [
    route({
      method: 'GET',
      path: '/healthz',
      summary: 'The gateway lives.',
      answer: { status: 200, description: 'It does.' },
      handle: () => json(200, { ok: true }),
    }),
    route({
      method: 'GET',
      path: '/readyz',
      summary: 'The engine is active.',
      answer: { status: 200, description: 'It is.' },
      handle: () => {
        const { state } = view.state();
        return state === 'active' ? json(200, { ready: true }) : problemAnswer(503, `the engine is ${state}`);
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/state',
      summary: "The engine's state and the latencies of its hops.",
      answer: { status: 200, description: 'The state.' },
      handle: () => json(200, view.state()),
    }),
  ];
}

import type { LazyAssistant } from './assistant/lazy-assistant.js';
import { assistantRoutes } from './assistant/routes/assistant-routes.js';
import { commandRoutes } from './commands/command-routes.js';
import { CommandTargets } from './commands/command-targets.js';
import type { Latch } from './commands/latch.js';
import { latchRoutes } from './commands/latch-routes.js';
import { Receipts } from './commands/receipts.js';
import type { GatewayOptions } from './gateway-options.js';
import { type DashboardStore, dashboardRoutes } from './http/dashboards.js';
import { openApi } from './http/openapi.js';
import { readRoutes } from './http/read-routes.js';
import { type Route, route } from './http/route.js';
import { healthRoutes } from './http-server.js';
import { metricsRoute } from './metrics/metrics-route.js';
import { profileRoutes } from './profiles/profile-routes.js';
import { reportRoutes } from './reports/report-routes.js';
import type { Reports } from './reports/reports.js';
import { accountRoutes } from './security/account-routes.js';
import type { AccountServices } from './security/account-services.js';
import { Confirmations } from './security/confirmations.js';

/** What routes are answered with. */
export interface RouteServices extends AccountServices {
  options: GatewayOptions;
  dashboards: DashboardStore;
  latch: Latch;
  reports: Reports;
  assistant: LazyAssistant;
}

/** Everything that a gateway can be asked for, its own description included. */
export function gatewayRoutes(services: RouteServices): Route[] {
  const { options, audit, latch, assistant } = services;
  const { topics, view, commands, version, board, own, profiles, ownProcess = false } = options;
  const receipts = new Receipts(topics, options.peer);
  const confirmations = new Confirmations();
  const limits = topics.merge('limits');
  const instruments = topics.merge('instruments');
  const smiles = topics.merge('expiries');
  const refresh = (): void => {
    topics.pollOf(instruments);
    topics.pollOf(smiles);
  };
  const targets = new CommandTargets(instruments, refresh, smiles);
  const orders = commandRoutes({ commands, receipts, confirmations, audit, limits, targets, latch });
  const routes: Route[] = [
    ...healthRoutes(view),
    ...readRoutes(topics, options.epoch),
    ...dashboardRoutes(services.dashboards, audit),
    ...accountRoutes(services),
    ...orders,
    ...latchRoutes(latch, audit),
    ...reportRoutes(services.reports),
    ...assistantRoutes({ open: () => assistant.open(), audit, commands: orders }),
  ];
  if (board !== undefined) routes.push(metricsRoute({ board, topics, own, process: ownProcess }));
  if (profiles !== undefined) routes.push(...profileRoutes(profiles, board?.plan.threads ?? [], audit));
  routes.push(descriptionRoute(routes, version));
  return routes;
}

/** The OpenAPI document of routes, which stands among them. It is written when it is first asked for. */
function descriptionRoute(routes: readonly Route[], version: string): Route {
  let document: string | undefined;
  return route({
    method: 'GET',
    path: '/api/v1/openapi.json',
    summary: 'This document.',
    answer: { status: 200, description: 'OpenAPI 3.1.' },
    handle: () => {
      document ??= `${JSON.stringify(openApi(routes, version))}\n`;
      return { status: 200, headers: { 'content-type': 'application/json' }, body: document };
    },
  });
}

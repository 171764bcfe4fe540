import { type Route, route } from '../http/route.js';
import type { HttpAnswer } from '../transport/transport.js';
import type { Exposition, MetricInputs } from './exposition.js';

/** Scrapes for Prometheus. The library is loaded by the first one: nobody may ever ask. */
export function metricsRoute(inputs: MetricInputs): Route {
  let loaded: Promise<Exposition> | undefined;
  return route({
    method: 'GET',
    path: '/metrics',
    summary: "The engine's and the gateway's metrics, for Prometheus; docs/metrics.md lists them.",
    role: 'viewer',
    scope: 'read',
    answer: { status: 200, description: 'Text in the exposition format 0.0.4.' },
    handle: async (): Promise<HttpAnswer> => {
      loaded ??= import('./exposition.js').then((module) => new module.Exposition(inputs));
      const exposition = await loaded;
      return {
        status: 200,
        headers: { 'content-type': exposition.contentType, 'cache-control': 'no-store' },
        body: await exposition.text(),
      };
    },
  });
}

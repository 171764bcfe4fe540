import { createServer } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { ErrorReports } from '../engine/telemetry/errors/error-reports.js';
import { Redaction } from '../engine/telemetry/log/redaction.js';
import { requestReports } from './request-reports.js';
import { GatewayDesk, TOKEN } from './testing/gateway-desk.js';

const bodies: string[] = [];
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (piece) => (body += piece));
  request.on('end', () => {
    bodies.push(body);
    response.end('{}');
  });
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

it('a request that the gateway fails to answer is reported with its id, without the token; one that was refused is not', async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const redaction = new Redaction();
  redaction.hide(TOKEN);
  const dsn = `http://key@127.0.0.1:${(server.address() as { port: number }).port}/1`;
  const reports = new ErrorReports({ dsn, release: '0', environment: 'gateway', redaction }, { engine: 1 });
  const desk = new GatewayDesk(4, { log: requestReports(Promise.resolve(reports)) });
  desk.gateway.serves(['127.0.0.1']);
  const ask = (path: string, token: string) =>
    desk.gateway.answer({
      method: 'GET',
      path,
      query: '',
      header: (name) => ({ host: '127.0.0.1', authorization: `Bearer ${token}` })[name] ?? '',
      remote: '127.0.0.1',
      body: new Uint8Array(),
    });
  // Something in the gateway itself is broken.
  desk.own.spent = () => {
    throw new Error(`a bug that knows ${TOKEN}`);
  };
  const failed = await ask('/metrics', TOKEN);
  const refused = await Promise.all([ask('/metrics', 'wrong'), ask('/nowhere', TOKEN), ask('/healthz', TOKEN)]);
  expect([failed.status, ...refused.map(({ status }) => status)]).toEqual([500, 401, 404, 200]);
  await Promise.resolve();
  await reports.flush(20_000);
  await desk.close();
  expect(bodies).toHaveLength(1);
  const event = JSON.parse(bodies[0]!.split('\n')[2]!) as { message: string; tags: Record<string, string> };
  expect(event.message).toBe('GET /metrics was answered with 500');
  expect(failed.id).toMatch(/^\w+-\w+$/);
  expect(event.tags).toMatchObject({ who: 'gateway', engine: '1', request: failed.id });
  expect(bodies[0]).not.toContain(TOKEN);
});

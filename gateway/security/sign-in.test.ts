import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayDesk, TOKEN } from '../testing/gateway-desk.js';
import { verifyAudit } from './audit.js';
import { totpCode } from './totp.js';

/** A page that is signed in, at one of the gateways of a folder. */
interface Signed {
  cookie: string;
  'x-csrf-token': string;
}

describe('signing in', () => {
  let folder: string;
  let desks: GatewayDesk[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'volfilter-sign-in-'));
    desks = [];
  });
  afterEach(async () => {
    await Promise.all(desks.map((desk) => desk.close()));
    rmSync(folder, { recursive: true });
  });

  const serve = async (auditFile = 'audit.jsonl'): Promise<GatewayDesk> => {
    const desk = new GatewayDesk(4, { folder, auditFile });
    desks.push(desk);
    await desk.serve('ws');
    return desk;
  };
  const ask = async (desk: GatewayDesk, method: string, path: string, headers: object, body?: object) => {
    const response = await fetch(`http://127.0.0.1:${desk.port}/api/v1/${path}`, {
      method,
      headers: { ...(headers as Record<string, string>), 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Record<string, unknown>,
    };
  };
  const byLink = async (desk: GatewayDesk, code?: string) => {
    const link = desk.gateway.sessions.link(desk.gateway.users.find('admin')!);
    return ask(desk, 'POST', 'login', {}, { link, ...(code === undefined ? {} : { code }) });
  };
  const signedBy = ({ headers, body }: Awaited<ReturnType<typeof byLink>>): Signed => ({
    cookie: headers.get('set-cookie')!.split(';')[0]!,
    'x-csrf-token': String(body.csrf),
  });
  const now = () => Math.floor(Date.now() / 30_000);

  it('asks for a code once an authenticator is in force, and takes each code and each recovery code once', async () => {
    const desk = await serve();
    const page = signedBy(await byLink(desk));
    const { secret } = (await ask(desk, 'POST', 'totp', page, {})).body;
    expect((await ask(desk, 'POST', 'totp/confirm', page, { code: '000000x' })).status).toBe(422);
    const used = totpCode(String(secret), now());
    const confirmed = await ask(desk, 'POST', 'totp/confirm', page, { code: used });
    const [recovery] = confirmed.body.recovery as string[];
    expect(confirmed.status).toBe(200);
    const without = await byLink(desk);
    expect([without.status, without.body.needs]).toEqual([401, 'code']);
    expect((await byLink(desk, used)).status).toBe(401);
    expect((await byLink(desk, recovery)).status).toBe(200);
    expect((await byLink(desk, recovery)).status).toBe(401);
    const file = readFileSync(join(folder, 'audit.jsonl'), 'utf8');
    for (const told of [String(secret), used, recovery!]) expect(file).not.toContain(told);
    expect(file).toMatch(/"action":"totp".*"outcome":"in force"/);
  });

  it('lets an admin take the authenticator of somebody away who has lost it', async () => {
    const desk = await serve();
    const page = signedBy(await byLink(desk));
    const secret = String((await ask(desk, 'POST', 'totp', page, {})).body.secret);
    await ask(desk, 'POST', 'totp/confirm', page, { code: totpCode(secret, now()) });
    const bearer = { authorization: `Bearer ${TOKEN}` };
    expect((await ask(desk, 'DELETE', 'users/admin/totp', bearer)).status).toBe(200);
    expect((await byLink(desk)).status).toBe(200);
  });

  it('is for every gateway of the folder, and so is signing out', async () => {
    const [first, second] = [await serve(), await serve('audit-second.jsonl')];
    const page = signedBy(await byLink(first));
    const seen = await ask(second, 'GET', 'session', page);
    expect([seen.status, seen.body.user, seen.body.csrf]).toEqual([200, 'admin', page['x-csrf-token']]);
    const saved = await ask(second, 'PUT', 'dashboards/MINE', page, { layout: '{}' });
    expect(saved.status).toBe(200);
    expect((await ask(first, 'GET', 'dashboards', page)).body.dashboards).toEqual({ MINE: '{}' });
    await ask(second, 'POST', 'logout', page, {});
    await expect.poll(async () => (await ask(first, 'GET', 'session', page)).status, { timeout: 5000 }).toBe(401);
  });

  it('is not undone by a crash of the gateway', async () => {
    const first = await serve();
    const page = signedBy(await byLink(first));
    await first.close();
    desks = [];
    expect((await ask(await serve(), 'GET', 'session', page)).status).toBe(200);
  });

  it("lets the engine's own token make tokens for users, which may do what their scopes say, until they are taken back", async () => {
    const desk = await serve();
    const own = { authorization: `Bearer ${TOKEN}` };
    expect((await ask(desk, 'POST', 'tokens', own, { name: 'a', scopes: ['read'], user: 'nobody' })).status).toBe(404);
    const made = await ask(desk, 'POST', 'tokens', own, { name: 'grafana', scopes: ['read'], user: 'admin' });
    const bearer = { authorization: `Bearer ${String(made.body.token)}` };
    expect((await ask(desk, 'GET', 'tops', bearer)).status).toBe(200);
    expect((await ask(desk, 'POST', 'quoting/pause', bearer, {})).status).toBe(403);
    expect((await ask(desk, 'DELETE', 'users/admin/tokens/grafana', own)).status).toBe(200);
    expect((await ask(desk, 'GET', 'tops', bearer)).status).toBe(401);
  });

  it('leaves a line for every dashboard that is saved or removed', async () => {
    const desk = await serve();
    const page = signedBy(await byLink(desk));
    await ask(desk, 'PUT', 'dashboards/MINE', page, { layout: '{}' });
    await ask(desk, 'DELETE', 'dashboards/MINE', page);
    const lines = readFileSync(join(folder, 'audit.jsonl'), 'utf8').trimEnd().split('\n');
    const acts = lines.map((line) => JSON.parse(line) as { action: string; outcome: string });
    expect(acts.slice(-2).map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'dashboard MINE saved',
      'dashboard MINE removed',
    ]);
    expect(verifyAudit(join(folder, 'audit.jsonl')).lines).toBe(lines.length);
  });
});

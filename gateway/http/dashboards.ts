import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { AuditLog } from '../security/audit.js';
import { problemAnswer } from '../transport/transport.js';
import { type Call, json, type Route, route } from './route.js';

/** Dashboards of one user, and characters of one: more than any desk has, and less than would matter. */
export const MOST_DASHBOARDS = 64;
const LONGEST_LAYOUT = 8192;

const name = z.string().regex(/^[A-Z0-9][A-Z0-9_-]{0,31}$/);
const layout = z.string().min(2).max(LONGEST_LAYOUT);
const fileSchema = z.record(z.string(), z.record(name, layout));

/** Layouts of panes that users saved, by user and name, in one file. The gateway does not read them: the terminal does, and checks. */
export class DashboardStore {
  private readonly path: string | undefined;
  private byUser = new Map<string, Map<string, string>>();
  /** Time of the file when it was read last: another gateway of the same folder may have written it since. */
  private readAt = 0;

  /** `path`: absent for dashboards that are forgotten at the end. */
  constructor(path: string | undefined) {
    this.path = path;
    this.refresh();
  }

  private refresh(): void {
    const { path } = this;
    if (path === undefined || !existsSync(path)) return;
    const { mtimeMs } = statSync(path);
    if (mtimeMs === this.readAt) return;
    this.readAt = mtimeMs;
    const found = fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    this.byUser = new Map(Object.entries(found).map(([user, saved]) => [user, new Map(Object.entries(saved))]));
  }

  of(user: string): ReadonlyMap<string, string> {
    this.refresh();
    return this.byUser.get(user) ?? new Map<string, string>();
  }

  /** False where the user has too many. */
  put(user: string, called: string, text: string): boolean {
    this.refresh();
    const own = this.byUser.get(user) ?? new Map<string, string>();
    if (!own.has(called) && own.size >= MOST_DASHBOARDS) return false;
    own.set(called, text);
    this.byUser.set(user, own);
    this.save();
    return true;
  }

  /** False where there is none. */
  remove(user: string, called: string): boolean {
    this.refresh();
    const removed = this.byUser.get(user)?.delete(called) ?? false;
    if (removed) this.save();
    return removed;
  }

  private save(): void {
    if (this.path === undefined) return;
    const content = Object.fromEntries([...this.byUser].map(([user, own]) => [user, Object.fromEntries(own)]));
    writeFileSync(`${this.path}.new`, `${JSON.stringify(content)}\n`, { mode: 0o600 });
    renameSync(`${this.path}.new`, this.path);
    this.readAt = statSync(this.path).mtimeMs;
  }
}

/** A user's own dashboards, so that every screen of hers has them. Whoever may look may keep them: they change nothing of the engine. */
export function dashboardRoutes(store: DashboardStore, audit: AuditLog): Route[] {
  const note = (call: Call, action: string, outcome: string): void => {
    const { user } = call.caller!;
    const { remote } = call.request;
    audit.write({ user: user.name, role: user.role, remote, request: call.id, action, reason: '', outcome });
  };

  return [
    route({
      method: 'GET',
      path: '/api/v1/dashboards',
      summary: 'The dashboards that the user saved: layouts of panes by name.',
      role: 'viewer',
      scope: 'read',
      answer: { status: 200, description: 'Layouts by name.' },
      handle: (call) => json(200, { dashboards: Object.fromEntries(store.of(call.caller!.user.name)) }),
    }),
    route({
      method: 'PUT',
      path: '/api/v1/dashboards/{name}',
      summary: 'Saves a dashboard under a name of capitals, digits, - and _.',
      role: 'viewer',
      scope: 'read',
      body: z.strictObject({ layout }),
      answer: { status: 200, description: 'Saved.' },
      handle: (call) => {
        const called = name.safeParse(call.parts[0]);
        if (!called.success)
          return problemAnswer(400, `expected a name of capitals, digits, - and _, found '${call.parts[0]}'`);
        const isKept = store.put(call.caller!.user.name, called.data, call.body.layout);
        note(call, `dashboard ${called.data}`, isKept ? 'saved' : 'refused: too many');
        return isKept
          ? json(200, { saved: called.data })
          : problemAnswer(409, `there are ${MOST_DASHBOARDS} dashboards already: remove one first`);
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/dashboards/{name}',
      summary: 'Forgets a dashboard.',
      role: 'viewer',
      scope: 'read',
      answer: { status: 200, description: 'Forgotten.' },
      handle: (call) => {
        const called = call.parts[0] ?? '';
        if (!store.remove(call.caller!.user.name, called))
          return problemAnswer(404, `there is no dashboard '${called}'`);
        note(call, `dashboard ${called}`, 'removed');
        return json(200, { removed: called });
      },
    }),
  ];
}

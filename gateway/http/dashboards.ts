import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { problemAnswer } from '../transport/transport.js';
import { json, type Route, route } from './route.js';

/** Dashboards of one user, and characters of one: more than any desk has, and less than would matter. */
export const MOST_DASHBOARDS = 64;
const LONGEST_LAYOUT = 8192;

const name = z.string().regex(/^[A-Z0-9][A-Z0-9_-]{0,31}$/);
const layout = z.string().min(2).max(LONGEST_LAYOUT);
const fileSchema = z.record(z.string(), z.record(name, layout));

/** Layouts of panes that users saved, by user and name, in one file. The gateway does not read them: the terminal does, and checks. */
export class DashboardStore {
  private readonly path: string | undefined;
  private readonly byUser: Map<string, Map<string, string>>;

  /** `path`: absent for dashboards that are forgotten at the end. */
  constructor(path: string | undefined) {
    this.path = path;
    const found =
      path !== undefined && existsSync(path) ? fileSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) : {};
    this.byUser = new Map(Object.entries(found).map(([user, saved]) => [user, new Map(Object.entries(saved))]));
  }

  of(user: string): ReadonlyMap<string, string> {
    return this.byUser.get(user) ?? new Map<string, string>();
  }

  /** False where the user has too many. */
  put(user: string, called: string, text: string): boolean {
    const own = this.byUser.get(user) ?? new Map<string, string>();
    if (!own.has(called) && own.size >= MOST_DASHBOARDS) return false;
    own.set(called, text);
    this.byUser.set(user, own);
    this.save();
    return true;
  }

  /** False where there is none. */
  remove(user: string, called: string): boolean {
    const removed = this.byUser.get(user)?.delete(called) ?? false;
    if (removed) this.save();
    return removed;
  }

  private save(): void {
    if (this.path === undefined) return;
    const content = Object.fromEntries([...this.byUser].map(([user, own]) => [user, Object.fromEntries(own)]));
    writeFileSync(`${this.path}.new`, `${JSON.stringify(content)}\n`, { mode: 0o600 });
    renameSync(`${this.path}.new`, this.path);
  }
}

/** A user's own dashboards, so that every screen of hers has them. Whoever may look may keep them: they change nothing of the engine. */
export function dashboardRoutes(store: DashboardStore): Route[] {
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
        return store.put(call.caller!.user.name, called.data, call.body.layout)
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
      handle: (call) =>
        store.remove(call.caller!.user.name, call.parts[0] ?? '')
          ? json(200, { removed: call.parts[0] })
          : problemAnswer(404, `there is no dashboard '${call.parts[0]}'`),
    }),
  ];
}

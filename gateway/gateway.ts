import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { LazyAssistant } from './assistant/lazy-assistant.js';
import { Latch } from './commands/latch.js';
import type { GatewayOptions } from './gateway-options.js';
import { DashboardStore } from './http/dashboards.js';
import { openApi } from './http/openapi.js';
import { Router } from './http/router.js';
import { StaticFiles } from './http/static-files.js';
import { Reports } from './reports/reports.js';
import { gatewayRoutes } from './routes.js';
import { AuditLog } from './security/audit.js';
import { Callers } from './security/callers.js';
import { type Session, Sessions } from './security/sessions.js';
import { UserStore } from './security/users.js';
import { SharedLimit } from './shared/shared-limit.js';
import { Client, CloseCode } from './socket/client.js';
import { Hub } from './socket/hub.js';
import {
  type HttpAnswer,
  type HttpRequest,
  problemAnswer,
  type Service,
  type Socket,
  type SocketEnd,
} from './transport/transport.js';

export type { GatewayOptions } from './gateway-options.js';

const LIMIT = { perSecond: 200, burst: 400 };
/** Sockets that one address may open a second, at once, and hold. */
const MOST_SOCKETS = 512;
const WATCH_EVERY_MS = 1000;
/** Between two ticks while nobody is connected: there is nothing to send, and the latch and the day's report can wait that long. */
const QUIET_TICK_MS = 250;

/** The gateway without its transport: answers requests, serves sockets. */
export class Gateway implements Service {
  readonly hub: Hub;
  readonly sessions: Sessions;
  readonly users: UserStore;
  readonly clients = new Set<Client>();
  private readonly options: GatewayOptions;
  private readonly audit: AuditLog;
  private readonly latch: Latch;
  private readonly reports: Reports;
  private readonly callers: Callers;
  private readonly assistant: LazyAssistant;
  private readonly router: Router;
  private readonly sessionClients = new Map<Client, Session>();
  private readonly hosts = new Set<string>();
  private readonly origins = new Set<string>();
  private readonly sharedLimit: SharedLimit | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isOver = false;
  private watchedMs = 0;

  constructor(options: GatewayOptions) {
    const { topics, folder, secure, epoch, own, token } = options;
    this.options = options;
    const kept = (name: string) => (folder === undefined ? undefined : join(folder, name));
    if (folder !== undefined) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      chmodSync(folder, 0o700);
    }
    // A browser refuses `__Host-` and Secure where there is no TLS.
    const cookie = secure
      ? { name: '__Host-vf_session', attributes: 'Path=/; HttpOnly; SameSite=Strict; Secure' }
      : { name: 'vf_session', attributes: 'Path=/; HttpOnly; SameSite=Strict' };
    const users = new UserStore(kept('users.json'));
    const sessions = new Sessions(
      Date.now,
      folder === undefined ? undefined : { folder: join(folder, 'sessions'), userOf: (name) => users.find(name) },
    );
    const audit = new AuditLog(kept(options.auditFile ?? 'audit.jsonl'));
    this.users = users;
    this.sessions = sessions;
    this.audit = audit;
    this.callers = new Callers(users, sessions, token, cookie.name);
    this.latch = new Latch(options.board, audit);
    this.reports = new Reports(topics, kept('reports'), options.keepsReports ?? true);
    this.assistant = new LazyAssistant({ given: options.assistant, topics, epoch, folder, own });
    this.hub = new Hub(topics, epoch);
    if (options.shared !== undefined) this.sharedLimit = new SharedLimit(options.shared, options.limit ?? LIMIT);
    const routes = gatewayRoutes({
      options,
      users,
      sessions,
      audit,
      cookie,
      dashboards: new DashboardStore(kept('dashboards.json')),
      latch: this.latch,
      reports: this.reports,
      assistant: this.assistant,
      sessionOf: ({ request }) => this.callers.sessionOf(request),
      ended: (session) => this.closeOf(session),
    });
    const pages = options.pages !== undefined && existsSync(options.pages) ? new StaticFiles(options.pages) : undefined;
    this.router = new Router(
      routes,
      {
        identify: (request, mutates) => this.callers.ofRequest(request, mutates),
        audit,
        hosts: this.hosts,
        origins: this.origins,
        limit: options.limit ?? LIMIT,
        ...(options.shared === undefined ? {} : { shared: options.shared }),
        ...(this.sharedLimit === undefined ? {} : { sharedLimit: this.sharedLimit }),
        ...(pages === undefined ? {} : { fallback: (request: HttpRequest) => pages.answer(request) }),
        ...(options.log === undefined ? {} : { log: options.log }),
      },
      epoch.toString(36),
    );
  }

  /** Takes requests to these hosts, each with its port, and from pages of theirs; empties nothing that was taken before. */
  serves(hosts: readonly string[]): void {
    for (const host of hosts) {
      this.hosts.add(host.toLowerCase());
      this.origins.add(`${this.options.secure ? 'https' : 'http'}://${host.toLowerCase()}`);
    }
  }

  start(): void {
    this.keepTicking();
    this.sharedLimit?.start();
    this.assistant.start();
  }

  stop(): void {
    this.isOver = true;
    clearInterval(this.timer);
    this.sharedLimit?.stop();
    this.options.shared?.close();
    for (const client of [...this.clients]) client.close(CloseCode.GOING_AWAY, 'the gateway ends');
    this.audit.close();
    this.assistant.stop();
  }

  /** At the hub's pace for whoever is connected. */
  private keepTicking(): void {
    clearInterval(this.timer);
    if (this.isOver) return;
    const isQuiet = this.clients.size === 0;
    this.timer = setInterval(
      () => {
        this.tick();
        if ((this.clients.size === 0) !== isQuiet) this.keepTicking();
      },
      isQuiet ? QUIET_TICK_MS : Hub.TICK_MS,
    );
  }

  /** One step of the hub; timers call it. */
  private tick(): void {
    this.hub.tick();
    const { own } = this.options;
    own.clients = this.clients.size;
    own.frames = this.hub.counters.frames;
    this.latch.look();
    const now = performance.now();
    if (now - this.watchedMs < WATCH_EVERY_MS) return;
    this.watchedMs = now;
    this.reports.look(Date.now());
    let lagging = 0;
    for (const client of this.clients) {
      client.watch();
      if (client.isLagging) lagging++;
    }
    own.lagging = lagging;
  }

  /** The OpenAPI document of everything that can be asked for. */
  document(): object {
    return openApi(this.router.routes, this.options.version);
  }

  answer(request: HttpRequest): HttpAnswer | Promise<HttpAnswer> {
    return this.router.answer(request);
  }

  refuseUpgrade(request: HttpRequest): HttpAnswer | undefined {
    const refused = this.router.refuse(request);
    if (refused !== undefined) return refused;
    return this.clients.size >= MOST_SOCKETS ? problemAnswer(503, `there are ${MOST_SOCKETS} sockets open`) : undefined;
  }

  connected(socket: Socket): SocketEnd {
    const client = new Client(socket, {
      hub: this.hub,
      topics: this.options.topics,
      identify: (message) => {
        const found = this.callers.ofHello(message);
        if (found?.session !== undefined) this.sessionClients.set(client, found.session);
        return found?.identity;
      },
      answerOf: async (user, answer) => (await this.assistant.open()).liveAnswer(user, answer),
      closed: (closed) => {
        this.clients.delete(closed);
        this.sessionClients.delete(closed);
      },
    });
    this.clients.add(client);
    if (this.clients.size === 1 && this.timer !== undefined) this.keepTicking();
    return client;
  }

  /** A session has ended, and with it what was connected by it. */
  private closeOf(session: Session): void {
    for (const [client, of] of this.sessionClients) {
      if (of === session) client.close(CloseCode.NOT_SIGNED_IN, 'signed out');
    }
  }
}

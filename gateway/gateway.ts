import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandWriter } from '../engine/runtime/peers/command-channel.js';
import type { Board } from '../engine/runtime/supervision/board.js';
import type { Assistant, AssistantOptions } from './assistant/assistant.js';
import { assistantRoutes } from './assistant/assistant-routes.js';
import { assistantSettings, type GivenAssistantSettings } from './assistant/assistant-settings.js';
import { commandRoutes } from './commands/command-routes.js';
import { Latch } from './commands/latch.js';
import { latchRoutes } from './commands/latch-routes.js';
import { Receipts } from './commands/receipts.js';
import type { EngineView } from './engine-view.js';
import { DashboardStore, dashboardRoutes } from './http/dashboards.js';
import { openApi } from './http/openapi.js';
import { readRoutes } from './http/read-routes.js';
import { type Call, type Caller, type Route, route } from './http/route.js';
import { type RequestLine, Router } from './http/router.js';
import { StaticFiles } from './http/static-files.js';
import { healthRoutes } from './http-server.js';
import { metricsRoute } from './metrics/metrics-route.js';
import type { ProfileBox } from './profiles/profile-box.js';
import { profileRoutes } from './profiles/profile-routes.js';
import { reportRoutes } from './reports/report-routes.js';
import { Reports } from './reports/reports.js';
import { accountRoutes } from './security/account-routes.js';
import { AuditLog } from './security/audit.js';
import { Confirmations } from './security/confirmations.js';
import { digestOf, sameDigest } from './security/secrets.js';
import { type Session, Sessions } from './security/sessions.js';
import { UserStore } from './security/users.js';
import { SharedLimit } from './shared/shared-limit.js';
import type { SharedStore } from './shared/shared-store.js';
import { Client, CloseCode, type Identity } from './socket/client.js';
import { Hub } from './socket/hub.js';
import type { OwnCounters } from './topics/board-source.js';
import type { TopicSet } from './topics/topic-set.js';
import {
  type HttpAnswer,
  type HttpRequest,
  problemAnswer,
  type Service,
  type Socket,
  type SocketEnd,
} from './transport/transport.js';

export interface GatewayOptions {
  topics: TopicSet;
  view: EngineView;
  /** What the engine shows of itself, for metrics; absent for none. */
  board?: Board;
  /** Whether metrics tell of this process too. */
  ownProcess?: boolean;
  commands: CommandWriter;
  /** This gateway's number among the engine's peers. */
  peer: number;
  /** The engine's own token for commands, told on its terminal. */
  token: string;
  /** Which life this is: other numbers in it mean other things. */
  epoch: number;
  own: OwnCounters;
  /** Where users and the audit log are kept; absent for nowhere. */
  folder?: string;
  /** Name of the audit log in it, which has one writer: another gateway of the folder has another. */
  auditFile?: string;
  /** Whether this gateway keeps the reports of the days: one of a folder does. */
  keepsReports?: boolean;
  /** Where threads are asked for their profiles; absent: nobody is. */
  profiles?: ProfileBox;
  /** The pages; absent for none. */
  pages?: string;
  /** Whether the transport speaks TLS. */
  secure: boolean;
  version: string;
  /** How the assistant is set up, and its key: without one it says so. */
  assistant?: GivenAssistantSettings & Pick<AssistantOptions, 'key' | 'sql'>;
  log?(line: RequestLine): void;
  /** What it has in common with other gateways; absent where it is alone. */
  shared?: SharedStore;
  /** Requests a second of one client, and at once. */
  limit?: { perSecond: number; burst: number };
}

const LIMIT = { perSecond: 200, burst: 400 };
/** Sockets that one address may open a second, at once, and hold. */
const MOST_SOCKETS = 512;
const WATCH_EVERY_TICKS = 30;
/** Time after the start at which an assistant that has a key is loaded: screens come first, and its first question waits for nothing. */
const WARM_MS = 3000;
/** Time that a token counts as verified: one that expires is refused no later than this after. */
const VERIFIED_MS = 1000;
/** Id of the user in whose name the engine's own token acts. */
const TOKEN_USER = { id: 1, name: 'token', role: 'admin' } as const;

/** The gateway without its transport: answers requests, serves sockets. */
export class Gateway implements Service {
  readonly hub: Hub;
  readonly sessions: Sessions;
  readonly users: UserStore;
  private readonly dashboards: DashboardStore;
  readonly clients = new Set<Client>();
  private readonly options: GatewayOptions;
  private readonly audit: AuditLog;
  private readonly latch: Latch;
  private readonly reports: Reports;
  /** Of the engine's own token. */
  private readonly ownDigest: string;
  private readonly router: Router;
  private readonly cookie: { name: string; attributes: string };
  private readonly sessionClients = new Map<Client, Session>();
  private readonly hosts = new Set<string>();
  private readonly origins = new Set<string>();
  private readonly sharedLimit: SharedLimit | undefined;
  private timer: NodeJS.Timeout | undefined;
  private warming: NodeJS.Timeout | undefined;
  private ticks = 0;
  /** Callers by tokens that were verified a moment ago. */
  private readonly verified = { version: -1, untilMs: 0, callers: new Map<string, Caller>() };
  private assistant: Promise<Assistant> | undefined;

  constructor(options: GatewayOptions) {
    const { topics, folder, secure, epoch } = options;
    this.options = options;
    this.ownDigest = digestOf(options.token);
    if (folder !== undefined) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      chmodSync(folder, 0o700);
    }
    this.users = new UserStore(folder === undefined ? undefined : join(folder, 'users.json'));
    this.sessions = new Sessions(
      Date.now,
      folder === undefined ? undefined : { folder: join(folder, 'sessions'), userOf: (name) => this.users.find(name) },
    );
    this.dashboards = new DashboardStore(folder === undefined ? undefined : join(folder, 'dashboards.json'));
    this.audit = new AuditLog(folder === undefined ? undefined : join(folder, options.auditFile ?? 'audit.jsonl'));
    this.latch = new Latch(options.board, this.audit);
    this.reports = new Reports(
      topics,
      folder === undefined ? undefined : join(folder, 'reports'),
      options.keepsReports ?? true,
    );
    this.hub = new Hub(topics, epoch);
    // A browser refuses `__Host-` and Secure where there is no TLS.
    this.cookie = secure
      ? { name: '__Host-vf_session', attributes: 'Path=/; HttpOnly; SameSite=Strict; Secure' }
      : { name: 'vf_session', attributes: 'Path=/; HttpOnly; SameSite=Strict' };
    const pages = options.pages !== undefined && existsSync(options.pages) ? new StaticFiles(options.pages) : undefined;
    if (options.shared !== undefined) this.sharedLimit = new SharedLimit(options.shared, options.limit ?? LIMIT);
    const routes = this.routes();
    this.router = new Router(
      routes,
      {
        identify: (request, mutates) => this.identify(request, mutates),
        audit: this.audit,
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
    this.timer = setInterval(() => this.tick(), Hub.TICK_MS);
    this.sharedLimit?.start();
    if ((this.options.assistant?.key ?? '') !== '') this.warming = setTimeout(() => void this.warmAssistant(), WARM_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    clearTimeout(this.warming);
    this.sharedLimit?.stop();
    this.options.shared?.close();
    for (const client of [...this.clients]) client.close(CloseCode.GOING_AWAY, 'the gateway ends');
    this.audit.close();
    void this.assistant?.then((assistant) => assistant.close());
  }

  /** What goes wrong here is told to whoever asks first. */
  private async warmAssistant(): Promise<void> {
    try {
      await (await this.openAssistant()).warm();
    } catch (error) {
      process.stderr.write(`assistant: ${error instanceof Error ? error.message : error}\n`);
    }
  }

  /** The assistant, loaded with the first question for it where it was not before. */
  private openAssistant(): Promise<Assistant> {
    const { topics, epoch, folder } = this.options;
    const { key, sql, ...settings } = this.options.assistant ?? {};
    this.assistant ??= import('./assistant/assistant.js').then(
      ({ Assistant }) =>
        new Assistant({
          settings: assistantSettings.parse(settings),
          topics,
          epoch,
          ...(key === undefined ? {} : { key }),
          ...(sql === undefined ? {} : { sql }),
          ...(folder === undefined ? {} : { folder: join(folder, 'assistant') }),
        }),
    );
    void this.assistant.then(
      (assistant) => {
        this.options.own.spent ??= () => assistant.costToday();
      },
      () => {},
    );
    return this.assistant;
  }

  /** One step of the hub; timers call it. */
  tick(): void {
    this.hub.tick();
    const { own } = this.options;
    own.clients = this.clients.size;
    own.frames = this.hub.counters.frames;
    this.latch.look();
    if (++this.ticks % WATCH_EVERY_TICKS !== 0) return;
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
      identify: (message) => this.identifySocket(message, client),
      answerOf: async (user, answer) => (await this.openAssistant()).liveAnswer(user, answer),
      closed: (closed) => {
        this.clients.delete(closed);
        this.sessionClients.delete(closed);
      },
    });
    this.clients.add(client);
    return client;
  }

  private identifySocket(
    { ticket, token }: { ticket?: string | undefined; token?: string | undefined },
    client: Client,
  ): Identity | undefined {
    if (ticket !== undefined) {
      const session = this.sessions.useTicket(ticket);
      if (session === undefined) return undefined;
      this.sessionClients.set(client, session);
      const { name, role } = session.user;
      return { name, role, isValid: () => this.sessions.isOpen(session) };
    }
    if (token === undefined) return undefined;
    const caller = this.callerOfToken(token);
    if (caller === undefined || caller.scopes?.includes('read') === false) return undefined;
    return { ...caller.user, isValid: () => this.callerOfToken(token) !== undefined };
  }

  private callerOfToken(token: string): Caller | undefined {
    const { users, verified } = this;
    const now = performance.now();
    // A program asks with the same token again and again: hashing it each time would cost more than most answers. A change of the users ends it at once.
    users.look();
    if (verified.version !== users.version || now > verified.untilMs) {
      verified.callers.clear();
      verified.version = users.version;
      verified.untilMs = now + VERIFIED_MS;
    }
    let caller = verified.callers.get(token);
    if (caller === undefined) {
      caller = this.verify(token);
      if (caller !== undefined) verified.callers.set(token, caller);
    }
    return caller;
  }

  private verify(token: string): Caller | undefined {
    const digest = digestOf(token);
    if (sameDigest(digest, this.ownDigest)) return { user: TOKEN_USER, actsAtOnce: true };
    const found = this.users.byDigest(digest, Date.now());
    return found === undefined ? undefined : { ...found, actsAtOnce: false };
  }

  private identify(request: HttpRequest, mutates: boolean): Caller | HttpAnswer | undefined {
    const authorization = request.header('authorization');
    if (authorization !== '') {
      return authorization.startsWith('Bearer ') ? this.callerOfToken(authorization.slice(7)) : undefined;
    }
    const session = this.sessionOf(request);
    if (session === undefined) return undefined;
    if (mutates && !this.sessions.isCsrf(session, request.header('x-csrf-token'))) {
      return problemAnswer(403, 'the header x-csrf-token is missing or is not that of the session');
    }
    return { user: session.user, actsAtOnce: false };
  }

  private sessionOf(request: HttpRequest): Session | undefined {
    for (const part of request.header('cookie').split(';')) {
      const [name, value = ''] = part.trim().split('=', 2);
      if (name === this.cookie.name) return this.sessions.find(value);
    }
    return undefined;
  }

  private routes(): Route[] {
    const { options, audit, users, sessions, cookie } = this;
    const { topics, view, commands, version } = options;
    const receipts = new Receipts(topics, options.peer);
    const confirmations = new Confirmations();
    const limits = topics.merge('limits');
    const commandsOf = commandRoutes({ commands, receipts, confirmations, audit, limits, latch: this.latch });
    const routes: Route[] = [
      ...healthRoutes(view),
      ...readRoutes(topics, options.epoch),
      ...dashboardRoutes(this.dashboards, audit),
      ...accountRoutes({
        users,
        sessions,
        audit,
        cookie,
        sessionOf: (call: Call) => this.sessionOf(call.request),
        ended: (session) => {
          for (const [client, of] of this.sessionClients) {
            if (of === session) client.close(CloseCode.NOT_SIGNED_IN, 'signed out');
          }
        },
      }),
      ...commandsOf,
      ...latchRoutes(this.latch, audit),
      ...reportRoutes(this.reports),
      ...assistantRoutes({ open: () => this.openAssistant(), audit, commands: commandsOf }),
    ];
    if (options.board !== undefined) {
      const { board, own, ownProcess = false } = options;
      routes.push(metricsRoute({ board, topics, own, process: ownProcess }));
    }
    if (options.profiles !== undefined) {
      routes.push(...profileRoutes(options.profiles, options.board?.plan.threads ?? [], audit));
    }
    let document: string | undefined;
    routes.push(
      route({
        method: 'GET',
        path: '/api/v1/openapi.json',
        summary: 'This document.',
        answer: { status: 200, description: 'OpenAPI 3.1.' },
        handle: () => {
          document ??= `${JSON.stringify(openApi(routes, version))}\n`;
          return { status: 200, headers: { 'content-type': 'application/json' }, body: document };
        },
      }),
    );
    return routes;
  }
}

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import { SCHEMA_FINGERPRINT } from '../../schemas/generated/fingerprint.js';
import { FrameFlag } from '../net/frame.js';
import { frameOf } from './frames.js';
import { rowsOf, START } from './market.js';

/** The policy that the gateway sends with its pages. */
const policyOf = (page: string) =>
  `default-src 'none'; script-src 'self'${hashesOf('script', page)}; style-src 'self'${hashesOf('style', page)}; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'`;

/** The styles or scripts that a page holds itself, as a policy names them. */
const hashesOf = (tag: 'script' | 'style', page: string) =>
  [...page.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, 'g'))]
    .map(([, held = '']) => ` 'sha256-${createHash('sha256').update(held).digest('base64')}'`)
    .join('');

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

interface Subscription {
  socket: WebSocket;
  topic: string;
  number: number;
  seq: number;
}

/** A report as the gateway tells it, of one table. */
function reportOf(day: string): object {
  const table = {
    title: 'Profit and loss',
    head: ['underlying', 'today'],
    digits: [null, 4],
    rows: [
      ['BTC', 0.0125],
      ['ETH', null],
    ],
  };
  return { day, made: '2026-01-02T12:00:00.000Z', seenFrom: '2026-01-02T08:00:00.000Z', sections: [table] };
}

/** A gateway with the real one's protocol and an invented market that moves when it is told to, so that every number is known. */
export class FakeGateway {
  /** Requests that acted, in order. */
  readonly acted: string[] = [];
  /** Control messages of clients, in order. */
  readonly heard: { type: string; topic?: string }[] = [];
  epoch = 1;
  step = 0;
  /** It answers nothing but 503, as behind a proxy while it begins anew. */
  isAway = false;
  /** Nobody is signed in. */
  signedOut = false;
  private readonly server;
  private readonly sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'volfilter.v1' });
  private subscriptions: Subscription[] = [];
  private next = 1;

  /** @param folder the built terminal, dist/ui */
  constructor(folder: string) {
    this.server = createServer((request, response) => this.answer(folder, request, response));
    this.server.on('upgrade', (request, socket, head) => {
      this.sockets.handleUpgrade(request, socket, head, (client) => this.greet(client));
    });
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    this.drop();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Moves the market on, and tells everybody. @param skip topics of which a step is lost on the way */
  advance(skip: readonly string[] = []): void {
    this.step++;
    for (const subscription of this.subscriptions) {
      if (['fills', 'trades', 'hedge-costs', 'instruments'].includes(subscription.topic)) continue;
      subscription.seq++;
      if (!skip.includes(subscription.topic)) this.send(subscription, 0);
    }
  }

  /** Bytes that are no frame, to everybody. */
  sendBytes(bytes: Uint8Array): void {
    for (const client of this.sockets.clients) client.send(bytes);
  }

  /** Every socket is lost. */
  drop(): void {
    for (const client of this.sockets.clients) client.terminate();
    this.subscriptions = [];
  }

  private greet(client: WebSocket): void {
    client.on('message', (data, isBinary) => {
      if (isBinary) return;
      const control = JSON.parse(String(data)) as { type: string; id?: number; topic?: string };
      this.heard.push(control);
      const say = (message: object) => client.send(JSON.stringify(message));
      if (control.type === 'hello')
        say({ type: 'hello', epoch: this.epoch, schemas: SCHEMA_FINGERPRINT, user: 'ada', role: 'trader', topics: [] });
      if (control.type === 'unsubscribe')
        this.subscriptions = this.subscriptions.filter(
          ({ socket, topic }) => socket !== client || topic !== control.topic,
        );
      if (control.type === 'resync') {
        for (const one of this.subscriptions)
          if (one.socket === client && one.topic === control.topic)
            this.send(one, FrameFlag.SNAPSHOT | FrameFlag.LAST_PART);
      }
      if (control.type !== 'subscribe' || control.topic === undefined) return;
      if (rowsOf(control.topic, this.step) === undefined) {
        say({ type: 'error', id: control.id, code: 'no-topic', message: `this market tells no ${control.topic}` });
        return;
      }
      const subscription = { socket: client, topic: control.topic, number: this.next++, seq: 100 };
      this.subscriptions.push(subscription);
      say({ type: 'subscribed', id: control.id, topic: control.topic, number: subscription.number, hz: 10 });
      this.send(subscription, FrameFlag.SNAPSHOT | FrameFlag.LAST_PART);
    });
  }

  private send({ socket, topic, number, seq }: Subscription, flags: number): void {
    const made = rowsOf(topic, this.step);
    if (made === undefined) return;
    socket.send(
      frameOf(made.topic, made.rows, { seq, flags, epoch: this.epoch, number, time: START + this.step * 1e6 }),
    );
  }

  private answer(folder: string, { url = '/', method }: IncomingMessage, response: ServerResponse): void {
    const json = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (url.startsWith('/api/')) {
      json(...this.outcome(method ?? 'GET', url));
      return;
    }
    const path = url.split('?')[0] === '/' ? '/index.html' : url;
    try {
      const body = readFileSync(join(folder, path.replaceAll('..', '')));
      response.writeHead(200, {
        'content-type': types[extname(path)] ?? 'application/octet-stream',
        'content-security-policy': policyOf(extname(path) === '.html' ? String(body) : ''),
      });
      response.end(body);
    } catch {
      json(404, { title: 'nothing here' });
    }
  }

  private outcome(method: string, url: string): [status: number, body: object] {
    if (this.isAway) return [503, { title: 'the gateway begins anew' }];
    if (this.signedOut) return [401, { title: 'sign in' }];
    if (url === '/api/v1/session') return [200, { user: 'ada', role: 'trader', csrf: 'c', ticket: 't' }];
    if (url === '/api/v1/login') return [200, { user: 'ada', role: 'trader', csrf: 'c', ticket: 't' }];
    if (method === 'GET' && url === '/api/v1/latch')
      return [200, { killed: null, since: null, rearm: { allowed: false, why: 'it is open' }, acts: [] }];
    if (method === 'GET' && url === '/api/v1/reports') return [200, { days: ['2026-01-02', '2026-01-01'] }];
    if (method === 'GET' && url.startsWith('/api/v1/reports/'))
      return [200, { report: reportOf(url.split('/').at(-1)!) }];
    this.acted.push(`${method} ${url}`);
    if (url !== '/api/v1/quoting/resume') return [202, { accepted: true, status: 'accepted' }];
    return [
      202,
      { accepted: false, status: 'needs-confirmation', confirmation: 'n1', summary: 'resume quoting everything' },
    ];
  }
}

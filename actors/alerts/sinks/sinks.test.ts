import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Notice } from '../notice.js';
import { EmailSink } from './email-sink.js';
import { readSecret } from './secrets.js';
import { DeliveryOutcome, GuardedSink, RefusedError, SINK_POLICY, type Sink } from './sink.js';
import { parseSinks } from './sink-config.js';
import { isSigned, SIGNATURE_HEADER, TIMESTAMP_HEADER, WebhookSink } from './webhook-sink.js';

const notice: Notice = {
  id: '7-1',
  number: 1,
  alert: 'high-vol',
  rule: 'high-vol',
  condition: 'atm_vol.btc.30d > 0.8',
  metrics: ['atm_vol.btc.30d'],
  severity: 'critical',
  state: 'firing',
  before: 'pending',
  since: '2026-01-05T00:00:00.000Z',
  time: '2026-01-05T00:00:00.000Z',
  found: 0.9,
  bound: 0.8,
  seq: 42,
  reminder: false,
};

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function listening(server: Server): Promise<number> {
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  closers.push(() => new Promise((closed) => server.close(closed)));
  return (server.address() as AddressInfo).port;
}

interface Request {
  headers: IncomingMessage['headers'];
  body: string;
}

/** A receiver on the loopback interface that answers one status after the other, the last one for ever. */
async function receiver(...statuses: number[]): Promise<{ url: string; requests: Request[] }> {
  const requests: Request[] = [];
  const server = createHttpServer((request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    request.on('data', (part) => {
      body += String(part);
    });
    request.on('end', () => {
      requests.push({ headers: request.headers, body });
      response.writeHead(statuses[Math.min(requests.length, statuses.length) - 1]!, { connection: 'close' }).end('{}');
    });
  });
  return { url: `http://127.0.0.1:${await listening(server)}/hook`, requests };
}

const quick = { ...SINK_POLICY, firstPauseMs: 1, openMs: 1_000_000 };

describe('a webhook', () => {
  it('is told with a signature that only the secret makes', async () => {
    const { url, requests } = await receiver(200);
    const guarded = new GuardedSink(new WebhookSink({ name: 'desk', url, secret: 'hush' }), quick);
    expect(await guarded.tell(notice)).toMatchObject({ outcome: DeliveryOutcome.DELIVERED, attempts: 1, status: 200 });
    const [{ headers, body }] = requests as [Request];
    expect(JSON.parse(body)).toEqual(notice);
    expect(headers['idempotency-key']).toBe('7-1');
    const timestamp = String(headers[TIMESTAMP_HEADER]);
    const signature = String(headers[SIGNATURE_HEADER]);
    expect(isSigned('hush', timestamp, body, signature)).toBe(true);
    expect(isSigned('other', timestamp, body, signature)).toBe(false);
    expect(isSigned('hush', timestamp, `${body} `, signature)).toBe(false);
    expect(isSigned('hush', `${timestamp}0`, body, signature)).toBe(false);
    expect(JSON.stringify(requests)).not.toContain('hush');
  });

  it('is tried again when it is not well, and told the same thing', async () => {
    const { url, requests } = await receiver(500, 429, 200);
    const guarded = new GuardedSink(new WebhookSink({ name: 'desk', url }), quick);
    expect(await guarded.tell(notice)).toMatchObject({ outcome: DeliveryOutcome.DELIVERED, attempts: 3 });
    expect(new Set(requests.map(({ body }) => body)).size).toBe(1);
    expect(requests[0]!.headers[SIGNATURE_HEADER]).toBeUndefined();
  });

  it('is not tried again when it has refused', async () => {
    const { url, requests } = await receiver(403);
    const guarded = new GuardedSink(new WebhookSink({ name: 'desk', url }), quick);
    expect(await guarded.tell(notice)).toMatchObject({ outcome: DeliveryOutcome.FAILED, attempts: 1, status: 403 });
    expect(requests).toHaveLength(1);
  });

  it('that cannot be reached is given up, and left alone after a while', async () => {
    const { url } = await receiver(200);
    const [close] = closers.splice(0);
    await close!();
    const guarded = new GuardedSink(new WebhookSink({ name: 'desk', url }), { ...quick, retries: 2 });
    expect(await guarded.tell(notice)).toMatchObject({ outcome: DeliveryOutcome.FAILED, attempts: 3 });
    expect(await guarded.tell(notice)).toMatchObject({ outcome: DeliveryOutcome.CIRCUIT_OPEN });
    const last = await guarded.tell(notice);
    expect(last).toMatchObject({ outcome: DeliveryOutcome.CIRCUIT_OPEN, attempts: 0 });
  });

  it('that does not answer is given up in time', async () => {
    const server = createHttpServer(() => {});
    const url = `http://127.0.0.1:${await listening(server)}`;
    const guarded = new GuardedSink(new WebhookSink({ name: 'desk', url }), { ...quick, retries: 0, timeoutMs: 50 });
    expect(await guarded.tell(notice)).toMatchObject({ outcome: DeliveryOutcome.FAILED, attempts: 1 });
    server.closeAllConnections();
  });
});

/** Takes mail as a server of SMTP would, and keeps it. */
async function mailServer(refusal?: string): Promise<{ port: number; mails: string[] }> {
  const mails: string[] = [];
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    let data: string | undefined;
    let rest = '';
    socket.write('220 mail.test ESMTP\r\n');
    socket.on('data', (chunk) => {
      rest += String(chunk);
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (data !== undefined) {
          if (line !== '.') {
            data += `${line}\n`;
            continue;
          }
          mails.push(data);
          data = undefined;
          socket.write('250 taken\r\n');
        } else if (/^RCPT/.test(line) && refusal !== undefined) socket.write(`${refusal}\r\n`);
        else if (line === 'STARTTLS') socket.write('502 not here\r\n');
        else if (line === 'DATA') {
          data = '';
          socket.write('354 go on\r\n');
        } else if (line === 'QUIT') socket.end('221 bye\r\n');
        else socket.write('250 mail.test\r\n');
      }
    });
  });
  return { port: await listening(server), mails };
}

describe('mail', () => {
  const options = {
    name: 'mail',
    host: '127.0.0.1',
    secure: false,
    from: 'engine@desk.test',
    to: ['trader@desk.test'],
  };

  it('says in its subject what fires, and holds the notice', async () => {
    const { port, mails } = await mailServer();
    const guarded = new GuardedSink(new EmailSink({ ...options, port }), quick);
    expect(await guarded.tell(notice)).toMatchObject({ outcome: DeliveryOutcome.DELIVERED, status: 250 });
    guarded.close();
    expect(mails).toHaveLength(1);
    expect(mails[0]).toContain('Subject: [volfilter] critical: high-vol firing');
    expect(mails[0]).toContain('Message-ID: <7-1@volfilter>');
    expect(mails[0]).toContain('condition: atm_vol.btc.30d > 0.8');
  });

  it('that is refused for good is not tried again', async () => {
    const { port, mails } = await mailServer('550 nobody of that name');
    const guarded = new GuardedSink(new EmailSink({ ...options, port }), quick);
    expect(await guarded.tell(notice)).toMatchObject({ outcome: DeliveryOutcome.FAILED, attempts: 1, status: 550 });
    guarded.close();
    expect(mails).toEqual([]);
  });

  it('gives no password to a server without TLS', async () => {
    const { port } = await mailServer();
    const sink = new EmailSink({ ...options, port, user: 'engine', password: 'hush' });
    const guarded = new GuardedSink(sink, { ...quick, retries: 0 });
    const { outcome, problem } = await guarded.tell(notice);
    guarded.close();
    expect(outcome).toBe(DeliveryOutcome.FAILED);
    expect(problem).not.toContain('hush');
  });
});

describe('the guard of a sink', () => {
  const told: string[] = [];
  const sink: Sink = {
    name: 'test',
    tell: async ({ id }) => {
      told.push(id);
      return 0;
    },
  };

  it('keeps the order, and tells no more than so many a minute', async () => {
    let now = 0;
    const guarded = new GuardedSink(sink, { ...quick, perMinute: 3 }, () => now);
    const results = await Promise.all([1, 2, 3, 4].map((number) => guarded.tell({ ...notice, id: String(number) })));
    expect(told).toEqual(['1', '2', '3']);
    expect(results[3]!.outcome).toBe(DeliveryOutcome.RATE_LIMIT);
    now = 20_000;
    expect((await guarded.tell(notice)).outcome).toBe(DeliveryOutcome.DELIVERED);
    expect((await guarded.tell(notice)).outcome).toBe(DeliveryOutcome.RATE_LIMIT);
  });

  it('lets nothing but the policy decide what is tried again', async () => {
    let calls = 0;
    const refusing: Sink = {
      name: 'test',
      tell: async () => {
        calls++;
        throw new RefusedError('no', 400);
      },
    };
    await new GuardedSink(refusing, quick).tell(notice);
    expect(calls).toBe(1);
  });
});

describe('a secret', () => {
  it('comes from the environment or from a file, and is in no message', () => {
    const folder = mkdtempSync(join(tmpdir(), 'volfilter-secret-'));
    writeFileSync(join(folder, 'key'), 'hush\n');
    expect(readSecret(`file:${join(folder, 'key')}`)).toBe('hush');
    rmSync(folder, { recursive: true });
    expect(readSecret('env:DESK_KEY', { DESK_KEY: 'hush' })).toBe('hush');
    expect(() => readSecret('env:DESK_KEY', {})).toThrow('there is no secret at env:DESK_KEY');
    expect(() => readSecret(`file:${join(folder, 'key')}`)).toThrow(/cannot be read from .*: ENOENT/);
    let message = '';
    try {
      readSecret('hush');
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain("'env:NAME' or 'file:PATH'");
    expect(message).not.toContain('hush');
  });
});

describe('the configuration of sinks', () => {
  it('is read, or each wrong field is named', () => {
    const sinks = parseSinks(
      '[{"kind":"log","name":"log"},{"kind":"webhook","name":"desk","url":"https://desk.test/x","secretFrom":"env:K"}]',
    );
    expect(sinks.map(({ name }) => name)).toEqual(['log', 'desk']);
    expect(() => parseSinks('{')).toThrow('expected a JSON list of sinks');
    expect(() => parseSinks('[{"kind":"webhook","name":"desk","url":"nowhere"}]')).toThrow(
      'sinks[0.url]: expected an http or https URL',
    );
    expect(() => parseSinks('[{"kind":"webhook","name":"d","url":"https://a.test","secretFrom":"hush"}]')).toThrow(
      "sinks[0.secretFrom]: expected 'env:NAME' or 'file:PATH'",
    );
    expect(() => parseSinks('[{"kind":"log","name":"a"},{"kind":"log","name":"a"}]')).toThrow(
      "two sinks are called 'a'",
    );
    expect(() => parseSinks('[{"kind":"email","name":"a","host":"h","port":0,"from":"a@b","to":[]}]')).toThrow(
      /port.*\n.*to/,
    );
  });
});

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JournalReader } from '../../journal/reader.js';
import { callTree } from '../../telemetry/profile/call-tree.js';
import { built } from '../../testing/built.js';
import { freePort } from '../../testing/free-port.js';
import { journalTraces } from '../trace/journal-traces.js';
import { traceLines } from '../trace/trace-lines.js';

interface Span {
  traceId: string;
  name: string;
  parentSpanId?: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
}

/** One engine on random walks, with a collector beside it: what is seen of an engine from outside. */
let folder: string;
let child: ReturnType<typeof spawn>;
let said = '';
const bodies: string[] = [];
const collector = createServer((request, response) => {
  let body = '';
  request.on('data', (piece) => (body += piece));
  request.on('end', () => {
    bodies.push(body);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-observed-'));
  await new Promise<void>((listening) => collector.listen(0, '127.0.0.1', listening));
  const port = String(await freePort());
  child = spawn(
    process.execPath,
    [
      built('engine/cli/main'),
      ...['run', '--feed', 'synthetic', '--rate', '500', '--port', port, '--gateway', join(folder, 'gateway')],
      ...['--journal', join(folder, 'journal'), '--no-store', '--no-alerts', '--no-log', '--trace-every', '1'],
      ...['--traces', `http://127.0.0.1:${(collector.address() as { port: number }).port}`],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (text: Buffer) => (said += text.toString()));
});
afterAll(async () => {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
  collector.closeAllConnections();
  await new Promise((closed) => collector.close(closed));
  rmSync(folder, { recursive: true, force: true });
});

/** Looks until there is something; the engine's own words where it has ended. */
async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (child.exitCode !== null) throw new Error(`the engine has ended: ${said.slice(-1000)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Where the gateway is, once it says so. */
function connection(): { url: string; token: string } | undefined {
  const path = join(folder, 'gateway/connection.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { url: string; token: string }) : undefined;
}

describe('a running engine', { timeout: 60_000 }, () => {
  it('sends traces of events that led to orders, from the frame to what execution wrote', async () => {
    const spans = await until(() => {
      const all = bodies.flatMap((body) => {
        const { resourceSpans } = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] };
        return resourceSpans[0]!.scopeSpans[0]!.spans;
      });
      // An order may also follow from a timer, which no feed has brought.
      const tick = all.find(({ name }) => name === 'feed');
      return tick === undefined ? undefined : all.filter(({ traceId }) => traceId === tick.traceId);
    });
    const whole = spans.find(({ parentSpanId }) => parentSpanId === undefined)!;
    expect(whole.name).toBe('tick to order');
    const parts = spans.filter(({ parentSpanId }) => parentSpanId !== undefined);
    for (const name of ['feed', 'sequencer', 'risk', 'execution']) {
      expect(parts.map((part) => part.name)).toContain(name);
    }
    // All by one clock, which is now's.
    const at = (time: string): number => Number(BigInt(time) / 1_000_000n);
    for (const span of spans) {
      expect(at(span.endTimeUnixNano)).toBeGreaterThanOrEqual(at(span.startTimeUnixNano));
      expect(Math.abs(Date.now() - at(span.startTimeUnixNano))).toBeLessThan(600_000);
    }
  });

  it.each([
    ['core', 'cpu'],
    ['core', 'allocation'],
    ['main', 'heap'],
    ['gateway', 'cpu'],
  ] as const)('gives an admin the profile of its thread %s (%s), with what ran there', async (thread, kind) => {
    const { url, token } = await until(() => connection());
    const ask = (format: string): Promise<Response> =>
      fetch(`${url}/debug/profile?thread=${thread}&kind=${kind}&seconds=0.1&format=${format}`, {
        headers: { authorization: `Bearer ${token}` },
      });
    const response = await ask('profile');
    const text = await response.text();
    expect(response.status, text.slice(0, 200)).toBe(200);
    expect(response.headers.get('content-disposition')).toContain(kind === 'cpu' ? '.cpuprofile' : '.heapprofile');
    const { root } = callTree(text);
    // Of a short time nothing may be held, or allocated, that was large enough to be sampled.
    if (kind === 'cpu') expect(root.total).toBeGreaterThan(0);
    if (thread === 'core' && kind === 'cpu') {
      // In a tenth of a second the thread may have had no turn.
      const own = /"url":"file:[^"]*\/dist\/[^"]*\.js"/;
      await until(async () => (own.test(await (await ask('profile')).text()) ? true : undefined));
      const drawn = await ask('svg');
      expect(drawn.headers.get('content-type')).toBe('image/svg+xml');
      expect(await drawn.text()).toContain('</svg>');
    }
  });

  it('refuses profiles of threads that there are not, and without an admin', async () => {
    const { url, token } = await until(() => connection());
    const headers = { authorization: `Bearer ${token}` };
    const unknown = await fetch(`${url}/debug/profile?thread=nobody`, { headers });
    expect([unknown.status, ((await unknown.json()) as { detail: string }).detail]).toEqual([
      404,
      expect.stringContaining('main, gateway, core'),
    ]);
    expect((await fetch(`${url}/debug/profile?thread=core`)).status).toBe(401);
    expect((await fetch(`${url}/debug/profile?thread=core&kind=snapshot`, { headers })).status).toBe(400);
  });

  it('leaves a journal that tells the same of any event, as far as it was written', async () => {
    const traces = await until(async () => {
      const reader = new JournalReader(join(folder, 'journal'));
      try {
        // What was written of the newest is not all there yet.
        const found = journalTraces(reader, { last: 200 }).filter(({ parts }) => parts.length > 1);
        return found.length >= 3 ? found : undefined;
      } finally {
        await reader.close();
      }
    });
    for (const { whole, parts } of traces) {
      expect(parts.map(({ name }) => name)).toContain('core and execution');
      expect(whole.end).toBeGreaterThanOrEqual(whole.start);
    }
    const [head, ...bars] = traceLines(traces[0]!);
    expect(head).toContain(`event ${String(traces[0]!.whole.attributes['volfilter.seq'])} `);
    expect(bars).toHaveLength(traces[0]!.parts.length + 1);
    const reader = new JournalReader(join(folder, 'journal'));
    const seq = Number(traces[0]!.whole.attributes['volfilter.seq']);
    expect(journalTraces(reader, { seq, last: 1 }).map(({ id }) => id)).toEqual([traces[0]!.id]);
    await reader.close();
  });
});

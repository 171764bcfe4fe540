import { createServer, type IncomingMessage, type Server } from 'node:http';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Redaction } from '../log/redaction.js';
import { outsideStatuses } from '../outside/outside-status.js';
import { otlpRequest } from './otlp.js';
import { SpanKind, type Trace, traceIdOf } from './span.js';
import { readHeaders, TraceExporter } from './trace-exporter.js';
import { tracesAddress } from './traces-address.js';

/**
 * The JSON form of opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest, of those of its fields that are written here; the protocol lets a receiver
 * ignore others, and this refuses them. Enumerations are numbers, 64-bit numbers decimal text, ids hexadecimal text, and no id is all zeroes.
 */
const nanos = z.string().regex(/^[1-9]\d{0,19}$/);
const id = (digits: number) => z.string().regex(new RegExp(`^(?!0+$)[0-9a-f]{${digits}}$`));
const anyValue = z.union([
  z.strictObject({ stringValue: z.string() }),
  z.strictObject({ intValue: z.string().regex(/^-?\d+$/) }),
  z.strictObject({ doubleValue: z.number() }),
  z.strictObject({ boolValue: z.boolean() }),
]);
const attributes = z
  .array(z.strictObject({ key: z.string().min(1), value: anyValue }))
  .refine((all) => new Set(all.map(({ key }) => key)).size === all.length, 'a key stands twice');
const span = z
  .strictObject({
    traceId: id(32),
    spanId: id(16),
    parentSpanId: id(16).optional(),
    name: z.string().min(1),
    kind: z.number().int().min(1).max(5),
    startTimeUnixNano: nanos,
    endTimeUnixNano: nanos,
    attributes,
    status: z.strictObject({ code: z.number().int().min(0).max(2), message: z.string().optional() }),
  })
  .refine((each) => BigInt(each.endTimeUnixNano) >= BigInt(each.startTimeUnixNano), 'it ends before it starts');
const exportRequest = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeSpans: z.array(
        z.strictObject({ scope: z.strictObject({ name: z.string(), version: z.string() }), spans: z.array(span) }),
      ),
    }),
  ),
});

const START = 1_767_225_600_000_000_000n;
const trace: Trace = {
  id: traceIdOf(7, 42, 1e15),
  whole: {
    name: 'tick to order',
    kind: SpanKind.INTERNAL,
    start: START,
    end: START + 9_000n,
    attributes: { 'volfilter.seq': 42, 'volfilter.event': 'TICKER' },
  },
  parts: [
    { name: 'feed', kind: SpanKind.INTERNAL, start: START, end: START + 1_000n, attributes: {} },
    {
      name: 'execution',
      kind: SpanKind.CLIENT,
      start: START + 8_000n,
      end: START + 9_000n,
      attributes: { price: 0.25, armed: true },
      failure: 'not sent: reason 1',
    },
  ],
};

describe('a trace', () => {
  it('is told as the public protocol has it', () => {
    const told = exportRequest.parse(otlpRequest([trace], { 'service.name': 'volfilter' }, '1.2.3'));
    const { scopeSpans, resource } = told.resourceSpans[0]!;
    expect(resource.attributes).toEqual([{ key: 'service.name', value: { stringValue: 'volfilter' } }]);
    const [whole, feed, execution] = scopeSpans[0]!.spans;
    expect(whole!.parentSpanId).toBeUndefined();
    for (const part of [feed!, execution!]) {
      expect(part.parentSpanId).toBe(whole!.spanId);
      expect(part.traceId).toBe(whole!.traceId);
    }
    expect(whole!.startTimeUnixNano).toBe('1767225600000000000');
    expect(whole!.attributes[0]).toEqual({ key: 'volfilter.seq', value: { intValue: '42' } });
    expect(execution!.attributes).toEqual([
      { key: 'price', value: { doubleValue: 0.25 } },
      { key: 'armed', value: { boolValue: true } },
    ]);
    expect(execution!.status).toEqual({ code: 2, message: 'not sent: reason 1' });
  });

  it('is in that form whatever its attributes are, and no two of its spans have one id', () => {
    const value = fc.oneof(fc.string(), fc.double(), fc.integer(), fc.boolean());
    const part = fc.record({
      name: fc.string({ minLength: 1 }),
      kind: fc.constantFrom(...Object.values(SpanKind)),
      start: fc.constant(START),
      end: fc.bigInt(START, START + 10n ** 12n),
      attributes: fc.dictionary(fc.string({ minLength: 1 }), value, { noNullPrototype: true }),
    });
    fc.assert(
      fc.property(part, fc.array(part, { maxLength: 8 }), (whole, parts) => {
        const request = otlpRequest([{ id: trace.id, whole, parts }], {}, '0');
        const { spans } = exportRequest.parse(JSON.parse(JSON.stringify(request))).resourceSpans[0]!.scopeSpans[0]!;
        expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(parts.length + 1);
      }),
      { numRuns: 50 },
    );
  });

  it('has the same id wherever it is made, and another one for each event', () => {
    expect(traceIdOf(7, 42, 1e15)).toBe(trace.id);
    expect(new Set([trace.id, traceIdOf(8, 42, 1e15), traceIdOf(7, 43, 1e15), traceIdOf(7, 42, 1e15 + 1)]).size).toBe(
      4,
    );
  });
});

describe('the exporter of traces', () => {
  let server: Server;
  let address: string;
  let asked: { request: IncomingMessage; body: string }[];
  let answers: { status: number; body?: string }[];
  beforeEach(async () => {
    asked = [];
    answers = [];
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (piece) => (body += piece));
      request.on('end', () => {
        asked.push({ request, body });
        const { status, body: said = '{}' } = answers.shift() ?? { status: 200 };
        // A status of 0 is a collector that never answers.
        if (status !== 0) response.writeHead(status, { 'content-type': 'application/json' }).end(said);
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    address = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });

  const exporter = (more: Partial<ConstructorParameters<typeof TraceExporter>[0]> = {}): TraceExporter =>
    new TraceExporter({
      endpoint: address,
      resource: { 'service.name': 'volfilter' },
      version: '0',
      redaction: new Redaction(),
      ...more,
      policy: { firstPauseMs: 1, ...more.policy },
    });

  it('posts them where a collector of the protocol listens, with the headers that it asks for', async () => {
    const sender = exporter({ headers: readHeaders('x-key=abc%20def, other = 1') });
    expect(await sender.send([trace])).toBeUndefined();
    const [{ request, body }] = asked as [(typeof asked)[0]];
    expect([request.method, request.url]).toEqual(['POST', '/v1/traces']);
    expect(request.headers).toMatchObject({ 'content-type': 'application/json', 'x-key': 'abc def', other: '1' });
    expect(exportRequest.parse(JSON.parse(body)).resourceSpans[0]!.scopeSpans[0]!.spans).toHaveLength(3);
    expect(sender).toMatchObject({ sent: 1, dropped: 0 });
  });

  it('sends none of the secrets that are known', async () => {
    const redaction = new Redaction();
    redaction.hide('planted-secret-9vQz');
    const whole = { ...trace.whole, attributes: { note: 'a planted-secret-9vQz' } };
    await exporter({ redaction }).send([{ ...trace, whole }]);
    expect(asked[0]!.body).toContain('a [hidden]');
    expect(asked[0]!.body).not.toContain('planted-secret');
  });

  it('tries again where the protocol says that it may, and nowhere else', async () => {
    answers = [{ status: 503 }, { status: 429 }, { status: 200 }, { status: 400, body: 'no such field' }];
    const sender = exporter();
    expect(await sender.send([trace])).toBeUndefined();
    expect(asked).toHaveLength(3);
    expect(await sender.send([trace])).toBe('the collector answered 400 no such field');
    expect(asked).toHaveLength(4);
    expect(sender).toMatchObject({ sent: 1, dropped: 1 });
  });

  it('says what the collector has refused of what it took', async () => {
    answers = [{ status: 200, body: '{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}' }];
    const notes: string[] = [];
    expect(await exporter({ note: (text) => notes.push(text) }).send([trace])).toBeUndefined();
    expect(notes).toEqual(['the collector refused a part of the traces: 2 spans, too old']);
  });

  it('leaves a collector alone that does not answer, which is seen, and drops what it cannot send', async () => {
    const notes: string[] = [];
    answers = Array.from({ length: 9 }, () => ({ status: 0 }));
    const policy = { timeoutMs: 20, retries: 1, failures: 2, openMs: 600_000 };
    const sender = exporter({ policy, note: (text) => notes.push(text) });
    expect(await sender.send([trace])).toContain('timed out');
    expect(await sender.send([trace])).toBe('traces failed too often and is left alone for a while');
    expect(notes).toEqual(['traces failed 2 times in a row: it is left alone for 600 s']);
    expect(outsideStatuses().find(({ name }) => name === 'traces')).toMatchObject({ state: 'open' });
    expect(sender).toMatchObject({ sent: 0, dropped: 2 });
  });

  it('knows its address with and without a path, and refuses what is none', () => {
    expect(tracesAddress('http://127.0.0.1:4318')).toBe('http://127.0.0.1:4318/v1/traces');
    expect(tracesAddress('https://collector/otlp/v1/traces')).toBe('https://collector/otlp/v1/traces');
    for (const wrong of ['4318', 'ftp://collector', '']) expect(() => tracesAddress(wrong)).toThrow();
  });
});

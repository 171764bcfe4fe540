import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createLatest } from '../../engine/runtime/edge/create-latest.js';
import { LatestWriter } from '../../engine/runtime/edge/latest-writer.js';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { ActorCounter } from '../../engine/runtime/supervision/board.js';
import { fillOutsideRow } from '../../engine/telemetry/outside/outside-row.js';
import { outsideStatus } from '../../engine/telemetry/outside/outside-status.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { LimitState } from '../../schemas/generated/limit-state.js';
import { OutsideRow } from '../../schemas/generated/outside-row.js';
import { Refusal } from '../../schemas/generated/refusal.js';
import { WorstCase } from '../../schemas/generated/worst-case.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { GatewayDesk, TOKEN } from '../testing/gateway-desk.js';
import { EVENTS_KEPT } from '../topics/catalogue.js';
import { seedLimits } from '../topics/seed-limits.js';
import { TopicSet } from '../topics/topic-set.js';
import { Exposition, FAMILIES } from './exposition.js';
import { gauge, type MetricSource } from './family.js';
import { BUCKETS_NS, FamilyText } from './family-text.js';
import { metricsTable } from './reference.js';

function exposition(desk: GatewayDesk): Exposition {
  return new Exposition({ board: desk.board, topics: desk.topics, own: desk.own });
}

/** Value of a sample, by all that stands before it on its line. */
function sample(text: string, series: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

describe('metrics', () => {
  it('keep the conventions: a prefix, a unit in the base form, _total on counters alone, help that is a sentence', () => {
    for (const { name, type, labels, help } of FAMILIES) {
      expect(name).toMatch(/^volfilter_[a-z0-9_]+$/);
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      expect(name).not.toMatch(/_(ms|ns|us|micros|millis|percent|count|sum|bucket)(_|$)/);
      for (const label of labels) expect(label).toMatch(/^(?!le$)[a-z_]+$/);
      expect(help, name).toMatch(/^[A-Z1-9].*\.$/);
    }
    expect(new Set(FAMILIES.map(({ name }) => name)).size).toBe(FAMILIES.length);
  });

  it('have no label that grows with what is traded: no instrument, order, user, or address', () => {
    const bounded = new Set(
      'actor call check currency expiry feed kind limit reader side state stream thread underlying verdict'.split(' '),
    );
    for (const label of FAMILIES.flatMap(({ labels }) => labels)) expect(bounded).toContain(label);
  });

  it('are all documented, as they are', () => {
    const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'metrics.md'), 'utf8');
    expect(text).toContain(metricsTable());
  });

  it('put what the engine measured into cumulative buckets that end at all of it', async () => {
    const desk = new GatewayDesk();
    const histogram = desk.board.serviceHistogram(0);
    for (const nanoseconds of [100, 240, 2_000, 40_000, 2_000_000_000]) histogram.record(nanoseconds);
    const text = await exposition(desk).text();
    const bucket = (le: string) => sample(text, `volfilter_actor_service_seconds_bucket{actor="book",le="${le}"}`);
    expect(bucket('2.5e-7')).toBe(2);
    expect(bucket('0.0000025')).toBe(3);
    expect(bucket('0.00005')).toBe(4);
    expect(bucket('1')).toBe(4);
    expect(bucket('+Inf')).toBe(5);
    expect(sample(text, 'volfilter_actor_service_seconds_count{actor="book"}')).toBe(5);
    expect(sample(text, 'volfilter_actor_service_seconds_sum{actor="book"}')!).toBeCloseTo(2.00004234, 1);
    expect(BUCKETS_NS).toEqual([...BUCKETS_NS].sort((a, b) => a - b));
  });

  it('keep a label that has quotes and line breaks on its line', () => {
    const family = gauge('volfilter_odd', 'Odd \\ help.', ['name'], (_source, put) => put(Infinity, 'a"b\nc\\'));
    expect(new FamilyText(family).of({} as MetricSource)).toBe(
      '# HELP volfilter_odd Odd \\\\ help.\n# TYPE volfilter_odd gauge\nvolfilter_odd{name="a\\"b\\nc\\\\"} +Inf\n',
    );
  });

  it('tell of calls to the world outside: what became of them, and which are left alone', async () => {
    const board = new GatewayDesk().board;
    const arena = createLatest({ name: 'outside-shown', keys: 64, maxBodyBytes: 256, engineRun: 1 });
    const writer = new LatestWriter(arena);
    const name = new TextEncoder().encode('traces');
    const at = writer.claim(3, MessageType.OUTSIDE_ROW, OutsideRow.sizeOf() + name.length) + HEADER_BYTES;
    const status = {
      name: 'traces',
      state: 'open' as const,
      calls: 9,
      succeeded: 2,
      failed: 4,
      refused: 3,
      retried: 8,
    };
    fillOutsideRow(new OutsideRow().__init(at, writer.buffer), 3, status);
    writer.buffer.bytes().set(name, at + OutsideRow.sizeOf());
    writer.publish(3);
    outsideStatus('redis').calls = 5;
    const own = { clients: 0, lagging: 0, frames: 0 };
    const topics = new TopicSet({ board, engineRun: 1, shown: new Map([['outside-shown', arena]]), own });
    const text = await new Exposition({ board, topics, own }).text();
    expect(sample(text, 'volfilter_outside_state{call="traces",state="open"}')).toBe(1);
    expect(sample(text, 'volfilter_outside_state{call="traces",state="closed"}')).toBe(0);
    const counts = ['calls', 'failed', 'refused', 'retried'].map((each) =>
      sample(text, `volfilter_outside_${each}_total{call="traces"}`),
    );
    expect(counts).toEqual([9, 4, 3, 8]);
    // The gateway's own stand beside the engine's.
    expect(sample(text, 'volfilter_outside_calls_total{call="redis"}')).toBe(5);
    expect(sample(text, 'volfilter_outside_state{call="redis",state="closed"}')).toBe(1);
  });

  it('say nothing of what is not known, and everything of what is', async () => {
    const desk = new GatewayDesk();
    desk.board.actorCounters(1)[ActorCounter.RECORDS] = 17;
    desk.own.clients = 3;
    const text = await exposition(desk).text();
    expect(sample(text, 'volfilter_actor_records_total{actor="risk"}')).toBe(17);
    expect(sample(text, 'volfilter_engine_state{state="active"}')).toBe(1);
    expect(sample(text, 'volfilter_engine_state{state="halted"}')).toBe(0);
    expect(sample(text, 'volfilter_gateway_clients')).toBe(3);
    expect(text).toContain('# TYPE volfilter_profit_usd gauge');
    expect(text).not.toMatch(/^volfilter_(profit|index|surface|journal)/m);
  });

  it('count the books by their state', async () => {
    const desk = new GatewayDesk();
    for (const instrument of [1, 2, 3]) {
      desk.showTop(instrument, 100);
    }
    const buffer = new ViewBuffer(new ArrayBuffer(BookTop.sizeOf()));
    new BookTop().__init(0, buffer).mutate_state(2);
    const metrics = exposition(desk);
    await metrics.text();
    desk.topics.merge('tops').set(2, 1, buffer, 0);
    expect(sample(await metrics.text(), 'volfilter_books{state="stale"}')).toBe(1);
  });

  it('tell the use of a limit in shares of it, as risk tests it, of the limits that are known', async () => {
    const { board, own } = new GatewayDesk();
    const limits = createLatest({ name: 'limits-shown', keys: 64, maxBodyBytes: LimitState.sizeOf(), engineRun: 1 });
    const topics = new TopicSet({ board, engineRun: 1, shown: new Map([['limits-shown', limits]]), own });
    seedLimits(topics.merge('limits'), { deltaUsd: 2_000_000, marginUse: 0.5 });
    const buffer = new ViewBuffer(new ArrayBuffer(WorstCase.sizeOf()));
    const row = new WorstCase().__init(0, buffer);
    row.mutate_deltaUp(5);
    row.mutate_deltaDown(-20);
    row.mutate_index(50_000);
    row.mutate_marginUse(0.25);
    topics.merge('worst-cases').set(0, 1, buffer, 0);
    const text = await new Exposition({ board, topics, own }).text();
    expect(sample(text, 'volfilter_limit{limit="deltaUsd"}')).toBe(2_000_000);
    expect(sample(text, 'volfilter_limit_use_ratio{underlying="#0",limit="deltaUsd"}')).toBe(0.5);
    expect(sample(text, 'volfilter_limit_use_ratio{underlying="#0",limit="marginUse"}')).toBe(0.5);
    expect(text).not.toContain('limit="vega"');
  });

  it('count refusals by the check, and own up to those that were overwritten unseen', async () => {
    const desk = new GatewayDesk();
    const metrics = exposition(desk);
    const topic = desk.topics.events('refusals');
    const buffer = new ViewBuffer(new ArrayBuffer(Refusal.sizeOf()));
    const row = new Refusal().__init(0, buffer);
    row.mutate_code(42);
    topic.append(1, buffer, 0);
    row.mutate_code(9_999);
    topic.append(2, buffer, 0);
    const first = await metrics.text();
    expect(sample(first, 'volfilter_refusals_total{check="delta"}')).toBe(1);
    expect(sample(first, 'volfilter_refusals_total{check="other"}')).toBe(1);
    row.mutate_code(42);
    for (let event = 0; event < EVENTS_KEPT + 10; event++) topic.append(3, buffer, 0);
    const second = await metrics.text();
    expect(sample(second, 'volfilter_refusals_total{check="unseen"}')).toBe(10);
    expect(sample(second, 'volfilter_refusals_total{check="delta"}')).toBe(EVENTS_KEPT + 1);
  });
});

describe('the scrape', () => {
  let desk: GatewayDesk | undefined;
  afterEach(() => desk?.close());

  it('needs a token that may read, and answers in the exposition format', async () => {
    desk = new GatewayDesk();
    const port = await desk.serve('ws');
    const url = `http://127.0.0.1:${port}/metrics`;
    expect((await fetch(url)).status).toBe(401);
    const answer = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await answer.text()).toMatch(/^volfilter_actor_records_total\{actor="book"\} 0$/m);
  });
});

import { describe, expect, it } from 'vitest';
import { inspect, isCore } from './determinism.mjs';

const found = (text: string): string[] =>
  inspect({ path: 'actors/filter/model.ts', text }).map(({ message }) => message);

describe('core code', () => {
  it.each([
    ['a clock', 'const now = Date.now();'],
    ['the moment', 'const now = new Date();'],
    ['a date of the local time zone', 'const day = new Date(2026, 0, 2);'],
    ['a date read in the local time zone', "const day = new Date('2026-01-02T03:04');"],
    ['the hour of the local time zone', 'const hour = time.getHours();'],
    ['a monotonic clock', 'performance.now()'],
    ["the process's clock", 'process.hrtime()'],
    ['the environment', 'process.env.HOME'],
    ['a global by its long name', 'globalThis.Date.now()'],
    ['chance', 'Math.random()'],
    ['chance from the system', 'crypto.getRandomValues(bytes)'],
    ['a timer of the host', 'setTimeout(() => {}, 1)'],
    ['a repeated timer', 'setInterval(tick, 1)'],
    ['an immediate', 'setImmediate(tick)'],
    ['a power by operator', 'const y = x ** 2;'],
    ['a power in an assignment', 'x **= 2;'],
    ['a power by function', 'Math.pow(x, 2)'],
    ['a function behind a computed name', "Math['pow'](x, 2)"],
    ['a function taken out of Math', 'const { pow } = Math;'],
    ['code inside a template', '`${Date.now()}`'],
    ['a module of the host', "import { hrtime } from 'node:process';"],
    ['a module of the host, loaded late', "const os = await import('node:os');"],
    ["the engine's clock", "import { WallClock } from '../../engine/runtime/clock/event-clock.js';"],
    ['the locale', 'a.localeCompare(b)'],
    ['the garbage collector', 'new WeakRef(book)'],
  ])('may not use %s', (_, text) => {
    expect(found(text)).not.toEqual([]);
  });

  it('names the line and says what to use instead', () => {
    expect(inspect({ path: 'engine/quant/x.ts', text: 'let a;\n\nMath.random();' })).toEqual([
      {
        path: 'engine/quant/x.ts',
        line: 3,
        message: "'Math.random': random numbers come from the seeded generator in the actor state",
      },
    ]);
  });

  it('leaves the clock to the sequencer', () => {
    const text = "import type { EventClock } from '../../engine/runtime/clock/event-clock.js';";
    expect(inspect({ path: 'actors/sequencer/sequencer.ts', text })).toEqual([]);
  });

  it.each([
    ['in a comment', '// Date.now() ** 2\n/** @see Math.pow */'],
    ['in a string', "throw new RangeError('performance ** Date')"],
    ['as a member of its own', 'this.performance = report.crypto'],
    ['as a field', 'interface Row { Date: number; performance?: number }'],
    ['as a method', 'class Stage { process(event: number) { return event; } }'],
    ['for the calendar', 'const month = new Date(Date.UTC(2026, f(0, 1)) + g(x)).getUTCMonth();'],
    ['when it is exact', 'Math.sqrt(x) + Math.exp(y) + Math.hypot(x, y) + Math.PI'],
  ])('may use such a name %s', (_, text) => {
    expect(found(text)).toEqual([]);
  });
});

describe('what is core', () => {
  it.each([
    'actors/book/book.ts',
    'actors/sequencer.ts',
    'actors/venue-sim/matching.ts',
    'actors/venue-sim/exchange/book.ts',
    'actors/venue-sim/world/index.ts',
    'actors/venue-sim/chaos/plan.ts',
    'engine/quant/black.ts',
    'engine/market/order.ts',
  ])('%s is', (path) => {
    expect(isCore(path)).toBe(true);
  });

  it.each([
    'actors/feed/deribit/socket.ts',
    'actors/execution/deribit/session.ts',
    'actors/recorder.ts',
    'actors/venue-sim/api/server.ts',
    'actors/venue-sim/chaos/server/sockets.ts',
    'actors/book/book.test.ts',
    'actors/testing/determinism/graph.ts',
    'engine/runtime/clock.ts',
    'gateway/server.ts',
    'schemas/generated/index.ts',
  ])('%s is not', (path) => {
    expect(isCore(path)).toBe(false);
  });
});

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readLevels, writeLevel } from './levels.js';
import { Log } from './log.js';
import { HIDDEN, Redaction } from './redaction.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (redaction = new Redaction(), options = {}): Log =>
  new Log({ folder, name: 'engine', bindings: { run: 7 }, redaction, lookEveryMs: 20, ...options });
const lines = (name = 'engine.log'): Record<string, unknown>[] =>
  readFileSync(join(folder, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('a log', () => {
  it('is a line of JSON each, with time, level, run and who it is from', () => {
    const log = open();
    log.of('feed').warn({ connection: 2, request: 'a1' }, 'closed');
    log.close();
    expect(lines()).toEqual([
      {
        level: 'warn',
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        run: 7,
        who: 'feed',
        connection: 2,
        request: 'a1',
        msg: 'closed',
      },
    ]);
    expect(statSync(join(folder, 'engine.log')).mode & 0o777).toBe(0o600);
  });

  it('is put aside when it is large, and the oldest goes', () => {
    const log = open(new Redaction(), { maxBytes: 1000, kept: 2 });
    for (let number = 0; number < 40; number++) log.of('feed').info({ number }, 'x'.repeat(100));
    log.close();
    expect(readdirSync(folder).sort()).toEqual(['engine.log', 'engine.log.1', 'engine.log.2']);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(1000);
    const numbers = ['engine.log.2', 'engine.log.1', 'engine.log']
      .flatMap((name) => lines(name))
      .map((line) => line.number as number);
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, place) => 40 - numbers.length + place));
    expect(log.lost).toBe(0);
  });

  it('goes on behind what it holds after a start', () => {
    for (const msg of ['one', 'two']) {
      const log = open();
      log.of('engine').info(msg);
      log.close();
    }
    expect(lines().map((line) => line.msg)).toEqual(['one', 'two']);
  });

  it('tells from info on, and less or more of a part while it runs', async () => {
    const log = open();
    const feed = log.of('feed');
    feed.debug('no');
    writeLevel(folder, 'feed', 'debug');
    writeLevel(folder, '*', 'error');
    await vi.waitFor(() => expect(feed.level).toBe('debug'), { timeout: 20_000, interval: 10 });
    await vi.waitFor(() => expect(log.of('book').level).toBe('error'), { timeout: 20_000, interval: 10 });
    feed.debug('yes');
    log.of('book').warn('no');
    log.of('book').error('yes');
    expect(writeLevel(folder, 'feed', undefined)).toEqual({ '*': 'error' });
    await vi.waitFor(() => expect(feed.level).toBe('error'), { timeout: 20_000, interval: 10 });
    log.close();
    expect(lines().map((line) => line.msg)).toEqual(['yes', 'yes']);
    expect(readLevels(folder)).toEqual({ '*': 'error' });
  });
});

describe('a secret', () => {
  const planted = 'pl4nted/"s3cret"+x';

  it('that was named is in no line, whichever way it came into one', () => {
    const redaction = new Redaction();
    redaction.hide(planted);
    const log = open(redaction);
    const part = log.of('venue');
    part.info(`signs with ${planted}`);
    part.info({ deep: { list: [planted] }, [planted]: 1 }, 'as data');
    part.error(new Error(`refused: ${JSON.stringify({ params: { s: planted } })}`));
    part.warn(`wss://venue.example/?x=${encodeURIComponent(planted)}`);
    log.close();
    const text = readFileSync(join(folder, 'engine.log'), 'utf8');
    expect(lines()).toHaveLength(4);
    for (const way of [planted, JSON.stringify(planted).slice(1, -1), encodeURIComponent(planted)])
      expect(text).not.toContain(way);
    expect(text).not.toContain('s3cret');
  });

  it.each([
    ['a field', '{"client_secret":"abcdefgh1234","id":"x"}', 'abcdefgh1234'],
    ['a field that was quoted', JSON.stringify({ msg: '{"password": "abcdefgh1234"}' }), 'abcdefgh1234'],
    ['a header', '{"headers":{"authorization":"Bearer abcdefgh.1234"}}', 'abcdefgh.1234'],
    ['a key of a service', 'used sk-ant-api03-AbCdEfGh_12345678 today', 'AbCdEfGh_12345678'],
    ['a bearer', 'sent Bearer abcdefgh1234=', 'abcdefgh1234='],
    ['an address', 'redis://joe:abcdefgh1234@127.0.0.1:6379/0', 'abcdefgh1234'],
    ['the address of error reports', 'https://0123456789abcdef@errors.example/3', '0123456789abcdef'],
    ['a link to sign in', 'sign in: http://127.0.0.1:8790/#login=AbC-123_x', 'AbC-123_x'],
    ['a query', 'GET /x?token=abcdefgh1234&y=1', 'abcdefgh1234'],
  ])('is found in %s though nobody named it', (_, text, secret) => {
    const safe = new Redaction().of(text);
    expect(safe).not.toContain(secret);
    expect(safe).toContain(HIDDEN);
    if (text.startsWith('{')) expect(() => JSON.parse(safe)).not.toThrow();
  });

  it('of the environment and of settings is hidden by its name', () => {
    const redaction = new Redaction();
    redaction.hideEnvironment({
      VOLFILTER_DERIBIT_SECRET: 'of-the-environment',
      ANTHROPIC_API_KEY: 'key-of-claude',
      HOME: '/anywhere/else',
    });
    redaction.hideWithin({
      execution: { credentials: { grant: 'client_signature', id: 'of-the-settings' } },
      port: 8790,
      cells: new Float64Array(2),
    });
    expect(redaction.withoutKnown('of-the-environment key-of-claude of-the-settings /anywhere/else')).toBe(
      `${HIDDEN} ${HIDDEN} ${HIDDEN} /anywhere/else`,
    );
  });

  it('never survives, and takes nothing else with it, whatever a line is', () => {
    const word = fc.stringMatching(/^[a-z ]{0,12}$/);
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), word, word, (secret, before, after) => {
        const whole = before + secret + after;
        fc.pre(whole.indexOf(secret) === before.length && whole.lastIndexOf(secret) === before.length);
        fc.pre(!HIDDEN.includes(secret));
        const redaction = new Redaction();
        redaction.hide(secret.isWellFormed() ? secret : 'otherwise it cannot be written');
        fc.pre(secret.isWellFormed());
        const line = JSON.stringify({ msg: before + secret + after });
        expect((JSON.parse(redaction.withoutKnown(line)) as { msg: string }).msg).toBe(before + HIDDEN + after);
      }),
    );
  });
});

import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Redaction } from '../log/redaction.js';
import { ErrorReports } from './error-reports.js';

interface Event {
  level: string;
  message?: string;
  release: string;
  environment: string;
  tags: Record<string, string>;
  exception?: { values: { value: string; stacktrace?: { frames: unknown[] } }[] };
}

let server: Server;
let url: string;
let bodies: string[];
let answer: number;
let heard: () => void;
beforeEach(async () => {
  bodies = [];
  answer = 200;
  heard = () => {};
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => (body += piece));
    request.on('end', () => {
      bodies.push(body);
      response.writeHead(answer).end('{}');
      heard();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://0123456789abcdef@127.0.0.1:${(server.address() as { port: number }).port}/7`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

const open = (options = {}, redaction = new Redaction()): ErrorReports =>
  new ErrorReports({ dsn: url, release: '1.2.3', environment: 'sim', redaction, ...options }, { engine: 42 });
/** The event of an envelope: its third line. */
const events = (): Event[] => bodies.map((body) => JSON.parse(body.split('\n')[2]!) as Event);

describe('a report of an error', () => {
  it('says what happened, to whom, in which run, with the stack where there is one', async () => {
    const reports = open();
    reports.report({ level: 'error', who: 'feed', message: 'closed', tags: { request: 'r-1' } });
    reports.report({ level: 'fatal', who: 'core', message: 'it ends', error: new Error('it ends') });
    await reports.flush(20_000);
    const [closed, ends] = events();
    expect(closed).toMatchObject({ level: 'error', message: 'closed', release: '1.2.3', environment: 'sim' });
    expect(closed!.tags).toEqual({ engine: '42', request: 'r-1', who: 'feed' });
    expect(ends!.exception!.values[0]!.value).toBe('it ends');
    expect(ends!.exception!.values[0]!.stacktrace!.frames.length).toBeGreaterThan(2);
    expect(reports).toMatchObject({ sent: 2, failed: 0, dropped: 0 });
  });

  it('holds no secret', async () => {
    const redaction = new Redaction();
    redaction.hide('pl4nted-s3cret');
    const reports = open({}, redaction);
    const error = new Error('refused {"clientSecret":"an0therSecret"} of pl4nted-s3cret');
    reports.report({
      level: 'error',
      who: 'venue',
      message: error.message,
      error,
      tags: { header: 'Bearer abcdefgh1234' },
    });
    await reports.flush(20_000);
    expect(bodies).toHaveLength(1);
    for (const secret of ['pl4nted-s3cret', 'an0therSecret', 'abcdefgh1234']) expect(bodies[0]).not.toContain(secret);
    expect(events()[0]!.exception!.values[0]!.value).toBe('refused {"clientSecret":"[hidden]"} of [hidden]');
  });

  it('is told once, however often it happens within a minute', async () => {
    const reports = open();
    for (let number = 0; number < 100; number++) {
      reports.report({ level: 'error', who: 'feed', message: `connection ${number} was lost` });
    }
    await reports.flush(20_000);
    expect(bodies).toHaveLength(1);
    expect(reports.dropped).toBe(99);
  });

  it('that cannot be sent disturbs nobody: after a few they are left alone, and that is seen', async () => {
    answer = 503;
    const notes: string[] = [];
    const reports = open({ failures: 2, openMs: 600_000, note: (text: string) => notes.push(text) });
    for (const message of ['one', 'two', 'three', 'four']) {
      reports.report({ level: 'error', who: 'feed', message });
      await reports.flush(20_000);
    }
    expect(bodies).toHaveLength(2);
    expect(reports).toMatchObject({ state: 'left alone', sent: 0, failed: 4 });
    expect(notes).toEqual(['reports of errors cannot be sent; the next is tried in 600 s']);
  });

  it('waits no longer than its time for a server that does not answer', async () => {
    server.removeAllListeners('request');
    server.on('request', () => {});
    const reports = open({ timeoutMs: 50, failures: 1 });
    reports.report({ level: 'error', who: 'feed', message: 'closed' });
    await reports.flush(20_000);
    expect(reports).toMatchObject({ failed: 1, state: 'left alone' });
  });
});

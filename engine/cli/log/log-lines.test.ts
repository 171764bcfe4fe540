import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prettyLine, readLog } from './log-lines.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-log-lines-'));
  const line = (time: string, level: string, who: string, rest: object): string =>
    `${JSON.stringify({ level, time, engine: 5, pid: 1, who, ...rest })}\n`;
  writeFileSync(join(folder, 'engine.log.1'), line('2026-01-01T00:00:01.000Z', 'info', 'feed', { msg: 'first' }));
  writeFileSync(
    join(folder, 'engine.log'),
    `${line('2026-01-01T00:00:03.000Z', 'error', 'feed', { msg: 'third' })}{"level":"info","ti`,
  );
  writeFileSync(
    join(folder, 'gateway.log'),
    line('2026-01-01T00:00:02.000Z', 'info', 'requests', { msg: 'second', id: 'r-7', status: 409 }),
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

const texts = (filter: object): unknown[] => readLog(folder, { level: 'info', ...filter }).map((line) => line.msg);

describe('the lines of a folder', () => {
  it('are those of every process and of files that were put aside, in order of time, without one that was cut off', () => {
    expect(texts({})).toEqual(['first', 'second', 'third']);
  });

  it('can be asked for by level, by who says them, and by an id that they name', () => {
    expect(texts({ level: 'warn' })).toEqual(['third']);
    expect(texts({ who: 'feed' })).toEqual(['first', 'third']);
    expect(texts({ id: 'r-7' })).toEqual(['second']);
    expect(texts({ id: '5' })).toHaveLength(3);
  });

  it('are shown to people with what else is known', () => {
    expect(readLog(folder, { level: 'info', id: 'r-7' }).map(prettyLine)).toEqual([
      '2026-01-01T00:00:02.000Z info  requests: second id=r-7 status=409\n',
    ]);
  });
});

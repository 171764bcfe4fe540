import type { WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ActorCounter, boardBytes, formatBoard } from '../../runtime/supervision/board.js';
import { EngineStateCode } from '../../runtime/supervision/engine-state.js';
import { KillReason } from '../../runtime/supervision/kill-reason.js';
import { LatencyScreen } from './latency-screen.js';

const plan = { threads: ['core', 'feed'], actors: ['book', 'risk'] };
const placement = {
  threads: [
    { name: 'core', kind: 'compute', cpu: 1, actors: ['book', 'risk'] },
    { name: 'feed', kind: 'io', actors: [] },
  ],
} as const;

function screen(isTTY: boolean, columns = 0) {
  let text = '';
  const write = (more: string): void => {
    text += more;
  };
  const out = { isTTY, columns, write } as unknown as WriteStream;
  const board = formatBoard(new SharedArrayBuffer(boardBytes(plan)), plan, 1);
  board.state = EngineStateCode.ACTIVE;
  return {
    screen: new LatencyScreen(out),
    board,
    written: () => {
      const all = text;
      text = '';
      return all;
    },
  };
}

describe('the screen of a run', () => {
  it('shows the hops that have worked, and the threads', () => {
    const { screen: shown, board, written } = screen(false);
    board.actorCounters(0)[ActorCounter.RECORDS] = 500;
    board.waitingHistogram(0).record(2000);
    shown.begin(board, placement);
    const lines = written().split('\n');
    expect(lines[0]).toMatch(/^volfilter {2}active/);
    expect(lines[2]).toMatch(/^book +core +- +2\.\d\d/);
    expect(lines.join('\n')).not.toMatch(/risk/);
    expect(lines.join('\n')).toMatch(/core +compute thread on CPU 1: 0 collections/);
    expect(lines.join('\n')).toMatch(/feed +io thread: .*loop lag/);
  });

  it('writes a line now and then where there is no terminal, and the last one at the end', () => {
    const { screen: shown, board, written } = screen(false);
    shown.begin(board, placement);
    written();
    shown.draw();
    expect(written()).toBe('');
    board.kill(KillReason.OPERATOR);
    shown.end('SIGTERM');
    expect(written()).toMatch(/killed: an operator said so[\s\S]*ended: SIGTERM\n$/);
  });

  it('draws over exactly the lines that it drew, also after a note of several lines', () => {
    const { screen: shown, board, written } = screen(true, 80);
    shown.begin(board, placement);
    shown.note('error core: it failed\n    at onRecord\n    at step');
    written();
    shown.draw();
    const drawn = written().split('\n').length - 1;
    shown.draw();
    expect(written().startsWith(`\x1b[${drawn}A`)).toBe(true);
  });

  it('cuts lines at the edge of the terminal', () => {
    const { screen: shown, board, written } = screen(true, 20);
    shown.begin(board, placement);
    for (const line of written().split('\n')) expect(stripVTControlCharacters(line).length).toBeLessThanOrEqual(20);
  });
});

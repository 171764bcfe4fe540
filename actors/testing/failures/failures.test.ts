import { describe, expect, it } from 'vitest';
import { EngineStateCode } from '../../../engine/runtime/supervision/engine-state.js';
import { KillReason } from '../../../engine/runtime/supervision/kill-reason.js';
import type { FragileSettings } from './fragile.js';

// Threads load compiled code: the same modules that users run.
const built = (path: string): string => new URL(`../../../dist/${path}`, import.meta.url).href;
const { Engine } = (await import(
  built('engine/runtime/host/engine.js')
)) as typeof import('../../../engine/runtime/host/engine.js');
const { topology } = (await import(built('actors/testing/failures/fragile.js'))) as typeof import('./fragile.js');
const { ActorCounter } = (await import(
  built('engine/runtime/supervision/board.js')
)) as typeof import('../../../engine/runtime/supervision/board.js');

const RECORDS = 2000;

function start(failure: FragileSettings['failure'], stallMs = 0, onSeq = 500) {
  const seen = new SharedArrayBuffer(40);
  const settings: FragileSettings = { failure, onSeq, stallMs, records: RECORDS, seen };
  const notes: string[] = [];
  const engine = new Engine({
    topologyModule: built('actors/testing/failures/fragile.js'),
    topology: topology(settings),
    settings,
    placement: {
      threads: [
        { name: 'core', kind: 'compute', actors: ['sequencer', 'fragile'] },
        { name: 'feed', kind: 'io', actors: ['feed'] },
        { name: 'sink', kind: 'io', actors: ['sink'] },
      ],
    },
    engineRun: 1,
    engineId: 1,
    onNote: (level, who, message) => notes.push(`${level} ${who}: ${message}`),
  });
  return { engine, notes, seen: new Float64Array(seen) };
}

async function until(condition: () => boolean, withinMs = 10_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('what the test waits for did not happen');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('when a part of the engine fails', () => {
  it('nothing fails of itself: every record arrives, once and in order', async () => {
    const { engine, notes, seen } = start('none');
    await engine.start();
    await until(() => seen[0] === RECORDS);
    await engine.stop();
    expect(seen[2]).toBe(0);
    expect(engine.board.killed()).toBe(KillReason.NONE);
    expect(notes.filter((note) => note.startsWith('error') || note.startsWith('fatal'))).toEqual([]);
  });

  it('an error in a stage kills the engine, and leaves the actor, the log event and the stack', async () => {
    const { engine, notes, seen } = start('stage-throws');
    await engine.start();
    await until(() => engine.board.killed() !== KillReason.NONE);
    await engine.stop();
    expect(engine.board.killed()).toBe(KillReason.CORE_FAILED);
    expect(notes.join('\n')).toMatch(/fatal fragile: .*this stage was made to fail[\s\S]*onRecord/);
    expect(notes.join('\n')).toMatch(/'fragile' failed on log event 500/);
    expect(seen[1]).toBeLessThan(500);
  });

  it('a stage stuck for longer than the alarm takes no new risk until it turns again', async () => {
    const { engine, notes, seen } = start('stage-stalls', 130);
    await engine.start();
    await until(() => notes.some((note) => note.includes("thread 'core' has had work and made no progress")));
    await until(() => seen[0] === RECORDS && engine.board.state === EngineStateCode.ACTIVE);
    await engine.stop();
    expect(engine.board.killed()).toBe(KillReason.NONE);
  });

  it('a stage stuck for longer than the kill time is killed', async () => {
    const { engine } = start('stage-stalls', 600);
    await engine.start();
    await until(() => engine.board.killed() === KillReason.CORE_STUCK);
    await engine.stop();
    expect(engine.board.state).toBe(EngineStateCode.HALTED);
  });

  it('ends, and need not be killed, although a stage spins for ever', async () => {
    const { engine } = start('stage-spins-for-ever');
    await engine.start();
    await until(() => engine.board.killed() === KillReason.CORE_STUCK);
    await engine.stop();
    expect(engine.board.thread(0).alive).toBe(true);
  });

  it('a slow reader holds the stage back; nothing is lost, and the wait is counted', async () => {
    const { engine, seen } = start('sink-sleeps', 400);
    await engine.start();
    await until(() => seen[0] === RECORDS);
    const fragile = engine.boardPlan.actors.indexOf('fragile');
    expect(engine.board.actorCounters(fragile)[ActorCounter.GATED]).toBeGreaterThan(0);
    await engine.stop();
    expect(seen[2]).toBe(0);
  });

  it('an I/O actor that leaves its input alone keeps its timers and sockets', async () => {
    const { engine, seen } = start('sink-sleeps', 400);
    await engine.start();
    await until(() => seen[0] === RECORDS);
    await engine.stop();
    expect(seen[4]).toBeGreaterThan(3);
  });

  it('an I/O actor that throws begins again alone: the record it failed on comes again', async () => {
    const { engine, notes, seen } = start('sink-throws');
    await engine.start();
    await until(() => seen[0] === RECORDS);
    await engine.stop();
    expect(notes.join('\n')).toMatch(/this sink was made to fail.*begins again/);
    expect(seen[2]).toBe(0);
    expect(engine.board.killed()).toBe(KillReason.NONE);
  });
});

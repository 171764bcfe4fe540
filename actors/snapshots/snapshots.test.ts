import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { eachRecord } from '../../engine/journal/block.js';
import { JournalReader } from '../../engine/journal/reader.js';
import { readSnapshot, snapshotPositions, snapshotsFolder } from '../../engine/journal/snapshot-file.js';
import type { IoActor, IoContext } from '../../engine/runtime/actor/definition.js';
import { SnapshotSlot, snapshotSlotMemory } from '../../engine/runtime/actor/snapshot-slot.js';
import { stageLayout, stageStateBytes } from '../../engine/runtime/actor/stage-state.js';
import { createStream } from '../../engine/runtime/edge/create-stream.js';
import { HeaderOffset } from '../../engine/runtime/edge/record.js';
import { StreamReader } from '../../engine/runtime/edge/stream-reader.js';
import { StreamWriter } from '../../engine/runtime/edge/stream-writer.js';
import { type Board, boardBytes, formatBoard } from '../../engine/runtime/supervision/board.js';
import { LastSnapshot, StopPhase } from '../../engine/runtime/supervision/engine-state.js';
import { built } from '../../engine/testing/built.js';
import { freePort } from '../../engine/testing/free-port.js';
import { MessageType } from '../../schemas/message-type.js';
import { core } from '../core.js';
import type { CoreSettings } from '../core-settings.js';
import { misfit } from '../replay/snapshot-misfit.js';
import { approvedOrders, snapshotReports, tops } from '../streams.js';
import { passingStage } from '../testing/stage/passing-stage.js';
import { create, type SnapshotsConfig } from './snapshots.js';

const STAGES = [passingStage('book', tops, []), passingStage('risk', approvedOrders, [])];
const STATE_BYTES = stageStateBytes(STAGES[0]!);
const RUNS = 'start: risk may be taken';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-snapshots-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

/** The actor beside two stages that leave their copies when they are told to, on a clock that stands still. */
class Bench {
  readonly board: Board;
  readonly said: string[] = [];
  readonly #slots = STAGES.map((stage) => [stage.name, new SnapshotSlot(snapshotSlotMemory(stage))] as const);
  readonly #reader: StreamReader;
  readonly #actor: IoActor;

  constructor(into: string) {
    vi.useFakeTimers();
    const plan = { threads: ['io'], actors: ['snapshots'] };
    this.board = formatBoard(new SharedArrayBuffer(boardBytes(plan)), plan, 1);
    const arena = createStream({ ...snapshotReports, readers: 1, engineRun: 1 });
    this.#reader = new StreamReader(arena, 0);
    const out = new StreamWriter(arena);
    this.#actor = create({
      config: { folder: into, run: 7 },
      board: this.board,
      snapshots: new Map(this.#slots),
      out,
      clock: { now: new Float64Array(1), tick: () => {} },
      publish: () => out.publish(),
      log: (_level: string, message: string) => this.said.push(message),
    } as unknown as IoContext<SnapshotsConfig>);
    this.#actor.start?.();
  }

  /** Stages leave their copies behind these log events. */
  leave(...seqs: readonly number[]): void {
    this.#slots.forEach(([, slot], stage) => {
      slot.fill(new Uint8Array(STATE_BYTES).fill(stage + 1), Float64Array.of(seqs[stage]!), 0);
    });
  }

  /** The thread has a turn, as it has when the engine's end begins, and then the time between two looks passes. */
  look(): void {
    this.#actor.turn?.();
    vi.advanceTimersByTime(500);
  }

  /** Types of the records that the actor has written since the last time. */
  told(): number[] {
    const types: number[] = [];
    this.#reader.refresh();
    this.#reader.poll((type) => types.push(type), Number.POSITIVE_INFINITY);
    return types;
  }
}

describe('snapshots', () => {
  it('puts copies behind one event into a file, and tells the log', () => {
    const bench = new Bench(folder);
    bench.leave(12, 12);
    bench.look();
    expect(bench.told()).toEqual([MessageType.SNAPSHOT_TAKEN]);
    const { header, states } = readSnapshot(folder, 12);
    expect(header.run).toBe(7);
    expect(header.stages.map(({ layout }) => layout)).toEqual(STAGES.map(stageLayout));
    expect([...states].map(([name, state]) => [name, state[0]])).toEqual([
      ['book', 1],
      ['risk', 2],
    ]);
  });

  it('writes nothing of copies that stand behind different events', () => {
    const bench = new Bench(folder);
    bench.leave(12, 13);
    bench.look();
    expect(bench.told()).toEqual([]);
    expect(snapshotPositions(folder)).toEqual([]);
  });

  it('asks for one more when the engine ends in order, once, and the log hears no more of it', () => {
    const bench = new Bench(folder);
    bench.board.stopPhase = StopPhase.INPUTS;
    bench.look();
    expect(bench.told()).toEqual([]);
    bench.board.stopPhase = StopPhase.SNAPSHOT;
    bench.look();
    bench.look();
    expect(bench.told()).toEqual([MessageType.SNAPSHOT_MARK]);
    expect(bench.board.lastSnapshot).toBe(LastSnapshot.PENDING);
    bench.board.stopPhase = StopPhase.CORE;
    bench.leave(40, 40);
    bench.look();
    expect(bench.told()).toEqual([]);
    expect(bench.board.lastSnapshot).toBe(LastSnapshot.WRITTEN);
    expect(snapshotPositions(folder)).toEqual([40]);
  });

  it('says when the last one cannot be written, so that nobody waits for it', () => {
    const file = join(folder, 'a file');
    writeFileSync(file, '');
    const bench = new Bench(file);
    bench.board.stopPhase = StopPhase.SNAPSHOT;
    bench.leave(40, 40);
    bench.look();
    expect(bench.board.lastSnapshot).toBe(LastSnapshot.FAILED);
    expect(bench.said).toEqual([expect.stringMatching(/^the snapshot behind log event 40 could not be written: /)]);
  });
});

describe('an engine that ends in order', () => {
  it('leaves the core as it stood behind the last mark of the log, or says that it does not', async () => {
    const words = [
      'run',
      '--feed',
      'synthetic',
      '--rate',
      '200',
      '--journal',
      folder,
      '--port',
      String(await freePort()),
    ];
    const apart = ['--no-store', '--no-log', '--no-alerts', '--no-gateway'];
    const child = spawn(process.execPath, [built('engine/cli/main'), ...words, ...apart], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    let said = '';
    child.stdout.on('data', (text: Buffer) => {
      const ran = said.includes(RUNS);
      said += text.toString();
      // Once: a second signal would not wait for the end.
      if (!ran && said.includes(RUNS)) child.kill('SIGTERM');
    });
    expect(await ended).toBe(0);
    const journal = new JournalReader(folder);
    let lastMark = Number.NaN;
    for (const block of journal.blocks())
      eachRecord(block, (at) => {
        if (block.readUInt16LE(at + HeaderOffset.TYPE) === MessageType.SNAPSHOT_MARK)
          lastMark = block.readDoubleLE(at + HeaderOffset.SEQ);
      });
    const [run] = journal.runs();
    await journal.close();
    const [newest] = snapshotPositions(snapshotsFolder(folder));
    // A machine that is full of other work may leave it no time: then it says so.
    if (newest === undefined) expect(said).toContain('ends without a last snapshot');
    else {
      const snapshot = readSnapshot(snapshotsFolder(folder), newest);
      expect(snapshot.header).toMatchObject({ position: lastMark, run: run!.run });
      expect(misfit(snapshot, core(run!.core as CoreSettings))).toBeUndefined();
    }
  });
});

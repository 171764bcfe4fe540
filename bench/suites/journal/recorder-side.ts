/** The recorder on a thread of its own, run as the engine runs it: turns while there is something, asleep on its doorbell otherwise. */
import { join } from 'node:path';
import { create, type RecorderConfig } from '../../../actors/recorder/recorder.js';
import type { IoContext } from '../../../engine/runtime/actor/definition.js';
import { Arena } from '../../../engine/runtime/arena/arena.js';
import { StreamReader } from '../../../engine/runtime/edge/stream-reader.js';
import { boardBytes, formatBoard } from '../../../engine/runtime/supervision/board.js';
import { Doorbell } from '../../../engine/runtime/wait/doorbell.js';
import { type SideSetup, serveRounds } from '../../rig/side.js';

export interface RecorderSetup extends SideSetup {
  log: SharedArrayBuffer;
  approved: SharedArrayBuffer;
  doorbells: SharedArrayBuffer;
  /** Of the journal. */
  folder: string;
}

/** Answered once so many records were taken since the start. */
export interface RecorderRound {
  until: number;
}

const PLAN = { threads: ['recorder'], actors: ['recorder'] };
/** The recorder's place among the log's readers. */
const RECORDER = 1;
const LOOK_MS = 5;

serveRounds<RecorderSetup, RecorderRound, number>(({ log, approved, doorbells, folder }) => {
  const inputs = [
    new StreamReader(new Arena(log, 'log'), RECORDER),
    new StreamReader(new Arena(approved, 'approved-orders'), 0),
  ];
  const board = formatBoard(new SharedArrayBuffer(boardBytes(PLAN)), PLAN, 1);
  const context: IoContext<RecorderConfig> = {
    name: 'recorder',
    config: { folder, keyFile: join(folder, 'key.pem') },
    inputs,
    watched: [],
    out: undefined,
    board,
    actor: 0,
    clock: { now: new Float64Array(1), tick: () => {} },
    snapshots: new Map(),
    publish: () => {},
    log: (level, message) => {
      if (level === 'error') throw new Error(message);
    },
  };
  const recorder = create(context);
  const doorbell = new Doorbell(doorbells, 0);
  const hasWork = (): boolean => inputs.some((input) => input.hasPending());
  let taken = 0;
  const run = async (): Promise<void> => {
    await recorder.start?.();
    for (;;) {
      const work = recorder.turn?.() ?? 0;
      taken += work;
      if (work > 0) await new Promise<void>((resolve) => setImmediate(resolve));
      else await doorbell.parkAsync(hasWork);
    }
  };
  void run();
  return async ({ until }) => {
    while (taken < until) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    return taken;
  };
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { JournalReader } from '../../engine/journal/reader.js';
import type { IoActor, IoContext } from '../../engine/runtime/actor/definition.js';
import { createStream } from '../../engine/runtime/edge/create-stream.js';
import { HeaderOffset } from '../../engine/runtime/edge/record.js';
import { StreamReader } from '../../engine/runtime/edge/stream-reader.js';
import { StreamWriter } from '../../engine/runtime/edge/stream-writer.js';
import { boardBytes, formatBoard } from '../../engine/runtime/supervision/board.js';
import { EngineState } from '../../schemas/generated/engine-state.js';
import { TimerFired } from '../../schemas/generated/timer-fired.js';
import { MessageType } from '../../schemas/message-type.js';
import { KEPT } from './kept-streams.js';
import { create, type RecorderConfig } from './recorder.js';

const LOOK_MS = 250;
const PLAN = { threads: ['recorder'], actors: ['recorder'] };

let folder: string;
let log: StreamWriter;
let recorder: IoActor;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-recorder-'));
  // The store's own timers stay what they are.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const arenas = KEPT.map((edge) => createStream({ ...edge, readers: 1, engineRun: 1 }));
  log = new StreamWriter(arenas[0]!);
  recorder = create({
    name: 'recorder',
    config: { folder, keyFile: join(folder, 'key.pem') },
    inputs: arenas.map((arena) => new StreamReader(arena, 0)),
    board: formatBoard(new SharedArrayBuffer(boardBytes(PLAN)), PLAN, 1),
    actor: 0,
    log: () => {},
  } as unknown as IoContext<RecorderConfig>);
  void recorder.start?.();
});
afterEach(async () => {
  await recorder.close?.();
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

/** An event of the log, which the recorder takes at once. */
function logged(seq: number, type: number, bytes: number): void {
  const offset = log.claim(type, bytes);
  log.buffer.writeFloat64(offset + HeaderOffset.SEQ, seq);
  log.publish();
  recorder.turn?.();
}

const timer = (seq: number): void => logged(seq, MessageType.TIMER_FIRED, TimerFired.sizeOf());
const news = (seq: number): void => logged(seq, MessageType.ENGINE_STATE, EngineState.sizeOf());

/** Up to where the journal holds the log once what is under way is written; NaN while it holds nothing. */
async function journalled(expected: number): Promise<number> {
  const reader = new JournalReader(folder);
  try {
    return await vi.waitFor(() => {
      const found = reader.lastPosition();
      if (!Object.is(found, expected)) throw new Error(`the journal ends at ${found}`);
      return found;
    });
  } finally {
    await reader.close();
  }
}

it('what was heard is in the journal at the next look, and the timers before it', async () => {
  timer(1);
  news(2);
  vi.advanceTimersByTime(LOOK_MS);
  expect(await journalled(2)).toBe(2);
});

it('nothing but timers is in the journal within a second', async () => {
  timer(1);
  vi.advanceTimersByTime(3 * LOOK_MS);
  // What would be written by now is.
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await journalled(Number.NaN)).toBeNaN();
  vi.advanceTimersByTime(LOOK_MS);
  expect(await journalled(1)).toBe(1);
});

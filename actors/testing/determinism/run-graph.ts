import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import { type Captured, captureMemory, keptLog, readCaptured, STREAMS } from '../placed/capture.js';
import { runToEnd } from '../placed/run-to-end.js';
import { type GraphSettings, STAGE_NAMES, topology } from './graph.js';

const SCRIPT_TYPE = 249;

/** Which stages share a thread; the sequencer runs before the first of them. */
export const threadsOf: Record<1 | 2 | 4, readonly (readonly string[])[]> = {
  1: [['sequencer', 'fan', 'left', 'right', 'join', 'tail']],
  2: [
    ['sequencer', 'fan', 'join'],
    ['left', 'right', 'tail'],
  ],
  4: [['sequencer'], ['fan', 'left'], ['right'], ['join', 'tail']],
};

/** A seeded script of this many input records of different sizes; their receive times drive virtual time. */
export function writeScript(events: number, seed: number): { script: SharedArrayBuffer; scriptBytes: number } {
  const script = new SharedArrayBuffer(events * (HEADER_BYTES + 8 * 8));
  const view = new DataView(script);
  let random = seed | 1;
  let at = 0;
  let time = 1_700_000_000_000_000;
  for (let event = 0; event < events; event++) {
    random = (Math.imul(random, 1664525) + 1013904223) | 0;
    const words = (random >>> 20) % 8;
    const length = HEADER_BYTES + words * 8;
    time += (random >>> 8) % 50;
    view.setInt32(at + HeaderOffset.LENGTH, length, true);
    view.setUint16(at + HeaderOffset.TYPE, SCRIPT_TYPE, true);
    view.setFloat64(at + HeaderOffset.RECEIVE_TIME, time, true);
    for (let word = 0; word < words; word++) view.setInt32(at + HEADER_BYTES + word * 8, random ^ word, true);
    at += length;
  }
  return { script, scriptBytes: at };
}

export interface GraphRun {
  mode: GraphSettings['mode'];
  script: { script: SharedArrayBuffer; scriptBytes: number };
  threads: 1 | 2 | 4;
  stallSeed: number;
  /** Room for the log that is kept. */
  keptBytes?: number;
}

export interface GraphResult {
  log: Captured;
  /** Of every stage, in the order of STAGE_NAMES. */
  stages: Captured[];
  /** The log, to be played again in mode 'replay'. */
  kept(): { script: SharedArrayBuffer; scriptBytes: number };
}

/** Runs the graph over a script on one, two or four compute threads, to its end. */
export async function runGraph(run: GraphRun): Promise<GraphResult> {
  const captured = captureMemory(STREAMS, run.keptBytes ?? 0);
  const settings: GraphSettings = { ...run.script, mode: run.mode, stallSeed: run.stallSeed, captured };
  await runToEnd({
    module: new URL('./graph.js', import.meta.url).href,
    topology: topology(settings),
    settings,
    compute: threadsOf[run.threads],
    io: ['script', 'collector'],
  });
  return {
    log: readCaptured(captured, 0),
    stages: STAGE_NAMES.map((_, stage) => readCaptured(captured, stage + 1)),
    kept: () => keptLog(captured),
  };
}

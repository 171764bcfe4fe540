import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStream } from '../../../engine/runtime/edge/create-stream.js';
import { doorbellMemory } from '../../../engine/runtime/wait/doorbell.js';
import type { BenchResult } from '../../report.js';
import { type Distribution, distributionOf, medianRun } from '../../rig/distribution.js';
import { cpuPair, type Side, startThread } from '../../rig/side.js';
import { BODY_BYTES, type LogWriterRound, type LogWriterSetup } from './log-writer-round.js';
import type { RecorderRound, RecorderSetup } from './recorder-side.js';

const ROUNDS = 7;
const WARM_UP = 2;
/** Bytes of the log's ring: no round fills it, whatever the disk does meanwhile. */
const LOG_BYTES = 1 << 28;

/** Records a second, and of a round: a busy engine, and as many as it ever meets. */
const PACES = [
  { name: '2,000 records/s', perSecond: 2000, count: 3000 },
  { name: '100,000 records/s', perSecond: 100_000, count: 100_000 },
];

/** One log with its writer; where it is recorded, with the recorder on a thread of its own as well. */
interface Log {
  writer: Side<LogWriterRound, Float64Array>;
  recorder?: Side<RecorderRound, number>;
}

const stream = (name: string, readers: number): SharedArrayBuffer =>
  createStream({
    name,
    capacityBytes: name === 'log' ? LOG_BYTES : 1 << 16,
    maxBodyBytes: BODY_BYTES,
    readers,
    engineRun: 1,
  }).memory as SharedArrayBuffer;

/** @param folder of the journal; absent: nobody records */
function open(folder: string | undefined): Log {
  const [own, other] = cpuPair();
  const log = stream('log', folder === undefined ? 1 : 2);
  const doorbells = doorbellMemory(1);
  const setup: LogWriterSetup = { cpu: own, log, ...(folder === undefined ? {} : { doorbells }) };
  const writer = startThread<LogWriterRound, Float64Array>(new URL('./log-writer-side.js', import.meta.url), {
    ...setup,
  });
  if (folder === undefined) return { writer };
  const recording: RecorderSetup = { cpu: other, log, approved: stream('approved-orders', 1), doorbells, folder };
  const entry = new URL('./recorder-side.js', import.meta.url);
  return { writer, recorder: startThread<RecorderRound, number>(entry, { ...recording }) };
}

/**
 * What the recorder adds to whoever writes the log: the time to claim, fill and publish one record, with the recorder
 * as a gated reader on its own thread, and without it. Rounds of both take turns. What it costs to wake the recorder's thread stands beside.
 */
export async function logWriterResults(progress: (line: string) => void): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'volfilter-recorded-'));
  const alone = open(undefined);
  const recorded = open(folder);
  try {
    await recorded.recorder!.run({ until: 0 });
    const results: BenchResult[] = [];
    let written = 0;
    for (const { name, perSecond, count } of PACES) {
      progress(`journal: the log's writer with and without the recorder, ${name}`);
      const without: Distribution[] = [];
      const including: Distribution[] = [];
      const waking: Distribution[] = [];
      for (let round = 0; round < WARM_UP + ROUNDS; round++) {
        const one = await alone.writer.run({ count, perSecond });
        const other = await recorded.writer.run({ count, perSecond });
        written += count;
        // The recorder has taken every record before the next round begins.
        await recorded.recorder!.run({ until: written });
        if (round < WARM_UP) continue;
        without.push(distributionOf(one.slice(0, count)));
        including.push(distributionOf(other.slice(0, count)));
        waking.push(distributionOf(other.slice(count)));
      }
      results.push(...rows(name, medianRun(without), medianRun(including), medianRun(waking)));
    }
    return results;
  } finally {
    for (const { writer, recorder } of [alone, recorded]) {
      await writer.close();
      await recorder?.close();
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

function rows(pace: string, without: Distribution, including: Distribution, waking: Distribution): BenchResult[] {
  return [
    { name: `writing one record to the log, recorded, ${pace}`, unit: 'ns', ...including },
    { name: `writing one record to the log, nobody records, ${pace}`, unit: 'ns', ...without },
    {
      name: `what the recorder adds to the log's writer, ${pace}`,
      unit: 'ns',
      p50: including.p50 - without.p50,
      p99: including.p99 - without.p99,
      note: `differences of the percentiles above, medians of ${ROUNDS} rounds that take turns; the clock's own reading is in both`,
    },
    {
      name: `ringing for the recorder, ${pace}`,
      unit: 'ns',
      ...waking,
      note: 'what the thread pays after the record is written: one load while the recorder is awake, a call of the system where it sleeps',
    },
  ];
}

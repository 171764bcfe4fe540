import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHistogram } from 'node:perf_hooks';
import { currentLayouts } from '../../../engine/journal/layouts.js';
import { JournalReader } from '../../../engine/journal/reader.js';
import { JournalWriter } from '../../../engine/journal/writer.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { BenchResult } from '../../report.js';

const RECORD_BYTES = 64;
const SECONDS = 30;
const BATCH = 4096;

/** Distinct records one behind the other, so that the disk is not given the same page again and again. */
function someRecords(): Int32Array {
  const memory = new Int32Array((BATCH * RECORD_BYTES) / 4);
  for (let record = 0; record < BATCH; record++) {
    memory[(record * RECORD_BYTES) / 4] = RECORD_BYTES;
    for (let word = 1; word < RECORD_BYTES / 4; word++)
      memory[(record * RECORD_BYTES) / 4 + word] = Math.imul(record + 1, 0x9e3779b1 + word);
  }
  return memory;
}

/** Writes as fast as the disk takes it; seconds, records, and how long taking 64 of them held the writer. */
async function sustained(writer: JournalWriter, progress: (line: string) => void) {
  const memory = someRecords();
  const histogram = createHistogram();
  const start = process.hrtime.bigint();
  const end = start + BigInt(SECONDS) * 1_000_000_000n;
  let position = 0;
  let nextLine = 5;
  while (process.hrtime.bigint() < end) {
    let taken = 0;
    while (taken < BATCH) {
      const before = process.hrtime.bigint();
      const stop = taken + 64;
      while (taken < stop && writer.append(memory, taken * RECORD_BYTES, RECORD_BYTES, position + 1)) {
        taken++;
        position++;
      }
      histogram.record(process.hrtime.bigint() - before);
      if (taken < stop) break;
    }
    if (writer.state !== 'open') throw new Error(writer.problem);
    // The store's answers come by the event loop; a writer that is ahead of the disk sleeps, and takes no CPU from it.
    if (taken < BATCH) await writer.room();
    else await new Promise<void>((resume) => setImmediate(resume));
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    if (seconds > nextLine) {
      progress(`journal: ${Math.round(position / seconds / 1000)} thousand records a second after ${nextLine} s`);
      nextLine += 5;
    }
  }
  await writer.flush();
  return { seconds: Number(process.hrtime.bigint() - start) / 1e9, records: position, histogram };
}

/** Bytes that SHA-256 alone takes a second: what hashing costs is paid by writer and reader alike. */
function hashedBytesPerSecond(): number {
  const block = Buffer.alloc(64 * 1024, 7);
  const blocks = 4000;
  const start = process.hrtime.bigint();
  for (let index = 0; index < blocks; index++) createHash('sha256').update(block).digest();
  return (blocks * block.length) / (Number(process.hrtime.bigint() - start) / 1e9);
}

/** Records as fast as the disk takes them, what taking one costs, and verification of what was written. */
export async function sustainedResults(progress: (line: string) => void): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'volfilter-journal-'));
  try {
    const { privateKey } = generateKeyPairSync('ed25519');
    const writer = new JournalWriter({ folder, key: privateKey, layouts: currentLayouts(MessageType) });
    const hashedBefore = hashedBytesPerSecond();
    const { seconds, records, histogram } = await sustained(writer, progress);
    await writer.close(0);

    progress('journal: verifying');
    const reader = new JournalReader(folder);
    const start = process.hrtime.bigint();
    const report = reader.verify();
    const verifySeconds = Number(process.hrtime.bigint() - start) / 1e9;
    await reader.close();
    if (report.records !== records || report.faults.length > 0 || !report.signed) {
      throw new Error(
        `the journal does not verify: ${report.records} of ${records} records, ${report.faults.join('; ')}`,
      );
    }
    // The machine may have become busier or quieter meanwhile.
    const hashed = (hashedBefore + hashedBytesPerSecond()) / 2;
    return [
      {
        name: `records of ${RECORD_BYTES} bytes, sustained for ${SECONDS} s`,
        unit: 'records/s',
        value: records / seconds,
        peer: 'SHA-256 of the same bytes alone',
        peerValue: hashed / RECORD_BYTES,
        ratio: records / seconds / (hashed / RECORD_BYTES),
        note: 'from the first record to the last one synced to the disk',
      },
      {
        name: 'taking one record',
        unit: 'ns',
        p50: histogram.percentile(50) / 64,
        p99: histogram.percentile(99) / 64,
        p999: histogram.percentile(99.9) / 64,
        note: "on the recorder's own thread, in runs of 64, sealing and hashing of blocks included",
      },
      {
        name: 'verify',
        unit: 'MB/s',
        value: report.bytes / 1e6 / verifySeconds,
        peer: 'SHA-256 alone',
        peerValue: hashed / 1e6,
        ratio: report.bytes / verifySeconds / hashed,
        note: `${report.blocks} blocks`,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

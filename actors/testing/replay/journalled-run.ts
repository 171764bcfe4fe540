import { join } from 'node:path';
import { currentLayouts } from '../../../engine/journal/layouts.js';
import { beginRun } from '../../../engine/journal/runs.js';
import { loadSigningKey } from '../../../engine/journal/signing-key.js';
import { writeSnapshot } from '../../../engine/journal/snapshot-file.js';
import { JournalWriter } from '../../../engine/journal/writer.js';
import { stageLayouts } from '../../../engine/runtime/actor/stage-state.js';
import { createStream } from '../../../engine/runtime/edge/create-stream.js';
import { copyBody, HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import { StreamReader } from '../../../engine/runtime/edge/stream-reader.js';
import { StreamWriter } from '../../../engine/runtime/edge/stream-writer.js';
import type { RestoredCore } from '../../../engine/runtime/host/restored-core.js';
import { SingleThreadCore } from '../../../engine/runtime/host/single-thread-core.js';
import { EngineStateCode } from '../../../engine/runtime/supervision/engine-state.js';
import { Seeded } from '../../../engine/testing/seeded.js';
import { EngineState } from '../../../schemas/generated/engine-state.js';
import { Quote } from '../../../schemas/generated/quote.js';
import { MessageType } from '../../../schemas/message-type.js';
import { core } from '../../core.js';
import type { CoreSettings } from '../../core-settings.js';
import { LoopbackVenue } from '../../execution/loopback/loopback-venue.js';
import { StageDigest } from '../../recorder/stage-digest.js';
import { approvedOrders, log, reports } from '../../streams.js';

export const SCHEMAS = 'the layouts of this test';
const START = 1_800_000_000_000_000;

export interface RunOptions {
  folder: string;
  settings: CoreSettings;
  /** First log event, and how many. */
  firstSeq: number;
  events: number;
  seed: number;
  restored?: RestoredCore;
  /** Events after which a snapshot is taken. */
  snapshotAt?: readonly number[];
  /** Which of the core's last stage's records, counted from 1, is spoilt on its way into the journal. */
  spoiltOrder?: number;
}

/** Runs the core on seeded quotes in this thread and writes the journal that a recorder would; the core as it is at the end. */
export async function journalledRun(options: RunOptions): Promise<RestoredCore> {
  const { folder, settings, firstSeq, events, restored, snapshotAt = [] } = options;
  const key = loadSigningKey(join(folder, 'key.pem'));
  const run = await beginRun(folder, key, {
    firstSeq,
    restored: restored !== undefined,
    startedMicros: START,
    version: '0',
    schemas: SCHEMAS,
    core: settings,
  });
  const journal = new JournalWriter({
    folder,
    key,
    layouts: currentLayouts(MessageType),
  });
  const stages = core(settings);
  const outputs = stages.map(({ writes }) => writes);
  const from = restored ?? { position: firstSeq - 1, time: 0, states: new Map<string, Uint8Array>() };
  const single = new SingleThreadCore({ stages, log, observed: [log, ...outputs], restored: from });
  const writer = single.writer(log);
  const append = ({ buffer, arena }: StreamReader, offset: number): void => {
    const words = new Int32Array(arena.memory, arena.dataOffset);
    const length = buffer.view.getInt32(offset, true);
    journal.append(words, offset, length, buffer.view.getFloat64(offset + HeaderOffset.SEQ, true));
  };
  // A venue that answers: what it reports are the events of the log that come next.
  const answers = createStream({ ...reports, readers: 1, engineRun: 1 });
  const reporter = new StreamWriter(answers);
  const answered = new StreamReader(answers, 0);
  const venue = new LoopbackVenue(reporter, settings.instruments);
  venue.begin();
  reporter.publish();
  const logReader = single.reader(log);
  const orderReader = single.reader(approvedOrders);
  const digested = outputs
    .filter((edge) => edge !== approvedOrders)
    .map((edge) => ({
      reader: single.reader(edge),
      digest: new StageDigest((seq, hash) => journal.digest(edge.name, seq, hash)),
    }));
  let orders = 0;
  const turn = (): void => {
    single.turn();
    logReader.poll((_, __, offset) => append(logReader, offset), Number.POSITIVE_INFINITY);
    orderReader.poll((type, buffer, offset) => {
      if (type === MessageType.APPROVED_ORDER) venue.take(buffer, offset, true);
      else venue.refuse(buffer, offset);
      reporter.publish();
      if (++orders === options.spoiltOrder) {
        buffer.view.setUint8(offset + HEADER_BYTES, buffer.view.getUint8(offset + HEADER_BYTES) ^ 1);
      }
      append(orderReader, offset);
    }, Number.POSITIVE_INFINITY);
    for (const { reader, digest } of digested) reader.poll(digest.onRecord, Number.POSITIVE_INFINITY);
  };

  const random = new Seeded(options.seed);
  for (let seq = firstSeq; seq < firstSeq + events; seq++) {
    const offset =
      seq === firstSeq
        ? writeState(writer)
        : answered.hasPending()
          ? writeAnswer(writer, answered)
          : writeQuote(writer, settings.instruments, random);
    writer.buffer.view.setFloat64(offset + HeaderOffset.SEQ, seq, true);
    writer.buffer.view.setFloat64(offset + HeaderOffset.EVENT_TIME, START + seq, true);
    writer.publish();
    writer.finish(seq);
    turn();
    if (snapshotAt.includes(seq)) {
      const at = { position: seq, time: START + seq, run };
      writeSnapshot(join(folder, 'snapshots'), at, single.states(), stageLayouts(stages), 4);
    }
  }
  turn();
  await journal.close(START);
  const position = firstSeq + events - 1;
  return { position, time: START + position, states: single.states() };
}

function writeState(writer: StreamWriter): number {
  const offset = writer.claim(MessageType.ENGINE_STATE, EngineState.sizeOf());
  new EngineState().__init(offset + HEADER_BYTES, writer.buffer).mutate_state(EngineStateCode.ACTIVE);
  return offset;
}

function writeAnswer(writer: StreamWriter, answered: StreamReader): number {
  let at = -1;
  answered.poll((type, buffer, offset) => {
    const bytes = buffer.view.getInt32(offset, true) - HEADER_BYTES;
    at = writer.claim(type, bytes);
    copyBody(buffer, offset + HEADER_BYTES, writer.buffer, at + HEADER_BYTES, bytes);
  }, 1);
  return at;
}

function writeQuote(writer: StreamWriter, instruments: number, random: Seeded): number {
  const offset = writer.claim(MessageType.QUOTE, Quote.sizeOf());
  const quote = new Quote().__init(offset + HEADER_BYTES, writer.buffer);
  const mid = 100 + random.below(40) / 2;
  quote.mutate_instrument(random.below(instruments));
  quote.mutate_state(1);
  quote.mutate_bidPrice(mid - 0.5);
  quote.mutate_bidAmount(1 + random.below(9));
  quote.mutate_askPrice(mid + 0.5);
  quote.mutate_askAmount(1 + random.below(9));
  return offset;
}

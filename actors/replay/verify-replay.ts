import type { JournalRun } from '../../engine/journal/journal-run.js';
import type { JournalReader } from '../../engine/journal/reader.js';
import { HeaderOffset } from '../../engine/runtime/edge/record.js';
import type { RestoredCore } from '../../engine/runtime/host/restored-core.js';
import { SCHEMA_FINGERPRINT } from '../../schemas/generated/fingerprint.js';
import { MessageType } from '../../schemas/message-type.js';
import { core } from '../core.js';
import type { CoreSettings } from '../core-settings.js';
import { StageDigest } from '../recorder/stage-digest.js';
import { approvedOrders, log } from '../streams.js';
import { SteppedCore } from '../virtual-run/stepped-core.js';
import { LogPlayer } from './log-player.js';
import { RecordedOrders } from './recorded-orders.js';
import type { ReplayReport } from './replay-report.js';

/**
 * Runs the core on a journal, as it ran then, and compares what every stage says with what was recorded: approved orders and
 * refusals byte for byte, the other outputs by their digests.
 *
 * @param progress told the event that the replay is at
 */
export function verifyReplay(journal: JournalReader, progress: (seq: number) => void = () => {}): ReplayReport {
  const last = journal.lastPosition();
  const report: ReplayReport = {
    events: 0,
    lastPosition: last,
    orders: 0,
    digests: 0,
    unrecorded: 0,
    otherLayouts: [],
  };
  const runs = journal.runs();
  let restored: RestoredCore | undefined;
  for (let index = 0; index < runs.length && report.first === undefined; index++) {
    const run = runs[index]!;
    const end = (runs[index + 1]?.firstSeq ?? last + 1) - 1;
    if (end < run.firstSeq) continue;
    if (run.schemas !== String(SCHEMA_FINGERPRINT)) report.otherLayouts.push(run.run);
    restored = replayRun(journal, run, end, run.restored ? restored : undefined, report, progress);
  }
  return report;
}

/** Replays one run; the core as it was at its end. */
function replayRun(
  journal: JournalReader,
  run: JournalRun,
  end: number,
  restored: RestoredCore | undefined,
  report: ReplayReport,
  progress: (seq: number) => void,
): RestoredCore {
  const stages = core(run.core as CoreSettings);
  const from = run.firstSeq - 1;
  const start = {
    position: from,
    time: restored?.time ?? 0,
    states: restored?.states ?? new Map<string, Uint8Array>(),
  };
  const replayed = new SteppedCore(stages, log, start);
  const recorded = new RecordedOrders(report);
  for (const [place, { writes }] of stages.entries()) {
    if (writes === approvedOrders) {
      replayed.hear(place, recorded.onReplayed);
      continue;
    }
    const kept = new Map(journal.digests(writes.name).map(({ position, hash }) => [position, hash]));
    const digest = new StageDigest((seq, hash) => {
      const then = seq <= end ? kept.get(seq) : undefined;
      if (then === undefined || report.first !== undefined) return;
      if (then.equals(hash)) report.digests++;
      else report.first = { seq, what: `digest of what '${writes.name}' said on the ${EVENTS} events up to here` };
    });
    replayed.hear(place, digest.onRecord);
  }
  const onOutput = (memory: DataView, offset: number, length: number): void => {
    // What the watch over the market told is in the journal to be read; its digest proves it.
    if (!isTold(memory.getUint16(offset + HeaderOffset.TYPE, true))) recorded.onRecorded(memory, offset, length);
  };
  const player = new LogPlayer(replayed, { seq: from, time: start.time }, onOutput, end);
  for (const block of journal.blocks(run.firstSeq)) {
    player.play(block);
    progress(player.seq);
    if (player.seq >= end || report.first !== undefined) break;
  }
  recorded.end();
  report.events += player.seq - from;
  return { position: player.seq, time: player.time, states: replayed.states() };
}

const EVENTS = 1024;

function isTold(type: number): boolean {
  return type >= MessageType.ANOMALY && type <= MessageType.MARKET_STATISTICS;
}

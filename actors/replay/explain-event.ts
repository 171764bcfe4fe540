import { eachRecord } from '../../engine/journal/block.js';
import type { JournalReader } from '../../engine/journal/reader.js';
import { HeaderOffset } from '../../engine/runtime/edge/record.js';
import type { RestoredCore } from '../../engine/runtime/host/restored-core.js';
import { core } from '../core.js';
import type { CoreSettings } from '../core-settings.js';
import { log } from '../streams.js';
import { SteppedCore } from '../virtual-run/stepped-core.js';
import { isOutput, LogPlayer } from './log-player.js';

/** One event of the log and all that came of it. Records are canonical bytes, header included. */
export interface Explanation {
  seq: number;
  event: Uint8Array;
  /** What each stage answered, in the order of rank; stages that said nothing are left out. */
  answers: { stage: string; record: Uint8Array }[];
  /** Later events that name this one as their cause: what became of its orders. */
  later: { seq: number; record: Uint8Array }[];
}

/** How far behind the event its consequences are looked for. */
const LATER_EVENTS = 200_000;

/**
 * Why the engine did what it did on one event: the core is replayed up to it, and what every stage answered is kept, also what the
 * journal holds only a digest of.
 *
 * @param progress told the event that the replay is at
 * @throws RangeError for an event that the journal does not hold
 */
export function explainEvent(
  journal: JournalReader,
  seq: number,
  progress: (seq: number) => void = () => {},
): Explanation {
  const last = journal.lastPosition();
  const runs = journal.runs();
  const first = runs[0]?.firstSeq ?? Number.NaN;
  if (!(seq >= first && seq <= last)) {
    throw new RangeError(`the journal holds the log events ${first} to ${last}; there is no event ${seq}`);
  }
  let restored: RestoredCore | undefined;
  for (const [index, run] of runs.entries()) {
    const end = Math.min(seq, (runs[index + 1]?.firstSeq ?? last + 1) - 1);
    if (end < run.firstSeq) continue;
    const found: Explanation = { seq, event: new Uint8Array(0), answers: [], later: [] };
    restored = replay(journal, run.core as CoreSettings, run.firstSeq, run.restored ? restored : undefined, end, {
      found,
      progress,
    });
    if (end < seq) continue;
    found.later.push(...laterOf(journal, seq));
    return found;
  }
  throw new RangeError(`no run of the journal holds the log event ${seq}`);
}

function replay(
  journal: JournalReader,
  settings: CoreSettings,
  firstSeq: number,
  restored: RestoredCore | undefined,
  end: number,
  { found, progress }: { found: Explanation; progress: (seq: number) => void },
): RestoredCore {
  const stages = core(settings);
  const from = { position: firstSeq - 1, time: restored?.time ?? 0, states: restored?.states ?? new Map() };
  const replayed = new SteppedCore(stages, log, from);
  for (const [place, { name }] of stages.entries()) {
    replayed.hear(place, (_, { view }, offset) => {
      if (view.getFloat64(offset + HeaderOffset.SEQ, true) !== found.seq) return;
      found.answers.push({ stage: name, record: copied(view, offset) });
    });
  }
  const start = { seq: from.position, time: from.time };
  const player = new LogPlayer(replayed, start, () => {}, end);
  for (const block of journal.blocks(firstSeq)) {
    player.play(block);
    progress(player.seq);
    if (player.seq < end) continue;
    if (end === found.seq) found.event = eventIn(block, end);
    break;
  }
  return { position: player.seq, time: player.time, states: replayed.states() };
}

/** The log event of this number in the block that holds it. */
function eventIn(block: Buffer, seq: number): Uint8Array {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  let event: Uint8Array = new Uint8Array(0);
  eachRecord(block, (offset) => {
    if (view.getFloat64(offset + HeaderOffset.SEQ, true) === seq && !isOutput(view, offset))
      event = copied(view, offset);
  });
  return event;
}

function laterOf(journal: JournalReader, seq: number): Explanation['later'] {
  const later: Explanation['later'] = [];
  for (const block of journal.blocks(seq + 1)) {
    const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
    let at = seq;
    eachRecord(block, (offset) => {
      at = view.getFloat64(offset + HeaderOffset.SEQ, true);
      if (at <= seq || isOutput(view, offset)) return;
      if (view.getFloat64(offset + HeaderOffset.CAUSE, true) === seq) {
        later.push({ seq: at, record: copied(view, offset) });
      }
    });
    if (at > seq + LATER_EVENTS) break;
  }
  return later;
}

function copied(view: DataView, offset: number): Uint8Array {
  const length = view.getInt32(offset + HeaderOffset.LENGTH, true);
  return new Uint8Array(view.buffer.slice(view.byteOffset + offset, view.byteOffset + offset + length));
}

import { readHeader } from '../../engine/journal/block.js';
import type { JournalRun } from '../../engine/journal/journal-run.js';
import type { JournalReader } from '../../engine/journal/reader.js';
import { readSnapshot, type Snapshot, snapshotPositions, writeSnapshot } from '../../engine/journal/snapshot-file.js';
import type { CoreDefinition, StreamEdge } from '../../engine/runtime/actor/definition.js';
import { stageLayouts } from '../../engine/runtime/actor/stage-state.js';
import { HeaderOffset } from '../../engine/runtime/edge/record.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { core } from '../core.js';
import type { CoreSettings } from '../core-settings.js';
import { log } from '../streams.js';
import { SteppedCore } from '../virtual-run/stepped-core.js';
import { LogPlayer } from './log-player.js';
import { misfit } from './snapshot-misfit.js';

export interface RegenerationOptions {
  journal: JournalReader;
  /** Fingerprint of this program's schemas: only what they wrote can be run again. */
  schemas: string;
  /** The streams whose records are wanted. */
  streams: readonly StreamEdge[];
  /** Folder of the regeneration's own snapshots, with which it goes on another time. */
  snapshots: string;
  /** The last log event whose outputs are known already. */
  from: number;
  /** Given every record that is not known yet, header and body; the bytes are the caller's during the call. */
  take: (bytes: Buffer, offset: number, length: number) => void;
  /** Told of runs that cannot be replayed, and why. */
  note: (text: string) => void;
}

/** One core on the way along the log. */
interface Session {
  run: JournalRun;
  stepped: SteppedCore;
  player: LogPlayer;
  /** Hash of each stage's layout, by its name. */
  layouts: ReadonlyMap<string, string>;
}

/** Log events after which a snapshot saves more time than it costs. */
const EVENTS_PER_SNAPSHOT = 200_000;
const SNAPSHOTS_KEPT = 2;

/**
 * Makes again what the core said, along a journal that may still grow: the recorder keeps the log and digests of the outputs, a
 * replay of the log gives the outputs themselves.
 */
export class Regeneration {
  readonly #options: RegenerationOptions;
  #session: Session | undefined;
  /** Runs that cannot be replayed. */
  readonly #hopeless = new Set<number>();
  #known: number;
  #saved: number;

  constructor(options: RegenerationOptions) {
    this.#options = options;
    this.#known = options.from;
    this.#saved = options.from;
  }

  /** Plays the next block. Those that were played before this regeneration began are found in the journal. */
  play(block: Buffer): void {
    const end = readHeader(block)!.lastPosition;
    const runs = this.#options.journal.runs();
    const index = runs.findLastIndex(({ firstSeq }) => firstSeq <= end);
    const run = runs[index];
    if (run === undefined || this.#hopeless.has(run.run)) return;
    try {
      if (this.#session?.run.run !== run.run) {
        // A writer begins with a block of its own, so a block is of one run.
        this.settle();
        this.#session = this.#begin(runs, index);
      }
      this.#session?.player.play(block);
    } catch (error) {
      this.#giveUp(run, (error as Error).message);
    }
  }

  /** Lets the core answer everything that was played; the last log event that it has answered, 0 where none. */
  settle(): number {
    const { player } = this.#session ?? {};
    if (player === undefined) return this.#known;
    player.flush();
    this.#known = Math.max(this.#known, player.seq);
    if (this.#known - this.#saved >= EVENTS_PER_SNAPSHOT) this.#save(this.#session!);
    return this.#known;
  }

  close(): void {
    this.#session?.stepped.close();
    this.#session = undefined;
  }

  #giveUp(run: JournalRun, why: string): void {
    this.#hopeless.add(run.run);
    this.#session?.stepped.close();
    this.#session = undefined;
    this.#options.note(`what the core said in run ${run.run} is missing: ${why}`);
  }

  #save({ run, stepped, player, layouts }: Session): void {
    const { snapshots } = this.#options;
    writeSnapshot(
      snapshots,
      { position: player.seq, time: player.time, run: run.run },
      stepped.states(),
      layouts,
      SNAPSHOTS_KEPT,
    );
    this.#saved = player.seq;
  }

  /** A core as it was before the first event that is not known, or before the run. */
  #begin(runs: readonly JournalRun[], index: number): Session | undefined {
    const { journal, schemas, streams, take } = this.#options;
    const run = runs[index]!;
    if (run.schemas !== schemas) {
      this.#giveUp(run, `it was written with other message layouts (${run.schemas}, now ${schemas})`);
      return undefined;
    }
    const to = Math.max(this.#known, run.firstSeq - 1);
    const first = beginningOf(runs, index);
    const stages = core(run.core as CoreSettings);
    const snapshot = this.#snapshot(run, runs, stages, first, to);
    const from = { seq: snapshot?.header.position ?? first, time: snapshot?.header.time ?? 0 };
    const stepped = new SteppedCore(stages, log, {
      position: from.seq,
      time: from.time,
      states: snapshot?.states ?? new Map(),
    });
    const onRecord = (_type: number, { view }: ViewBuffer, offset: number): void => {
      const seq = view.getFloat64(offset + HeaderOffset.SEQ, true);
      if (seq <= this.#known || seq < run.firstSeq) return;
      take(
        Buffer.from(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength),
        offset,
        view.getInt32(offset + HeaderOffset.LENGTH, true),
      );
    };
    for (const [place, { writes }] of stages.entries()) if (streams.includes(writes)) stepped.hear(place, onRecord);
    const player = new LogPlayer(stepped, from);
    const session = { run, stepped, player, layouts: stageLayouts(stages) };
    if (to > from.seq) this.#playUpTo(journal, session, to);
    return session;
  }

  /** Brings a core to where outputs are not known: the block with the next event follows. */
  #playUpTo(journal: JournalReader, { player }: Session, to: number): void {
    for (const block of journal.blocks(player.seq + 1)) {
      if (readHeader(block)!.lastPosition > to) return;
      player.play(block);
    }
  }

  /** The newest of our own snapshots that a core of these settings can go on from. */
  #snapshot(
    run: JournalRun,
    runs: readonly JournalRun[],
    stages: readonly CoreDefinition[],
    first: number,
    to: number,
  ): Snapshot | undefined {
    const { snapshots, note } = this.#options;
    const made = JSON.stringify(run.core);
    for (const position of snapshotPositions(snapshots)) {
      if (position > to || position <= first) continue;
      try {
        const snapshot = readSnapshot(snapshots, position);
        const of = runs.find((candidate) => candidate.run === snapshot.header.run);
        if (of?.schemas !== run.schemas || JSON.stringify(of.core) !== made) continue;
        const why = misfit(snapshot, stages);
        if (why === undefined) return snapshot;
        note(`the snapshot behind log event ${position} is passed over: ${why}`);
      } catch (error) {
        note(`${(error as Error).message}: the one before it is tried`);
      }
    }
    return undefined;
  }
}

/** The event before the first one of the last run up to `index` that began with an empty core. */
function beginningOf(runs: readonly JournalRun[], index: number): number {
  for (let place = index; place > 0; place--) if (!runs[place]!.restored) return runs[place]!.firstSeq - 1;
  return runs[0]!.firstSeq - 1;
}

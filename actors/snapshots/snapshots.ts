import { writeSnapshot } from '../../engine/journal/snapshot-file.js';
import type { IoActor, IoContext } from '../../engine/runtime/actor/definition.js';
import type { SnapshotSlot } from '../../engine/runtime/actor/snapshot-slot.js';
import { eventTimeIn } from '../../engine/runtime/actor/stage-state.js';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { LastSnapshot, StopPhase } from '../../engine/runtime/supervision/engine-state.js';
import { SnapshotMark } from '../../schemas/generated/snapshot-mark.js';
import { SnapshotTaken } from '../../schemas/generated/snapshot-taken.js';
import { MessageType } from '../../schemas/message-type.js';

export interface SnapshotsConfig {
  /** Where the files go; absent for none. */
  folder?: string;
  /** Number of this start of the engine. */
  run: number;
}

/** Older ones are removed. More than one, because the newest may turn out to be damaged. */
const KEPT = 4;
/** Between two looks whether the stages have left copies, which they are asked for every half a minute. */
const LOOK_MS = 500;
/** ... at the end, which waits for them. */
const LAST_LOOK_MS = 20;

/**
 * Puts the copies that the stages leave together into files, away from the core, and tells the log what it has written. A
 * snapshot counts only when all its stages stand behind the same log event. When the engine ends in order it asks for one more itself: the next
 * start then has nothing to replay.
 */
class Snapshots implements IoActor {
  private readonly context: IoContext<SnapshotsConfig>;
  private readonly slots: [string, SnapshotSlot][];
  private timer: NodeJS.Timeout | undefined;
  /** Copies that the stages have left so far. */
  private left = 0;
  private isEnding = false;
  private isLastAskedFor = false;

  constructor(context: IoContext<SnapshotsConfig>) {
    this.context = context;
    this.slots = [...context.snapshots];
  }

  start(): void {
    if (this.context.config.folder === undefined) return;
    this.timer = setInterval(() => this.look(), LOOK_MS);
  }

  /** The engine wakes this thread when its end begins: the last copies are looked for often from then on. */
  turn(): number {
    if (this.context.config.folder === undefined || this.isEnding || this.context.board.stopPhase < StopPhase.SNAPSHOT)
      return 0;
    this.isEnding = true;
    clearInterval(this.timer);
    this.lookAtTheEnd();
    this.timer = setInterval(() => this.lookAtTheEnd(), LAST_LOOK_MS);
    return 0;
  }

  private lookAtTheEnd(): void {
    this.look();
    if (!this.isLastAskedFor && this.context.board.stopPhase === StopPhase.SNAPSHOT) this.askForLast();
  }

  close(): void {
    clearInterval(this.timer);
    this.look();
  }

  private look(): void {
    const { slots } = this;
    if (slots.length === 0 || slots.some(([, slot]) => Number.isNaN(slot.seq))) return;
    this.left++;
    const [, first] = slots[0]!;
    // Where one had not been emptied when a mark came, nothing fits together until the next one.
    if (slots.every(([, slot]) => slot.seq === first.seq)) this.write(first.seq, eventTimeIn(first.state));
    for (const [, slot] of slots) slot.empty();
  }

  /** The mark is an input of the log, like any other: the stages leave their copies when they have finished it. */
  private askForLast(): void {
    const { out, clock } = this.context;
    const offset = out!.claim(MessageType.SNAPSHOT_MARK, SnapshotMark.sizeOf());
    if (offset < 0) return;
    this.isLastAskedFor = true;
    new SnapshotMark().__init(offset + HEADER_BYTES, out!.buffer).mutate_number(this.left + 1);
    clock.tick();
    this.context.publish(clock.now[0]!);
  }

  private write(position: number, time: number): void {
    const { context } = this;
    const { folder, run } = context.config;
    const isLast = context.board.stopPhase >= StopPhase.SNAPSHOT;
    try {
      const states = new Map(this.slots.map(([name, slot]) => [name, slot.state]));
      const layouts = new Map(this.slots.map(([name, slot]) => [name, slot.layout]));
      const { bytes, hash } = writeSnapshot(folder!, { position, time, run }, states, layouts, KEPT);
      // Behind the last one the log has ended: to tell of it would give the next start something to replay.
      if (isLast) context.board.lastSnapshot = LastSnapshot.WRITTEN;
      else this.tell(position, bytes, hash);
    } catch (error) {
      if (isLast) context.board.lastSnapshot = LastSnapshot.FAILED;
      context.log(
        'error',
        `the snapshot behind log event ${position} could not be written: ${(error as Error).message}`,
      );
    }
  }

  private tell(position: number, bytes: number, hash: Buffer): void {
    const { out, clock } = this.context;
    const offset = out!.claim(MessageType.SNAPSHOT_TAKEN, SnapshotTaken.sizeOf());
    if (offset < 0) return;
    const taken = new SnapshotTaken().__init(offset + HEADER_BYTES, out!.buffer);
    taken.mutate_position(position);
    taken.mutate_bytes(bytes);
    const { view } = out!.buffer;
    const words = offset + HEADER_BYTES + SnapshotTaken.sizeOf() - hash.length;
    for (let byte = 0; byte < hash.length; byte++) view.setUint8(words + byte, hash[byte]!);
    clock.tick();
    this.context.publish(clock.now[0]!);
  }
}

export function create(context: IoContext<SnapshotsConfig>): IoActor {
  return new Snapshots(context);
}

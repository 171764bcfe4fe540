import { eachRecord } from '../../engine/journal/block.js';
import { RuntimeSetupError } from '../../engine/runtime/arena/arena.js';
import { HEADER_BYTES, HeaderOffset, recordStep } from '../../engine/runtime/edge/record.js';
import { MOST_UNFINISHED_BYTES, type SteppedCore } from '../virtual-run/stepped-core.js';

/** Events that the core is given at once. */
const BATCH = 256;

/** Whether a journalled record is a stage's output: it answers the event whose number it carries. */
export function isOutput(view: DataView, offset: number): boolean {
  return view.getFloat64(offset + HeaderOffset.CAUSE, true) === view.getFloat64(offset + HeaderOffset.SEQ, true);
}

/**
 * Plays the blocks of a journal into a core: every log event as it was stamped, in order and without a hole.
 */
export class LogPlayer {
  /** The last log event that was played, and its time in microseconds since the Unix epoch. */
  seq: number;
  time: number;
  private readonly core: SteppedCore;
  private readonly logDoubles: Float64Array;
  private readonly from: number;
  private readonly to: number;
  private readonly onOutput: (memory: DataView, offset: number, length: number) => void;
  private scratch = new Float64Array(0);
  private view = new DataView(this.scratch.buffer);
  private unfinished = 0;
  private unfinishedBytes = 0;

  /**
   * @param core that is to see the events
   * @param from the last event that the core has seen already, with its time
   * @param onOutput is shown every journalled record that a stage wrote in answer to them, in `memory` during the call
   * @param to the last event to be played
   */
  constructor(
    core: SteppedCore,
    from: { seq: number; time: number },
    onOutput: (memory: DataView, offset: number, length: number) => void = () => {},
    to = Number.POSITIVE_INFINITY,
  ) {
    const { arena, capacityBytes } = core.log;
    this.core = core;
    this.seq = from.seq;
    this.time = from.time;
    this.from = from.seq;
    this.to = to;
    this.onOutput = onOutput;
    this.logDoubles = new Float64Array(arena.memory, arena.dataOffset, capacityBytes / 8);
  }

  play(block: Buffer): void {
    this.take(block);
    eachRecord(block, (offset, length) => {
      const seq = this.view.getFloat64(offset + HeaderOffset.SEQ, true);
      if (seq <= this.from || seq > this.to) return;
      if (isOutput(this.view, offset)) this.onOutput(this.view, offset, length);
      else this.playRecord(offset, length, seq);
    });
    this.flush();
  }

  /** The core answers everything that was played. */
  flush(): void {
    if (this.unfinished === 0) return;
    this.unfinished = 0;
    this.unfinishedBytes = 0;
    this.core.finish(this.seq);
  }

  /** The block's bytes where they can be read as float64: the journal's own memory lies anywhere. */
  private take(block: Buffer): void {
    const words = (block.length + 7) >> 3;
    if (this.scratch.length < words) {
      this.scratch = new Float64Array(words * 2);
      this.view = new DataView(this.scratch.buffer);
    }
    block.copy(new Uint8Array(this.scratch.buffer), 0, 0, block.length);
  }

  private playRecord(offset: number, length: number, seq: number): void {
    const { view } = this;
    if (seq !== this.seq + 1) {
      throw new RuntimeSetupError(
        `the journal has a hole: expected log event ${this.seq + 1}, found ${seq}. What lies between was archived, or is lost: ` +
          'run "volfilter journal verify", and see from which event on the journal is whole with "volfilter journal stat"',
      );
    }
    const step = recordStep(length);
    if (this.unfinished === BATCH || this.unfinishedBytes + step > MOST_UNFINISHED_BYTES) this.flush();
    const into = this.core.log.claim(view.getUint16(offset + HeaderOffset.TYPE, true), length - HEADER_BYTES);
    const words = (length + 7) >> 3;
    const { scratch, logDoubles } = this;
    for (let word = 0; word < words; word++) logDoubles[(into >> 3) + word] = scratch[(offset >> 3) + word]!;
    this.seq = seq;
    this.time = view.getFloat64(offset + HeaderOffset.EVENT_TIME, true);
    this.unfinished++;
    this.unfinishedBytes += step;
  }
}

import { RuntimeSetupError } from '../../engine/runtime/arena/arena.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import type { StreamReader } from '../../engine/runtime/edge/stream-reader.js';
import type { StreamWriter } from '../../engine/runtime/edge/stream-writer.js';
import type { Runnable, SequencerContext } from '../../engine/runtime/topology/topology.js';

/**
 * Stands in for the sequencer when a log is run again: passes records on just as they were stamped. Their timers are among
 * them, so that what the stages ask for now is not looked at.
 */
export class LogReplay implements Runnable {
  readonly name: string;
  private readonly input: StreamReader;
  private readonly log: StreamWriter;
  private readonly logDoubles: Float64Array;
  private readonly timerOutputs: readonly StreamReader[];
  /** [last sequence number; 0 before the first, the one that `progressed` told of] */
  private readonly seq = new Float64Array(2);

  constructor(context: SequencerContext) {
    this.name = context.name;
    const [input] = context.inputs;
    if (input === undefined || context.inputs.length !== 1) {
      throw new RuntimeSetupError(`a replay takes one input, the log of the past; found ${context.inputs.length}`);
    }
    this.input = input;
    this.log = context.log;
    this.timerOutputs = context.stages.map(({ reader }) => reader);
    const { memory, dataOffset } = context.log.arena;
    this.logDoubles = new Float64Array(memory, dataOffset, context.log.capacityBytes / 8);
  }

  finishedSeq(): number {
    return this.seq[0]!;
  }

  progressed(): boolean {
    const { seq } = this;
    if (seq[0] === seq[1]) return false;
    seq[1] = seq[0]!;
    return true;
  }

  currentSeq(): number {
    return this.seq[0]!;
  }

  hasPending(): boolean {
    for (const output of this.timerOutputs) if (output.hasPending()) return true;
    return this.input.hasPending();
  }

  step(limit: number): number {
    for (let index = 0; index < this.timerOutputs.length; index++) {
      this.timerOutputs[index]!.poll(ignore, Number.POSITIVE_INFINITY);
    }
    const { input, seq } = this;
    let passed = 0;
    input.refresh();
    while (passed < limit) {
      const offset = input.peek();
      if (offset < 0) break;
      if (seq[0] !== 0 && input.seqAt(offset) !== seq[0]! + 1) this.refuseGap(input.seqAt(offset));
      if (!this.pass(offset)) break;
      passed++;
    }
    input.release();
    if (passed > 0) {
      this.log.publish();
      this.log.finishAt(seq, 0);
    }
    return passed;
  }

  /** Copies one record; false when the log is full, and nothing is consumed. */
  private pass(offset: number): boolean {
    const { input, log, logDoubles } = this;
    const length = input.buffer.view.getInt32(offset + HeaderOffset.LENGTH, true);
    const into = log.claim(input.typeAt(offset), length - HEADER_BYTES);
    if (into < 0) return false;
    const from = input.doublesView;
    const words = (length + 7) >> 3;
    // From the first word: the flags beside length and type are canonical too.
    for (let word = 0; word < words; word++) logDoubles[(into >> 3) + word] = from[(offset >> 3) + word]!;
    this.seq[0] = input.seqAt(offset);
    input.advance(offset);
    return true;
  }

  private refuseGap(found: number): never {
    throw new RuntimeSetupError(`replay: expected log event ${this.seq[0]! + 1}, found ${found}: the log has a hole`);
  }
}

function ignore(): void {}

import type { RecordHandler } from '../../engine/runtime/edge/record.js';
import type { StreamReader } from '../../engine/runtime/edge/stream-reader.js';

/**
 * Reads several streams as a stage of the core would: by log event, and within one in the order of the inputs. What is read
 * does not depend on when the streams were written, so that alerts are the same in every run of a log.
 */
export class MergedInputs {
  private readonly inputs: readonly StreamReader[];

  /** @param inputs in the order of the ranks of who writes them, the log first */
  constructor(inputs: readonly StreamReader[]) {
    this.inputs = inputs;
  }

  /** Hands over at most `limit` records, and the number of each one's log event; how many there were. */
  poll(handler: RecordHandler, onEvent: (seq: number) => void, limit: number): number {
    const { inputs } = this;
    let taken = 0;
    while (taken < limit) {
      const input = this.next();
      if (input === undefined) break;
      const offset = input.peek();
      onEvent(input.seqAt(offset));
      handler(input.typeAt(offset), input.buffer, offset);
      input.advance(offset);
      taken++;
    }
    for (const input of inputs) input.release();
    return taken;
  }

  /** The input whose next record is due; undefined while another may still write one that comes before it. */
  private next(): StreamReader | undefined {
    const { inputs } = this;
    let best = -1;
    let seq = Number.POSITIVE_INFINITY;
    for (let index = 0; index < inputs.length; index++) {
      const offset = seen(inputs[index]!);
      if (offset >= 0 && inputs[index]!.seqAt(offset) < seq) {
        best = index;
        seq = inputs[index]!.seqAt(offset);
      }
    }
    if (best < 0) return undefined;
    for (let index = 0; index < inputs.length; index++) {
      const input = inputs[index]!;
      if (index === best || input.peek() >= 0) continue;
      // An input of lower rank comes first within the event, one of higher rank after it.
      const needed = index < best ? seq : seq - 1;
      if (input.finishedSeq() < needed) {
        input.refresh();
        // What it has finished was seen after its records: one that came meanwhile is looked at in the next turn.
        if (input.peek() >= 0 || input.finishedSeq() < needed) return undefined;
      }
    }
    return inputs[best];
  }
}

function seen(input: StreamReader): number {
  const offset = input.peek();
  if (offset >= 0) return offset;
  input.refresh();
  return input.peek();
}

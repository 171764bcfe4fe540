import { createHash } from 'node:crypto';
import { defineIo, type IoActor, type IoContext, type IoDefinition } from '../../engine/runtime/actor/definition.js';
import { HeaderOffset } from '../../engine/runtime/edge/record.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { approvedOrders, log } from '../streams.js';

/** Records taken in one turn. */
const RECORDS_PER_TURN = 4096;
/** Canonical bytes gathered before they are hashed together. */
const BLOCK_BYTES = 64 * 1024;

/** Follows the log and what risk approved as a gated reader, and chains a hash over their canonical bytes. */
class Recorder implements IoActor {
  private readonly context: IoContext<unknown>;
  private readonly block = Buffer.alloc(BLOCK_BYTES + 128 * 1024);
  private filled = 0;
  private head = Buffer.alloc(32);
  private records = 0;
  private readonly onRecord = (_type: number, buffer: ViewBuffer, offset: number): void => this.take(buffer, offset);

  constructor(context: IoContext<unknown>) {
    this.context = context;
  }

  turn(): number {
    let taken = 0;
    for (const input of this.context.inputs) taken += input.poll(this.onRecord, RECORDS_PER_TURN);
    return taken;
  }

  close(): void {
    this.seal();
    this.context.log(
      'info',
      `recorded ${this.records} records; head of the chain ${this.head.toString('hex').slice(0, 16)}`,
    );
  }

  private take(buffer: ViewBuffer, offset: number): void {
    const length = buffer.view.getInt32(offset + HeaderOffset.LENGTH, true);
    for (let byte = 0; byte < length; byte++) this.block[this.filled + byte] = buffer.readUint8(offset + byte);
    this.filled += length;
    this.records++;
    if (this.filled >= BLOCK_BYTES) this.seal();
  }

  private seal(): void {
    if (this.filled === 0) return;
    this.head = createHash('sha256').update(this.head).update(this.block.subarray(0, this.filled)).digest();
    this.filled = 0;
  }
}

export function recorder(): IoDefinition {
  return defineIo({
    name: 'recorder',
    reads: [log, approvedOrders],
    config: {},
    create: (context) => new Recorder(context),
  });
}

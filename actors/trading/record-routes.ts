import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';

/** Takes a record: `body` is the place behind its header, valid during the call. */
export type RecordTaker = (buffer: ViewBuffer, body: number) => void;

/** Who takes which record of a stage's inputs: one taker a type, and nobody for the rest. Made once, when the stage is. */
export class RecordRoutes {
  private readonly takers: (RecordTaker | undefined)[];

  constructor(routes: readonly (readonly [type: number, take: RecordTaker])[]) {
    const last = Math.max(...routes.map(([type]) => type));
    this.takers = new Array<RecordTaker | undefined>(last + 1).fill(undefined);
    for (const [type, take] of routes) this.takers[type] = take;
  }

  /** Hands over the record whose header stands at `offset`. */
  deliver(type: number, buffer: ViewBuffer, offset: number): void {
    if (type >= this.takers.length) return;
    const take = this.takers[type];
    if (take !== undefined) take(buffer, offset + HEADER_BYTES);
  }
}

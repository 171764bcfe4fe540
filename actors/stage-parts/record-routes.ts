import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';

/** Takes a record: `body` is the place behind its header, valid during the call. */
export type RecordTaker = (buffer: ViewBuffer, body: number) => void;

/** Which handler a stage has for each type of record: at most one a type. Made once, with the stage. */
export class RecordRoutes {
  private readonly takers: (RecordTaker | undefined)[];

  constructor(routes: readonly (readonly [type: number, take: RecordTaker])[]) {
    const last = Math.max(...routes.map(([type]) => type));
    this.takers = new Array<RecordTaker | undefined>(last + 1).fill(undefined);
    for (const [type, take] of routes) this.takers[type] = take;
  }

  /** Calls the handler of a record, where there is one. @param offset place of its header */
  deliver(type: number, buffer: ViewBuffer, offset: number): void {
    if (type >= this.takers.length) return;
    const take = this.takers[type];
    if (take !== undefined) take(buffer, offset + HEADER_BYTES);
  }
}

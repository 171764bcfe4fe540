import { CreditPool, OrderAction } from '../../engine/market/orders/codes.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import {
  type DispatchConfig,
  type DispatchMemory,
  INT,
  MOST_QUERIES,
  QUERIES_AT_ONCE,
  WANTED_BYTES,
} from './dispatch-memory.js';
import type { IntentWriter } from './intent-writer.js';

/** Questions about single orders that wait for their answers. */
const MOST_ASKING = 8;
/** Requests that asking for one order, and for the whole account, takes. */
const QUERY_COST = 2;
const RECONCILE_COST = 8;

/** Questions to the venue that wait for credits. */
export class Questions {
  private readonly memory: DispatchMemory;
  private readonly now: Float64Array;
  private readonly writer: IntentWriter;
  private readonly context: CoreContext<DispatchConfig>;

  constructor(context: CoreContext<DispatchConfig>, memory: DispatchMemory, now: Float64Array, writer: IntentWriter) {
    this.context = context;
    this.memory = memory;
    this.now = now;
    this.writer = writer;
  }

  hear(buffer: ViewBuffer, body: number): void {
    const { ints, queries } = this.memory;
    // One that does not fit is asked again by whoever wanted it.
    if (ints[INT.QUERIES] === MOST_QUERIES) return;
    const words = WANTED_BYTES / 4;
    // What asks for everything answers all that asks for one order; whoever is in doubt still asks again.
    if (buffer.view.getUint32(body, true) === OrderAction.RECONCILE) ints[INT.QUERIES] = 0;
    const place = (ints[INT.QUERY_HEAD]! + ints[INT.QUERIES]!) % MOST_QUERIES;
    const at = place * words;
    for (let word = 0; word < words; word++) queries[at + word] = buffer.view.getInt32(body + 4 * word, true);
    ints[INT.QUERIES]! += 1;
  }

  ask(): void {
    const { ints, credits, queries } = this.memory;
    credits.advance(this.now[0]!);
    for (let asked = 0; asked < QUERIES_AT_ONCE && ints[INT.QUERIES]! > 0; asked++) {
      const words = WANTED_BYTES / 4;
      const at = ints[INT.QUERY_HEAD]! * words;
      const isWhole = queries[at] === OrderAction.RECONCILE;
      // Many questions in a queue at the venue would hold up the one that answers them all.
      if (!isWhole && ints[INT.ASKING]! >= MOST_ASKING) return;
      const cost = isWhole ? RECONCILE_COST : QUERY_COST;
      if (credits.held(CreditPool.NON_MATCHING) < cost) return;
      credits.take(CreditPool.NON_MATCHING, cost);
      ints[INT.QUERY_HEAD] = (ints[INT.QUERY_HEAD]! + 1) % MOST_QUERIES;
      ints[INT.QUERIES]! -= 1;
      if (!isWhole) ints[INT.ASKING]! += 1;
      this.memory.flights.depart(this.context.event.seq, this.writer.emitted, CreditPool.NON_MATCHING, cost, this.now);
      this.writer.query(at);
    }
  }
}

import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { EVENT_SEQ, EVENT_TIME } from '../../engine/runtime/actor/event.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { Theo } from '../../schemas/generated/theo.js';
import { TheoRun } from '../../schemas/generated/theo-run.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { Row } from './quote-rows.js';
import type { OptionsQuoterConfig, QuoterMemory } from './quoter-memory.js';
import type { TouchedInstruments } from './touched-instruments.js';

const theoAt = (field: Parameters<typeof fieldOffset<Theo>>[1]): number => fieldOffset(Theo, field);
/** Numbers of a Theo that are kept as they are: [offset in the record, place in the row]. */
const KEPT = [
  [theoAt('price'), Row.THEO],
  [theoAt('volatility'), Row.VOL],
  [theoAt('uncertainty'), Row.UNCERTAINTY],
  [theoAt('delta'), Row.DELTA],
  [theoAt('netDelta'), Row.NET_DELTA],
  [theoAt('vega'), Row.VEGA],
  [theoAt('gamma'), Row.GAMMA],
] as const;
const KEPT_OFFSETS = Int32Array.from(KEPT, ([offset]) => offset);
const KEPT_PLACES = Int32Array.from(KEPT, ([, place]) => place);
const THEO_BYTES = Theo.sizeOf();
const THEO_FLAGS = theoAt('flags');
const THEO_CONFIDENCE = theoAt('confidence');
const RUN_BYTES = TheoRun.sizeOf();
const RUN_FORWARD = fieldOffset(TheoRun, 'forward');
const RUN_YEARS = fieldOffset(TheoRun, 'years');
const RUN_COUNT = fieldOffset(TheoRun, 'count');

/** Theoretical values and Greeks of the filter, into the rows of their options. */
export class ValueIntake {
  private readonly context: CoreContext<OptionsQuoterConfig>;
  private readonly rows: Float64Array;
  private readonly touched: TouchedInstruments;

  constructor(context: CoreContext<OptionsQuoterConfig>, { rows }: QuoterMemory, touched: TouchedInstruments) {
    this.context = context;
    this.rows = rows;
    this.touched = touched;
  }

  takeValues(buffer: ViewBuffer, body: number): void {
    const { rows, touched } = this;
    const { view } = buffer;
    const { event, config } = this.context;
    let at = body + RUN_BYTES;
    for (let left = view.getUint32(body + RUN_COUNT, true); left > 0; left--, at += THEO_BYTES) {
      const id = view.getUint32(at, true);
      if (id >= config.instruments) continue;
      const row = id * Row.SIZE;
      for (let field = 0; field < KEPT_OFFSETS.length; field++) {
        rows[row + KEPT_PLACES[field]!] = view.getFloat64(at + KEPT_OFFSETS[field]!, true);
      }
      rows[row + Row.FORWARD] = view.getFloat64(body + RUN_FORWARD, true);
      rows[row + Row.YEARS] = view.getFloat64(body + RUN_YEARS, true);
      rows[row + Row.FLAGS] = view.getUint16(at + THEO_FLAGS, true);
      rows[row + Row.CONFIDENCE] = view.getUint16(at + THEO_CONFIDENCE, true);
      rows[row + Row.THEO_SEQ] = event.moment[EVENT_SEQ]!;
      rows[row + Row.THEO_TIME] = event.moment[EVENT_TIME]!;
      touched.add(id);
    }
  }
}

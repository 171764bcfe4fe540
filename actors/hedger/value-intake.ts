import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { Theo } from '../../schemas/generated/theo.js';
import { TheoRun } from '../../schemas/generated/theo-run.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { UNUSABLE } from '../filter/filter-flags.js';
import { Row } from './hedge-rows.js';
import type { HedgerConfig, HedgerMemory } from './hedger-memory.js';
import type { SmileDelta } from './smile-delta.js';

const THEO_BYTES = Theo.sizeOf();
const THEO_VEGA = fieldOffset(Theo, 'vega');
const THEO_MOVE = fieldOffset(Theo, 'volMove');
const THEO_PRICE = fieldOffset(Theo, 'price');
const THEO_GAMMA = fieldOffset(Theo, 'gamma');
const THEO_FLAGS = fieldOffset(Theo, 'flags');
const RUN_YEARS = fieldOffset(TheoRun, 'years');
const RUN_FORWARD = fieldOffset(TheoRun, 'forward');
const MONTH_YEARS = 30 / 365;
/** Bounds of an expiry's weight in the vega inventory, as the quoter's. */
const LEAST_WEIGHT = 0.25;
const MOST_WEIGHT = 4;

/** Values and Greeks of the filter, into the rows of their options. */
export class ValueIntake {
  private readonly context: CoreContext<HedgerConfig>;
  private readonly rows: Float64Array;
  private readonly smile: SmileDelta;
  /** Whether options are hedges too: then more is kept of each. */
  private readonly keepsValues: boolean;
  private readonly run = new TheoRun();

  constructor(context: CoreContext<HedgerConfig>, { rows }: HedgerMemory, smile: SmileDelta, keepsValues: boolean) {
    this.context = context;
    this.rows = rows;
    this.smile = smile;
    this.keepsValues = keepsValues;
  }

  takeValues(buffer: ViewBuffer, body: number): void {
    const { rows } = this;
    const { view } = buffer;
    this.run.__init(body, buffer);
    let at = body + TheoRun.sizeOf();
    for (let left = this.run.count(); left > 0; left--, at += THEO_BYTES) {
      const id = view.getUint32(at, true);
      if (id >= this.context.config.instruments) continue;
      const row = id * Row.SIZE;
      rows[row + Row.VEGA] = view.getFloat64(at + THEO_VEGA, true) / view.getFloat64(body + RUN_FORWARD, true);
      rows[row + Row.VOL_MOVE] = view.getFloat64(at + THEO_MOVE, true);
      if (this.keepsValues) this.keepValue(buffer, body, at, row);
      if (rows[row + Row.POSITION] !== 0) this.smile.lean(id);
    }
  }

  private keepValue(buffer: ViewBuffer, body: number, at: number, row: number): void {
    const { rows } = this;
    const { view } = buffer;
    const years = view.getFloat64(body + RUN_YEARS, true);
    const weight = years > 0 ? Math.sqrt(MONTH_YEARS / years) : MOST_WEIGHT;
    rows[row + Row.THEO] = view.getFloat64(at + THEO_PRICE, true);
    rows[row + Row.GAMMA] = view.getFloat64(at + THEO_GAMMA, true);
    rows[row + Row.WEIGHT] = weight < LEAST_WEIGHT ? LEAST_WEIGHT : weight > MOST_WEIGHT ? MOST_WEIGHT : weight;
    rows[row + Row.FORWARD] = view.getFloat64(body + RUN_FORWARD, true);
    rows[row + Row.UNUSABLE] = view.getUint16(at + THEO_FLAGS, true) & UNUSABLE;
  }
}

import { InstrumentKind } from '../../engine/market/instrument.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { Position } from '../../schemas/generated/position.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { Row } from './hedge-rows.js';
import type { HedgerConfig, HedgerMemory } from './hedger-memory.js';
import type { SmileDelta } from './smile-delta.js';

/** What is held of each instrument. */
export class PositionIntake {
  private readonly context: CoreContext<HedgerConfig>;
  private readonly memory: HedgerMemory;
  private readonly smile: SmileDelta;
  private readonly position = new Position();

  constructor(context: CoreContext<HedgerConfig>, memory: HedgerMemory, smile: SmileDelta) {
    this.context = context;
    this.memory = memory;
    this.smile = smile;
  }

  takePosition(buffer: ViewBuffer, body: number): void {
    const { position, memory } = this;
    position.__init(body, buffer);
    const id = position.instrument();
    if (id >= this.context.config.instruments) return;
    memory.rows[id * Row.SIZE + Row.POSITION] = position.size();
    if (memory.shelf.kind(id) === InstrumentKind.OPTION) this.smile.lean(id);
  }
}

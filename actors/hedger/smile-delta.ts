import { Pot, Row } from './hedge-rows.js';
import type { HedgerMemory } from './hedger-memory.js';

/** What the smile's expected move adds to the delta of each underlying: position, vega and d vol / d ln F of every option that is held. */
export class SmileDelta {
  private readonly memory: HedgerMemory;
  private readonly count: number;

  /** @param underlyings that there is room for */
  constructor(memory: HedgerMemory, underlyings: number) {
    this.memory = memory;
    this.count = underlyings;
  }

  /** Puts what an option's position adds in the place of what it added before. */
  lean(id: number): void {
    const { rows, pots, underlyings } = this.memory;
    const underlying = underlyings.of(id);
    if (underlying < 0 || underlying >= this.count) return;
    const row = id * Row.SIZE;
    const leans = rows[row + Row.POSITION]! * rows[row + Row.VEGA]! * rows[row + Row.VOL_MOVE]!;
    pots[underlying * Pot.SIZE + Pot.SMILE_DELTA]! += leans - rows[row + Row.SMILE_DELTA]!;
    rows[row + Row.SMILE_DELTA] = leans;
  }

  /** The sum anew: adding differences gathers rounding. */
  addUp(): void {
    const { rows, pots, underlyings, shelf } = this.memory;
    for (let at = Pot.SMILE_DELTA; at < pots.length; at += Pot.SIZE) pots[at] = 0;
    for (let id = 0; id < shelf.end; id++) {
      const leans = rows[id * Row.SIZE + Row.SMILE_DELTA]!;
      if (leans !== 0) pots[underlyings.of(id) * Pot.SIZE + Pot.SMILE_DELTA]! += leans;
    }
  }
}

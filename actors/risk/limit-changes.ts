import { LIMIT_NAMES, LIMITS } from '../../engine/market/risk/limits.js';
import { LimitChange } from '../../schemas/generated/limit-change.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { FLAG, type RiskMemory, SCALAR } from './risk-memory.js';
import type { RiskWriter } from './risk-writer.js';

const LIMIT_OUTCOME = { IN_FORCE: 1, OTHER_VERSION: 2, UNCONFIRMED: 3, NO_LIMIT: 4 } as const;

/** Limits that are set anew: lowered at once, raised by a confirmed command that names the version it saw. */
export class LimitChanges {
  private readonly memory: RiskMemory;
  private readonly writer: RiskWriter;
  private readonly change = new LimitChange();

  constructor(memory: RiskMemory, writer: RiskWriter) {
    this.memory = memory;
    this.writer = writer;
  }

  onChange(buffer: ViewBuffer, body: number): void {
    const { memory, writer } = this;
    const { limits, scalars, flags } = memory;
    const change = this.change.__init(body, buffer);
    const place = change.limit();
    const value = change.value();
    const previous = place < LIMIT_NAMES.length ? limits[place]! : 0;
    let outcome: number = LIMIT_OUTCOME.IN_FORCE;
    if (place >= LIMIT_NAMES.length || !(value >= 0 && value < Number.POSITIVE_INFINITY))
      outcome = LIMIT_OUTCOME.NO_LIMIT;
    else if (change.version() !== scalars[SCALAR.LIMIT_VERSION]) outcome = LIMIT_OUTCOME.OTHER_VERSION;
    else if (isLaxer(place, value, previous) && change.confirmed() !== 1) outcome = LIMIT_OUTCOME.UNCONFIRMED;
    // Without a whole set of limits a single one makes none.
    if (outcome === LIMIT_OUTCOME.IN_FORCE && flags[FLAG.HAS_LIMITS] === 1) {
      limits[place] = value;
      scalars[SCALAR.LIMIT_VERSION]! += 1;
    }
    writer.tellLimit(place, outcome, previous, change.user());
  }
}

function isLaxer(place: number, value: number, previous: number): boolean {
  const limit = LIMITS[LIMIT_NAMES[place]!];
  return 'laxerIsSmaller' in limit ? value < previous : value > previous;
}
